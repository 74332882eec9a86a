"""Importing this loads what finding duplicates among clean texts takes, for all processes forked from this one."""

from __future__ import annotations

import gc
from contextlib import suppress

import numpy as np

from detector.dedup.collection import Gathering
from detector.pairs import Book, Known, Wanted, read_some, verified
from detector.records import Item

_STORY = """The harbour bridge at Aldwick reopened on Monday after fourteen months of repairs, the council said. They
cost 3.2 million pounds, "a fair price" for what was needed, said Dr. Eva Stone, the mayor, on the east bank. The
contractor, Reed and Sons of Kelmouth, had 41 people at work in March and found rust in 12 of the 30 girders. Buses of
the lines 4 and 9 use the bridge again from Tuesday; lorries of more than 18 tonnes must wait until the new year, when
the last of the girders has been painted. A ferry that carried 900 people a day makes its last trip on Friday evening.
"""
_TEXTS = (
    _STORY,
    _STORY.replace("fair", "good").replace("Eva Stone", "Eva Stern").replace("41", "43"),
    _STORY[:400],
    _STORY + _STORY.upper()[:300],
    "The bridge at Aldwick reopened on Monday, said Eva Stone.",
    "The bridge at Aldwick reopened on Tuesday, said Eva Stone.",
)


def load() -> int:
    """How many copies are found among some that have something of everything."""
    items = [Item(str(number), text, "text/plain", title="Bridge reopens") for number, text in enumerate(_TEXTS)]
    part = read_some((items, True)).part
    gathering = Gathering()
    gathering.add(part)
    known = [Known(i.id, i.title, None, None, None, digest, ()) for i, digest in zip(items, part.digests, strict=True)]
    wanted = [Wanted(place, np.arange(place), None, 0.0) for place in range(len(items))]
    return len(verified((Book(known, gathering.finish()), wanted, True)))


with suppress(Exception):  # what fails here fails again in the worker that is given work, and is told by it
    load()
gc.collect()
gc.freeze()  # the forked processes share what is here for as long as nobody looks through it
