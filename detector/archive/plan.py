"""plan: what would become of each stored item, and why. It only reads the archive, and writes to its own folder.

The folder holds ``plan.jsonl`` (a row an item, in the policy's order), ``quarantine.jsonl``, ``samples.json`` (what
the report shows) and ``manifest.json`` (inputs with their digests, policy, versions, counts).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any

from detector.archive.formats import USUAL, FieldMapping, Quarantined, Source, find_sources, fingerprint
from detector.archive.local import prepare_rows
from detector.archive.samples import Samples
from detector.archive.steps import Prepared, in_order, settle, stripped_most, without_repeats
from detector.errors import ArchiveError
from detector.records import Verdict
from detector.verdict import Policy

PLAN, QUARANTINE, SAMPLES, MANIFEST = "plan.jsonl", "quarantine.jsonl", "samples.json", "manifest.json"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a plan comes to."""

    items: int
    repeated_rows: int  # rows that stand in the archive more than once, beyond the first
    quarantined: int
    actions: dict[str, int]
    reasons: dict[str, dict[str, int]]  # action → reason → items


def make_plan(
    inputs: Sequence[str | Path],
    out: Path,
    policy: Policy,
    workers: int,
    progress: Callable[[str, int], None] = lambda _stage, _done: None,
    mapping: FieldMapping = USUAL,
) -> Summary:
    """Plan for the archive in ``inputs``, written to the folder ``out``; the same plan for any order and ``workers``.

    ``progress`` hears the stage (``examine`` or ``decide``) and how many more items are done. Raises ArchiveError
    when an input cannot be read or ``out`` not be written.
    """
    sources = find_sources(inputs, mapping)
    _refuse_overwriting(sources, out)
    prepared, quarantined = prepare_rows(sources, workers, lambda done: progress("examine", done))
    ordered, same_id = in_order(prepared, policy)
    quarantined += same_id
    ordered = without_repeats(ordered)
    samples = Samples()
    actions: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = {}
    rows: list[str] = []
    texts = {one.examined.item.id: one.examined.text for one in ordered}
    for one, verdict in settle(ordered, policy):
        rows.append(_line(_row(one, verdict)))
        samples.add(one, verdict, texts)
        actions[verdict.action] += 1
        reasons.setdefault(verdict.action, Counter()).update(set(map(str, verdict.reasons)) or {"none"})
        progress("decide", 1)
    summary = Summary(
        items=len(ordered),
        repeated_rows=sum(one.rows - 1 for one in ordered),
        quarantined=len(quarantined),
        actions=dict(sorted(actions.items())),
        reasons={action: dict(sorted(counts.items())) for action, counts in sorted(reasons.items())},
    )
    samples.stripped = stripped_most(ordered)
    _write(out, sources, policy, rows, quarantined, samples, summary)
    return summary


def _refuse_overwriting(sources: list[Source], out: Path) -> None:
    """Raise ArchiveError, before any work, when the plan would be written over the archive or over somebody's files."""
    written = {(out / name).resolve() for name in (PLAN, QUARANTINE, SAMPLES, MANIFEST)}
    for source in sources:
        if source.path in written:
            raise ArchiveError(f"{source.path} would be overwritten by the plan; name another folder with --out")
        if source.format == "html" and out.resolve().is_relative_to(source.path):
            raise ArchiveError(f"{out} lies in {source.path}, which is read; name another folder with --out")
    try:
        strange = out.exists() and any(out.iterdir()) and not (out / MANIFEST).is_file()
    except OSError as error:
        raise ArchiveError(f"{out} cannot hold the plan: {error.strerror or error}") from error
    if strange:
        raise ArchiveError(f"{out} holds files that are no plan of ours; name a new or empty folder with --out")


def _row(one: Prepared, verdict: Verdict) -> dict[str, Any]:
    item = one.examined.item
    match = verdict.matches[0] if verdict.matches else None
    return {
        "id": item.id,
        "action": verdict.action,
        "reasons": [{"code": str(reason), "detail": reason.detail} for reason in verdict.reasons],
        "of": match.of if match else None,
        "kind": match.kind if match else None,
        "score": _rounded(match.score if match else None),
        "jaccard": _rounded(match.jaccard if match else None),
        "containment": _rounded(match.containment if match else None),
        "coverage": _rounded(match.coverage if match else None),
        "matches": len(verdict.matches),
        "truncated": verdict.truncated,
        "quality": {"score": _rounded(verdict.quality.score), "label": verdict.quality.label},
        "title": one.examined.text.title,
        "source": item.source,
        "published": item.published.isoformat() if item.published else None,
        "rows": one.rows,
        "digest": one.digest,
        "notes": [*one.notes, *(f"{note}: {note.detail}" for note in one.examined.text.notes)],
    }


def _rounded(value: float | None) -> float | None:
    """Six digits: enough to tell values apart, and the same on every machine."""
    return None if value is None else round(value, 6)


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _write(
    out: Path,
    sources: list[Source],
    policy: Policy,
    rows: list[str],
    quarantined: list[Quarantined],
    samples: Samples,
    summary: Summary,
) -> None:
    quarantine = [
        {"file": sources[q.file].address, "number": q.number, "place": q.place, "error": q.error, "head": q.head}
        for q in sorted(quarantined, key=lambda q: (q.file, q.number))
    ]
    manifest = {
        "copytaster": version("copytaster"),
        "inputs": [{**source.as_json(), "blake2b": fingerprint(source)} for source in sources],
        "policy": asdict(policy),
        "policy_digest": policy.digest,
        "plan": blake2b("".join(rows).encode(), digest_size=16).hexdigest(),
        "summary": asdict(summary),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_whole(out / PLAN, rows)
        write_whole(out / QUARANTINE, map(_line, quarantine))
        write_whole(out / SAMPLES, [json.dumps(samples.as_json(), ensure_ascii=False, indent=1)])
        write_whole(out / MANIFEST, [json.dumps(manifest, ensure_ascii=False, indent=1, default=str) + "\n"])
    except OSError as error:
        raise ArchiveError(f"the plan cannot be written to {out}: {error.strerror or error}") from error


def write_whole(path: Path, pieces: Iterable[str]) -> None:
    """Write a file so that it is there whole or not at all: beside it first, then renamed."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", encoding="utf-8") as file:
        file.writelines(pieces)
    partial.replace(path)
