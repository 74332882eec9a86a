"""The index of bands: in this process's memory, built from the store's sketches when the service starts."""

from __future__ import annotations

from detector import MemoryIndex
from service.store import Store


def build(store: Store) -> MemoryIndex:
    """An index of every stored item, in the order in which they arrived, without reading a page again."""
    index = MemoryIndex()
    for entry in store.entries():
        index.add(entry)
    return index
