"""Processes that work for others: what they import, and what the program that starts them keeps."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PROGRAM = """
    import operator
    import os
    import sys
    print(f"imported as {__name__}\\n", end="")  # in one piece: workers print at the same time
    from detector.workers import Workers
    from platform import python_version

    if __name__ == "__main__":
        with Workers(2, python_version, preload=PRELOAD) as pool:
            assert list(pool.map(len, ["a", "bc", "d"])) == [1, 2, 1]
            parents = set(pool.map(operator.call, [os.getppid] * 4))
        assert len(parents) == 1 and (parents == {os.getpid()}) == SPAWNED
        assert sys.modules["__main__"].__file__ == sys.argv[0]
"""


@pytest.mark.parametrize(
    ("preload", "imports"),
    [
        (("detector.calm", "detector.jit"), ["__main__"]),
        (("detector.of_that_name_there_is_none",), ["__main__"]),
        ((), ["__main__", "__mp_main__", "__mp_main__"]),
    ],
)
def test_workers_import_the_program_that_starts_them_only_where_they_need_it(
    tmp_path: Path, preload: tuple[str, ...], imports: list[str]
) -> None:
    program = tmp_path / "program.py"
    spawned = not preload or sys.platform != "linux"
    written = textwrap.dedent(PROGRAM).replace("PRELOAD", repr(preload)).replace("SPAWNED", repr(spawned))
    program.write_text(written)
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.split("\n")[:-1]) == sorted(f"imported as {name}" for name in imports)
