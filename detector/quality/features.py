"""Named features of a sentence in its document: what is specific, what is new, who speaks, what only sounds.

The idea of counting checkable specifics against evaluative and hedging words follows Wiebe et al. 2004
(subjectivity), CoNLL-2010 (weasels and hedges) and Hassan et al. 2017 (check-worthiness); novelty against the
title and all earlier sentences is the measure of TREC's novelty track (Soboroff and Harman 2005).
"""

from __future__ import annotations

import numpy as np

from detector.jit import borrowed, leaf, njit
from detector.quality.measures import MEASURES, measured
from detector.quality.tokens import COLUMN, COLUMNS, Floats, Ints, Tokens

_EXTRA = (
    "words", "log_words", "weight_of_words", "new_share", "specifics", "new_specifics", "position", "from_end",
    "is_first", "is_last", "log_sentences", "evidence", "nothing_new", "old_specifics", "restated", "restated_in_one",
    "few_words", "under_ten_words", "many_words", "log_mean_words", "length_in_text",
)  # fmt: skip
_RATES = ("letters", "function", "nominal", "long", "content", "ly", "ing", "ed", "comma", "event", "abstract",
          "evaluative", "significance", "hedge")  # fmt: skip
_NEIGHBOURS = ("specifics", "new_specifics", "evaluative", "significance", "hedge", "said", "inside_quotation")
# Rates over the whole text: whose voice it is in, and how it goes about its business.
_VOICES = ("writer", "person", "reader", "quote", "said", "digit", "capital", "exclamation", "moral", "event",
           "generic_speaker", "abstract", "long", "office")  # fmt: skip

NAMES: tuple[str, ...] = (
    *COLUMNS,
    *MEASURES,
    *_EXTRA,
    *(f"{name}_per_word" for name in _RATES),
    *(f"{name}_before" for name in _NEIGHBOURS),
    *(f"{name}_after" for name in _NEIGHBOURS),
    *(f"{name}_in_text" for name in _NEIGHBOURS),
    *(f"{name}_per_word_in_text" for name in _VOICES),
)
PLACE = {name: number for number, name in enumerate(NAMES)}


def _places(names: tuple[str, ...]) -> Ints:
    return np.array([PLACE[name] for name in names], dtype=np.int64)


_RATE_COLUMNS, _NEIGHBOUR_COLUMNS, _VOICE_COLUMNS = _places(_RATES), _places(_NEIGHBOURS), _places(_VOICES)
# Columns that compiled code reads or writes, by name.
_AT = _places((
    "word", "content", "digit", "quote", "money", "date", "number", "long", "inner_capitals", "new_names",
    "new_figures", "new_content", "overlap_earlier", "specifics", "new_specifics", "new_share", "nothing_new",
    "old_specifics", "restated", "restated_in_one", "evidence", "words", "weight_of_words", "few_words",
    "under_ten_words", "many_words", "length_in_text", "position", "from_end", "is_first", "is_last",
))  # fmt: skip
(
    _WORD, _CONTENT, _DIGIT, _QUOTE, _MONEY, _DATE, _NUMBER, _LONG, _CAPITALS, _NEW_NAMES,
    _NEW_FIGURES, _NEW_CONTENT, _OVERLAP, _SPECIFICS, _NEW, _NEW_SHARE, _NOTHING_NEW,
    _OLD, _RESTATED, _RESTATED_IN_ONE, _EVIDENCE, _WORDS, _WEIGHT, _FEW,
    _UNDER_TEN, _MANY, _LENGTH, _POSITION, _FROM_END, _IS_FIRST, _IS_LAST,
) = range(len(_AT))  # fmt: skip
_LOG_WORDS, _LOG_MEAN, _LOG_SENTENCES = PLACE["log_words"], PLACE["log_mean_words"], PLACE["log_sentences"]
_BLOCKS = np.array(
    [PLACE[f"{_RATES[0]}_per_word"], *(PLACE[f"{_NEIGHBOURS[0]}_{where}"] for where in ("before", "after", "in_text")),
     PLACE[f"{_VOICES[0]}_per_word_in_text"]]
)  # fmt: skip


def dense(tokens: Tokens, more: int = 0) -> Floats:
    """The features of every sentence, in the order of ``NAMES``, and ``more`` columns left empty.

    Shape (sentences, len(NAMES) + more).
    """
    rows = tokens.counts.shape[0] - 1
    table = np.zeros((rows, len(NAMES) + more))
    if not rows:
        return table
    mean = _fill(
        tokens.counts, measured(tokens), table, _AT, _RATE_COLUMNS, _NEIGHBOUR_COLUMNS, _VOICE_COLUMNS, _BLOCKS
    )
    table[:, _LOG_WORDS] = np.log1p(table[:, COLUMN["word"]])
    table[:, _LOG_MEAN] = np.log1p(mean)
    table[:, _LOG_SENTENCES] = np.log1p(rows)
    return table


@njit
def _fill(
    counts: Floats, measures: Floats, table: Floats, at: Ints, rates: Ints, near: Ints, voices: Ints, blocks: Ints
) -> float:
    """All columns but the logarithms; the mean of the words. Row 0 of ``counts`` and ``measures`` is the title."""
    table, at = borrowed(table), borrowed(at)
    size, total = counts.shape[1], 0.0
    for n in range(table.shape[0]):
        for c in range(size):
            table[n, c] = counts[n + 1, c]
        for c in range(measures.shape[1]):
            table[n, size + c] = measures[n + 1, c]
        total += table[n, at[_WORD]]
    mean: float = max(total / table.shape[0], 1.0)
    for n in range(table.shape[0]):
        row = borrowed(table[n])
        _add_novelty(row, at)
        _add_lengths(row, at, mean)
        _add_place(row, at, n, table.shape[0])
        words = max(row[at[_WORD]], 1.0)
        for c in range(rates.size):
            row[blocks[0] + c] = row[rates[c]] / words
    _add_neighbours(table, near, blocks[1], blocks[2], blocks[3])
    _add_voices(table, at[_WORD], voices, blocks[4])
    return mean


@leaf
def _add_novelty(row: Floats, at: Ints) -> None:
    """Specifics, how many of them the text had not yet, and products that a linear model cannot make."""
    content, capitals, digits = row[at[_CONTENT]], row[at[_CAPITALS]], row[at[_DIGIT]]
    new = row[at[_NEW_NAMES]] + row[at[_NEW_FIGURES]]
    new_share = row[at[_NEW_CONTENT]] / max(content, 1.0)
    nothing_new = 1.0 if new == 0.0 else 0.0
    row[at[_SPECIFICS]] = capitals + digits + row[at[_QUOTE]] / 2.0 + row[at[_MONEY]]
    row[at[_NEW]] = new
    row[at[_NEW_SHARE]] = new_share
    row[at[_NOTHING_NEW]] = nothing_new
    row[at[_OLD]] = capitals + digits - new
    # no new name or figure, and the words themselves are old
    old_share = 1.0 - new_share
    row[at[_RESTATED]] = nothing_new * (old_share * old_share) if content > 0.0 else 0.0
    row[at[_RESTATED_IN_ONE]] = nothing_new * (row[at[_OVERLAP]] * row[at[_OVERLAP]])
    row[at[_EVIDENCE]] = (new + (row[at[_DATE]] + row[at[_NUMBER]])) / max(row[at[_WORD]], 1.0)


@leaf
def _add_lengths(row: Floats, at: Ints, mean: float) -> None:
    words = row[at[_WORD]]
    row[at[_WORDS]] = words
    row[at[_WEIGHT]] = (row[at[_LONG]] + row[at[_CONTENT]]) / max(words, 1.0)
    row[at[_FEW]] = 1.0 if words <= 5.0 else 0.0
    row[at[_UNDER_TEN]] = 1.0 if words <= 9.0 else 0.0
    row[at[_MANY]] = 1.0 if words >= 35.0 else 0.0
    row[at[_LENGTH]] = words / mean


@leaf
def _add_place(row: Floats, at: Ints, number: int, rows: int) -> None:
    row[at[_POSITION]] = number / max(rows - 1, 1)
    row[at[_FROM_END]] = min(rows - 1.0 - number, 5.0)
    row[at[_IS_FIRST]] = 1.0 if number == 0 else 0.0
    row[at[_IS_LAST]] = 1.0 if number == rows - 1 else 0.0


@leaf
def _add_neighbours(table: Floats, columns: Ints, before: int, after: int, in_text: int) -> None:
    """Of the sentence before, of the one after, and the mean of all."""
    rows = table.shape[0]
    for n in range(rows):  # row by row, as the table lies in memory; the first row keeps the sums
        for c in range(columns.size):
            value = table[n, columns[c]]
            table[0, in_text + c] += value
            if n + 1 < rows:
                table[n + 1, before + c] = value
            if n:
                table[n - 1, after + c] = value
    for n in range(rows - 1, -1, -1):
        for c in range(columns.size):
            table[n, in_text + c] = table[0, in_text + c] / rows


@leaf
def _add_voices(table: Floats, word: int, columns: Ints, first: int) -> None:
    """Rates over the whole text."""
    words = 0.0
    for n in range(table.shape[0]):
        words += max(table[n, word], 1.0)
        for c in range(columns.size):
            table[0, first + c] += table[n, columns[c]]
    for n in range(table.shape[0] - 1, -1, -1):
        for c in range(columns.size):
            table[n, first + c] = table[0, first + c] / words
