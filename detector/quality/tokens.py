"""A document as columns: where each token stands, and everything the word lists and its form say about it.

A token's properties are the bits of one number, and the features are sums over the tokens of a sentence, so that
a document costs a few passes of compiled code (``scan``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from detector.quality import scan
from detector.quality.cues import CUES
from detector.quality.lexicon import FUNCTION_WORDS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Mask = NDArray[np.bool_]
Span = tuple[int, int]

TOKEN = re.compile(r"\w+(?:['’&\-]\w+|(?<=\d)[.,:/]\d+\w*)*|[^\w\s]")
_ENDINGS = ("ly", "ing", "ed", "tion", "sion", "ment", "ments", "ness", "ity", "ities", "ance", "ence", "ism", "ship",
            "tions", "sions")  # fmt: skip
_MASK = 0xFFFFFFFFFFFFFFFF

# The order of the first twelve is known to scan.shape_bits.
SHAPES = (
    "word", "capital", "shout", "digit", "letters", "long", "nominal", "ly", "ing", "ed", "content", "function",
    "quote", "comma", "question", "exclamation", "colon", "bracket", "money", "other_mark",
)  # fmt: skip
COLUMNS = (*SHAPES, *CUES)
COLUMN = {name: number for number, name in enumerate(COLUMNS)}
_MARKS = {'"': "quote", "“": "quote", "”": "quote", "«": "quote", "»": "quote", ",": "comma", "?": "question",
          "!": "exclamation", ":": "colon", ";": "colon", "(": "bracket", "[": "bracket",
          "$": "money", "£": "money", "€": "money", "%": "money"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a title (row 0) and of the sentences of a text (rows 1 …), in reading order."""

    codes: NDArray[np.uint32]  # the characters of title and text
    last: Ints  # place of the last character of each row in ``codes``, shape (rows,)
    row: Ints  # row of each token, shape (tokens,)
    bounds: Ints  # first token of each row, then their number, shape (rows + 1,)
    word: Hashes  # hash of the folded token, shape (tokens,)
    stem: Ints  # number of the distinct stem, 0 … stems - 1, shape (tokens,)
    stems: int
    bits: Hashes  # what each token counts for: bit n is COLUMNS[n], shape (tokens,)
    counts: Floats  # how often each row has what COLUMNS name, shape (rows, len(COLUMNS))

    def has(self, column: str) -> Mask:
        """Which tokens count for ``column``, shape (tokens,)."""
        return (self.bits & bit(column)) > 0


def tokens_of(text: str) -> list[str]:
    """Words, figures and single punctuation marks, in order."""
    return TOKEN.findall(text)


def fold(text: str) -> str:
    """Lower case, with the typewriter's apostrophe."""
    return text.lower().replace("’", "'")


def bit(*columns: str) -> np.uint64:
    """The bits of ``columns`` in ``Tokens.bits``."""
    return np.uint64(sum(1 << COLUMN[column] for column in columns))


def word_hash(folded: str) -> int:
    """32-bit hash of a folded token, the same as ``scan.folded_hash``: FNV-1a over its characters."""
    value = 0xCBF29CE484222325
    for character in folded:
        value = ((value ^ ord(character)) * 0x100000001B3) & _MASK
    return (value ^ (value >> 32)) & 0xFFFFFFFF


def tokenise(text: str, spans: Sequence[Span], title: str) -> Tokens:
    """The tokens of ``title`` and of each span of ``text``."""
    return tokenise_codes(code_points(f"{title}\n{text}"), spans, len(title) + 1)


def code_points(text: str) -> NDArray[np.uint32]:
    """The characters of ``text`` as numbers, halves of a surrogate pair among them."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def tokenise_codes(codes: NDArray[np.uint32], spans: Sequence[Span], offset: int) -> Tokens:
    """The tokens of a title, a line end and a text that begins at ``codes[offset]``, whose spans count from there."""
    # Flat, for numpy takes four times as long over pairs.
    flat = np.fromiter(chain((-offset, -1), chain.from_iterable(spans)), dtype=np.int64, count=2 * len(spans) + 2)
    edges = flat.reshape(-1, 2) + offset
    (kinds, lower), lists = characters(), _lists()
    row, bounds, word, stem, stems, bits, counts = scan.read(
        codes, edges, kinds, lower, *lists.words, *lists.phrases, lists.marks, lists.endings, lists.shapes, len(COLUMNS)
    )
    return Tokens(codes, edges[:, 1] - 1, row, bounds, word, stem, stems, bits, counts)


@lru_cache(maxsize=1)
def no_tokens() -> Tokens:
    """Those of an empty text without a title."""
    return tokenise("", (), "")


@dataclass(frozen=True, slots=True)
class _Lists:
    """What ``scan`` needs of the word lists."""

    words: tuple[Hashes, Hashes]  # table of word hashes, and the bits of each
    phrases: tuple[Hashes, Ints]  # table of phrase hashes, and the column of each
    marks: Hashes  # bits of each punctuation mark, by its code
    endings: NDArray[np.uint32]  # a row each, the last letter first
    shapes: Hashes  # the bit of each of SHAPES


@lru_cache(maxsize=1)
def characters() -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """Kind and lower case of every character of Unicode's first plane."""
    kinds, lower = np.zeros(0x10000, dtype=np.uint8), np.arange(0x10000, dtype=np.uint32)
    for code in range(0x10000):
        character = chr(code)
        kind = (scan.SPACE * character.isspace()) | (scan.WORD * (character.isalnum() or character == "_"))
        if kind & scan.WORD:
            kind |= (scan.DECIMAL * character.isdecimal()) | (scan.DIGIT * character.isdigit())
            kind |= (scan.UPPER * character.isupper()) | (scan.LOWER * character.islower())
            kind |= scan.ALNUM * character.isalnum()
            small = character.lower()
            lower[code] = ord(small) if len(small) == 1 else code
        kinds[code] = kind
    lower[ord("’")] = ord("'")
    return kinds, lower


@lru_cache(maxsize=1)
def _lists() -> _Lists:
    words: dict[int, int] = {}
    phrases: dict[int, int] = {}
    for name, listing in {"function": " ".join(sorted(FUNCTION_WORDS["en"])), **CUES}.items():
        single, *several = listing.split("|")
        for word in single.split():
            key = word_hash(word) + 1  # 0 marks an empty cell
            words[key] = words.get(key, 0) | 1 << COLUMN[name]
        for phrase in several:
            phrases[gram([word_hash(token) for token in tokens_of(phrase)])] = COLUMN[name]
    marks = np.full(0x3000, 1 << COLUMN["other_mark"], dtype=np.uint64)
    for mark, name in _MARKS.items():
        marks[ord(mark)] = 1 << COLUMN[name]
    endings = np.zeros((len(_ENDINGS), max(map(len, _ENDINGS))), dtype=np.uint32)
    for number, ending in enumerate(_ENDINGS):
        endings[number, : len(ending)] = [ord(letter) for letter in reversed(ending)]
    shapes = np.array([1 << COLUMN[name] for name in SHAPES], dtype=np.uint64)
    return _Lists(scan.table_of(words, np.uint64), scan.table_of(phrases, np.int64), marks, endings, shapes)


def gram(hashes: list[int]) -> int:
    """The hash of several tokens in a row, as ``scan.add_phrases`` mixes them."""
    mixed = hashes[0]
    for part in hashes[1:]:
        mixed = (mixed * 0x9E3779B97F4A7C15 & _MASK) ^ part
    return mixed
