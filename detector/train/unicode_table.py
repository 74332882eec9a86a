"""Write the table of characters that the normaliser reads: what each one is, and what it folds to.

The table is shipped rather than computed at import because Python's own Unicode version differs from release to
release, and two machines that fold differently would not find each other's duplicates.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import numpy as np

from detector.dedup.normalise import (
    DIGIT,
    EXPANSION,
    HYPHEN,
    IGNORABLE,
    LETTER,
    POINT,
    SEPARATOR,
    SINGLE,
    TABLE_SIZE,
    UPPER,
)
from detector.models import save

# Letters of other scripts that are drawn like a Latin one. Both cases map, so that folding a Cyrillic or Greek
# headline in capitals still equals its own lower case.
_HOMOGLYPHS = {
    **dict(zip("авекмнорстухіјѕԁһӏԛԝүґєѵ", "abekmhopctyxijsdhlqwyrev", strict=True)),
    **dict(zip("αβεζηικμνορτυχωϲϳ", "abezhikmnoptuxwcj", strict=True)),
    **dict(zip("ɑɡıɩʋᴏᴄᴠᴡᴢꜱ", "agiivocvwzs", strict=True)),
    **dict(zip("աօսոցքհյ", "woungphj", strict=True)),
}
# Letters that one Arabic-script language writes where another writes the other.
_ARABIC = {"ي": "ی", "ى": "ی", "ك": "ک", "ه": "ہ", "ة": "ہ", "ۃ": "ہ", "ھ": "ہ", "ۂ": "ہ"}
_FOLD_LAST = {**_HOMOGLYPHS, **_ARABIC, "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ð": "d"}

# Scripts written without spaces: every character is a token of its own.
_SPACELESS = [
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x1B000, 0x1B16F),
]
# Marks that may or may not be written without changing the word. Elsewhere (Devanagari, Tamil …) marks are vowels.
_OPTIONAL_MARKS = [(0x0300, 0x036F), (0x0483, 0x0487), (0x0591, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F),
                   (0x0670, 0x0670), (0x06D6, 0x06ED), (0x0E31, 0x0E31), (0x0E34, 0x0E3A), (0x0E47, 0x0E4E),
                   (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0x3099, 0x309A), (0xFE00, 0xFE0F),
                   (0xFE20, 0xFE2F)]  # fmt: skip
_APOSTROPHES = "'’‘ʼ`´＇"
_HYPHENS = "-‐‑"
_TATWEEL = "ـ"


def _within(code: int, ranges: list[tuple[int, int]]) -> bool:
    return any(low <= code <= high for low, high in ranges)


def _folded(character: str) -> str:
    """The letters and digits that ``character`` stands for, after compatibility and case folding; often one."""
    pieces = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    kept = (p for p in pieces if not _within(ord(p), _OPTIONAL_MARKS))
    return "".join(_FOLD_LAST.get(p, p) for p in kept if unicodedata.category(p)[0] in "LNM")


def _special(code: int, character: str) -> int | None:
    category = unicodedata.category(character)
    if _within(code, _OPTIONAL_MARKS) or category == "Cf" or character in _APOSTROPHES or character == _TATWEEL:
        return IGNORABLE
    if character in _HYPHENS:
        return HYPHEN
    if unicodedata.normalize("NFKC", character) in (".", ","):
        return POINT
    return None


def _entry(code: int, expansions: list[str]) -> int:
    """The packed table entry of one code point; long foldings are appended to ``expansions``."""
    if 0xD800 <= code <= 0xDFFF:
        return SEPARATOR
    character = chr(code)
    special = _special(code, character)
    if special is not None:
        return special | code
    folded = _folded(character)
    if not folded:
        return SEPARATOR
    upper = UPPER if character.isupper() or unicodedata.category(character) == "Lt" else 0
    if _within(code, _SPACELESS):
        return SINGLE | ord(folded[0])
    if len(folded) > 1:
        expansions.append(folded[:3])
        return EXPANSION | upper | (len(expansions) - 1)
    kind = DIGIT if folded.isdecimal() else LETTER
    value = ord("0") + unicodedata.decimal(folded) if kind == DIGIT else ord(folded)
    return kind | upper | value


def write_unicode_table(out: Path) -> None:
    """Write the table for this Python's Unicode version to ``out`` (``detector/weights/unicode.npz``)."""
    expansions: list[str] = []
    table = np.array([_entry(code, expansions) for code in range(TABLE_SIZE)], dtype=np.uint32)
    letters = np.zeros((len(expansions), 3), dtype=np.uint32)
    for row, folded in enumerate(expansions):
        letters[row, : len(folded)] = [ord(letter) for letter in folded]
    provenance = {
        "learned_from": f"Unicode {unicodedata.unidata_version} as Python's unicodedata has it",
        "command": "python -m detector.train.unicode_table",
        "unicode": unicodedata.unidata_version,
    }
    save(out, {"table": table, "expansions": letters}, provenance)


if __name__ == "__main__":
    write_unicode_table(Path(sys.argv[1]))
