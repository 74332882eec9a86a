"""A document as columns: one row per token, everything about it looked up once per distinct word.

The features are sums over the tokens of a sentence, so that a document costs one Python step for each distinct
word and a few numpy calls for all the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from detector.quality.cues import CUES
from detector.quality.lexicon import FUNCTION_WORDS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Marks = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Span = tuple[int, int]

_TOKEN = re.compile(r"\w+(?:['’&\-]\w+|(?<=\d)[.,:/]\d+\w*)*|[^\w\s]")
_SUFFIXES = ("tion", "sion", "ment", "ments", "ness", "ity", "ities", "ance", "ence", "ism", "ship", "tions", "sions")
_LONGEST_PHRASE = 4
_MIX = np.uint64(0x9E3779B97F4A7C15)

SHAPES = (
    "word", "capital", "shout", "digit", "letters", "long", "function", "nominal", "ly", "ing", "ed", "content",
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

    sentence: Ints  # row of each token, shape (tokens,)
    starts: Ints  # first token of each row, shape (sentences + 1,)
    word: Hashes  # crc32 of the folded token, shape (tokens,)
    stem: Ints  # number of the distinct stem, 0 … stems - 1, shape (tokens,)
    marks: Marks  # what each token counts for, shape (tokens, len(COLUMNS))

    def has(self, column: str) -> Mask:
        """Which tokens count for ``column``, shape (tokens,)."""
        return self.marks[:, COLUMN[column]] > 0

    def sum(self, values: NDArray[Any]) -> Floats:
        """The sum of ``values`` (one a token) over each row: shape (sentences + 1,)."""
        return np.add.reduceat(values, self.starts, axis=0, dtype=np.float64)


def tokens_of(text: str) -> list[str]:
    """Words, figures and single punctuation marks, in order."""
    return _TOKEN.findall(text)


def fold(text: str) -> str:
    """Lower case, with the typewriter's apostrophe."""
    return text.lower().replace("’", "'")


def word_hash(folded: str) -> int:
    """32-bit hash of a folded token: crc32, for Python's own hash differs from process to process."""
    return crc32(folded.encode(errors="replace"))  # half a surrogate pair, as JSON may hold it, has no UTF-8


def tokenise(text: str, spans: Sequence[Span], title: str) -> Tokens:
    """The tokens of ``title`` and of each span of ``text``; a row without any token holds one empty token."""
    rows = [tokens_of(title) or [""], *(tokens_of(text[start:end]) or [""] for start, end in spans)]
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    flat = [token for row in rows for token in row]
    kinds = {token: number for number, token in enumerate(dict.fromkeys(flat))}
    ids = np.fromiter(map(kinds.__getitem__, flat), np.int64, len(flat))
    described = [_describe(token) for token in kinds]
    columns = np.zeros((len(kinds), len(COLUMNS)), dtype=np.uint8)
    counts = [len(hits) for _, _, hits in described]
    columns[np.repeat(np.arange(len(kinds)), counts), [hit for _, _, hits in described for hit in hits]] = 1
    stems: dict[str, int] = {}
    stem_ids = np.array([stems.setdefault(stem, len(stems)) for _, stem, _ in described], dtype=np.int64)
    word = np.array([hash_ for hash_, _, _ in described], dtype=np.uint64)[ids]
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    sentence = np.repeat(np.arange(len(rows)), lengths)
    marks = columns[ids]
    _add_phrases(marks, word, sentence)
    return Tokens(sentence, starts, word, stem_ids[ids], marks)


@lru_cache(maxsize=1 << 15)
def _describe(token: str) -> tuple[int, str, tuple[int, ...]]:
    """Hash, stem and columns of a distinct token; remembered, for most words of a text were in the last one."""
    folded = fold(token)
    code = word_hash(folded)
    first = token[:1]
    if not (first.isalnum()):
        return code, folded, (COLUMN[_MARKS.get(first, "other_mark")],)
    hits = (COLUMN["word"], *_cue_columns().get(folded, ()))
    if first.isdigit():
        return code, folded, (*hits, COLUMN["digit"])
    is_function = folded in FUNCTION_WORDS["en"]
    size = len(folded)
    shape = (
        ("capital", first.isupper()),
        ("shout", size > 1 and token.isupper()),
        ("letters", True),
        ("long", size >= 9),
        ("function", is_function),
        ("nominal", size > 6 and folded.endswith(_SUFFIXES)),
        ("ly", size > 4 and folded.endswith("ly")),
        ("ing", size > 5 and folded.endswith("ing")),
        ("ed", size > 4 and folded.endswith("ed")),
        ("content", size > 3 and not is_function),
    )
    return code, _stem(folded), hits + tuple(COLUMN[name] for name, holds in shape if holds)


def _stem(folded: str) -> str:
    """A word without its ending, roughly: enough to see that two sentences speak of the same things."""
    folded = folded.removesuffix("'s")
    return folded[:6] if len(folded) > 6 else folded.removesuffix("s")


@lru_cache(maxsize=1)
def _cue_columns() -> dict[str, tuple[int, ...]]:
    """Each single word of the lexicon with the columns it counts for."""
    found: dict[str, list[int]] = {}
    for name, listing in CUES.items():
        for word in listing.split("|", 1)[0].split():
            found.setdefault(word, []).append(COLUMN[name])
    return {word: tuple(dict.fromkeys(columns)) for word, columns in found.items()}


@lru_cache(maxsize=1)
def _phrases() -> tuple[tuple[Hashes, Ints], ...]:
    """For phrases of 2, 3 and 4 words: their sorted hashes, and the column of each."""
    by_length: list[dict[int, int]] = [{} for _ in range(_LONGEST_PHRASE + 1)]
    for name, listing in CUES.items():
        for phrase in listing.split("|")[1:]:
            tokens = tokens_of(phrase)
            codes = np.array([[word_hash(token)] for token in tokens], dtype=np.uint64)
            by_length[len(tokens)][int(_ngram(list(codes))[0])] = COLUMN[name]
    tables = []
    for table in by_length[2:]:
        keys = np.array(sorted(table), dtype=np.uint64)
        tables.append((keys, np.array([table[int(key)] for key in keys], dtype=np.int64)))
    return tuple(tables)


def _ngram(parts: list[Hashes]) -> Hashes:
    mixed = parts[0]
    for part in parts[1:]:
        mixed = (mixed * _MIX) ^ part  # wraps at 2**64 on purpose
    return mixed


def _add_phrases(marks: Marks, word: Hashes, sentence: Ints) -> None:
    """Count every phrase of the lexicon at its first token, where all of it stands in one sentence."""
    for length, (keys, columns) in enumerate(_phrases(), start=2):
        if word.size < length or not keys.size:
            continue
        count = word.size - length + 1
        grams = _ngram([word[k : k + count] for k in range(length)])
        place = np.minimum(np.searchsorted(keys, grams), keys.size - 1)
        hit = np.flatnonzero((keys[place] == grams) & (sentence[:count] == sentence[length - 1 :]))
        np.add.at(marks, (hit, columns[place[hit]]), 1)
