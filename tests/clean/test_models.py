"""What is learned by scikit-learn is scored the same without it, and the shipped weights say where they come from."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from detector.clean.content import best_expected_f1
from detector.clean.page import block_model
from detector.clean.text import line_model
from detector.errors import WeightsError
from detector.models import shipped
from detector.train.alignment import matched_shares, word_f1
from detector.train.export import tree_arrays
from detector.trees import Columns, Trees


def test_trees_are_equal_to_scikit_learns() -> None:
    random = np.random.default_rng(3)
    rows = random.normal(size=(2000, 12)).astype(np.float32)
    label = (rows[:, 0] + rows[:, 3] * rows[:, 5] > 0.3).astype(int)
    model = HistGradientBoostingClassifier(max_iter=30, max_depth=6, early_stopping=False, random_state=1)
    model.fit(rows, label)
    trees = Trees.from_arrays(tree_arrays(model, "t"), "t")
    fresh = random.normal(size=(500, 12)).astype(np.float32)
    assert np.allclose(trees.probability(Columns.of(fresh)), model.predict_proba(fresh)[:, 1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 200])
def test_each_row_is_told_by_comparing_its_own_values_in_the_order_of_the_trees(count: int) -> None:
    random = np.random.default_rng(count)
    feature = random.integers(0, 5, size=(7, 255)).astype(np.int32)
    threshold = random.integers(-3, 4, size=(7, 255)).astype(np.float32)  # so few that many a value is one of them
    trees = Trees(feature, threshold, random.normal(size=(7, 256)), 0.5)
    rows = random.integers(-3, 4, size=(count, 5)).astype(np.float32)
    expected = np.full(count, 0.5)
    for t in range(7):
        for row in range(count):
            k = 0
            while k < 255:
                k = 2 * k + 1 + int(rows[row, feature[t, k]] > threshold[t, k])
            expected[row] += trees.value[t, k - 255]
    assert (trees.raw(Columns.of(rows)) == expected).all()


def test_a_tree_that_is_too_deep_is_refused() -> None:
    random = np.random.default_rng(3)
    rows = random.normal(size=(4000, 3)).astype(np.float32)
    label = (np.sin(9 * rows[:, 0]) > 0).astype(int)
    model = HistGradientBoostingClassifier(max_iter=1, max_leaf_nodes=400, min_samples_leaf=1, early_stopping=False)
    with pytest.raises(WeightsError, match="max_depth"):
        Trees.from_arrays(tree_arrays(model.fit(rows, label), "t"), "t")


@pytest.mark.parametrize("name", ["cleaner", "lines"])
def test_weights_name_their_source_licence_and_held_out_score(name: str) -> None:
    provenance = shipped(name).provenance
    assert "CC BY 4.0" in provenance["learned_from"]
    assert provenance["command"] == "copytaster train cleaner --data DIR"
    assert provenance["held_out"]


def test_models_are_read_once_and_versioned() -> None:
    assert block_model() is block_model()
    assert len(block_model().version) == len(line_model().version) == 12


def test_sure_blocks_are_kept_and_the_rest_is_not() -> None:
    keep = best_expected_f1(np.array([0.9, 0.1, 0.95, 0.02]), np.array([50.0, 30.0, 80.0, 10.0]))
    assert keep.tolist() == [True, False, True, False]


def test_where_nothing_is_likely_the_likeliest_block_is_kept() -> None:
    assert best_expected_f1(np.array([0.01, 0.02]), np.array([5.0, 5.0])).any()


@pytest.mark.parametrize(
    ("text", "truth", "expected"),
    [
        ("a b c", "a b c", 1.0),
        ("a b", "c d", 0.0),
        ("A, b!", "a b", 1.0),
        ("a a b", "a b", 0.8),
        ("", "", 1.0),
        ("a", "", 0.0),
    ],
)
def test_word_f1_compares_bags_of_words(text: str, truth: str, expected: float) -> None:
    assert word_f1(text, truth) == pytest.approx(expected)


def test_a_menu_word_is_no_match_for_the_same_word_in_a_sentence() -> None:
    pieces = ["Sports", "The mayor likes sports and music.", "More sports news"]
    assert matched_shares(pieces, "The mayor likes sports and music.").tolist() == [0.0, 1.0, 0.0]
