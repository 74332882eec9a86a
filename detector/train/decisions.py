"""Learning from a newsroom's own decisions, behind a hold-out guard.

The shipped weights are where the fit begins and what it is drawn towards (a Gaussian prior around them), so that
fifty decisions move them a little and five thousand a good deal. A third of the decisions is never learned from:
if the new weights do worse on it, nothing is written.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from detector import models
from detector.errors import DetectorError
from detector.quality.filler import Judged
from detector.quality.item import RATES, QualityModel, evidence
from detector.quality.linear import CLIP, sigmoid
from detector.quality.rates import FALSE_REJECT_RATE
from detector.quality.sentences import split
from detector.quality.tokens import Floats, Span
from detector.train.labelled import FILLER_SHARE, FURNITURE

VERDICTS = {"publish": 0.0, "review": 0.5, "reject": 1.0}
_HELD_OUT = 3  # one decision in so many
_FEWEST = 15  # of published and of rejected items, each
# Precision of the prior around the shipped weights: how many decisions, or sentences, it takes to outweigh it.
_ITEM_PRIOR, _SENTENCE_PRIOR = 20.0, 200.0
_CURVE_PRIOR = 400.0  # published texts that weigh as much as the shipped curve
_STEPS = 30


@dataclass(frozen=True, slots=True)
class Decided:
    """An item as the newsroom decided it, and as the weights at hand judge it."""

    text: str
    title: str
    share: float  # how much of a rejection the decision is: 0, 0.5 or 1
    spans: tuple[Span, ...]
    labels: tuple[str | None, ...]  # of each sentence, where the newsroom gave one
    held_out: bool


def train_decisions(decisions: Path, out: Path, base: Path | None = None) -> dict[str, float]:
    """Refit ``base`` (by default the shipped weights) to the lines of ``decisions`` and write them to ``out``.

    Returns the held-out figures before and after. Raises DetectorError, and writes nothing, when there are too few
    decisions or when the held-out third is judged worse than before.
    """
    weights = models.load(base) if base else models.shipped("quality")
    decided = read_decisions(decisions)
    with threadpool_limits(1):
        before = QualityModel.from_arrays(weights.arrays)
        arrays = dict(weights.arrays) | refit_sentences(before, decided)
        arrays |= refit_items(QualityModel.from_arrays(arrays), decided)
        scores = compare(before, QualityModel.from_arrays(arrays), [one for one in decided if one.held_out])
    if worse := [name for name in _LOSSES if scores[f"{name}_after"] > scores[f"{name}_before"] + 1e-9]:
        figures = "; ".join(f"{n} {scores[f'{n}_before']:.4f} → {scores[f'{n}_after']:.4f}" for n in worse)
        raise DetectorError(f"nothing was written: the held-out decisions would be judged worse ({figures})")
    note = {"decisions": len(decided), "based_on": weights.version, "decisions_held_out": scores}
    models.save(out, arrays, dict(weights.provenance) | note)
    return scores


def read_decisions(path: Path) -> list[Decided]:
    """The lines of ``path``: ``text``, ``decision`` and, if there is one, ``title`` and ``sentences``."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                found.append(_decided(json.loads(line)))
            except (ValueError, KeyError, TypeError) as error:
                raise DetectorError(f"{path}, line {number} is no decision: {error!r}") from error
    for name, share in (("publish", 0.0), ("reject", 1.0)):
        count = sum(one.share == share and not one.held_out for one in found)
        if count < _FEWEST:
            raise DetectorError(f"{path} has {count} decisions to {name} to learn from; at least {_FEWEST} are needed")
    return found


def _decided(row: dict[str, Any]) -> Decided:
    text = row["text"]
    digest = blake2b("".join(text.split()).encode(errors="replace"), digest_size=4).digest()
    spans = split(text)
    given = {"".join(one["text"].split()): one["label"] for one in row.get("sentences") or ()}
    labels = tuple(given.get("".join(text[start:end].split())) for start, end in spans)
    if unknown := {label for label in labels if label is not None} - FILLER_SHARE.keys():
        raise ValueError(f"unknown sentence labels {sorted(unknown)}")
    held_out = int.from_bytes(digest, "big") % _HELD_OUT == 0
    return Decided(text, row.get("title") or "", VERDICTS[row["decision"]], tuple(spans), labels, held_out)


def refit_sentences(model: QualityModel, decided: Sequence[Decided]) -> dict[str, NDArray[Any]]:
    """The second stage of filler, drawn to the sentences that the newsroom labelled; nothing where it labelled none."""
    rows, share = _labelled_rows(model, [one for one in decided if not one.held_out])
    if not share.size:
        return {}
    second, (slope, _) = model.filler.filler.second, model.filler.calibration
    standard = np.clip((rows - second.mean) / second.scale, -CLIP, CLIP)
    offset = np.full(share.size, model.filler.calibration[1])
    start = np.append(second.weights[:, 0], second.bias[0])
    fitted = fit_near(slope * _with_constant(standard), share, start, _SENTENCE_PRIOR, offset)
    return {
        "filler_second_weights": fitted[:-1, None].astype(np.float32),
        "filler_second_bias": fitted[-1:].astype(np.float32),
    }


def _labelled_rows(model: QualityModel, decided: Sequence[Decided]) -> tuple[Floats, Floats]:
    """What the second stage reads of each labelled sentence, and its share of filler."""
    rows: list[Floats] = []
    share: list[float] = []
    for one in decided:
        chosen = [n for n, label in enumerate(one.labels) if label is not None and label != FURNITURE]
        if chosen:
            judged = model.filler.judge(one.text, one.spans, one.title)
            rows.append(model.filler.filler.second_rows(judged.rows)[chosen])
            share += [FILLER_SHARE[one.labels[n] or ""] for n in chosen]
    return (np.vstack(rows) if rows else np.zeros((0, 0))), np.array(share)


def refit_items(model: QualityModel, decided: Sequence[Decided]) -> dict[str, NDArray[Any]]:
    """The item's score, drawn to the decisions, and the curve that rates are read off."""
    learned = [one for one in decided if not one.held_out]
    rows = np.vstack([evidence(_judged(model, one)) for one in learned])
    share = np.array([one.share for one in learned])
    score = fit_near(_with_constant(rows), share, model.score, _ITEM_PRIOR, np.zeros(share.size))
    published = sigmoid(_with_constant(rows[share == 0]) @ score)
    own = np.quantile(published, 1.0 - RATES, method="higher")
    part = published.size / (published.size + _CURVE_PRIOR)
    blended = sigmoid(part * _log_odds(own) + (1.0 - part) * _log_odds(model.genuine))
    return {"score": score, "genuine": blended.astype(np.float32)}


def fit_near(rows: Floats, share: Floats, start: Floats, precision: float, offset: Floats) -> Floats:
    """Logistic regression by Newton's method with a Gaussian prior of ``precision`` around ``start``."""
    weights = start.copy()
    for _ in range(_STEPS):
        chance = sigmoid(rows @ weights + offset)
        slope = rows.T @ (chance - share) + precision * (weights - start)
        curvature = (rows * (chance * (1.0 - chance))[:, None]).T @ rows + precision * np.eye(start.size)
        weights = weights - np.linalg.solve(curvature, slope)
    return weights


def compare(before: QualityModel, after: QualityModel, held_out: Sequence[Decided]) -> dict[str, float]:
    """The losses of both on the decisions that neither has seen."""
    scores = {"held_out_decisions": float(len(held_out))}
    for name, loss in _LOSSES.items():
        scores |= {f"{name}_before": loss(before, held_out), f"{name}_after": loss(after, held_out)}
    return scores


def _log_loss(model: QualityModel, held_out: Sequence[Decided]) -> float:
    chance = np.clip([model.score_of(_judged(model, one)) for one in held_out], 1e-6, 1 - 1e-6)
    share = np.array([one.share for one in held_out])
    return float(-(share * np.log(chance) + (1 - share) * np.log(1 - chance)).mean())


def _sentence_log_loss(model: QualityModel, held_out: Sequence[Decided]) -> float:
    losses: list[float] = []
    for one in held_out:
        filler = np.clip(_judged(model, one).filler, 1e-6, 1 - 1e-6)
        for chance, label in zip(filler.tolist(), one.labels, strict=True):
            if label is not None and label != FURNITURE:
                share = FILLER_SHARE[label]
                losses.append(-(share * np.log(chance) + (1 - share) * np.log(1 - chance)))
    return float(np.mean(losses)) if losses else 0.0


def _false_rejects(model: QualityModel, held_out: Sequence[Decided]) -> float:
    published = [one for one in held_out if one.share == 0]
    cut = model.score_at(FALSE_REJECT_RATE)
    return float(np.mean([model.score_of(_judged(model, one)) >= cut for one in published])) if published else 0.0


_LOSSES = {"log_loss": _log_loss, "sentence_log_loss": _sentence_log_loss, "published_rejected": _false_rejects}


def _judged(model: QualityModel, one: Decided) -> Judged:
    return model.filler.judge(one.text, one.spans, one.title)


def _with_constant(rows: Floats) -> Floats:
    return np.hstack([rows, np.ones((rows.shape[0], 1))])


def _log_odds(chance: NDArray[Any]) -> Floats:
    kept: Floats = np.clip(chance.astype(np.float64), 1e-6, 1 - 1e-6)
    return np.log(kept / (1.0 - kept))
