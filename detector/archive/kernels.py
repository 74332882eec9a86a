"""Loads what examining items needs, by examining a page and a text that have something of everything."""

from __future__ import annotations

from detector.archive.steps import bands_of
from detector.pipeline import examine
from detector.ready.samples import PAGE, TEXT
from detector.records import Item


def load_kernels() -> None:
    """Load compiled code, tables and weights: a process that does so before its work is as quick at first as later."""
    examine(PAGE)
    examine(TEXT)
    bands_of(examine(Item("line", "The bridge at Aldwick reopened.", "text/plain")))
