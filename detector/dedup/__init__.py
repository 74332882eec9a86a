"""From a text to the earlier items that say the same."""

import typing as _typing

from detector.lazy import brought as _brought

if _typing.TYPE_CHECKING:
    from detector.dedup.bands import BandIndex, Banding, Candidates, Entry, MemoryIndex
    from detector.dedup.kinds import Matching
    from detector.dedup.match import matches
    from detector.dedup.normalise import tokenise
    from detector.dedup.places import Places
    from detector.dedup.postings import Postings
    from detector.dedup.sketching import Sketching, sketch, sketch_text

__all__ = [
    "BandIndex",
    "Banding",
    "Candidates",
    "Entry",
    "Matching",
    "MemoryIndex",
    "Places",
    "Postings",
    "Sketching",
    "matches",
    "sketch",
    "sketch_text",
    "tokenise",
]

if not _typing.TYPE_CHECKING:  # whoever gathers texts need not load what compares them
    __getattr__ = _brought(
        globals(),
        {
            "detector.dedup.bands": (
                "BandIndex",
                "Banding",
                "Candidates",
                "Entry",
                "MemoryIndex",
            ),
            "detector.dedup.kinds": ("Matching",),
            "detector.dedup.match": ("matches",),
            "detector.dedup.normalise": ("tokenise",),
            "detector.dedup.places": ("Places",),
            "detector.dedup.postings": ("Postings",),
            "detector.dedup.sketching": (
                "Sketching",
                "sketch",
                "sketch_text",
            ),
        },
    )
