"""Named features of a sentence in its document: what is specific, what is new, who speaks, what only sounds.

The idea of counting checkable specifics against evaluative and hedging words follows Wiebe et al. 2004
(subjectivity), CoNLL-2010 (weasels and hedges) and Hassan et al. 2017 (check-worthiness); novelty against the
title and all earlier sentences is the measure of TREC's novelty track (Soboroff and Harman 2005).
"""

from __future__ import annotations

import numpy as np

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
_MEASURED = slice(len(COLUMNS), len(COLUMNS) + len(MEASURES))
_RATED = slice(PLACE[f"{_RATES[0]}_per_word"], PLACE[f"{_RATES[0]}_per_word"] + len(_RATES))
_BEFORE, _AFTER, _IN_TEXT = (
    slice(PLACE[f"{_NEIGHBOURS[0]}_{where}"], PLACE[f"{_NEIGHBOURS[0]}_{where}"] + len(_NEIGHBOURS))
    for where in ("before", "after", "in_text")
)
_VOICED = slice(PLACE[f"{_VOICES[0]}_per_word_in_text"], len(NAMES))


def dense(tokens: Tokens) -> Floats:
    """The features of every sentence: shape (sentences, len(NAMES)), in the order of ``NAMES``."""
    table = np.zeros((tokens.counts.shape[0] - 1, len(NAMES)))
    if not table.shape[0]:
        return table
    table[:, : len(COLUMNS)] = tokens.counts[1:]  # row 0 is the title
    table[:, _MEASURED] = measured(tokens)[1:]
    _add_novelty(table)
    _add_lengths(table)
    _add_place(table)
    words = np.maximum(table[:, COLUMN["word"]], 1.0)
    table[:, _RATED] = table[:, _RATE_COLUMNS] / words[:, None]
    around = table[:, _NEIGHBOUR_COLUMNS]
    table[1:, _BEFORE], table[:-1, _AFTER], table[:, _IN_TEXT] = around[:-1], around[1:], around.mean(axis=0)
    table[:, _VOICED] = table[:, _VOICE_COLUMNS].sum(axis=0) / words.sum()
    return table


def _add_novelty(table: Floats) -> None:
    """Specifics, how many of them the text had not yet, and products that a linear model cannot make."""
    content, new_content = table[:, COLUMN["content"]], table[:, PLACE["new_content"]]
    capitals, digits = table[:, PLACE["inner_capitals"]], table[:, COLUMN["digit"]]
    new = table[:, PLACE["new_names"]] + table[:, PLACE["new_figures"]]
    new_share = new_content / np.maximum(content, 1.0)
    nothing_new = (new == 0) * 1.0
    table[:, PLACE["specifics"]] = capitals + digits + table[:, COLUMN["quote"]] / 2 + table[:, COLUMN["money"]]
    table[:, PLACE["new_specifics"]] = new
    table[:, PLACE["new_share"]] = new_share
    table[:, PLACE["nothing_new"]] = nothing_new
    table[:, PLACE["old_specifics"]] = capitals + digits - new
    # no new name or figure, and the words themselves are old
    table[:, PLACE["restated"]] = nothing_new * (1.0 - new_share) ** 2 * (content > 0)
    table[:, PLACE["restated_in_one"]] = nothing_new * table[:, PLACE["overlap_earlier"]] ** 2
    dated = table[:, COLUMN["date"]] + table[:, COLUMN["number"]]
    table[:, PLACE["evidence"]] = (new + dated) / np.maximum(table[:, COLUMN["word"]], 1.0)


def _add_lengths(table: Floats) -> None:
    words = table[:, COLUMN["word"]]
    mean = max(float(words.mean()), 1.0)
    table[:, PLACE["words"]] = words
    table[:, PLACE["log_words"]] = np.log1p(words)
    heavy = table[:, COLUMN["long"]] + table[:, COLUMN["content"]]
    table[:, PLACE["weight_of_words"]] = heavy / np.maximum(words, 1.0)
    table[:, PLACE["few_words"]] = words <= 5
    table[:, PLACE["under_ten_words"]] = words <= 9
    table[:, PLACE["many_words"]] = words >= 35
    table[:, PLACE["log_mean_words"]] = np.log1p(mean)
    table[:, PLACE["length_in_text"]] = words / mean


def _add_place(table: Floats) -> None:
    rows = table.shape[0]
    number = np.arange(rows, dtype=np.float64)
    table[:, PLACE["position"]] = number / max(rows - 1, 1)
    table[:, PLACE["from_end"]] = np.minimum(rows - 1 - number, 5.0)
    table[0, PLACE["is_first"]] = table[-1, PLACE["is_last"]] = 1.0
    table[:, PLACE["log_sentences"]] = np.log1p(rows)
