"""Learn the quality model again: word vectors, filler per sentence, reasons, and their calibration.

``copytaster train quality --data DIR`` makes ``detector/weights/quality.npz``, bit for bit on the same machine and
versions. Every choice that looks at labels is made out-of-fold by document, never by sentence.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from detector import models
from detector.quality.filler import REASONS, Judged, combined, is_echo, sentence_features
from detector.quality.item import RATES, QualityModel, evidence, rejectable
from detector.quality.language import recognise
from detector.quality.linear import Linear, sigmoid
from detector.quality.tokens import Floats, Mask, no_tokens
from detector.quality.vectors import Vectors
from detector.records import Quality
from detector.train.augment import excerpt, mixed, restated
from detector.train.foreign import read_foreign
from detector.train.headlines import learn_headlines
from detector.train.labelled import FILLER_SHARE, FURNITURE, LabelledDocument, read_given, read_own
from detector.train.scores import measure as measure_part
from detector.train.stages import Group, Question, classes, decide, fold_numbers, folds_of, platt
from detector.train.word_vectors import learn_vectors, no_vectors

SEED = 2026
LEARNED_ON = "2026-11-22"  # a constant, so that the same data give the same file
FOLDS = 8
# Regularisation, and the weight of a sentence that we wrote against one that was found: chosen by cross-validation.
_C = {"filler": 0.003, "furniture": 0.01, "reason": 0.003}
_OWN_WEIGHT, _STYLES_WEIGHT = 0.5, 0.25
_MADE_UP_WEIGHT = 0.1
_UNSEEN_SCORE = 0.85


@dataclass(frozen=True, slots=True)
class Table:
    """All labelled sentences as rows: first those of the documents as they are, then those of made-up texts."""

    rows: Floats  # shape (sentences, features)
    share: Floats  # how much of each is filler: 0, 0.5 or 1
    furniture: Mask  # which are the page's
    told: Mask  # which labels say whether a sentence is furniture
    weight: Floats
    reason: Group  # place in REASONS, -1 for none
    document: Group  # number of its text; those from ``found`` on were made up from others
    group: Group  # number of the document that its text was made from: the same group, the same fold

    @property
    def filler_question(self) -> Question:
        """Is it filler? Furniture is no example of either."""
        weight = self.weight * ~self.furniture
        return Question(weight * self.share, weight * (1 - self.share), _C["filler"], SEED + 1)

    @property
    def furniture_question(self) -> Question:
        """Is it furniture?"""
        weight = self.weight * self.told
        return Question(weight * self.furniture, weight * ~self.furniture, _C["furniture"], SEED + 2)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Log-odds of each sentence of the documents as they are, by models that saw neither its document nor its fold."""

    filler: Floats
    furniture: Floats


def train_quality(data: Path | None, seeds: Path, out: Path) -> dict[str, float]:
    """Learn from ``seeds`` and, where given, from ``data``; write weights to ``out`` and return held-out scores.

    From the seeds alone the model has no word vectors and far fewer sentences; its scores say what that costs.
    """
    with threadpool_limits(1):  # more threads add up in another order
        documents, lost = read_documents(data, seeds)
        stored = learn_vectors(data, SEED) if data else no_vectors()
        table = tabulate(documents, Vectors.from_arrays(stored))
        held_out = out_of_fold(table, documents)
        headlines, headline_auc = learn_headlines(data, seeds)
        found = as_found(table, documents)
        judged = judgements(held_out, found)
        score = calibrate_score(judged, documents)
        arrays = stored | fit(table, calibration(held_out, found)) | headlines
        arrays |= {"score": score, "genuine": curve_without_news(judged, documents, score)}
        model = QualityModel.from_arrays(arrays)
        by_item = [held_out_quality(model, *pair).score for pair in zip(documents, judged, strict=True)]
        scores = measure(judged, documents, by_item) | {"headline_roc_auc_held_out": headline_auc} | lost
        if data:
            arrays["genuine"], texts = genuine_curve(model, data, documents)
            scores["genuine_news_in_curve"] = float(texts)
        else:
            scores |= _with_data()
    models.save(out, arrays, _provenance(documents, data, scores))
    return scores


def read_documents(data: Path | None, seeds: Path) -> tuple[list[LabelledDocument], dict[str, float]]:
    """Every labelled text in English, and how many labels found no text."""
    own = read_own(seeds)
    if data is None:
        return own, {}
    foreign = read_foreign(seeds, data)
    lost = {
        "foreign_documents_missing": float(foreign.missing_documents),
        "foreign_sentences_unmatched": float(foreign.unmatched_sentences),
    }
    english = [document for document in foreign.documents if recognise(document.text).tag in (None, "en")]
    return own + read_given(data) + english, lost


def tabulate(documents: list[LabelledDocument], vectors: Vectors) -> Table:
    """The features and labels of every sentence of ``documents``, and of texts made up from them."""
    made, groups = _make_up(documents)
    texts = documents + made
    group = np.concatenate((np.arange(len(documents)), groups))
    sizes = [len(text.labels) for text in texts]
    weight = [_weight(text) for text in texts]
    weight[len(documents) :] = [value * _MADE_UP_WEIGHT for value in weight[len(documents) :]]
    return Table(
        rows=np.vstack([sentence_features(text.text, text.spans, text.title, vectors) for text in texts]),
        share=np.array([FILLER_SHARE[label] for text in texts for label in text.labels]),
        furniture=np.array([label == FURNITURE for text in texts for label in text.labels]),
        told=np.array([told for text in texts for told in text.tells_furniture]),
        weight=np.repeat(weight, sizes),
        reason=np.array([REASONS.index(reason) if reason else -1 for text in texts for reason in text.reasons]),
        document=np.repeat(np.arange(len(texts)), sizes),
        group=np.repeat(group, sizes),
    )


def _weight(document: LabelledDocument) -> float:
    """What each of its sentences counts: one that was found more than one that we wrote."""
    if document.source != "own":
        return 1.0
    return _STYLES_WEIGHT if document.file == "styles" else _OWN_WEIGHT


def _make_up(documents: list[LabelledDocument]) -> tuple[list[LabelledDocument], list[int]]:
    """Made-up texts and the document that each belongs to; sentences move only within a fold of ``out_of_fold``."""
    random = np.random.default_rng(SEED)
    made: list[LabelledDocument] = []
    groups: list[int] = []
    for fold in fold_numbers(len(documents), FOLDS, SEED):
        donors = [documents[number] for number in fold]
        for number in fold:
            base = documents[number]
            made += [mixed(base, donors, random), restated(base, random), excerpt(base, random)]
            groups += [number] * 3
    return made, groups


def fit(table: Table, calibrated: tuple[float, float]) -> dict[str, NDArray[Any]]:
    """The arrays of a model that was fitted to all of ``table``."""
    everything = np.ones(len(table.rows), dtype=bool)
    linears: dict[str, Linear] = {}
    for name, question in (("filler", table.filler_question), ("furniture", table.furniture_question)):
        stages = question.fit(table.rows, table.document, table.group, everything)
        linears |= {f"{name}_first": stages[0], f"{name}_second": stages[1]}
    with_reason = table.reason >= 0
    reason, weight = table.reason[with_reason], table.weight[with_reason]
    linears["reason"] = classes(table.rows[with_reason], reason, balanced(reason, weight), _C["reason"])
    arrays: dict[str, NDArray[Any]] = {"calibration": np.array(calibrated)}
    for prefix, linear in linears.items():
        arrays |= {
            f"{prefix}_{part}": getattr(linear, part).astype(np.float32)
            for part in ("mean", "scale", "weights", "bias")
        }
    return arrays


def balanced(reason: Group, weight: Floats) -> Floats:
    """Weights by which a rare reason counts more, by the square root of its frequency; their sum stays."""
    shares: Floats = weight / np.sqrt(np.bincount(reason, weights=weight))[reason]
    return shares * float(weight.sum() / shares.sum())


def as_found(table: Table, documents: list[LabelledDocument]) -> Table:
    """The rows of ``documents`` alone, without what was made up from them."""
    return _take(table, table.document < len(documents))


def out_of_fold(table: Table, documents: list[LabelledDocument]) -> HeldOut:
    """Log-odds of every sentence of ``documents`` by models that saw no sentence of its document or fold."""
    filler, furniture = np.zeros(table.share.size), np.zeros(table.share.size)
    for test in folds_of(len(documents), FOLDS, SEED, table.group):
        for scores, question in ((filler, table.filler_question), (furniture, table.furniture_question)):
            stages = question.fit(table.rows, table.document, table.group, ~test)
            scores[test] = decide(*stages, table.rows[test], table.document[test])
    found = table.document < len(documents)
    return HeldOut(filler[found], furniture[found])


def calibration(held_out: HeldOut, table: Table) -> tuple[float, float]:
    """Platt's slope and intercept for filler, from what is no furniture."""
    kept = ~table.furniture
    return platt(held_out.filler[kept], table.share[kept], table.weight[kept])


def judgements(held_out: HeldOut, table: Table) -> list[Judged]:
    """What the models that did not see a document say of it, document by document."""
    slope, intercept = calibration(held_out, table)
    filler, furniture = combined(
        sigmoid(slope * held_out.filler + intercept), sigmoid(held_out.furniture), is_echo(table.rows)
    )
    edges = np.flatnonzero(np.diff(table.document, prepend=-1, append=-1))
    return [
        Judged(filler[a:b], ("",) * (b - a), table.rows[a:b], furniture[a:b], no_tokens())
        for a, b in pairwise(edges.tolist())
    ]


def held_out_quality(model: QualityModel, document: LabelledDocument, judged: Judged) -> Quality:
    """A document by its signs and genre, which nothing was learned for, and by its sentences as they were held out."""
    seen = model.filler.judge(document.text, document.spans, document.title)
    blind = replace(seen, filler=judged.filler, furniture=judged.furniture)
    return model.conclude(document.text, document.title, list(document.spans), blind, None)


def calibrate_score(judged: list[Judged], documents: list[LabelledDocument]) -> Floats:
    """Weights of ``evidence`` and intercept, for the log-odds of a rejection; a review is half of one."""
    rows = np.vstack([evidence(one) for one in judged])
    verdict = np.array([{"publish": 0.0, "review": 0.5, "reject": 1.0}[document.verdict] for document in documents])
    no, yes = verdict < 1, verdict > 0
    target = np.repeat([0, 1], [no.sum(), yes.sum()])
    weight = np.concatenate(((1 - verdict)[no], verdict[yes]))
    model = LogisticRegression(C=10.0).fit(np.vstack([rows[no], rows[yes]]), target, sample_weight=weight)
    return np.array([*model.coef_[0], model.intercept_[0]])


def genuine_curve(model: QualityModel, data: Path, labelled: list[LabelledDocument]) -> tuple[Floats, int]:
    """The score that at most each of ``RATES`` of genuine news reaches, and how many texts say so.

    Those are the news that people wrote, but for what is labelled; one that is never rejected reaches no score.
    """
    known = {document.doc_id for document in labelled}
    with gzip.open(data / "quality" / "news_human.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    assessed = (
        model.assess(row["text"], title=row["title"] or "") for row in rows if f"news_human/{row['id']}" not in known
    )
    scores = [
        quality.score if rejectable(quality.genre, quality.reasons) else 0.0
        for quality in assessed
        if quality.label != "not_assessed" and "not_an_article" not in quality.reasons
    ]
    return _reached(np.array(scores)), len(scores)


def curve_without_news(judged: list[Judged], documents: list[LabelledDocument], score: Floats) -> Floats:
    """The same from the labelled publishable documents alone, and one more that so few cannot show."""
    rows = [evidence(one) for one, document in zip(judged, documents, strict=True) if document.verdict == "publish"]
    scores = sigmoid(np.vstack(rows) @ score[:-1] + score[-1])
    return _reached(np.append(scores, _UNSEEN_SCORE))


def _reached(scores: Floats) -> Floats:
    return np.nextafter(np.quantile(scores, 1.0 - RATES, method="higher").astype(np.float32), np.float32(2.0))


KINDS = {
    "": ("first",), "_found": ("first", "human", "machine"), "_later": ("human", "machine"), "_human": ("human",),
    "_machine": ("machine",), "_written": ("written",),
}  # fmt: skip


def measure(
    judged: list[Judged], documents: list[LabelledDocument], scores: list[float], suffix: str = "_cv"
) -> dict[str, float]:
    """Scores of what was held out, by kind of document; those without a name are of the data's first labels."""
    found: dict[str, float] = {}
    for name, kinds in KINDS.items():
        rows = [number for number, document in enumerate(documents) if document.kind in kinds]
        if rows:
            kept, seen = [documents[n] for n in rows], [judged[n] for n in rows]
            found |= measure_part(kept, seen, [scores[n] for n in rows], f"{name}{suffix}")
    return found


def _take(table: Table, mask: NDArray[np.bool_]) -> Table:
    return Table(*(getattr(table, field.name)[mask] for field in fields(table)))


def _with_data() -> dict[str, float]:
    """What the shipped weights, learned with the data, scored on our own texts: what a model without it has lost."""
    held_out = models.shipped("quality").provenance["held_out"]
    return {f"{name}_shipped": value for name, value in held_out.items() if name.endswith("_written_cv")}


def _provenance(documents: list[LabelledDocument], data: Path | None, scores: dict[str, float]) -> dict[str, Any]:
    return {
        "learned_from": {
            "seeds/quality": sum(document.source == "own" for document in documents),
            "quality/documents.jsonl": sum(document.kind == "first" for document in documents),
            "seeds/quality_foreign.jsonl": sum(document.kind in ("human", "machine") for document in documents),
            "unlabelled news": "news_human, news_machine" if data else "none",
        },
        "learned_on": LEARNED_ON,
        "command": "copytaster train quality" + (" --data DIR" if data else ""),
        "seed": SEED,
        "held_out": {name: round(value, 4) for name, value in scores.items()},
    }
