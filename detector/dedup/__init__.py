"""From a text to the earlier items that say the same."""

from detector.dedup.bands import BandIndex, Banding, Candidates, Entry, MemoryIndex
from detector.dedup.kinds import Matching
from detector.dedup.match import matches
from detector.dedup.normalise import tokenise
from detector.dedup.places import Places
from detector.dedup.postings import Postings
from detector.dedup.sketch import Sketching, sketch, sketch_text

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
