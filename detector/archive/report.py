"""report: a plan as one HTML file for people, without scripts, and without anything from the network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from detector.archive.apply import read_plan
from detector.archive.plan import QUARANTINE, SAMPLES, write_whole
from detector.errors import ArchiveError

REPORT = "report.html"
_QUARANTINE_SHOWN = 200
_ACTIONS = ("publish", "review", "reject")


def write_report(plan: Path) -> Path:
    """Write ``report.html`` into the folder of a plan, and say where it is; raises ArchiveError without a plan."""
    manifest, _ = read_plan(plan)
    try:
        samples = json.loads((plan / SAMPLES).read_bytes())
        quarantine = [json.loads(line) for line in (plan / QUARANTINE).read_bytes().splitlines()]
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{plan} holds no samples for a report ({error}); plan again") from error
    page = (
        _environment()
        .get_template("report.html")
        .render(
            manifest=manifest,
            summary=manifest["summary"],
            samples=samples,
            quarantine=quarantine[:_QUARANTINE_SHOWN],
            quarantined=len(quarantine),
            actions=_ACTIONS,
            months=_stacks(samples["by_month"]),
            sources=_busiest(samples["by_source"]),
            plan_folder=plan.name,
        )
    )
    write_whole(plan / REPORT, [page])
    return plan / REPORT


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("detector.archive", ""),
        autoescape=True,  # every title and text in the report is a stranger's
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _stacks(by_month: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """One bar a month: height and offset of each action in percent of the highest bar."""
    highest = max((sum(counts.values()) for counts in by_month.values()), default=1)
    bars = []
    for month, counts in by_month.items():
        top = 100.0
        parts = []
        for action in _ACTIONS:
            height = 100.0 * counts.get(action, 0) / highest
            top -= height
            parts.append({"action": action, "top": round(top, 3), "height": round(height, 3)})
        bars.append({"month": month, "parts": parts, "total": sum(counts.values()), "counts": dict(counts)})
    return bars


def _busiest(by_source: Mapping[str, Mapping[str, int]], most: int = 30) -> list[dict[str, Any]]:
    rows = [
        {"source": source, "total": sum(c.values()), **{a: c.get(a, 0) for a in _ACTIONS}}
        for source, c in by_source.items()
    ]
    return sorted(rows, key=lambda row: (-int(str(row["total"])), str(row["source"])))[:most]
