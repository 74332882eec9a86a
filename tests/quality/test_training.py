"""Training: the same bytes again, plain arrays that answer like scikit-learn, and a model from the seeds alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

sklearn_linear = pytest.importorskip("sklearn.linear_model")

from detector import models  # noqa: E402  # scikit-learn is an extra
from detector.quality.filler import REASONS  # noqa: E402
from detector.quality.headline import HeadlineModel  # noqa: E402
from detector.quality.item import QualityModel  # noqa: E402
from detector.quality.linear import CLIP, Linear, Stages, surroundings  # noqa: E402
from detector.train.headlines import headline_table  # noqa: E402
from detector.train.labelled import FILLER_SHARE, read_own  # noqa: E402
from detector.train.quality import train_quality  # noqa: E402

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, float]]:
    path = tmp_path_factory.mktemp("weights") / "quality.npz"
    return path, train_quality(None, SEEDS, path)


def test_training_again_gives_the_same_bytes(trained: tuple[Path, dict[str, float]], tmp_path: Path) -> None:
    again = tmp_path / "quality.npz"
    train_quality(None, SEEDS, again)
    assert again.read_bytes() == trained[0].read_bytes()


def test_from_the_seeds_alone_comes_a_smaller_model_that_works(trained: tuple[Path, dict[str, float]]) -> None:
    path, scores = trained
    weights = models.load(path)
    assert weights["vector_words"].size == 0
    assert scores["filler_average_precision_written_cv"] > 0.9
    assert "filler_average_precision_written_cv_shipped" in scores  # what was lost without the data
    assert weights.provenance["learned_from"]["unlabelled news"] == "none"
    model = QualityModel.from_arrays(weights.arrays)
    dense = "The council voted 7-4 on Monday to cut the limit on Harbor Street from 35 to 25 mph."
    assert model.assess(dense).sentences[0].filler < 0.5


def test_the_shipped_weights_say_what_they_were_learned_from_and_how_well() -> None:
    weights = models.shipped("quality")
    assert {"learned_from", "learned_on", "command", "seed", "held_out"} <= weights.provenance.keys()
    assert weights.provenance["held_out"]["filler_average_precision_cv"] > 0.8


@pytest.mark.parametrize("classes", [2, 9])
def test_a_linear_model_answers_like_scikit_learn(classes: int) -> None:
    random = np.random.default_rng(3)
    rows, target = random.normal(size=(300, 12)), random.integers(0, classes, 300)
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    standard = np.clip((rows - mean) / scale, -4, 4)
    fitted = sklearn_linear.LogisticRegression(C=0.1).fit(standard, target)
    ours = Linear(mean, scale, fitted.coef_.T, fitted.intercept_).decision(rows)
    assert ours == pytest.approx(fitted.decision_function(standard).reshape(ours.shape), abs=1e-9)


def test_two_stages_answer_like_scikit_learn() -> None:
    random = np.random.default_rng(4)
    rows, target = random.normal(size=(90, 11)), random.integers(0, 2, 90)
    first = sklearn_linear.LogisticRegression().fit(rows, target)
    around = surroundings(first.decision_function(rows))
    second = sklearn_linear.LogisticRegression().fit(np.hstack([rows, around]), target)
    ours = Stages(*(Linear(np.zeros(n), np.ones(n), m.coef_.T, m.intercept_) for n, m in ((11, first), (15, second))))
    theirs = second.decision_function(np.hstack([rows, surroundings(first.decision_function(rows))]))
    clipped = np.abs(np.hstack([rows, around])).max() <= CLIP
    assert clipped
    assert ours.log_odds(rows) == pytest.approx(theirs, abs=1e-9)


def test_the_headline_model_answers_like_scikit_learn() -> None:
    titles = ["Council votes 7-4", "You won't believe this", "Rates cut to 3.25%", "What happened next", "", "—"]
    table = headline_table(titles)
    fitted = sklearn_linear.LogisticRegression().fit(table, [0, 1, 0, 1, 0, 1])
    ours = HeadlineModel(fitted.coef_[0].astype(np.float32), float(fitted.intercept_[0]))
    theirs = fitted.predict_proba(table)[:, 1]
    for title, probability in zip(titles[:4], theirs, strict=False):
        assert ours.clickbait(title) == pytest.approx(probability, abs=1e-6)
    assert ours.clickbait("") == 0.0


def test_every_seed_sentence_has_a_label_and_every_padded_one_a_reason() -> None:
    documents = read_own(SEEDS)
    assert len(documents) >= 30
    assert sum(len(document.labels) for document in documents) >= 400
    for document in documents:
        assert document.verdict in ("publish", "review", "reject")
        for (start, end), label, reason in zip(document.spans, document.labels, document.reasons, strict=True):
            assert document.text[start:end].strip()
            assert label in FILLER_SHARE
            assert (reason is None) == (label in ("informative", "furniture"))
            assert reason is None or reason in REASONS
