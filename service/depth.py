"""How deep a JSON document nests, counted on the stream: before a parser recurses into it."""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_STRING = re.compile(rb'"[^"]*"')
_OTHERS = bytes(set(range(256)) - set(b"[]{}"))


class Depth:
    r"""Counts the brackets that are open, chunk by chunk.

    >>> depth = Depth()
    >>> depth.feed(b'{"a": [["[[[\\"'), depth.feed(b'[[["]'), depth.now
    (3, 3, 2)
    """

    def __init__(self) -> None:
        self.now = 0
        self._in_string = False
        self._escaping = False  # the last chunk ended with a backslash

    def feed(self, chunk: bytes) -> int:
        """The deepest place that ``chunk`` reaches."""
        deepest = self.now
        for bracket in self._brackets(chunk):
            self.now += 1 if bracket in b"[{" else -1
            deepest = max(deepest, self.now)
        return deepest

    def _brackets(self, chunk: bytes) -> bytes:
        """The brackets of a chunk that stand outside strings; by compiled passes, for a body may have megabytes."""
        if self._escaping and chunk:
            chunk, self._escaping = chunk[1:], False
        plain = _ESCAPE.sub(b"", chunk)
        self._escaping |= plain.endswith(b"\\")
        if self._in_string:
            plain = b'"' + plain
        self._in_string = plain.count(b'"') % 2 == 1
        if self._in_string:
            plain += b'"'
        return _STRING.sub(b"", plain).translate(None, _OTHERS)
