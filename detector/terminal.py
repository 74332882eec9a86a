"""A console for text that strangers wrote: nothing in it moves the cursor, names the window or turns letters about."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich import console
from rich.console import ConsoleOptions, RenderableType
from rich.segment import Segment

# Controls but line feed and tab, those of ISO 6429 from U+0080 on, and what overrides the direction of writing.
_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def shown(text: str) -> str:
    r"""``text`` with U+FFFD for what a terminal would act on.

    >>> shown("a\x1b[2Jb\tc\n")
    'a\ufffd[2Jb\tc\n'
    """
    return _ACTING.sub("\ufffd", text)


class Console(console.Console):
    """Rich's console; its own styles stay, what is printed cannot bring others."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments of what is printed, their text harmless."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(shown(segment.text), segment.style)
