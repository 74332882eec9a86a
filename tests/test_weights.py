"""Weights that are not those which came with the package are refused by name."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from detector import models
from detector.errors import WeightsError


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the shipped folder, which stands for it."""
    folder = tmp_path / "weights"
    shutil.copytree(models.SHIPPED, folder)
    monkeypatch.setattr(models, "SHIPPED", folder)
    models.shipped.cache_clear()
    yield folder
    models.shipped.cache_clear()


def test_every_shipped_file_is_the_one_that_is_listed() -> None:
    listed = models._sums(models.SHIPPED / models.SUMS)
    assert set(listed) == {path.name for path in models.SHIPPED.glob("*.npz")}
    for name in listed:
        assert models.shipped(name.removesuffix(".npz")).arrays


def test_weights_that_were_changed_are_refused_though_they_can_be_read(weights: Path) -> None:
    changed = models.load(weights / "kinship.npz")
    arrays = {name: np.zeros_like(array) for name, array in changed.arrays.items()}
    note = np.frombuffer(json.dumps(dict(changed.provenance)).encode(), dtype=np.uint8)
    with (weights / "kinship.npz").open("wb") as file:
        np.savez_compressed(file, provenance=note, **arrays)
    models.load(weights / "kinship.npz")
    with pytest.raises(WeightsError, match=r"kinship\.npz is not the file that came with this version: its SHA-256"):
        models.shipped("kinship")


def test_one_byte_less_or_a_file_that_is_not_listed_is_refused(weights: Path) -> None:
    data = (weights / "kinship.npz").read_bytes()
    (weights / "kinship.npz").write_bytes(data[:-1])
    with pytest.raises(WeightsError, match="kinship"):
        models.shipped("kinship")
    (weights / "stray.npz").write_bytes(data)
    with pytest.raises(WeightsError, match="says nothing of it"):
        models.shipped("stray")
    (weights / models.SUMS).write_text("not a list of sums\n")
    with pytest.raises(WeightsError, match="reinstall copytaster"):
        models.shipped("lines")


def test_training_notes_the_sum_of_what_it_writes(weights: Path) -> None:
    before = models.shipped("kinship")
    models.save(weights / "kinship.npz", dict(before.arrays), {**before.provenance, "seed": 99})
    assert models.shipped("kinship").provenance["seed"] == 99
    assert models.shipped("lines").arrays, "the others are as they were"


def test_the_command_line_says_it_in_a_line(tmp_path: Path) -> None:
    """Where it counts: a changed file in the package's own folder, of a copy of the package."""
    shutil.copytree(models.SHIPPED.parent, tmp_path / "detector", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "detector" / "weights" / "lines.npz").open("ab") as file:
        file.write(b"\0")
    code = "from detector.clean.text import clean_text"
    code += "\ntry: clean_text('One line.')\nexcept Exception as error: print(type(error).__name__, error)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.startswith("WeightsError"), done.stdout + done.stderr
    assert "lines.npz" in done.stdout
