"""Cleaning up what is already stored: plan, report, apply, undo."""

from detector.archive.apply import apply_plan, undo
from detector.archive.formats import find_sources, parse, read
from detector.archive.plan import make_plan
from detector.archive.report import write_report

__all__ = ["apply_plan", "find_sources", "make_plan", "parse", "read", "undo", "write_report"]
