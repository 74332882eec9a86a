"""Importing this loads what finding duplicates among clean texts takes, for all processes forked from this one."""

from __future__ import annotations

import gc
from contextlib import suppress

from detector.gathering import Gathered
from detector.pairs import file_collection, read_texts, verified
from detector.policy import Policy
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
    gathered = Gathered(None)
    gathered.add(read_texts(items, Policy(), None, as_is=True))
    book = file_collection(gathered.finish(), copies_only=True)
    return len(verified(book, 0, len(items), copies_only=True))


with suppress(Exception):  # what fails here fails again in the worker that is given work, and is told by it
    load()
gc.freeze()  # the forked processes share what is here for as long as nobody looks through it
