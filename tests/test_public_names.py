"""The surface that others build on: no more and no less than what is promised."""

import subprocess
import sys

import pytest

import detector

PROMISED = {"Item", "Detector", "MemoryIndex", "Policy", "clean_html", "clean_text", "find_duplicates", "assess"}


def test_the_promised_names_are_there_and_every_public_name_is_listed() -> None:
    assert set(detector.__all__) >= PROMISED
    assert sorted(detector.__all__) == sorted(set(detector.__all__))
    assert all(hasattr(detector, name) for name in detector.__all__)


def test_no_module_or_helper_leaks_into_the_public_names() -> None:
    assert all(getattr(detector, name) for name in detector.__all__)  # each is there once it was asked for
    visible = {name for name in vars(detector) if not name.startswith("_")}
    modules = {name for name in visible if type(vars(detector)[name]).__name__ == "module"}
    assert visible - modules == set(detector.__all__)


def test_the_detector_imports_neither_scikit_learn_nor_a_web_framework() -> None:
    code = (
        "import sys; from detector import *; "
        "print(*(m for m in ('numba', 'sklearn', 'fastapi', 'sqlalchemy', 'pyspark') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.split() == ["numba"]


def test_the_package_loads_nothing_before_it_is_asked_for() -> None:
    code = "import sys, detector, detector.workers; print('numpy' in sys.modules, 'clean_html' in dir(detector))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.split() == ["False", "True"]


def test_a_name_that_nobody_promised_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'clean_pdf'"):
        detector.clean_pdf  # type: ignore[attr-defined]  # noqa: B018
