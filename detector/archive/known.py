"""What a plan has settled, for a later one to start from: ``plan --since``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from detector.archive.shards import link_or_copy, write_bytes
from detector.errors import ArchiveError

_KNOWN = "known.jsonl"
SHARDS = "stripped"  # the folder of a working folder that holds the items' final texts


@dataclass(frozen=True, slots=True)
class Settled:
    """An item that has its verdict."""

    item_id: str
    digest: str  # of its row
    action: str
    shard: int
    row: int
    moment: float
    sketch: str
    passages: int


@dataclass(frozen=True)
class Known:
    """The settled items, in the order in which they were gone through, and the shards that they lie in."""

    work: Path = Path()
    items: tuple[Settled, ...] = ()
    shards: int = 0
    digest: str = ""
    by_id: dict[str, Settled] = field(default_factory=dict)

    @classmethod
    def of(cls, work: Path) -> Known:
        """What the plan settled whose working folder this is; raises ArchiveError where it was deleted."""
        try:
            lines = (work / _KNOWN).read_bytes()
            items = tuple(Settled(*json.loads(line)) for line in lines.splitlines())
        except (OSError, ValueError, TypeError) as error:
            raise ArchiveError(
                f"{work} does not hold what an earlier plan settled ({error}); plan the whole archive instead"
            ) from error
        shards = 1 + max((one.shard for one in items), default=-1)
        digest = blake2b(lines, digest_size=16).hexdigest()
        return cls(work, items, shards, digest, {one.item_id: one for one in items})

    def link_into(self, folder: Path) -> None:
        """Put the shards into another plan's folder; a link where the disk has links."""
        for number in range(self.shards):
            name = f"{number:06d}.shard"
            if not (folder / name).is_file():
                link_or_copy(self.work / SHARDS / name, folder / name)


NOTHING_KNOWN = Known()


def write_known(work: Path, items: Iterable[Settled]) -> None:
    """Write what a plan has settled into its working folder."""
    write_bytes(work / _KNOWN, (_line(one) for one in items))


def _line(one: Settled) -> bytes:
    values: list[Any] = [getattr(one, name) for name in one.__slots__]
    return json.dumps(values, ensure_ascii=True).encode() + b"\n"
