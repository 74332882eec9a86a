"""The index of bands: in this process's memory, filled from the store's sketches when the service starts."""

from __future__ import annotations

from detector import Entry, MemoryIndex


class Bands(MemoryIndex):
    """A MemoryIndex that also finds an entry by its id, to tell an editor what a match was with."""

    def __init__(self) -> None:
        super().__init__()
        self._by_id: dict[str, Entry] = {}

    def add(self, entry: Entry) -> None:
        """Remember ``entry``."""
        super().add(entry)
        self._by_id[entry.item_id] = entry

    def entry(self, item_id: str) -> Entry:
        """The entry of an item that was added."""
        return self._by_id[item_id]
