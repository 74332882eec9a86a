"""All verified matches among the items of a collection, over any number of processes.

Texts are read in the workers; what they asked for is put in order here; and the pairs are verified in the workers
again, each stretch of items by itself. This process loads nothing of what reads and compares texts, unless it works
alone.
"""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from detector.errors import ArchiveError
from detector.gathering import Collection, Gathered, Texts
from detector.policy import Policy
from detector.records import Item, Match
from detector.workers import Workers, chunks

if TYPE_CHECKING:
    from detector.pairs import Book


def find_duplicates(
    items: Iterable[Item],
    policy: Policy | None = None,
    *,
    workers: int = 1,
    copies_only: bool = False,
    as_is: bool = False,
) -> list[Match]:
    """Verified matches of every kind among ``items``, the later item of each pair first.

    Items are gone through in the policy's order, and each is compared with all earlier ones, whatever would be
    decided of those; ``Match.is_duplicate`` tells which matches a verdict acts on. Besides what an index proposes, the
    nearest by rare shingles are looked at: only so is a text found that was told again in other words (``related``).
    With several ``workers``, processes share the work; what is found is the same.

    ``copies_only`` gives no more than what a verdict would act on among what an index proposes: duplicates of at least
    ``policy.possible_score``. That takes a fraction of the time. ``as_is`` takes each plain text for clean: nothing of
    it goes as furniture, and no line of it becomes the title. Web pages are cleaned all the same.
    """
    policy = policy or Policy()
    with shared_folder(workers) as folder, Workers(workers, start, preload=readiness(as_is=as_is)) as pool:
        gathered = Gathered(folder)
        some = chunks(items, lambda item: len(item.body))
        for read in pool.map(_read_some, ((chunk, policy, folder, as_is) for chunk in some)):
            gathered.add(read)
        return find_among(gathered, pool, folder, copies_only=copies_only)


def readiness(*, as_is: bool) -> tuple[str, ...]:
    """The modules that make a process ready for the work of ``find_duplicates``."""
    return ("detector.ready.matching",) if as_is else ("detector.ready.cleaning", "detector.ready.matching")


def start() -> None:
    """Load what all of the work needs, in a process that was not forked from one that has it."""
    import_module("detector.ready.matching")


@contextmanager
def shared_folder(workers: int) -> Iterator[Path | None]:
    """Where what all processes look at lies in files that each of them maps; none for a single process."""
    if workers == 1:
        yield None
        return
    try:
        with tempfile.TemporaryDirectory(prefix="copytaster-") as name:
            yield Path(name)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        where = tempfile.gettempdir()
        raise ArchiveError(
            f"there is no room in {where} for what processes share ({error.strerror}); make some, set TMPDIR to another"
            " folder, or use one worker"
        ) from error


def find_among(gathered: Gathered, pool: Workers, folder: Path | None, *, copies_only: bool) -> list[Match]:
    """``find_duplicates`` of items that were gathered in the folder."""
    collection = gathered.finish()
    if folder:
        collection.write(folder)
    (shared,) = pool.map(_file_all, [(folder or collection, copies_only)])
    count = collection.order.places.size
    stretches = ((at, min(at + _STRETCH, count)) for at in range(0, count, _STRETCH))
    work = ((shared, first, behind, copies_only) for first, behind in stretches)
    return [match for found in pool.map(_verify_some, work) for match in found]


_STRETCH = 256  # items that are compared with earlier ones in one piece of work


# Whoever does the work loads what it takes.


def _read_some(work: tuple[list[Item], Policy, Path | None, bool]) -> Texts:
    from detector.pairs import read_texts  # noqa: PLC0415

    items, policy, folder, as_is = work
    return read_texts(items, policy, folder, as_is=as_is)


def _file_all(work: tuple[Collection | Path, bool]) -> Book | Path:
    from detector.pairs import file_collection  # noqa: PLC0415

    shared, copies_only = work
    return file_collection(shared, copies_only=copies_only)


def _verify_some(work: tuple[Book | Path, int, int, bool]) -> list[Match]:
    from detector.pairs import verified  # noqa: PLC0415

    shared, first, behind, copies_only = work
    return verified(shared, first, behind, copies_only=copies_only)
