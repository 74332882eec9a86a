"""Pages and texts in languages that nobody speaks: every word replaced by a made-up one, all else left as it is.

The reviewed pages are English nearly throughout. Disguised ones show, to training and to measurement, what is left of
a judgement when no word is known: lengths, capitals, digits and punctuation stay, and so does how often a word stands
in the text. A script may also be written without capitals, or without blanks between words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

_WORD = re.compile(r"[^\W\d_]+")
_TAG_OR_TEXT = re.compile(r"(<(?:script|style|textarea)\b.*?</(?:script|style|textarea)\s*>|<!--.*?-->|<[^>]*>)",
                          re.IGNORECASE | re.DOTALL)  # fmt: skip
_ENTITY = re.compile(r"(&#?\w+;)")
_META = re.compile(
    r"""(<meta\b[^>]*\b(?:title|description)["'][^>]*\bcontent=)(["'])(.*?)\2""", re.IGNORECASE | re.DOTALL
)
_STATED = re.compile(r'("(?:headline|name|description|articleBody)"\s*:\s*")((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"(\\u[0-9a-fA-F]{4}|\\.)")
_BETWEEN = re.compile(r"(?<=[^\W\d_]) (?=[^\W\d_])|(?<=[,.;:?!]) (?=\w)")
_LATIN = ("bcdfghjklmnprstvz", "aeiou")


@dataclass(frozen=True, slots=True)
class Disguise:
    """A made-up language."""

    letters: str  # a word's letters are drawn from these; empty for consonants and vowels in turn
    capitals: bool = True
    blanks: bool = True  # False: words of one to three characters, with nothing between them
    marks: tuple[tuple[str, str], ...] = ()  # punctuation that the script writes otherwise

    def text(self, text: str) -> str:
        """``text`` without markup."""
        text = _WORD.sub(lambda found: self.word(found[0]), text)
        if not self.blanks:
            text = _BETWEEN.sub("", text)
        for mark, other in self.marks:
            text = re.sub(rf"{re.escape(mark)}(?!\d)", other, text)
        return text

    def page(self, html: str) -> str:
        """A page, with what its title, its meta elements and its JSON-LD say; names of tags and classes stay."""
        pieces = _TAG_OR_TEXT.split(html)
        for k, piece in enumerate(pieces):
            if k % 2 == 0:
                pieces[k] = _outside(_ENTITY, piece, self.text)
            elif piece[:5].lower() == "<meta":
                pieces[k] = _META.sub(
                    lambda found: f"{found[1]}{found[2]}{_outside(_ENTITY, found[3], self.text)}{found[2]}", piece
                )
            elif "ld+json" in piece[:200]:
                pieces[k] = _STATED.sub(lambda found: f'{found[1]}{_outside(_ESCAPE, found[2], self.text)}"', piece)
        return "".join(pieces)

    @lru_cache(maxsize=1 << 16)  # noqa: B019  # a handful of languages, which live as long as the module
    def word(self, word: str) -> str:
        """The made-up word for ``word``, the same wherever it stands."""
        seed = crc32(word.casefold().encode())
        size = len(word) if self.blanks else 1 + (len(word) > 3) + (len(word) > 7)
        made = "".join(self._letter(seed, k) for k in range(size))
        if not self.capitals or not self.blanks:
            return made
        return made.upper() if word.isupper() and len(word) > 1 else made.capitalize() if word[0].isupper() else made

    def _letter(self, seed: int, place: int) -> str:
        drawn = crc32(place.to_bytes(2, "big"), seed)
        letters = self.letters or _LATIN[(seed + place) % 2]
        return letters[drawn % len(letters)]


def _outside(pattern: re.Pattern[str], text: str, change: Callable[[str], str]) -> str:
    """``text`` with everything changed but what ``pattern``, which is one group, finds."""
    pieces = pattern.split(text)
    pieces[::2] = [change(piece) for piece in pieces[::2]]
    return "".join(pieces)


def _range(first: int, last: int) -> str:
    return "".join(map(chr, range(first, last + 1)))


def _pairs(ours: str, theirs: str) -> tuple[tuple[str, str], ...]:
    return tuple(zip(ours, theirs, strict=True))


DISGUISES = {
    "latin": Disguise(""),
    "cyrillic": Disguise(_range(0x430, 0x44F)),
    "greek": Disguise(_range(0x3B1, 0x3C1) + _range(0x3C3, 0x3C9), marks=_pairs("?", ";")),
    "caseless": Disguise(_range(0x627, 0x63A) + _range(0x641, 0x64A), False, True, _pairs("?,;", "؟،؛")),
    "spaceless": Disguise(
        _range(0x4E00, 0x57FF), False, False, _pairs(".,?!:;", "。，？！：；")
    ),
}  # fmt: skip
