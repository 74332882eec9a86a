"""Importing this loads what finding duplicates takes, and cleaning pages and texts before; see ``matching``."""

from __future__ import annotations

from contextlib import suppress

from detector.pipeline import read_text
from detector.ready.samples import PAGE, TEXT

with suppress(Exception):  # as there
    read_text(PAGE)
    read_text(TEXT)

import detector.ready.matching  # noqa: F401  # at last, for it freezes what is there
