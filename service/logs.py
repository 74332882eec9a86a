"""Logs as lines of JSON: what happened, when, to which request. Never the text of an item, and never a key.

An exception is logged by its type and where it was raised. Its message is left out unless it is one of ours or the
system's: those of parsers, validators and databases quote what they were given.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from sqlalchemy.exc import DBAPIError

from detector import DetectorError, InvalidItemError
from service.sqlite import StoreError

_KEY = re.compile(r"\b(ct_[0-9a-f]{12}|whsec)_[A-Za-z0-9_+/=-]{16,}")
# What a terminal or a reader of logs takes for more than a letter: JSON escapes controls below 32 alone.
_ACTING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_OWN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}
_TELLING = (DetectorError, StoreError, OSError)
_FRAMES = 12


def set_up(level: str = "INFO") -> None:
    """Write every log of this process to standard error, as lines of JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("httpcore", "httpx", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class Formatter(logging.Formatter):
    """One JSON object a line; what is passed as ``extra`` becomes fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of ``record``."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _OWN},
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = describe(record.exc_info[1], record.exc_info[2])
        written = json.dumps(line, ensure_ascii=False, default=str)
        return without_keys(_ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", written))


def without_keys(text: str) -> str:
    """``text`` with the secret part of each key and webhook secret blotted out."""
    return _KEY.sub(r"\1_…", text)


def describe(error: BaseException, trace: TracebackType | None) -> dict[str, Any]:
    """An exception without what it may quote: its type, where it was raised, and the message of those that are ours."""
    described: dict[str, Any] = {"type": type(error).__name__}
    if isinstance(error, DBAPIError):
        described["message"] = _of_database(error.orig)
    elif isinstance(error, _TELLING) and not isinstance(error, InvalidItemError):
        described["message"] = str(error)[:500]
    frames = traceback.extract_tb(trace)[-_FRAMES:]
    described["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    if error.__cause__ is not None:
        described["because"] = describe(error.__cause__, error.__cause__.__traceback__)
    return described


def _of_database(error: BaseException | None) -> str:
    """SQLite's messages name tables and columns at most; PostgreSQL's quote values, its codes do not."""
    code = getattr(error, "sqlstate", None)
    return f"{type(error).__name__}: {code or error}"[:200]
