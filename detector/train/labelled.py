"""Labelled news documents: the ones we wrote (``seeds/quality``) and, where given, the ones of the data set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detector.quality.tokens import Span

# How much of a sentence is filler; a mixed one counts half, in training and in an item's share alike. Furniture is
# neither: it is no example for the filler model, and its words are not counted.
FILLER_SHARE = {"informative": 0.0, "mixed": 0.5, "filler": 1.0, "furniture": 0.0}
FURNITURE = "furniture"
# The first labels, of the data's own documents.jsonl, call furniture filler by promotion.
_WITHOUT_FURNITURE = "quality/documents.jsonl"


@dataclass(frozen=True, slots=True)
class LabelledDocument:
    """A text whose every sentence was read and labelled."""

    doc_id: str
    text: str
    title: str
    spans: tuple[Span, ...]
    labels: tuple[str, ...]  # informative, mixed, filler or furniture
    reasons: tuple[str | None, ...]
    verdict: str  # publish, review or reject
    source: str  # "own" for the texts that were written for training
    file: str  # where in the data or the seeds it stands

    @property
    def kind(self) -> str:
        """``written`` for training, ``first`` for the data's own labels, else ``human`` or ``machine``."""
        if self.source == "own":
            return "written"
        if self.file == _WITHOUT_FURNITURE:
            return "first"
        return "machine" if "machine" in self.file else "human"

    @property
    def tells_furniture(self) -> tuple[bool, ...]:
        """For each sentence whether its label says if it is furniture."""
        if self.file != _WITHOUT_FURNITURE:
            return (True,) * len(self.labels)
        return tuple(reason != "promo" for reason in self.reasons)


def read_own(seeds: Path) -> list[LabelledDocument]:
    """The documents in ``seeds/quality/*.jsonl``: sentences with their paragraph, label and reason."""
    paths = sorted((seeds / "quality").glob("*.jsonl"))
    return [_from_paragraphs(row, path.stem) for path in paths for row in _rows(path)]


def read_given(data: Path) -> list[LabelledDocument]:
    """The documents in ``quality/documents.jsonl`` with the sentences of ``quality/sentences.jsonl``."""
    sentences: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(data / "quality" / "sentences.jsonl"):
        sentences.setdefault(row["doc_id"], []).append(row)
    return [_given(row, sentences[row["doc_id"]]) for row in _rows(data / "quality" / "documents.jsonl")]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _from_paragraphs(row: dict[str, Any], file: str) -> LabelledDocument:
    text, spans, paragraph = "", [], 0
    for sentence in row["sentences"]:
        if text:
            text += " " if sentence["paragraph"] == paragraph else "\n\n"
        paragraph = sentence["paragraph"]
        spans.append((len(text), len(text) + len(sentence["text"])))
        text += sentence["text"]
    return _document(row, row["sentences"], text, spans, row["title"], "own", file)


def _given(row: dict[str, Any], sentences: list[dict[str, Any]]) -> LabelledDocument:
    spans = _located(row["text"], sentences)
    text = row["text"]
    if spans is None:  # a few labelled sentences differ from their document in white space
        text = "\n".join(sentence["text"] for sentence in sentences)
        spans = _located(text, sentences) or []
    return _document(row, sentences, text, spans, "", row["source"], _WITHOUT_FURNITURE)


def _located(text: str, sentences: list[dict[str, Any]]) -> list[Span] | None:
    spans, position = [], 0
    for sentence in sentences:
        start = text.find(sentence["text"], position)
        if start < 0:
            return None
        position = start + len(sentence["text"])
        spans.append((start, position))
    return spans


def _document(
    row: dict[str, Any],
    sentences: list[dict[str, Any]],
    text: str,
    spans: list[Span],
    title: str,
    source: str,
    file: str,
) -> LabelledDocument:
    return LabelledDocument(
        row["doc_id"],
        text,
        title,
        tuple(spans),
        tuple(sentence["label"] for sentence in sentences),
        tuple(sentence["reason"] for sentence in sentences),
        row["label"],
        source,
        file,
    )
