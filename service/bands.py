"""The index of bands: in this process's memory, filled from the store's sketches when the service starts."""

from __future__ import annotations

from detector import Entry, MemoryIndex


class Bands(MemoryIndex):
    """A MemoryIndex that also finds an entry by its id, to tell an editor what a match was with."""

    def entry(self, item_id: str) -> Entry:
        """The entry of an item that was added."""
        entry = self.get(item_id)
        if entry is None:
            raise KeyError(item_id)
        return entry
