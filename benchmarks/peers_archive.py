"""Other pipelines over lines of JSON, each by its own usual settings, run by an interpreter that has it installed.

    python benchmarks/peers_archive.py datatrove|text_dedup IN.jsonl OUT.json FOLDER

OUT.json receives the ids that are kept. ``benchmarks/archive.py peers --peer NAME=PYTHON`` calls this; nothing else
of the repository is imported, for these packages bring chardet and other versions of what it needs.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

_WORKERS = 2


def datatrove(archive: Path, folder: Path) -> list[str]:
    """Its four stages, as its example has them: word 5-grams, 14 buckets of 8 hashes."""
    from datatrove.executor import LocalPipelineExecutor  # noqa: PLC0415  # only one of the two is installed
    from datatrove.pipeline.dedup import (  # noqa: PLC0415
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.dedup.minhash import MinhashConfig  # noqa: PLC0415
    from datatrove.pipeline.readers import JsonlReader  # noqa: PLC0415
    from datatrove.pipeline.writers import JsonlWriter  # noqa: PLC0415

    config = MinhashConfig()
    source = folder / "in"
    source.mkdir()
    lines = archive.read_bytes().splitlines(keepends=True)
    for part in range(_WORKERS):
        (source / f"{part}.jsonl").write_bytes(b"".join(lines[part::_WORKERS]))
    names = {name: str(folder / name) for name in ("signatures", "buckets", "remove", "out")}
    reader = JsonlReader(str(source))
    stages = (
        ([reader, MinhashDedupSignature(names["signatures"], config)], _WORKERS),
        ([MinhashDedupBuckets(names["signatures"], names["buckets"], config=config)], config.num_buckets),
        ([MinhashDedupCluster(names["buckets"], names["remove"], config=config)], 1),
        ([reader, MinhashDedupFilter(names["remove"]), JsonlWriter(names["out"])], _WORKERS),
    )
    for number, (pipeline, tasks) in enumerate(stages):
        logs = str(folder / f"logs{number}")
        LocalPipelineExecutor(pipeline, tasks=tasks, workers=_WORKERS, logging_dir=logs).run()
    kept = []
    for path in Path(names["out"]).glob("*.jsonl.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            kept += [json.loads(line)["id"] for line in file]
    return kept


def text_dedup(archive: Path, folder: Path) -> list[str]:
    """Its MinHash command by its defaults: word 5-grams, 250 permutations, a threshold of 0.7."""
    command = [
        sys.executable, "-m", "text_dedup.minhash", "--path", "json", "--data_files", str(archive), "--split", "train",
        "--cache_dir", str(folder / "cache"), "--output", str(folder / "out"), "--column", "text",
        "--num_proc", str(_WORKERS),
    ]  # fmt: skip
    subprocess.run(command, check=True, cwd=folder)  # noqa: S603
    from datasets import load_from_disk  # noqa: PLC0415

    return list(load_from_disk(str(folder / "out"))["id"])


if __name__ == "__main__":
    name, given, out, work = sys.argv[1:]
    kept_ids = {"datatrove": datatrove, "text_dedup": text_dedup}[name](Path(given).resolve(), Path(work).resolve())
    Path(out).write_text(json.dumps(kept_ids))
