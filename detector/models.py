"""Learned weights as plain data: named arrays in one ``.npz`` with their provenance, loaded without pickle.

Beside the shipped ones stands a list of their SHA-256 sums, in the form that ``sha256sum --check`` takes. A file that
was damaged, changed by hand or left over from another version is refused; who can change both can change the code too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b, sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile
from zlib import error as ZlibError  # noqa: N812  # a class

import numpy as np
from numpy.typing import NDArray

from detector.errors import WeightsError

SHIPPED = Path(__file__).parent / "weights"
SUMS = "SHA256SUMS"


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
    """Write ``arrays`` and ``provenance`` to ``path``, the same bytes for the same content; note its sum in a list.

    That is the list beside the file, where there is one.
    """
    note = np.frombuffer(json.dumps(provenance, sort_keys=True, ensure_ascii=False).encode(), dtype=np.uint8)
    with path.open("wb") as file:
        np.savez_compressed(file, provenance=note, **dict(sorted(arrays.items())))  # type: ignore[arg-type]
    listed = path.parent / SUMS
    if listed.is_file():
        sums = _sums(listed) | {path.name: sha256(path.read_bytes()).hexdigest()}
        listed.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())))
        shipped.cache_clear()


def _sums(listed: Path) -> dict[str, str]:
    """Name → SHA-256 as hexadecimal digits."""
    try:
        rows = [line.split() for line in listed.read_text(encoding="utf-8").splitlines()]
        return {name: digest for digest, name in rows}
    except (OSError, ValueError) as error:
        raise WeightsError(f"{listed} cannot be read ({error}); reinstall copytaster") from error


def load(path: Path) -> Weights:
    """Read weights from ``path``; raises WeightsError when it is missing, damaged or would need pickle."""
    return _parsed(path, _bytes_of(path))


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unusable(path, error) from error


def _parsed(path: Path, data: bytes) -> Weights:
    try:
        with np.load(BytesIO(data), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        provenance = json.loads(arrays.pop("provenance").tobytes())
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, ZlibError) as error:
        raise _unusable(path, error) from error
    return Weights(arrays, provenance, blake2b(data, digest_size=6).hexdigest())


def _unusable(path: Path, error: Exception) -> WeightsError:
    return WeightsError(f"{path} holds no usable weights ({error}); train them again or reinstall copytaster")


@lru_cache(maxsize=8)
def shipped(name: str) -> Weights:
    """The weights that came with the package, read once per process: ``cleaner``, ``quality``, …

    Raises WeightsError when the file is not the one whose sum is listed.
    """
    path = SHIPPED / f"{name}.npz"
    data = _bytes_of(path)
    expected, found = _sums(SHIPPED / SUMS).get(path.name), sha256(data).hexdigest()
    if found != expected:
        raise WeightsError(
            f"{path} is not the file that came with this version: its SHA-256 is {found[:12]}…, and {SUMS} says"
            f" {expected[:12] + '…' if expected else 'nothing of it'}; reinstall copytaster, or train it again"
        )
    return _parsed(path, data)
