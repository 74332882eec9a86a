"""A newsroom's own decisions move the weights, and never for the worse."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("sklearn")

from detector import models  # scikit-learn is an extra
from detector.errors import DetectorError
from detector.quality.item import QualityModel
from detector.train.decisions import train_decisions
from detector.train.labelled import LabelledDocument, read_own

SEEDS = Path(__file__).parents[2] / "seeds"


def write(path: Path, decisions: Iterable[tuple[LabelledDocument, str]], labels: bool = False) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for document, decision in decisions:
            row: dict[str, object] = {"text": document.text, "title": document.title, "decision": decision}
            if labels:
                spans = zip(document.spans, document.labels, strict=True)
                row["sentences"] = [{"text": document.text[a:b], "label": label} for (a, b), label in spans]
            file.write(json.dumps(row) + "\n")
    return path


def halves(documents: list[LabelledDocument]) -> list[tuple[LabelledDocument, str]]:
    """Every text, and every text without its last sentence, for seventy are few."""
    cut = [
        replace(d, text=d.text[: d.spans[-2][1]], spans=d.spans[:-1], labels=d.labels[:-1])
        for d in documents
        if len(d.spans) > 3
    ]
    return [(document, document.verdict) for document in documents + cut]


@pytest.mark.parametrize("labels", [False, True])
def test_decisions_move_the_weights_and_the_figures_say_how_far(tmp_path: Path, labels: bool) -> None:
    lines = write(tmp_path / "decisions.jsonl", halves(read_own(SEEDS)), labels)
    scores = train_decisions(lines, tmp_path / "quality.npz")
    assert scores["log_loss_after"] <= scores["log_loss_before"]
    assert scores["held_out_decisions"] > 20
    written = models.load(tmp_path / "quality.npz")
    assert written.provenance["based_on"] == models.shipped("quality").version
    assert (written["score"] != models.shipped("quality")["score"]).any()
    assert QualityModel.from_arrays(written.arrays).assess("Hello").label == "review"


def test_decisions_that_contradict_one_another_change_nothing(tmp_path: Path) -> None:
    documents = [pair for pair in halves(read_own(SEEDS)) if pair[1] != "review"]
    opposite = {"publish": "reject", "reject": "publish"}
    from detector.train.decisions import _decided  # noqa: PLC0415  # which third is held out

    contradicting = [
        (d, v if _decided({"text": d.text, "decision": v}).held_out else opposite[v]) for d, v in documents
    ]
    lines = write(tmp_path / "decisions.jsonl", contradicting)
    with pytest.raises(DetectorError, match="nothing was written: the held-out decisions would be judged worse"):
        train_decisions(lines, tmp_path / "quality.npz")
    assert not (tmp_path / "quality.npz").exists()


def test_too_few_decisions_are_refused(tmp_path: Path) -> None:
    lines = write(tmp_path / "decisions.jsonl", halves(read_own(SEEDS))[:12])
    with pytest.raises(DetectorError, match="at least 15 are needed"):
        train_decisions(lines, tmp_path / "quality.npz")


def test_a_line_that_is_no_decision_is_named(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    path.write_text('{"text": "A", "decision": "burn"}\n')
    with pytest.raises(DetectorError, match="line 1 is no decision"):
        train_decisions(path, tmp_path / "quality.npz")
