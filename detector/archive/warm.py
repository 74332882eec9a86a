"""Importing this makes a process ready to examine items, and those that are forked from it (``Workers``)."""

from __future__ import annotations

import gc
from contextlib import suppress

from detector.archive.kernels import load_kernels

with suppress(Exception):  # what fails here fails again in the worker that is given work, and is told by it
    load_kernels()
gc.freeze()  # the forked processes share what is here for as long as nobody looks through it
