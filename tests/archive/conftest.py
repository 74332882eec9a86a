"""What the archive's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.archive import make_plan
from detector.policy import Policy
from tests.archive import synthetic

ITEMS = 1050


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a thousand items."""
    return synthetic.archive(tmp_path_factory.mktemp("large") / "archive.jsonl", ITEMS)


@pytest.fixture(scope="session")
def large_plan(large: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its plan, made in one process."""
    out = tmp_path_factory.mktemp("large-plan")
    make_plan([large], out, Policy())
    return out
