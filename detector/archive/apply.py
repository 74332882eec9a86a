"""apply and undo: carry a plan out in a new folder; the archive itself is never written to."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

from detector.archive.formats import read_lines
from detector.archive.plan import MANIFEST, PLAN, QUARANTINE, file_digest, write_whole
from detector.errors import ArchiveError

KEPT, REMOVED, SET_ASIDE, JOURNAL = "kept.jsonl", "removed.jsonl", "quarantined.txt", "applied.json"


@dataclass(frozen=True, slots=True)
class Applied:
    """How many lines of the archive went where."""

    kept: int
    removed: int
    quarantined: int
    repeated: int


def read_plan(plan: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Manifest and rows of the plan in a folder; raises ArchiveError when they are absent or do not fit each other."""
    try:
        manifest = json.loads((plan / MANIFEST).read_bytes())
        content = (plan / PLAN).read_bytes()
        rows = [json.loads(line) for line in content.splitlines()]
        planned = manifest["plan"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArchiveError(f"{plan} holds no readable plan ({error}); run `copytaster archive plan` first") from error
    if blake2b(content, digest_size=16).hexdigest() != planned:
        raise ArchiveError(f"{plan / PLAN} is not the plan that was written there; run `copytaster archive plan` again")
    return manifest, rows


def apply_plan(plan: Path, out: Path) -> Applied:
    """Write what stays and what goes to the new folder ``out``, each line as it stands in the archive.

    Items held for review stay. Quarantined lines are written too, so that every line of the archive is in one of
    the files, but for repetitions of a line and for lines too long to be read, which the plan's quarantine lists.
    Raises ArchiveError when ``out`` holds anything or the archive changed.
    """
    manifest, rows = read_plan(plan)
    files = [Path(entry["path"]) for entry in manifest["inputs"]]
    for path, entry in zip(files, manifest["inputs"], strict=True):
        if not path.is_file() or file_digest(path) != entry["blake2b"]:
            raise ArchiveError(f"{path} is not what it was when the plan was made; plan again")
    partial = _new_folder(out)
    bad = {(entry["file"], entry["line"]) for entry in _quarantine(plan)}
    counts = _distribute(files, {row["digest"]: row["action"] for row in rows}, bad, partial)
    outputs = {name: file_digest(partial / name) for name in (KEPT, REMOVED, SET_ASIDE)}
    write_whole(partial / JOURNAL, [json.dumps({"plan": manifest["plan"], "outputs": outputs}, indent=1) + "\n"])
    partial.replace(out)
    return Applied(counts[KEPT], counts[REMOVED], counts[SET_ASIDE], counts["repeated"])


def _new_folder(out: Path) -> Path:
    """An empty folder beside ``out``, which takes its name once all is written: an interrupted run leaves no half."""
    partial = out.with_name(out.name + ".partial")
    try:
        if out.exists() and any(out.iterdir()):
            raise ArchiveError(f"{out} is not empty; name a new folder, or undo what is in it")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
    except OSError as error:
        raise ArchiveError(f"{out} cannot be written: {error.strerror or error}") from error
    return partial


def _quarantine(plan: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (plan / QUARANTINE).read_bytes().splitlines()]


def _distribute(files: list[Path], actions: dict[str, str], bad: set[tuple[str, int]], out: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    seen: set[str] = set()
    with ExitStack() as stack:
        outputs = {name: stack.enter_context((out / name).open("wb")) for name in (KEPT, REMOVED, SET_ASIDE)}
        for path in files:
            for line in read_lines(path):
                if (str(path), line.number) in bad:
                    counts[SET_ASIDE] += 1
                    if not line.error:
                        _put(outputs[SET_ASIDE], line.data)
                    continue
                digest = blake2b(line.data.strip(), digest_size=12).hexdigest()
                name = "repeated" if digest in seen else REMOVED if actions[digest] == "reject" else KEPT
                seen.add(digest)
                counts[name] += 1
                if name in outputs:
                    _put(outputs[name], line.data)
    return counts


def _put(file: IO[bytes], line: bytes) -> None:
    file.write(line.rstrip(b"\r\n") + b"\n")


def undo(out: Path) -> None:
    """Take back an ``apply``: delete what it wrote to ``out``, if nobody has changed it since."""
    try:
        outputs: dict[str, str] = json.loads((out / JOURNAL).read_bytes())["outputs"]
        changed = [name for name, digest in outputs.items() if file_digest(out / name) != digest]
        others = {path.name for path in out.iterdir()} - {*outputs, JOURNAL}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveError(f"{out} does not hold what `copytaster archive apply` wrote ({error})") from error
    if changed:
        raise ArchiveError(f"{', '.join(changed)} in {out} changed since; nothing was deleted, move it away yourself")
    if others:
        raise ArchiveError(f"{out} holds {', '.join(sorted(others))} too; nothing was deleted, move it away first")
    for name in (*outputs, JOURNAL):
        (out / name).unlink()
    out.rmdir()
