"""Named features of a sentence in its document: what is specific, what is new, who speaks, what only sounds.

The idea of counting checkable specifics against evaluative and hedging words follows Wiebe et al. 2004
(subjectivity), CoNLL-2010 (weasels and hedges) and Hassan et al. 2017 (check-worthiness); novelty against the
title and all earlier sentences is the measure of TREC's novelty track (Soboroff and Harman 2005).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detector.jit import njit
from detector.quality.tokens import COLUMN, COLUMNS, Floats, Ints, Mask, Span, Tokens

# How many sentences back a repetition is looked for, besides the title and the first two sentences.
_WINDOW = 30

_EXTRA = (
    "words", "log_words", "weight_of_words", "inner_capitals", "new_names", "new_figures", "new_content",
    "new_share", "specifics", "new_specifics", "overlap_earlier", "overlap_lead", "overlap_title",
    "inside_quotation", "quoted_words", "named_speech", "generic_speech", "pronoun_speech", "heading",
    "position", "from_end", "is_first", "is_last", "log_sentences", "starts_pointing", "starts_pronoun",
    "starts_gerund", "starts_generic", "ends_question", "evidence",
    "nothing_new", "old_specifics", "restated", "restated_in_one",
)  # fmt: skip
_RATES = ("letters", "function", "nominal", "long", "content", "ly", "ing", "ed", "comma", "event", "abstract",
          "evaluative", "significance", "hedge")  # fmt: skip
_NEIGHBOURS = ("specifics", "new_specifics", "evaluative", "significance", "hedge", "said", "inside_quotation")

NAMES: tuple[str, ...] = (
    *COLUMNS,
    *_EXTRA,
    *(f"{name}_per_word" for name in _RATES),
    *(f"{name}_before" for name in _NEIGHBOURS),
    *(f"{name}_after" for name in _NEIGHBOURS),
    *(f"{name}_in_text" for name in _NEIGHBOURS),
)


def dense(tokens: Tokens, text: str, spans: Sequence[Span]) -> Floats:
    """The features of every sentence: shape (sentences, len(NAMES)), in the order of ``NAMES``."""
    counts = tokens.sum(tokens.marks)
    columns = {name: counts[:, number] for name, number in COLUMN.items()}
    columns |= _specifics(tokens, columns["word"])
    columns |= _speech(tokens)
    columns |= _overlaps(tokens)
    columns |= _form(tokens, text, spans)
    words = np.maximum(columns["word"], 1.0)
    columns |= {
        "words": columns["word"],
        "log_words": np.log1p(columns["word"]),
        "specifics": columns["inner_capitals"] + columns["digit"] + columns["quote"] / 2 + columns["money"],
        "new_specifics": columns["new_names"] + columns["new_figures"],
        "new_share": columns["new_content"] / np.maximum(columns["content"], 1.0),
    }
    nothing_new = (columns["new_specifics"] == 0) * 1.0
    columns |= {
        "nothing_new": nothing_new,
        "old_specifics": columns["inner_capitals"] + columns["digit"] - columns["new_specifics"],
        # a linear model cannot multiply: no new name or figure, and the words themselves are old
        "restated": nothing_new * (1.0 - columns["new_share"]) ** 2 * (columns["content"] > 0),
        "restated_in_one": nothing_new * columns["overlap_earlier"] ** 2,
    }
    columns["evidence"] = (columns["new_specifics"] + columns["date"] + columns["number"]) / words
    columns |= {f"{name}_per_word": columns[name] / words for name in _RATES}
    table = {name: column[1:] for name, column in columns.items()}  # row 0 is the title
    table |= _neighbours(table)
    return np.column_stack([table[name] for name in NAMES])


def _specifics(tokens: Tokens, words: Floats) -> dict[str, Floats]:
    """Capitals inside the sentence, and which names, figures and content words the text had not yet."""
    follows_word = np.zeros(tokens.word.size, dtype=bool)
    follows_word[1:] = (tokens.has("word") | tokens.has("comma"))[:-1]
    follows_word[tokens.starts] = False
    name = tokens.has("capital") & follows_word & ~tokens.has("writer")  # "I" is no name
    first_row = np.full(int(tokens.stem.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first_row, tokens.stem, tokens.sentence)
    new = first_row[tokens.stem] == tokens.sentence
    content = tokens.has("content")
    return {
        "inner_capitals": tokens.sum(name),
        "new_names": tokens.sum(name & new),
        "new_figures": tokens.sum(tokens.has("digit") & new),
        "new_content": tokens.sum(content & new),
        "weight_of_words": (tokens.sum(tokens.has("long")) + tokens.sum(content)) / np.maximum(words, 1.0),
    }


def _speech(tokens: Tokens) -> dict[str, Floats]:
    """Who speaks: a verb of saying within three words of a name, of a pronoun, or of a generic plural."""
    said = tokens.has("said")
    generic = tokens.has("generic_speaker")
    named = (tokens.has("capital") & ~tokens.has("function") & ~generic) | tokens.has("office")
    pronoun = tokens.has("third") & ~generic
    return {
        "named_speech": tokens.sum(said & _near(named, tokens.sentence)),
        "generic_speech": tokens.sum((said | tokens.has("opines")) & _near(generic, tokens.sentence)),
        "pronoun_speech": tokens.sum(said & _near(pronoun, tokens.sentence)),
    }


def _near(marked: Mask, sentence: Ints) -> Mask:
    """Whether one of ``marked`` stands within three tokens in the same sentence."""
    near = np.zeros(marked.size, dtype=bool)
    for step in (1, 2, 3):
        same = sentence[step:] == sentence[:-step]
        near[step:] |= marked[:-step] & same
        near[:-step] |= marked[step:] & same
    return near


def _overlaps(tokens: Tokens) -> dict[str, Floats]:
    """Share of a sentence's content stems that one earlier sentence, the lead or the title already had."""
    content = tokens.has("content") | tokens.has("digit")
    bounds = np.append(tokens.starts, tokens.sentence.size)
    earlier, lead, title = _shared_stems(tokens.stem, content, bounds, int(tokens.stem.max()) + 1, _WINDOW)
    return {"overlap_earlier": earlier, "overlap_lead": lead, "overlap_title": title}


@njit
def _shared_stems(stem: Ints, content: Mask, bounds: Ints, stems: int, window: int) -> tuple[Floats, Floats, Floats]:
    rows = bounds.size - 1
    earlier, lead, title = np.zeros(rows), np.zeros(rows), np.zeros(rows)
    seen_in = np.full(stems, -1)  # the row that last held the stem
    counted = np.full(stems, -1)  # the comparison that last counted it
    turn = 0
    for row in range(1, rows):
        own = 0
        for k in range(bounds[row], bounds[row + 1]):
            if content[k] and seen_in[stem[k]] != row:
                seen_in[stem[k]] = row
                own += 1
        others = min(row, window + 3) if own else 0
        for number in range(others):  # the title, the first two sentences, then the last ``window``
            other = number if number < 3 else row + number - others
            turn += 1
            shared = 0
            for k in range(bounds[other], bounds[other + 1]):
                new = content[k] and seen_in[stem[k]] == row and counted[stem[k]] != turn
                if new:
                    counted[stem[k]] = turn
                    shared += 1
            share = shared / own
            title[row] = share if other == 0 else title[row]
            lead[row] = max(lead[row], share) if 0 < other < 3 else lead[row]
            earlier[row] = max(earlier[row], share) if other else earlier[row]
    return earlier, lead, title


def _form(tokens: Tokens, text: str, spans: Sequence[Span]) -> dict[str, Floats]:
    """Where a sentence stands, how it begins and ends, and how much of it is quoted."""
    rows = len(spans) + 1
    first = tokens.marks[tokens.starts]
    second = tokens.marks[np.minimum(tokens.starts + 1, tokens.word.size - 1)]
    opening = np.where(first[:, [COLUMN["quote"]]] > 0, second, first).astype(np.float64)
    number = np.arange(rows, dtype=np.float64) - 1
    last_row = max(rows - 2, 1)
    ends = [""] + [text[end - 1] for _, end in spans]
    inside, quoted = _quotations(tokens)
    return {
        "inside_quotation": inside,
        "quoted_words": quoted,
        "heading": np.array([end not in ".!?…\"”’')]:;" for end in ends], dtype=np.float64),
        "ends_question": np.array([end == "?" for end in ends], dtype=np.float64),
        "position": number / last_row,
        "from_end": np.minimum(rows - 2 - number, 5.0),
        "is_first": (number == 0).astype(np.float64),
        "is_last": (number == rows - 2).astype(np.float64),
        "log_sentences": np.full(rows, np.log1p(rows - 1.0)),
        "starts_pointing": opening[:, COLUMN["pointing"]],
        "starts_pronoun": opening[:, COLUMN["third"]],
        "starts_gerund": opening[:, COLUMN["ing"]],
        "starts_generic": opening[:, COLUMN["generic_speaker"]],
    }


def _quotations(tokens: Tokens) -> tuple[Floats, Floats]:
    """Whether a sentence begins inside a quotation, and its share of quoted tokens.

    A quotation mark that is never closed must not quote the rest of the text: after six sentences it is forgotten.
    """
    quote = tokens.has("quote")
    inside = np.zeros(tokens.starts.size)
    is_open, age = False, 0
    for row, count in enumerate(tokens.sum(quote).tolist()):
        inside[row] = float(is_open)
        if count % 2:
            is_open, age = not is_open, 0
        elif is_open:
            age += 1
            is_open = age < 6
    passed: Ints = np.cumsum(quote)
    before: Ints = passed[tokens.starts] - quote[tokens.starts]
    parity = (passed - before[tokens.sentence] + inside[tokens.sentence]) % 2
    size = np.diff(np.append(tokens.starts, tokens.sentence.size))
    return inside, tokens.sum(parity) / size


def _neighbours(table: dict[str, Floats]) -> dict[str, Floats]:
    """The sentence before, the sentence after, and the mean of the text, for the few features that carry over."""
    found: dict[str, Floats] = {}
    for name in _NEIGHBOURS:
        values = table[name]
        found[f"{name}_before"] = np.concatenate(([0.0], values[:-1]))
        found[f"{name}_after"] = np.concatenate((values[1:], [0.0]))
        found[f"{name}_in_text"] = np.full(values.size, values.mean() if values.size else 0.0)
    return found
