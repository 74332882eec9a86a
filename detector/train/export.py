"""From a fitted scikit-learn model to the plain arrays that ``detector.trees`` reads."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def tree_arrays(model: Any, prefix: str) -> dict[str, NDArray[Any]]:
    """The node tables of a fitted binary ``HistGradientBoostingClassifier`` or regressor, for ``Trees.from_arrays``."""
    tables = [stage[0].nodes for stage in model._predictors]  # no public way to the nodes exists
    sizes = [len(table) for table in tables]
    roots = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int32)
    nodes = np.concatenate(tables)
    if nodes["is_categorical"].any():
        raise ValueError("categorical splits have no place in Trees; encode the feature as numbers")
    offset = np.repeat(roots, sizes)
    leaf = nodes["is_leaf"].astype(bool)
    return {
        f"{prefix}_roots": roots,
        f"{prefix}_feature": nodes["feature_idx"].astype(np.int32),
        f"{prefix}_threshold": nodes["num_threshold"].astype(np.float64),
        f"{prefix}_left": np.where(leaf, -1, nodes["left"] + offset).astype(np.int32),
        f"{prefix}_right": np.where(leaf, -1, nodes["right"] + offset).astype(np.int32),
        f"{prefix}_value": nodes["value"].astype(np.float64),
        f"{prefix}_baseline": np.array(float(np.ravel(model._baseline_prediction)[0])),
    }
