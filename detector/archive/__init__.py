"""Cleaning up what is already stored: plan, report, apply, undo."""

from detector.archive.apply import apply_plan, undo
from detector.archive.formats import parse, read_lines
from detector.archive.plan import make_plan
from detector.archive.report import write_report

__all__ = ["apply_plan", "make_plan", "parse", "read_lines", "undo", "write_report"]
