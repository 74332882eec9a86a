"""Labels of texts that are not ours: ``seeds/quality_foreign.jsonl`` holds hashes and labels, the data the texts.

A line is a document: its file and row id in the data, its label, and for each sentence its hash, its number of
characters that are no white space, its label and its reason. A sentence is found by counting those characters and
checked by the hash, so neither white space nor another sentence splitter loses a label.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from detector.quality.tokens import Span
from detector.train.labelled import LabelledDocument

FILE = "quality_foreign.jsonl"


@dataclass(frozen=True, slots=True)
class Foreign:
    """The labelled documents whose text was found, and how much was not."""

    documents: tuple[LabelledDocument, ...]
    missing_documents: int  # rows that the data does not hold
    unmatched_sentences: int  # sentences of found rows that read otherwise now


def sentence_hash(text: str) -> str:
    """Twelve hex digits of blake2b over ``text`` without its white space.

    >>> sentence_hash("It rained  all day.") == sentence_hash("It rained\\nall day. ")
    True
    """
    return blake2b("".join(text.split()).encode(errors="replace"), digest_size=6).hexdigest()


def read_foreign(seeds: Path, data: Path) -> Foreign:
    """The labels in ``seeds/quality_foreign.jsonl`` joined with the texts in ``data/quality/*.jsonl.gz``."""
    path = seeds / FILE
    if not path.exists():
        return Foreign((), 0, 0)
    labelled = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows = _rows_of(data, labelled)
    documents: list[LabelledDocument] = []
    missing = unmatched = 0
    for entry in labelled:
        row = rows.get((entry["file"], entry["id"]))
        if row is None:
            missing += 1
            continue
        document, lost = _joined(entry, row)
        documents += [document] if document.labels else []
        unmatched += lost
    return Foreign(tuple(documents), missing, unmatched)


def _rows_of(data: Path, labelled: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """The rows that carry a label, by file and id."""
    wanted = {(entry["file"], entry["id"]) for entry in labelled}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for name in sorted({file for file, _ in wanted}):
        path = data / "quality" / f"{name}.jsonl.gz"
        if not path.exists():
            continue
        with gzip.open(path, "rt", encoding="utf-8") as file:
            rows = (json.loads(line) for line in file)
            found |= {(name, row["id"]): row for row in rows if (name, row["id"]) in wanted}
    return found


def _joined(entry: dict[str, Any], row: dict[str, Any]) -> tuple[LabelledDocument, int]:
    """The document with those of its sentences whose hash holds, and how many do not."""
    text: str = row["text"]
    places = [number for number, character in enumerate(text) if not character.isspace()]
    spans: list[Span] = []
    kept: list[list[Any]] = []
    at = 0
    for sentence in entry["sentences"]:
        digest, size = sentence[0], sentence[1]
        if at + size <= len(places):
            span = (places[at], places[at + size - 1] + 1)
            if sentence_hash(text[span[0] : span[1]]) == digest:
                spans.append(span)
                kept.append(sentence)
        at += size
    document = LabelledDocument(
        doc_id=f"{entry['file']}/{entry['id']}",
        text=text,
        title=row.get("title") or "",
        spans=tuple(spans),
        labels=tuple(sentence[2] for sentence in kept),
        reasons=tuple(sentence[3] for sentence in kept),
        verdict=entry["label"],
        source=row["source"],
        file=entry["file"],
    )
    return document, len(entry["sentences"]) - len(kept)
