"""report: a plan as one HTML file for people, without scripts, and without anything from the network."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from detector.archive.apply import read_manifest
from detector.archive.plan import QUARANTINE, SAMPLES, write_whole
from detector.archive.plots import Bars, bars, steps_plot
from detector.errors import ArchiveError

REPORT = "report.html"
ACTIONS = ("publish", "review", "reject")
_QUARANTINE_SHOWN, _SOURCES_SHOWN, _LINES_SHOWN = 200, 30, 40


def write_report(plan: Path) -> Path:
    """Write ``report.html`` into the folder of a plan, and say where it is; raises ArchiveError without a plan."""
    manifest = read_manifest(plan)
    try:
        samples = json.loads((plan / SAMPLES).read_bytes())
        quarantine = [json.loads(line) for line in (plan / QUARANTINE).read_bytes().splitlines()]
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{plan} holds no samples for a report ({error}); plan again") from error
    totals = samples["totals"]
    page = (
        _environment()
        .get_template("report.html")
        .render(
            manifest=manifest,
            summary=manifest["summary"],
            samples=samples,
            totals=totals,
            characters=_characters(totals["characters"]),
            quarantine=quarantine[:_QUARANTINE_SHOWN],
            quarantined=len(quarantine),
            actions=ACTIONS,
            years=bars(totals["by_year"], ACTIONS),
            sizes=steps_plot(samples["story_sizes"]),
            sources=_busiest(totals["by_source"]),
            repeated=[line for line in totals["stripped"] if line[1] == "source_memory"][:_LINES_SHOWN],
            stripped=[line for line in totals["stripped"] if line[1] != "source_memory"][:_LINES_SHOWN],
            command=_command(plan, manifest["valve"]),
            again=_again(plan, manifest["inputs"]),
        )
    )
    write_whole(plan / REPORT, [page])
    return plan / REPORT


def _command(plan: Path, valve: list[dict[str, str]]) -> str:
    """What is to be typed to carry the plan out, after everything beyond a limit was looked at."""
    confirmed = "".join(f" --confirm {shlex.quote(entry['name'])}" for entry in valve)
    return f"copytaster archive apply {shlex.quote(str(plan))} --out cleaned{confirmed}"


def _again(plan: Path, inputs: list[dict[str, Any]]) -> str:
    """What is to be typed to plan again with a line that stays."""
    files = " ".join(shlex.quote(entry["address"]) for entry in inputs)
    return f"copytaster archive plan {files} --out {shlex.quote(str(plan))} --keep-line 'THE LINE'"


def _characters(by_source: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    return {action: sum(counts.get(action, 0) for counts in by_source.values()) for action in ACTIONS}


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("detector.archive", ""),
        autoescape=True,  # every title and text in the report is a stranger's
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _busiest(by_source: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """The sources with most items, and for each the share that would be removed."""
    rows: list[dict[str, Any]] = [
        {"source": source, "total": sum(c.values()), **{a: c.get(a, 0) for a in ACTIONS}}
        for source, c in by_source.items()
    ]
    for row in rows:
        row["rate"] = row["reject"] / row["total"]
    return sorted(rows, key=lambda row: (-row["total"], row["source"]))[:_SOURCES_SHOWN]


__all__ = ["REPORT", "Bars", "write_report"]
