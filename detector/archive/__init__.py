"""Cleaning up what is already stored: plan, report, apply, undo."""
