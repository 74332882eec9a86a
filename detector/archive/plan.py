"""plan: what would become of each stored item, and why. It only reads the archive, and writes to its own folder.

The folder holds ``plan.jsonl`` (a row an item, in the policy's order), ``quarantine.jsonl``, ``samples.json`` (what
the report shows), ``manifest.json`` (inputs with their digests, policy, versions, counts) and ``work``, from which an
interrupted run goes on and a later plan starts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any

from detector.archive.formats import USUAL, FieldMapping, Quarantined, Source, find_sources
from detector.archive.job import Engine, Job, Planned, Progress
from detector.archive.known import NOTHING_KNOWN, Known
from detector.archive.local import LocalEngine
from detector.archive.samples import Samples
from detector.archive.shards import write_bytes
from detector.archive.steps import line_of
from detector.archive.valve import Limits, excesses
from detector.archive.work import WORK, alone_in, code_version
from detector.clean import spared_line
from detector.errors import ArchiveError
from detector.policy import Policy

PLAN, QUARANTINE, SAMPLES, MANIFEST = "plan.jsonl", "quarantine.jsonl", "samples.json", "manifest.json"
CARRIED = "carried.jsonl"  # rows that an earlier plan settled, with their action


@dataclass(frozen=True, slots=True)
class Summary:
    """What a plan comes to."""

    items: int
    repeated_rows: int  # rows that stand in the archive more than once, beyond the first
    quarantined: int
    carried: int  # rows that the earlier plan settled
    actions: dict[str, int]
    reasons: dict[str, dict[str, int]]  # action → reason → items
    valve: tuple[str, ...] = ()  # names of what is beyond a limit


@dataclass(frozen=True)
class Options:
    """How a plan is made, besides the policy."""

    keep_lines: tuple[str, ...] = ()  # lines that stay, although their source repeats them
    limits: Limits = field(default_factory=Limits)
    since: Path | None = None  # an earlier plan: what it kept stays, and only new items are planned


_USUAL = Options()


def make_plan(
    inputs: Sequence[str | Path],
    out: Path,
    policy: Policy,
    workers: int = 1,
    progress: Progress = lambda _stage, _done: None,
    mapping: FieldMapping = USUAL,
    *,
    options: Options = _USUAL,
    engine: Engine | None = None,
) -> Summary:
    """Plan for the archive in ``inputs``, written to the folder ``out``; the same plan for any order and engine.

    ``engine``: another than ``LocalEngine(workers)``. ``progress`` hears a stage (``examine``, ``strip``, ``decide``,
    ``confirm``) and how many more items are done. Raises ArchiveError when an input cannot be read or ``out`` not be
    written.
    """
    sources = find_sources(inputs, mapping)
    _refuse_overwriting(sources, out)
    spared = frozenset(map(spared_line, options.keep_lines))
    known = Known.of(options.since / WORK) if options.since else NOTHING_KNOWN
    job = Job(sources, out / WORK, policy, code_version(), spared, known, progress)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with alone_in(job.work), (engine or LocalEngine(workers)).plan(job) as planned:
            return _write(out, job, planned, options.limits)
    except OSError as error:
        raise ArchiveError(f"the plan cannot be written to {out}: {error.strerror or error}") from error


def _refuse_overwriting(sources: list[Source], out: Path) -> None:
    """Raise ArchiveError, before any work, when the plan would be written over the archive or over somebody's files."""
    written = {(out / name).resolve() for name in (PLAN, QUARANTINE, SAMPLES, MANIFEST, CARRIED)}
    for source in sources:
        if source.path in written:
            raise ArchiveError(f"{source.path} would be overwritten by the plan; name another folder with --out")
        if source.format == "html" and out.resolve().is_relative_to(source.path):
            raise ArchiveError(f"{out} lies in {source.path}, which is read; name another folder with --out")
    try:
        strange = out.exists() and any(out.iterdir()) and not ((out / MANIFEST).is_file() or (out / WORK).is_dir())
    except OSError as error:
        raise ArchiveError(f"{out} cannot hold the plan: {error.strerror or error}") from error
    if strange:
        raise ArchiveError(f"{out} holds files that are no plan of ours; name a new or empty folder with --out")


class _Counting:
    """Rows on their way into the plan: digested, counted and sampled."""

    def __init__(self, policy: Policy) -> None:
        self.digest = blake2b(digest_size=16)
        self.samples = Samples(policy)
        self.items = 0
        self.actions: Counter[str] = Counter()
        self.reasons: dict[str, Counter[str]] = {}

    def line(self, row: dict[str, Any]) -> bytes:
        self.items += 1
        self.actions[row["action"]] += 1
        codes = {reason["code"] for reason in row["reasons"]} or {"none"}
        self.reasons.setdefault(row["action"], Counter()).update(codes)
        self.samples.add(row)
        line = line_of(row).encode("utf-8")
        self.digest.update(line)
        return line


def _write(out: Path, job: Job, planned: Planned, limits: Limits) -> Summary:
    counting = _Counting(job.policy)
    write_bytes(out / PLAN, map(counting.line, planned.rows))
    write_bytes(out / QUARANTINE, (line_of(entry).encode() for entry in _listed(planned.quarantined, job.sources)))
    write_bytes(out / CARRIED, (line_of(entry).encode() for entry in planned.carried))
    samples = {"totals": planned.tally.as_json(), **counting.samples.as_json(planned.fetch, planned.spread)}
    write_bytes(out / SAMPLES, [line_of(samples).encode()])
    beyond = excesses(planned.tally.by_source, counting.samples.stories(), limits)
    summary = Summary(
        items=counting.items,
        repeated_rows=planned.repeated_rows,
        quarantined=len(planned.quarantined),
        carried=len(planned.carried),
        actions=dict(sorted(counting.actions.items())),
        reasons={action: dict(sorted(counts.items())) for action, counts in sorted(counting.reasons.items())},
        valve=tuple(excess.name for excess in beyond),
    )
    manifest = {
        "copytaster": version("copytaster"),
        "code": job.code,
        "inputs": job.inputs,
        "policy": asdict(job.policy),
        "policy_digest": job.policy.digest,
        "since": job.known.digest or None,
        "kept_lines": sorted(job.spared),
        "plan": counting.digest.hexdigest(),
        "summary": asdict(summary),
        "limits": asdict(limits),
        "valve": [excess.as_json() for excess in beyond],
    }
    write_whole(out / MANIFEST, [json.dumps(manifest, ensure_ascii=False, indent=1, default=str) + "\n"])
    return summary


def _listed(quarantined: Iterable[Quarantined], sources: list[Source]) -> Iterable[dict[str, Any]]:
    for q in sorted(quarantined, key=lambda q: (q.file, q.number)):
        address = sources[q.file].address
        yield {"file": address, "number": q.number, "place": q.place, "error": q.error, "head": q.head}


def write_whole(path: Path, pieces: Iterable[str]) -> None:
    """Write a text file so that it is there whole or not at all."""
    write_bytes(path, (piece.encode("utf-8") for piece in pieces))
