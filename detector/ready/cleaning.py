"""Importing this loads what cleaning pages and texts takes, as ``matching`` does for what comes after."""

from __future__ import annotations

from contextlib import suppress

from detector.pipeline import read_text
from detector.ready.samples import PAGE, TEXT

with suppress(Exception):  # as there
    read_text(PAGE)
    read_text(TEXT)
