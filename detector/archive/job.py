"""What an engine is asked to plan, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, TypeVar

from detector.archive.formats import Quarantined, Source
from detector.archive.known import NOTHING_KNOWN, Known
from detector.archive.shards import Prepared
from detector.archive.tally import Tally
from detector.archive.work import inputs_of, key_of
from detector.policy import Policy

Progress = Callable[[str, int], None]  # stage, and how many more items are done


def _silent(_stage: str, _done: int) -> None:
    return None


@dataclass(frozen=True)
class Job:
    """An archive, and how it is to be planned."""

    sources: list[Source]
    work: Path  # folder for what the engine keeps on disk
    policy: Policy
    code: str  # version of the code
    spared: frozenset[str] = frozenset()  # lines that stay, although their source repeats them
    known: Known = NOTHING_KNOWN  # what an earlier plan settled
    progress: Progress = _silent

    @cached_property
    def inputs(self) -> list[dict[str, Any]]:
        """The sources with their fingerprints: all of them are read, so an engine starts its workers first."""
        return inputs_of(self.sources)

    @property
    def examined_key(self) -> str:
        """Of what an item's examination depends on."""
        return key_of(inputs=self.inputs, code=self.code, known=self.known.digest)

    @property
    def strip_settings(self) -> dict[str, Any]:
        """What else the stripped items depend on."""
        return {"spared": sorted(self.spared), "policy": asdict(self.policy)}

    @property
    def settle_settings(self) -> dict[str, Any]:
        """What else the verdicts depend on."""
        return {**self.strip_settings, "order": "of the policy"}

    def __getstate__(self) -> dict[str, Any]:
        """Without what only the user's own process needs."""
        return {**self.__dict__, "progress": _silent, "known": NOTHING_KNOWN}


T = TypeVar("T")
R = TypeVar("R")


class Spread(Protocol):
    """Does something to each of some things, in order, as ``map`` does, and perhaps to several at a time."""

    def __call__(self, function: Callable[[T], R], things: Iterable[T], /) -> Iterator[R]:
        """What ``function``, of a module, gives for each of ``things``; both travel by pickle."""
        ...


@dataclass(frozen=True)
class Planned:
    """A plan as an engine gives it."""

    rows: Iterator[dict[str, Any]]  # in the policy's order
    quarantined: list[Quarantined]
    repeated_rows: int  # rows that stand in the archive more than once, beyond the first
    carried: list[dict[str, str]]  # digest and action of rows that an earlier plan settled
    tally: Tally
    fetch: Callable[[Sequence[str]], dict[str, Prepared]]  # some items by their ids
    spread: Spread = map


class Engine(Protocol):
    """What carries the steps out: ``LocalEngine``, ``SparkEngine``."""

    def plan(self, job: Job) -> AbstractContextManager[Planned]:
        """Every item's row in the policy's order; to be read in the block, at whose end the engine stops."""
        ...
