"""What the sources repeat, of those that were asked for last; the rest is in the store."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from detector import SourceMemory
from service.store import memories
from service.store.memories import Counted

_SOURCES = 1_000  # in memory, at 64 KiB each
_UNSAVED = 64  # items that may have to be counted again


@dataclass(slots=True)
class _Held:
    memory: SourceMemory
    upto: int  # number of the last version that was counted
    unsaved: int


class Memories:
    """The memory of each source, as if it were always at hand. For one thread."""

    def __init__(self, window: int) -> None:
        """``window``: how many of a source's last items teach what it repeats."""
        self._window = window
        self._held: OrderedDict[str, _Held] = OrderedDict()

    def of(self, connection: Connection, source: str) -> SourceMemory:
        """What a source repeats, by everything that it sent."""
        return self._find(connection, source).memory

    def observe(self, connection: Connection, source: str, version_seq: int, lines: Iterable[str]) -> None:
        """Count the paragraphs of a version that was just written."""
        held = self._find(connection, source)
        if held.upto >= version_seq:  # it was read with the others
            return
        held.memory.observe(lines)
        held.upto = version_seq
        held.unsaved += 1
        if held.unsaved >= _UNSAVED:
            memories.write(connection, Counted(source, held.upto, held.memory.items, held.memory.counts))
            held.unsaved = 0

    def forget(self, source: str | None) -> None:
        """Read a source's memory again when it is asked for next: another node, or an undone write, has changed it."""
        self._held.pop(source or "", None)

    def _find(self, connection: Connection, source: str) -> _Held:
        held = self._held.get(source)
        if held is None:
            held = self._held[source] = self._read(connection, source)
            if len(self._held) > _SOURCES:
                self._held.popitem(last=False)
        self._held.move_to_end(source)
        return held

    def _read(self, connection: Connection, source: str) -> _Held:
        counted = memories.counted(connection, source)
        upto = counted.upto if counted else 0
        memory = (
            SourceMemory.restored(self._window, counted.items, counted.counts)
            if counted
            else SourceMemory(self._window)
        )
        later = memories.lines_since(connection, source, upto)
        for _, lines in later:
            memory.observe(lines)
        return _Held(memory, later[-1][0] if later else upto, len(later))
