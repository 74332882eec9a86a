"""Compiled code is kept on disk where that can be, and the library works where it cannot."""

import os
import subprocess
import sys
from pathlib import Path

from detector.jit import _imports, _sources

_WITHOUT_A_CACHE = """
from numba.core import caching

def refuse(locator):
    raise OSError("read-only file system")

caching._CacheLocator.ensure_cache_path = refuse
"""
_OVERLAP = """
import numpy as np
from detector.dedup.kernels import overlap
print(overlap(np.array([1, 2, 3], np.uint32), np.array([2, 3, 4], np.uint32)))
"""


def _printed(code: str, **environment: str) -> str:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], env=os.environ | environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_without_any_folder_to_write_to_each_process_compiles_for_itself() -> None:
    assert _printed(_WITHOUT_A_CACHE + _OVERLAP) == "2"


def test_compiled_code_is_kept_where_the_environment_says(tmp_path: Path) -> None:
    assert _printed(_OVERLAP, NUMBA_CACHE_DIR=str(tmp_path)) == "2"
    assert [path.name.split("-")[0] for path in tmp_path.rglob("*.nbi")] == ["kernels.overlap"]


def _changed(path: Path, text: str) -> None:
    path.write_text(text)
    _imports.cache_clear()
    _sources.cache_clear()


def test_a_change_in_a_file_that_compiled_code_calls_has_it_compiled_anew(tmp_path: Path) -> None:
    package = tmp_path / "package"
    (package / "far").mkdir(parents=True)
    kernels, helpers, far, apart = (package / name for name in ("kernels.py", "helpers.py", "far/steps.py", "apart.py"))
    kernels.write_text("from package import helpers as given\n")
    helpers.write_text("from package.far import (\n    steps,\n)\ndef step(): return 1\n")
    far.write_text("def walk(): return 1\n")
    apart.write_text("def run(): return 1\n")

    before = _sources(kernels, tmp_path)
    _changed(apart, "def run(): return 22\n")
    assert _sources(kernels, tmp_path) == before
    _changed(helpers, "from package.far import (\n    steps,\n)\ndef step(): return 22\n")
    after_a_near_change = _sources(kernels, tmp_path)
    assert after_a_near_change != before
    _changed(far, "def walk(): return 22\n")
    assert _sources(kernels, tmp_path) != after_a_near_change


def test_nothing_is_read_of_other_packages_that_are_installed_beside(tmp_path: Path) -> None:
    package, other = tmp_path / "package", tmp_path / "other"
    package.mkdir()
    other.mkdir()
    kernels, far = package / "kernels.py", other / "__init__.py"
    kernels.write_text("import other\nfrom package import helpers\n")
    (package / "helpers.py").write_text("from other import steps\n")
    far.write_text("import package.apart\n")
    (package / "apart.py").write_text("")
    assert _imports(kernels, tmp_path) == {package / "helpers.py"}
    before = _sources(kernels, tmp_path)
    _changed(far, "def walk(): return 22\n")
    assert _sources(kernels, tmp_path) == before
