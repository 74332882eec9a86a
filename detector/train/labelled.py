"""Labelled news documents: the ones we wrote (``seeds/quality``) and, where given, the ones of the data set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detector.quality.tokens import Span

# How much of a sentence is filler; a mixed one counts half, in training and in an item's share alike.
FILLER_SHARE = {"informative": 0.0, "mixed": 0.5, "filler": 1.0}


@dataclass(frozen=True, slots=True)
class LabelledDocument:
    """A text whose every sentence was read and labelled."""

    doc_id: str
    text: str
    title: str
    spans: tuple[Span, ...]
    labels: tuple[str, ...]  # informative, mixed or filler
    reasons: tuple[str | None, ...]
    verdict: str  # publish, review or reject
    source: str  # "own" for the texts that were written for training


def read_own(seeds: Path) -> list[LabelledDocument]:
    """The documents in ``seeds/quality/*.jsonl``: sentences with their paragraph, label and reason."""
    return [_from_paragraphs(row) for path in sorted((seeds / "quality").glob("*.jsonl")) for row in _rows(path)]


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


def _from_paragraphs(row: dict[str, Any]) -> LabelledDocument:
    text, spans, paragraph = "", [], 0
    for sentence in row["sentences"]:
        if text:
            text += " " if sentence["paragraph"] == paragraph else "\n\n"
        paragraph = sentence["paragraph"]
        spans.append((len(text), len(text) + len(sentence["text"])))
        text += sentence["text"]
    return _document(row, row["sentences"], text, spans, row["title"], "own")


def _given(row: dict[str, Any], sentences: list[dict[str, Any]]) -> LabelledDocument:
    spans = _located(row["text"], sentences)
    text = row["text"]
    if spans is None:  # a few labelled sentences differ from their document in white space
        text = "\n".join(sentence["text"] for sentence in sentences)
        spans = _located(text, sentences) or []
    return _document(row, sentences, text, spans, "", row["source"])


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
    row: dict[str, Any], sentences: list[dict[str, Any]], text: str, spans: list[Span], title: str, source: str
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
    )
