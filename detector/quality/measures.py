"""Compiled measures of a sentence among the others: what is new, who speaks, what is quoted, what came before."""

from __future__ import annotations

import numpy as np

from detector.jit import borrowed, leaf, njit
from detector.quality.scan import Codes, Floats, Hashes, Ints
from detector.quality.tokens import Tokens, bit

MEASURES = (
    "inner_capitals", "new_names", "new_figures", "new_content", "named_speech", "generic_speech", "pronoun_speech",
    "named_report", "generic_report", "pronoun_report", "overlap_earlier", "overlap_lead", "overlap_title",
    "inside_quotation", "quoted_words", "heading", "ends_question", "starts_pointing", "starts_pronoun",
    "starts_gerund", "starts_generic",
)  # fmt: skip
(
    _CAPITALS, _NEW_NAMES, _NEW_FIGURES, _NEW_CONTENT, _NAMED_SPEECH, _GENERIC_SPEECH, _PRONOUN_SPEECH,
    _NAMED_REPORT, _GENERIC_REPORT, _PRONOUN_REPORT, _EARLIER, _LEAD, _TITLE,
    _INSIDE, _QUOTED, _HEADING, _QUESTION, _POINTING, _PRONOUN, _GERUND, _GENERIC,
) = range(len(MEASURES))  # fmt: skip

# The bits are handed over, not compiled in: compiled code that is kept on disk would not see another word list.
_BITS = np.array([bit(name) for name in (
    "word", "comma", "capital", "writer", "digit", "content", "said", "opines", "reports", "generic_speaker",
    "function", "office", "third", "quote", "pointing", "ing",
)], dtype=np.uint64)  # fmt: skip
(
    _WORD, _COMMA, _CAPITAL, _WRITER, _DIGIT, _CONTENT, _SAID, _OPINES, _REPORTS, _SPEAKER,
    _FUNCTION, _OFFICE, _THIRD, _QUOTE, _POINTS, _ING,
) = range(len(_BITS))  # fmt: skip
_CLOSES = np.array([ord(mark) for mark in ".!?…\"”’')]:;"], dtype=np.uint32)
_QUESTION_MARK = ord("?")
# How many sentences back a repetition is looked for, besides the title and the first two sentences.
_WINDOW, _FIRST = 30, 3  # rows
# A quotation mark that is never closed must not quote the rest of the text: after six sentences it is forgotten.
_OLDEST_QUOTATION = 6
_NEAR = 3


def measured(tokens: Tokens) -> Floats:
    """The measures of title and sentences: shape (rows, len(MEASURES))."""
    out = np.zeros((tokens.bounds.size - 1, len(MEASURES)))
    _measure(tokens.row, tokens.bits, tokens.bounds, tokens.stem, tokens.stems, tokens.codes, tokens.last, _BITS, out)
    return out


@njit
def _measure(
    row: Ints, bits: Hashes, bounds: Ints, stem: Ints, stems: int, codes: Codes, last: Ints, b: Hashes, out: Floats
) -> None:
    row, bits, bounds, stem = borrowed(row), borrowed(bits), borrowed(bounds), borrowed(stem)
    b, out = borrowed(b), borrowed(out)
    _news(row, bits, stem, stems, b, out)
    _speakers(row, bits, b, out)
    _overlaps(stem, bits, bounds, stems, b, out)
    _quotations(bits, bounds, b, out)
    _edges(bits, bounds, codes, last, b, out)


@njit
def _news(row: Ints, bits: Hashes, stem: Ints, stems: int, b: Hashes, out: Floats) -> None:
    """Capitals inside the sentence, and which names, figures and content words the text had not yet."""
    first_row = np.full(stems, -1)
    for k in range(row.size):
        here, marks = row[k], bits[k]
        if first_row[stem[k]] < 0:
            first_row[stem[k]] = here
        new = first_row[stem[k]] == here
        follows = k > 0 and row[k - 1] == here and bits[k - 1] & (b[_WORD] | b[_COMMA]) > 0
        if follows and marks & b[_CAPITAL] and not marks & b[_WRITER]:  # "I" is no name
            out[here, _CAPITALS] += 1.0
            out[here, _NEW_NAMES] += new * 1.0
        if new and marks & b[_DIGIT]:
            out[here, _NEW_FIGURES] += 1.0
        if new and marks & b[_CONTENT]:
            out[here, _NEW_CONTENT] += 1.0


@njit
def _speakers(row: Ints, bits: Hashes, b: Hashes, out: Floats) -> None:
    """Who speaks: a verb of saying within three words of a name, of a pronoun, or of a generic plural."""
    for k in range(row.size):
        if not bits[k] & (b[_SAID] | b[_OPINES] | b[_REPORTS]):
            continue
        named = generic = pronoun = False
        for j in range(max(k - _NEAR, 0), min(k + _NEAR + 1, row.size)):
            if j == k or row[j] != row[k]:
                continue
            plural = bits[j] & b[_SPEAKER] > 0
            generic = generic or plural
            named = (
                named
                or bits[j] & b[_OFFICE] > 0
                or (bits[j] & b[_CAPITAL] > 0 and not bits[j] & b[_FUNCTION] and not plural)
            )
            pronoun = pronoun or (bits[j] & b[_THIRD] > 0 and not plural)
        says, reports = bits[k] & b[_SAID] > 0, bits[k] & b[_REPORTS] > 0
        out[row[k], _NAMED_SPEECH] += (says and named) * 1.0
        out[row[k], _PRONOUN_SPEECH] += (says and pronoun) * 1.0
        out[row[k], _GENERIC_SPEECH] += ((says or bits[k] & b[_OPINES] > 0) and generic) * 1.0
        out[row[k], _NAMED_REPORT] += (reports and named) * 1.0
        out[row[k], _PRONOUN_REPORT] += (reports and pronoun) * 1.0
        out[row[k], _GENERIC_REPORT] += (reports and generic) * 1.0


@njit
def _overlaps(stem: Ints, bits: Hashes, bounds: Ints, stems: int, b: Hashes, out: Floats) -> None:
    """Share of a sentence's content stems that one earlier sentence, the lead or the title already had."""
    kept, first = _content_of(stem, bits, bounds, stems, b)
    # Who had a stem before: the last word of it, and of each word the one before; and which of the first three rows.
    last, before, place = np.full(stems, -1), np.empty(kept.size, dtype=np.int64), np.empty(kept.size, dtype=np.int64)
    early = np.zeros(stems, dtype=np.uint8)
    shared = np.zeros(bounds.size + _FIRST, dtype=np.int64)
    for row in range(bounds.size - 1):
        earliest = max(row - _WINDOW, _FIRST)
        for k in range(first[row], first[row + 1]):
            at = last[kept[k]]
            before[k], place[k], last[kept[k]] = at, row, k
            while at >= 0 and place[at] >= earliest:
                shared[place[at]] += 1
                at = before[at]
            for other in range(_FIRST):
                shared[other] += early[kept[k]] >> other & 1
            if row < _FIRST:
                early[kept[k]] |= 1 << row
        _share(shared, first[row + 1] - first[row], row, earliest, out)


@leaf
def _share(shared: Ints, own: int, row: int, earliest: int, out: Floats) -> None:
    """Put the shares of one row into ``out``, from the stems that earlier rows share with it, and forget those."""
    out[row, _TITLE] = shared[0] / max(own, 1) if row else 0.0
    lead = max(shared[1], shared[2])
    most = lead
    for other in range(earliest, row):
        most = max(most, shared[other])
        shared[other] = 0
    out[row, _LEAD], out[row, _EARLIER] = lead / max(own, 1), most / max(own, 1)
    shared[0] = shared[1] = shared[2] = 0


@njit
def _content_of(stem: Ints, bits: Hashes, bounds: Ints, stems: int, b: Hashes) -> tuple[Ints, Ints]:
    """The distinct stems of content words and figures, row after row, and where each row begins."""
    kept, first = np.empty(stem.size, dtype=np.int64), np.zeros(bounds.size, dtype=np.int64)
    seen_in = np.full(stems, -1)
    count = 0
    for row in range(bounds.size - 1):
        for k in range(bounds[row], bounds[row + 1]):
            if bits[k] & (b[_CONTENT] | b[_DIGIT]) and seen_in[stem[k]] != row:
                seen_in[stem[k]] = row
                kept[count] = stem[k]
                count += 1
        first[row + 1] = count
    return kept, first


@njit
def _quotations(bits: Hashes, bounds: Ints, b: Hashes, out: Floats) -> None:
    """Whether a sentence begins inside a quotation, and its share of quoted tokens."""
    is_open, age = False, 0
    for row in range(bounds.size - 1):
        out[row, _INSIDE] = is_open * 1.0
        inside, marks, quoted = is_open, 0, 0
        for k in range(bounds[row], bounds[row + 1]):
            if bits[k] & b[_QUOTE]:
                inside = not inside
                marks += 1
            quoted += inside
        out[row, _QUOTED] = quoted / max(bounds[row + 1] - bounds[row], 1)
        if marks % 2:
            is_open, age = not is_open, 0
        elif is_open:
            age += 1
            is_open = age < _OLDEST_QUOTATION


@njit
def _edges(bits: Hashes, bounds: Ints, codes: Codes, last: Ints, b: Hashes, out: Floats) -> None:
    """How a sentence begins and ends."""
    for row in range(1, bounds.size - 1):
        closes = False
        for mark in _CLOSES:
            closes = closes or codes[last[row]] == mark
        out[row, _HEADING] = (not closes) * 1.0
        out[row, _QUESTION] = (codes[last[row]] == _QUESTION_MARK) * 1.0
        if bounds[row] == bounds[row + 1]:
            continue
        opening = bounds[row]
        if bits[opening] & b[_QUOTE] and opening + 1 < bounds[row + 1]:
            opening += 1
        out[row, _POINTING] = (bits[opening] & b[_POINTS] > 0) * 1.0
        out[row, _PRONOUN] = (bits[opening] & b[_THIRD] > 0) * 1.0
        out[row, _GERUND] = (bits[opening] & b[_ING] > 0) * 1.0
        out[row, _GENERIC] = (bits[opening] & b[_SPEAKER] > 0) * 1.0
