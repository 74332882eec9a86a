"""The archive's plan: time, memory, growth, interruptions, Spark, and beside the usual pipelines.

    python benchmarks/archive.py [PART ...] [--items N ...] [--peer NAME=PYTHON ...] [--data DIR] [--write]

Each plan is a process of its own, with two workers. A larger archive is made by varying the newswire one with a fixed
seed (benchmarks/scale.py): every number another, half the words others, and one item in ten a light copy of another.
``--write`` writes what was measured to benchmarks/results/archive.md; parts that were not asked for keep their rows.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import platform
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.scale import Variations  # noqa: E402  # the repo's root must be found first
from detector.archive import make_plan  # noqa: E402
from detector.policy import Policy  # noqa: E402

RESULTS = HERE / "results" / "archive.md"
_SEED = 20261122
_WORKERS = 2
_ROUNDS = 3  # of ours and a peer's in turn, of which the median counts
_COMMAND = [sys.executable, "-m", "detector", "archive", "plan"]
_OUTPUTS = ("plan.jsonl", "quarantine.jsonl", "samples.json")

Row = tuple[str, str, str]  # check, floor, measured


@dataclass(frozen=True, slots=True)
class Run:
    """One plan, or list of duplicates, by command."""

    seconds: float
    processor: float  # seconds of processor time, of all its processes
    megabytes: float  # of all its processes together, at most; shared pages of files counted once
    summary: dict[str, Any]


def main() -> int:
    parts: dict[str, Callable[[argparse.Namespace, Path], Iterator[Row]]] = {
        "reuters": _reuters,
        "html": _html,
        "growth": _growth,
        "kill": _kill,
        "spark": _spark,
        "spotsigs": _spotsigs,
        "peers": _peers,
    }
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*parts, []], help="what to measure; all by default")
    parser.add_argument("--items", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="for growth")
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data")
    parser.add_argument("--kills", type=int, default=20, help="interruptions of as many plans")
    parser.add_argument("--peer", action="append", help="NAME=PYTHON, an interpreter in which a peer is installed")
    parser.add_argument("--write", action="store_true", help="write the table to benchmarks/results")
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"no data at {options.data}: nothing was measured; name its folder with --data")
        return 2
    rows = []
    for part in options.parts or parts:
        with tempfile.TemporaryDirectory(prefix="copytaster-") as folder:
            for row in parts[part](options, Path(folder)):
                print(" | ".join(row), flush=True)
                rows.append(row)
    if options.write:
        _write(rows)
    return 0


def _write(rows: list[Row]) -> None:
    known: dict[str, Row] = {}
    if RESULTS.is_file():
        for line in RESULTS.read_text().splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if line.startswith("| ") and len(cells) == 3 and cells[0] != "check":
                known[cells[0]] = (cells[0], cells[1], cells[2])
    known |= {row[0]: row for row in rows}
    machine = f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors, seed {_SEED}"
    lines = ["| check | floor | measured |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in known.values())]
    table = "\n".join(lines)
    RESULTS.write_text(f"# Archive\n\nWritten by `python benchmarks/archive.py --write`; {machine}.\n\n{table}\n")


def _planned(archive: Path, out: Path, *more: str) -> Run:
    return _run([*_COMMAND, str(archive), "--out", str(out), "--workers", str(_WORKERS), "--json", *more])


def _run(command: list[str]) -> Run:
    """A command that may set rows aside; its summary is what it prints, where that is JSON."""
    os.sync()  # the plan's own files are synced one by one, which would wait for the archive that was just written
    started = time.perf_counter()
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    most, used = 0.0, dict[int, float]()
    while running.poll() is None:
        megabytes, by_process = _looked(running.pid)
        most = max(most, megabytes)
        used |= by_process
        time.sleep(0.25)
    seconds = time.perf_counter() - started
    if running.returncode not in (0, 3):
        raise SystemExit(f"{' '.join(command)} ended with status {running.returncode}")
    stdout = running.stdout.read() if running.stdout else b""
    return Run(seconds, sum(used.values()), most, json.loads(stdout or b"{}"))


def _looked(group: int) -> tuple[float, dict[int, float]]:
    """Proportional memory of a process group in MB, and the processor time of each of its processes so far."""
    total, seconds = 0, {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = process.joinpath("stat").read_text().rsplit(")", 1)[1].split()
            if int(fields[2]) == group:
                # Taken from each, for nobody waits for a worker that was forked from another process than the plan's.
                seconds[int(process.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                found = re.search(r"^Pss:\s+(\d+)", process.joinpath("smaps_rollup").read_text(), re.MULTILINE)
                total += int(found[1]) if found else 0
        except OSError:
            continue  # it has ended meanwhile
    return total / 1000, seconds


def _reuters(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    archive = options.data / "archive" / "reuters.jsonl.gz"
    _planned(_head(archive, folder / "warm.jsonl", 600), folder / "warm")
    run = _planned(archive, folder / "plan")
    check = f"Reuters, {run.summary['items']:,} items, 2 workers: plan with report"
    yield check, "≤ 30 s", f"{run.seconds:.1f} s ({run.processor:.0f} s of processor time), {run.megabytes:,.0f} MB"


def _head(archive: Path, out: Path, items: int) -> Path:
    with gzip.open(archive, "rb") as file:
        out.write_bytes(b"".join(line for _, line in zip(range(items), file, strict=False)))
    return out


def _html(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    archive = folder / "pages.jsonl"
    size = items = 0
    with archive.open("w") as out:
        for name in ("articles", "other_pages"):
            with gzip.open(options.data / "pages" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
                for row in map(json.loads, file):
                    items, size = items + 1, size + len(row["html"])
                    out.write(json.dumps({"id": f"{name}-{row['id']}", "url": row["url"], "html": row["html"]}) + "\n")
    warm = folder / "warm.jsonl"
    with archive.open() as file:
        warm.write_text("".join(line for _, line in zip(range(60), file, strict=False)))
    _planned(warm, folder / "warm")
    run = _planned(archive, folder / "plan")
    cost = f"{1000 * run.processor / items:.1f} ms of processor time each"
    measured = f"{items / run.seconds:.0f} ({cost}), {run.megabytes:,.0f} MB"
    yield f"HTML, {items:,} pages of {size // items // 1000} KB: items a second, 2 workers", "≥ 150", measured


def _varied(data: Path, out: Path, items: int) -> Path:
    variations, draw = Variations(data / "archive" / "reuters.jsonl.gz", _SEED), random.Random(_SEED)
    recent: list[str] = []
    with out.open("w") as file:
        for number in range(items):
            text = variations.copy_of(draw.choice(recent)) if recent and draw.random() < 0.1 else variations.text()
            recent = [*recent[-999:], text]
            day = f"{1990 + number * 30 // items}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
            row = {"id": f"{number:08}", "text": text, "source": f"wire {number % 40}", "published": day}
            file.write(json.dumps(row) + "\n")
    return out


def _growth(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    times = []
    warm = _head(options.data / "archive" / "reuters.jsonl.gz", folder / "warm.jsonl", 600)
    _planned(warm, folder / "warm")
    _run(_listing(warm, folder / "listed.jsonl"))
    for items in options.items:
        archive = _varied(options.data, folder / f"{items}.jsonl", items)
        run = _planned(archive, folder / f"plan-{items}")
        times.append((items, run.seconds))
        floor = "≤ 25 min, ≤ 3 GB" if items >= 1_000_000 else ""
        removed = run.summary["actions"].get("reject", 0)
        cost = f"{1000 * run.processor / items:.2f} ms of processor time each"
        measured = f"{run.seconds / 60:.1f} min ({cost}), {run.megabytes:,.0f} MB, {removed:,} removed"
        yield f"{items:,} varied items, 2 workers", floor, measured
        listed = folder / "listed.jsonl"
        alone = _run(_listing(archive, listed))
        copies = sum(1 for _ in listed.open())
        measured = f"{alone.seconds / 60:.1f} min, {alone.megabytes:,.0f} MB, {copies:,} listed"
        yield f"{items:,} varied items, 2 workers: the duplicates alone, texts cleaned", "", measured
    if len(times) > 1:
        (few, quick), (many, slow) = times[0], times[-1]
        power = math.log(slow / quick) / math.log(many / few)
        yield f"growth from {few:,} to {many:,}", "≤ n^1.1", f"n^{power:.2f}"


def _kill(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    archive = _head(options.data / "archive" / "reuters.jsonl.gz", folder / "in.jsonl", 3000)
    whole = _planned(archive, folder / "whole")
    wanted = [(folder / "whole" / name).read_bytes() for name in _OUTPUTS]
    draw = random.Random(_SEED)
    same = interrupted = redone = lost = 0
    for number in range(options.kills):
        out = folder / f"killed-{number}"
        running = subprocess.Popen(  # noqa: S603
            [*_COMMAND, str(archive), "--out", str(out), "--workers", str(_WORKERS)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        time.sleep(whole.seconds * draw.random())
        interrupted += running.poll() is None
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        before = {path: path.stat().st_mtime_ns for path in out.rglob("*.shard")}
        unfinished = len(list(out.rglob("*.shard.*.partial")))
        _planned(archive, out)
        redone += sum(path.stat().st_mtime_ns != changed for path, changed in before.items())
        lost = max(lost, unfinished)
        same += [(out / name).read_bytes() for name in _OUTPUTS] == wanted
    measured = (
        f"{same} the same ({interrupted} were running), {redone} finished shards redone, {lost} under way at most"
    )
    yield (
        f"kill -9 at {options.kills} random moments, then resume",
        "the same bytes, at most one shard redone",
        measured,
    )


def _spark(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    archive = _head(options.data / "archive" / "reuters.jsonl.gz", folder / "in.jsonl", 2000)
    local = _planned(archive, folder / "local")
    spark = _planned(archive, folder / "spark", "--engine", "spark", "--master", "local[2]")
    same = all((folder / "local" / n).read_bytes() == (folder / "spark" / n).read_bytes() for n in _OUTPUTS)
    measured = f"{'identical' if same else 'DIFFERENT'} ({spark.seconds:.0f} s against {local.seconds:.0f} s)"
    yield "Spark against local, 2,000 newswire items", "identical", measured


def _spotsigs(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    archive, cluster = folder / "in.jsonl", {}
    with gzip.open(options.data / "pairs" / "spotsigs_dev.docs.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    with archive.open("w") as out:
        for row in rows:
            cluster[row["id"]] = row["cluster"]
            out.write(json.dumps({"id": row["id"], "html": row["html"]}) + "\n")
    make_plan([archive], folder / "plan", Policy(), workers=_WORKERS)
    planned = [json.loads(line) for line in (folder / "plan" / "plan.jsonl").read_text().splitlines()]
    copies = len(planned) - len(set(cluster.values()))
    removed = [row for row in planned if row["action"] == "reject"]
    right = sum(row["of"] is not None and cluster[row["of"]] == cluster[row["id"]] for row in removed)
    held = sum(row["action"] == "review" for row in planned)
    floors = "≥ 90% / ≤ 0.5%"
    measured = f"{right / copies:.1%} / {(len(removed) - right) / len(planned):.2%}; {held / len(planned):.1%} held"
    yield "spotsigs_dev from raw HTML: copies removed / items removed that are none", floors, measured


def _peers(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """Time on the newswire archive, and F1 of what is removed of copies that people found, in one run."""
    if not options.peer:
        print("peers were not measured: name an interpreter for each, --peer datatrove=PYTHON --peer text_dedup=PYTHON")
        return
    newswire = folder / "newswire.jsonl"
    with gzip.open(options.data / "archive" / "reuters.jsonl.gz", "rb") as file:
        newswire.write_bytes(file.read())
    with gzip.open(options.data / "pairs" / "spotsigs_dev.docs.jsonl.gz", "rt", encoding="utf-8") as rows:
        docs = [json.loads(row) for row in rows]
    cluster = {doc["id"]: doc["cluster"] for doc in docs}
    copies = folder / "copies.jsonl"
    copies.write_text("".join(json.dumps({"id": doc["id"], "text": doc["text"]}) + "\n" for doc in docs))
    ours = _planned(newswire, folder / "ours").seconds
    _duplicates(copies, folder / "listed.jsonl")  # what is compiled once is compiled
    _planned(copies, folder / "ours-copies")
    planned = map(json.loads, (folder / "ours-copies" / "plan.jsonl").read_text().splitlines())
    own = _removal_f1({row["id"] for row in planned if row["action"] != "reject"}, cluster)
    listed = _removal_f1(cluster.keys() - _duplicates(copies, folder / "listed.jsonl")[1], cluster)
    for peer in options.peer:
        name, _, python = peer.partition("=")
        rounds = [
            (
                _duplicates(newswire, folder / "listed.jsonl")[0],
                _by_peer(name, python, newswire, folder / f"{name}-newswire-{number}")[0],
            )
            for number in range(_ROUNDS)
        ]
        alone, seconds = map(statistics.median, zip(*rounds, strict=True))
        _, kept = _by_peer(name, python, copies, folder / f"{name}-copies")
        times = f"{seconds:.1f} s: {seconds / alone:.1f}× the duplicates alone ({alone:.1f} s)"
        scores = f"F1 {_removal_f1(kept, cluster):.3f} against our {listed:.3f} and {own:.3f}"
        check = f"Reuters beside {name}: its time over that of our duplicates and of our plan; F1 of copies removed"
        yield f"{check} of spotsigs_dev", "≥ 5×, better", f"{times}, {seconds / ours:.1f}× the plan; {scores}"


def _duplicates(archive: Path, out: Path) -> tuple[float, set[str]]:
    """Seconds of what the peers do and no more, start included, and the ids of the copies: texts are not cleaned."""
    os.sync()
    started = time.perf_counter()
    subprocess.run(_listing(archive, out, "--as-is"), check=True, stderr=subprocess.DEVNULL)  # noqa: S603
    return time.perf_counter() - started, {json.loads(line)["id"] for line in out.read_text().splitlines()}


def _listing(archive: Path, out: Path, *more: str) -> list[str]:
    command = [sys.executable, "-m", "detector", "archive", "duplicates", str(archive), "--out", str(out)]
    return [*command, "--workers", str(_WORKERS), *more]


def _by_peer(name: str, python: str, archive: Path, folder: Path) -> tuple[float, set[str]]:
    """Seconds, and the ids that are kept."""
    folder.mkdir()
    out = folder / "kept.json"
    command = [python, str(HERE / "peers_archive.py"), name, str(archive), str(out), str(folder)]
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    return time.perf_counter() - started, set(json.loads(out.read_text()))


def _removal_f1(kept: set[str], cluster: dict[str, str]) -> float:
    """Of each cluster all items but one are copies; which one stays does not matter here."""
    right = removed = copies = 0
    for name in set(cluster.values()):
        members = [item_id for item_id, of in cluster.items() if of == name]
        gone = sum(item_id not in kept for item_id in members)
        right, removed, copies = right + min(gone, len(members) - 1), removed + gone, copies + len(members) - 1
    return 2 * right / (removed + copies)


if __name__ == "__main__":
    sys.exit(main())
