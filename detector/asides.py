"""Where a text tells nothing of its story: links to other pages, and sentences that are furniture or filler.

A copy comes with what its site prints around it. The cleaner takes most of that out; what it left is no news of the
item's own, so it does not count when the item is compared with the story that it repeats.
"""

from __future__ import annotations

from detector.records import CleanText, Quality

Asides = tuple[tuple[int, int], ...]  # character offsets, in order

# A headline said again says nothing new in its own text; against an earlier text it may be the news.
_TOLD = "restatement"


def asides_of(text: CleanText, quality: Quality) -> Asides:
    """The asides of an examined item's text; of one that was not assessed, its links alone."""
    found = [(s.start, s.end) for s in quality.sentences if s.reason is not None and s.reason != _TOLD]
    linked, at = frozenset(text.linked), 0
    for number, paragraph in enumerate(text.paragraphs) if linked else ():
        if number in linked:
            found.append((at, at + len(paragraph)))
        at += len(paragraph) + len("\n\n")
    return tuple(sorted(found))
