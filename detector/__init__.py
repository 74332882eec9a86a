"""copytaster: clean, deduplicate and judge news items before they are published.

The public names stand in the order in which an item meets them.
"""

from detector.batch import find_duplicates
from detector.clean import SourceMemory, clean_html, clean_text
from detector.dedup import BandIndex, Candidates, Entry, MemoryIndex, Sketching
from detector.errors import (
    ArchiveError,
    DetectorError,
    EmptyTextError,
    InvalidItemError,
    PolicyError,
    SketchMismatchError,
    WeightsError,
)
from detector.passages import Passage
from detector.pipeline import Detector, compare
from detector.policy_file import parse_policy, read_policy
from detector.quality import assess
from detector.records import (
    Action,
    CleanText,
    Difference,
    Dropped,
    Examined,
    Item,
    Kind,
    Match,
    Quality,
    Reason,
    Sentence,
    Sketch,
    Span,
    Verdict,
)
from detector.stories import Member, Story
from detector.verdict import Policy, Rule, decide

__all__ = [  # noqa: RUF022  # not sorted: in the order in which an item meets them
    "Item",
    "clean_html",
    "clean_text",
    "CleanText",
    "Dropped",
    "SourceMemory",
    "find_duplicates",
    "compare",
    "Match",
    "Kind",
    "Span",
    "Difference",
    "Passage",
    "Story",
    "Member",
    "assess",
    "Quality",
    "Sentence",
    "Detector",
    "MemoryIndex",
    "BandIndex",
    "Candidates",
    "Entry",
    "Sketching",
    "Sketch",
    "Examined",
    "Policy",
    "Rule",
    "read_policy",
    "parse_policy",
    "decide",
    "Verdict",
    "Action",
    "Reason",
    "DetectorError",
    "ArchiveError",
    "EmptyTextError",
    "InvalidItemError",
    "PolicyError",
    "SketchMismatchError",
    "WeightsError",
]
