"""apply and undo: carry a plan out in a new folder; the archive itself is never written to."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from detector.archive.formats import Source, fingerprint
from detector.archive.formats.source import file_digest
from detector.archive.plan import CARRIED, MANIFEST, PLAN, QUARANTINE, write_whole
from detector.archive.valve import refuse_unconfirmed
from detector.archive.write import Judgement, carry_out, mark_all, mark_files, unmark_all
from detector.errors import ArchiveError

JOURNAL = "applied.json"


@dataclass(frozen=True, slots=True)
class Applied:
    """How many rows of the archive went where."""

    kept: int
    removed: int
    quarantined: int
    repeated: int


def read_manifest(plan: Path) -> dict[str, Any]:
    """The manifest of the plan in a folder; raises ArchiveError when it is absent or the plan is another one."""
    try:
        manifest: dict[str, Any] = json.loads((plan / MANIFEST).read_bytes())
        planned = manifest["plan"]
        digest = file_digest(plan / PLAN) if (plan / PLAN).is_file() else ""
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArchiveError(f"{plan} holds no readable plan ({error}); run `copytaster archive plan` first") from error
    if digest != planned:
        raise ArchiveError(f"{plan / PLAN} is not the plan that was written there; run `copytaster archive plan` again")
    return manifest


def _actions(plan: Path) -> dict[str, str]:
    """The action for each row of the archive, by the row's digest; rows that an earlier plan settled included."""
    actions = {}
    for name in (CARRIED, PLAN):
        if (plan / name).is_file():
            with (plan / name).open("rb") as lines:
                for line in lines:
                    row = json.loads(line)
                    actions[row["digest"]] = row["action"]
    return actions


def apply_plan(
    plan: Path, out: Path, column: str | None = None, to: str | None = None, *, confirmed: Collection[str] = ()
) -> Applied:
    """Write what stays, what goes and what could not be read to the new folder ``out``, each row as it stands.

    Items held for review stay. Every row of the archive is in one of the folders ``kept``, ``removed`` and
    ``quarantined``, in its own format, but for repetitions of a row. Rows of a database are marked instead, in a table
    of their own or in ``column``. With ``to``, all sources become one file of lines of JSON or one of Parquet, and
    nothing is marked. Applying a plan again changes nothing. Raises ValveError when the plan goes beyond a limit and
    that is not among ``confirmed``, and ArchiveError when ``out`` holds anything else or the archive changed.
    """
    manifest = read_manifest(plan)
    refuse_unconfirmed(manifest, confirmed)
    if (done := _applied(out, manifest["plan"])) is not None:
        mark_all(out, _journal(out))
        return done
    sources = _unchanged_sources(manifest)
    partial = _new_folder(out)
    judge = Judgement(_actions(plan), _bad(plan, sources))
    carry_out(sources, judge, partial, to)
    counts = judge.counts
    applied = Applied(counts["kept"], counts["removed"], counts["quarantined"], counts["repeated"])
    outputs = {name: file_digest(partial / name) for name in _files_in(partial)}
    journal = {
        "plan": manifest["plan"],
        "counts": asdict(applied),
        "outputs": outputs,
        "marks": {} if to else mark_files(sources),
        "column": column,
    }
    write_whole(partial / JOURNAL, [json.dumps(journal, indent=1) + "\n"])
    partial.replace(out)
    # Only now, when the journal tells undo of it; should this be interrupted, applying again completes it.
    mark_all(out, journal)
    return applied


def _applied(out: Path, plan: str) -> Applied | None:
    """What an earlier run of the same plan came to, if it wrote to ``out`` and nobody has changed that since."""
    if not (out / JOURNAL).is_file():
        return None
    journal = _journal(out)
    return Applied(**journal["counts"]) if journal.get("plan") == plan and not _changed(out, journal) else None


def _unchanged_sources(manifest: dict[str, Any]) -> list[Source]:
    sources = [Source.from_json(number, entry) for number, entry in enumerate(manifest["inputs"])]
    for source, entry in zip(sources, manifest["inputs"], strict=True):
        if fingerprint(source) != entry["blake2b"]:
            raise ArchiveError(f"{source.address} is not what it was when the plan was made; plan again")
    return sources


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


def _bad(plan: Path, sources: list[Source]) -> set[tuple[int, int]]:
    """File and number of each quarantined row."""
    files = {source.address: source.file for source in sources}
    entries = [json.loads(line) for line in (plan / QUARANTINE).read_bytes().splitlines()]
    return {(files[entry["file"]], entry["number"]) for entry in entries}


def _files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def _journal(out: Path) -> dict[str, Any]:
    try:
        journal: dict[str, Any] = json.loads((out / JOURNAL).read_bytes())
        journal["counts"], journal["outputs"].items(), journal["marks"].items(), journal["column"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveError(f"{out} does not hold what `copytaster archive apply` wrote ({error})") from error
    return journal


def _changed(out: Path, journal: dict[str, Any]) -> list[str]:
    outputs: dict[str, str] = journal["outputs"]
    return [n for n, digest in outputs.items() if not (out / n).is_file() or file_digest(out / n) != digest]


def undo(out: Path) -> None:
    """Take back an ``apply``: delete what it wrote to ``out``, if nobody has changed it since, and unmark rows."""
    journal = _journal(out)
    if changed := _changed(out, journal):
        raise ArchiveError(f"{', '.join(changed)} in {out} changed since; nothing was deleted, move it away yourself")
    if others := set(_files_in(out)) - {*journal["outputs"], JOURNAL}:
        raise ArchiveError(f"{out} holds {', '.join(sorted(others))} too; nothing was deleted, move it away first")
    unmark_all(journal)
    shutil.rmtree(out)
