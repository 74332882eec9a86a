"""What the integrations are tested with: real CMSs, and a real copytaster."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

collect_ignore = ["newsroom"]  # a site, which Django imports


def absent(what: str) -> None:
    """Skip, for ``what`` is not on this machine; in CI, where all of it must be, fail."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def require() -> Any:
    """``require(missing)`` skips, or fails in CI, when ``missing`` names something."""

    def check(missing: str) -> None:
        if missing:
            absent(missing)

    return check


@pytest.fixture(scope="module")
def copytaster(server_class: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A copytaster of the module's own, over loopback."""
    running = server_class(tmp_path_factory.mktemp("copytaster") / "items.db")
    yield running
    running.stop()
