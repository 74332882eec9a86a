"""Cleaning up what is already stored: plan, report, apply, undo."""

import typing as _typing

from detector.lazy import brought as _brought

if _typing.TYPE_CHECKING:
    from detector.archive.apply import apply_plan, undo
    from detector.archive.formats import find_sources, parse, read
    from detector.archive.plan import make_plan
    from detector.archive.report import write_report

__all__ = ["apply_plan", "find_sources", "make_plan", "parse", "read", "undo", "write_report"]

if not _typing.TYPE_CHECKING:  # a process that reads rows need not load what plans them
    __getattr__ = _brought(
        globals(),
        {
            "detector.archive.apply": ("apply_plan", "undo"),
            "detector.archive.formats": ("find_sources", "parse", "read"),
            "detector.archive.plan": ("make_plan",),
            "detector.archive.report": ("write_report",),
        },
    )
