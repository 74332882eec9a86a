"""Processes that work for others: what they import, and what the program that starts them keeps."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PROGRAM = """
    import sys
    print("imported as", __name__)
    from detector.workers import Workers
    from platform import python_version

    if __name__ == "__main__":
        with Workers(2, python_version, alone=ALONE) as pool:
            assert len(list(pool.map(len, ["a", "bc", "d"]))) == 3
        assert sys.modules["__main__"].__file__ == sys.argv[0]
"""


@pytest.mark.parametrize(
    ("alone", "imports"), [("True", ["__main__"]), ("False", ["__main__", "__mp_main__", "__mp_main__"])]
)
def test_workers_import_the_program_that_starts_them_only_where_they_need_it(
    tmp_path: Path, alone: str, imports: list[str]
) -> None:
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM).replace("ALONE", alone))
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.split("\n")[:-1]) == sorted(f"imported as {name}" for name in imports)
