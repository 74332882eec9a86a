"""copytaster: clean, deduplicate and judge news items before they are published.

The public names stand in the order in which an item meets them. Each is loaded when it is first asked for, so that the
command line need not wait for what its worker processes load at the same time.
"""

import typing as _typing

from detector.lazy import brought as _brought

if _typing.TYPE_CHECKING:
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
    from detector.policy import Policy, Rule
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
    from detector.verdict import decide

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

_MODULES = {
    "detector.batch": ("find_duplicates",),
    "detector.clean": ("SourceMemory", "clean_html", "clean_text"),
    "detector.dedup": ("BandIndex", "Candidates", "Entry", "MemoryIndex", "Sketching"),
    "detector.errors": (
        "ArchiveError",
        "DetectorError",
        "EmptyTextError",
        "InvalidItemError",
        "PolicyError",
        "SketchMismatchError",
        "WeightsError",
    ),
    "detector.passages": ("Passage",),
    "detector.pipeline": ("Detector", "compare"),
    "detector.policy_file": ("parse_policy", "read_policy"),
    "detector.quality": ("assess",),
    "detector.records": (
        "Action",
        "CleanText",
        "Difference",
        "Dropped",
        "Examined",
        "Item",
        "Kind",
        "Match",
        "Quality",
        "Reason",
        "Sentence",
        "Sketch",
        "Span",
        "Verdict",
    ),
    "detector.stories": ("Member", "Story"),
    "detector.policy": ("Policy", "Rule"),
    "detector.verdict": ("decide",),
}

if not _typing.TYPE_CHECKING:  # it knows the names from their imports, and would take any other for one of them
    __getattr__ = _brought(globals(), _MODULES)

    def __dir__() -> list[str]:
        return [*__all__, *(name for name in globals() if name.startswith("__"))]
