"""JSON from bytes and to bytes, as the standard library reads and writes it, but sooner.

A plan of web pages reads 270 KB a row and writes and reads what was found in them: orjson reads rows in seven tenths of
the time, and writes and reads a plan's own files in a twelfth and in six tenths, which is a twenty-fifth of the whole.
Where the two would differ, or orjson refuses, the standard library has the say.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

_WHOLE = 2.0**63  # orjson makes floats of integers beyond 64 bits
_DEEP = 64  # containers in one another; the standard library ends at about a thousand, orjson at 1,024


def loads(data: bytes) -> Any:
    """What ``json.loads`` gives; raises ValueError or RecursionError as it does."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:  # no JSON, or NaN, half a surrogate pair, UTF-16, a byte order mark
        return json.loads(data)
    return found if _is_read_alike(found, 0) else json.loads(data)


def _is_read_alike(value: Any, depth: int) -> bool:
    if isinstance(value, float):
        return abs(value) < _WHOLE
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        # Most of what rows hold is text, which is not worth a call.
        return depth < _DEEP and all(_is_read_alike(one, depth + 1) for one in inner if type(one) is not str)
    return True


def dumps(value: Any) -> bytes:
    """UTF-8 for ``loads_own``.

    What orjson refuses, as half a surrogate pair in a file's name that is no UTF-8 or a number of more than 64 bits, is
    written by the standard library and begins with a blank, so that it is read by it again.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        return b" " + json.dumps(value, ensure_ascii=True).encode()


def loads_own(data: bytes) -> Any:
    """What was given to ``dumps``."""
    return json.loads(data) if data.startswith(b" ") else orjson.loads(data)
