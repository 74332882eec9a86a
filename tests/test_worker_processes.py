"""Processes that work for others: what they import, and what the program that starts them keeps."""

import os
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


MEANWHILE = """
    import time
    from detector.workers import Workers, default_workers

    if __name__ == "__main__":
        with Workers(2, default_workers, preload=("detector.calm", "slow")) as pool:
            prepared = []
            def prepare(work):
                prepared.append(work)
                time.sleep(0.01)
                return work + work
            work = [f"{number}," for number in range(400)]
            done = list(pool.map(str.strip, iter(work), meanwhile=prepare))
        assert 0 < len(prepared) < 400, len(prepared)
        assert prepared == work[: len(prepared)]
        assert done == [one * 2 for one in prepared] + work[len(prepared) :]
        with Workers(1, default_workers) as alone:
            assert list(alone.map(str.strip, work, meanwhile=prepare)) == work
        with Workers(2, default_workers, preload=("detector.calm", "slow")) as pool:
            assert list(pool.map(str.strip, [], meanwhile=prepare)) == []
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no process has to wait for another that loads modules")
def test_the_caller_does_of_the_first_pieces_what_it_can_until_a_process_is_ready(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(1)\n")
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(MEANWHILE))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(program)], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr


IN_TURN = """
    import sys
    import time
    from pathlib import Path
    from detector.workers import Workers, default_workers, in_turn

    def add_one(path):
        with in_turn():  # to read a number and to write the next one is not for two at a time
            before = int(path.read_text())
            time.sleep(0.01)
            path.write_text(str(before + 1))
        return before

    if __name__ == "__main__":
        path = Path(sys.argv[1])
        path.write_text("0")
        for workers, first, behind in ((3, 0, 30), (1, 30, 40)):
            with Workers(workers, default_workers) as pool:
                assert sorted(pool.map(add_one, [path] * (behind - first))) == list(range(first, behind))
"""


def test_one_worker_of_a_pool_at_a_time_is_in_its_turn(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(IN_TURN))
    command = [sys.executable, str(program), str(tmp_path / "number")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", ["detector.commands.duplicates", "detector.batch"])
def test_who_has_copies_looked_for_loads_nothing_that_compares_texts(module: str) -> None:
    code = f"import sys, detector.cli, {module}; print({{'numba', 'detector.pairs'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.stdout == "set()\n", done.stderr


def test_where_the_temporary_folder_is_too_deep_for_a_socket_processes_are_started_afresh(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    archive = Path(__file__).parents[1] / "fixtures" / "archive.jsonl"
    command = [sys.executable, "-m", "detector", "archive", "duplicates", str(archive), "--workers", "2"]
    listed = [
        subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **more})  # noqa: S603
        for more in ({}, {"TMPDIR": str(deep)})
    ]
    assert [done.returncode for done in listed] == [0, 0], listed[1].stderr
    assert listed[0].stdout == listed[1].stdout != ""
    assert list(deep.iterdir()) == []
