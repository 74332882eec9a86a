"""More training texts from labelled ones: padding in a dense report, a fact among padding, an echo, an excerpt.

Labelled documents are nearly all dense or nearly all padded, and a model that learns from them alone believes the
neighbourhood more than the sentence. What makes a sentence filler does not hang on its neighbours (a restatement
apart), so it may be moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from detector.train.labelled import FILLER_SHARE, LabelledDocument

Row = tuple[str, str, str | None]  # sentence, label, reason

# What these say hangs on the sentences before them, so they cannot be moved.
_BOUND = ("restatement", "transition")


def mixed(base: LabelledDocument, donors: Sequence[LabelledDocument], random: np.random.Generator) -> LabelledDocument:
    """``base`` with sentences of the other sort from ``donors`` between its own, one for every six of them."""
    rows = _rows(base)
    share = np.mean([FILLER_SHARE[label] for _, label, _ in rows])
    wanted = "informative" if share > 0.4 else "filler"
    supply = [row for donor in donors for row in _rows(donor) if row[1] == wanted and row[2] not in _BOUND]
    for number in random.permutation(len(supply))[: max(1, len(rows) // 6)].tolist():
        rows.insert(int(random.integers(1, len(rows) + 1)), supply[number])
    return _document(base, rows)


def restated(base: LabelledDocument, random: np.random.Generator) -> LabelledDocument:
    """``base`` with one sentence more, which says again most of what one said at least two sentences before."""
    rows = _rows(base)
    long = [number for number, row in enumerate(rows) if row[1] == "informative" and len(row[0].split()) >= 10]
    for number in sorted(random.permutation(long)[:1].tolist(), reverse=True):
        words = rows[number][0].rstrip(".").split()
        size = int(len(words) * random.uniform(0.55, 0.9))
        start = int(random.integers(0, len(words) - size + 1))
        again = " ".join(words[start : start + size])
        place = int(random.integers(min(number + 2, len(rows)), len(rows) + 1))
        rows.insert(place, (f"{again[:1].upper()}{again[1:]}.", "filler", "restatement"))
    return _document(base, rows)


def excerpt(base: LabelledDocument, random: np.random.Generator) -> LabelledDocument:
    """Three to seven consecutive sentences of ``base``; a restatement in it may restate nothing and is left out."""
    size = int(random.integers(3, 8))
    rows = _rows(base)
    start = int(random.integers(0, max(1, len(rows) - size)))
    kept = [row for row in rows[start : start + size] if row[2] not in _BOUND]
    return _document(base, kept or rows[:1])


def _rows(document: LabelledDocument) -> list[Row]:
    texts = (document.text[start:end] for start, end in document.spans)
    return list(zip(texts, document.labels, document.reasons, strict=True))


def _document(base: LabelledDocument, rows: list[Row]) -> LabelledDocument:
    text, spans = "", []
    for sentence, _, _ in rows:
        text += " " if text else ""
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence
    labels, reasons = tuple(label for _, label, _ in rows), tuple(reason for _, _, reason in rows)
    return replace(base, text=text, spans=tuple(spans), labels=labels, reasons=reasons)
