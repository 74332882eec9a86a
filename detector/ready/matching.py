"""Importing this loads what finding duplicates among clean texts takes, for all processes forked from this one."""

from __future__ import annotations

import gc
from contextlib import suppress

from detector.batch import find_duplicates
from detector.records import Item
from detector.verdict import Policy

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

with suppress(Exception):  # what fails here fails again in the worker that is given work, and is told by it
    find_duplicates(
        [Item(str(number), text, "text/plain", title="Bridge reopens") for number, text in enumerate(_TEXTS)],
        Policy(possible_score=0.0),
        copies_only=True,
        as_is=True,
    )
gc.collect()
gc.freeze()  # the forked processes share what is here for as long as nobody looks through it
