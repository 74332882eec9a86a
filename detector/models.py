"""Learned weights as plain data: named arrays in one ``.npz`` with their provenance, loaded without pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.errors import WeightsError

SHIPPED = Path(__file__).parent / "weights"


@dataclass(frozen=True, slots=True)
class Weights:
    """Arrays by name, where they came from, and a version that changes whenever a weight does."""

    arrays: Mapping[str, NDArray[Any]]
    provenance: Mapping[str, Any]  # learned_from, learned_on, command, held_out (scores), seed
    version: str  # the first 12 hex digits of blake2b over the file

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self.arrays:
            raise WeightsError(
                f"the weights hold no array {name!r}, only {', '.join(sorted(self.arrays))}; train them again"
            )
        return self.arrays[name]


def save(path: Path, arrays: Mapping[str, NDArray[Any]], provenance: Mapping[str, Any]) -> None:
    """Write ``arrays`` and ``provenance`` to ``path``, the same bytes for the same content."""
    note = np.frombuffer(json.dumps(provenance, sort_keys=True, ensure_ascii=False).encode(), dtype=np.uint8)
    with path.open("wb") as file:
        np.savez_compressed(file, provenance=note, **dict(sorted(arrays.items())))  # type: ignore[arg-type]


def load(path: Path) -> Weights:
    """Read weights from ``path``; raises WeightsError when it is missing, damaged or would need pickle."""
    try:
        data = path.read_bytes()
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        provenance = json.loads(arrays.pop("provenance").tobytes())
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise WeightsError(
            f"{path} holds no usable weights ({error}); train them again or reinstall copytaster"
        ) from error
    return Weights(arrays, provenance, blake2b(data, digest_size=6).hexdigest())


@lru_cache(maxsize=8)
def shipped(name: str) -> Weights:
    """The weights that came with the package, read once per process: ``cleaner``, ``quality``, …"""
    return load(SHIPPED / f"{name}.npz")
