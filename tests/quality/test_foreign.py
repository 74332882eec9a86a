"""Labels without texts: joined with the data by row and hash, and never lost in silence."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from detector.train.foreign import FILE, read_foreign, sentence_hash

SEEDS = Path(__file__).parents[2] / "seeds"
SENTENCES = ("The ferry sank on Monday.", "It remains to be seen what follows.", "Subscribe now.")
LABELS = (("informative", None), ("filler", "hedged-future"), ("furniture", None))


def write(folder: Path, text: str, row_id: str = "row-1") -> None:
    labels = zip(SENTENCES, LABELS, strict=True)
    entry = {
        "file": "news_human",
        "id": row_id,
        "label": "publish",
        "why": "a test",
        "sentences": [[sentence_hash(s), len("".join(s.split())), label, reason] for s, (label, reason) in labels],
    }
    (folder / FILE).write_text(json.dumps(entry) + "\n")
    (folder / "quality").mkdir(exist_ok=True)
    with gzip.open(folder / "quality" / "news_human.jsonl.gz", "wt") as file:
        file.write(json.dumps({"id": "row-1", "source": "gazette", "title": "Ferry sinks", "text": text}) + "\n")


@pytest.mark.parametrize("space", [" ", "\n\n", "  \t"])
def test_sentences_are_found_whatever_white_space_stands_between_them(tmp_path: Path, space: str) -> None:
    text = space.join(SENTENCES).replace("on Monday", f"on{space}Monday")
    write(tmp_path, text)
    found = read_foreign(tmp_path, tmp_path)
    assert (found.missing_documents, found.unmatched_sentences) == (0, 0)
    document = found.documents[0]
    assert list(zip(document.labels, document.reasons, strict=True)) == list(LABELS)
    assert [" ".join(text[start:end].split()) for start, end in document.spans] == list(SENTENCES)
    assert document.title == "Ferry sinks"


def test_a_sentence_that_reads_otherwise_now_is_counted(tmp_path: Path) -> None:
    write(tmp_path, " ".join(SENTENCES).replace("Monday", "Friday"))
    found = read_foreign(tmp_path, tmp_path)
    assert found.unmatched_sentences == 1
    assert found.documents[0].labels == ("filler", "furniture")


def test_a_row_that_the_data_does_not_hold_is_counted(tmp_path: Path) -> None:
    write(tmp_path, " ".join(SENTENCES), row_id="row-2")
    found = read_foreign(tmp_path, tmp_path)
    assert (found.documents, found.missing_documents) == ((), 1)


def test_the_shipped_labels_hold_no_text() -> None:
    for line in (SEEDS / FILE).read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        assert entry.keys() == {"file", "id", "label", "why", "sentences"}
        assert all(len(sentence) == 4 and len(sentence[0]) == 12 for sentence in entry["sentences"])
