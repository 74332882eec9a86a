"""The command line: parses, calls, prints.

Exit status: 0 done, 1 failed, 2 called wrongly, 3 done, but rows of the archive were set aside, 4 stopped because a
plan goes beyond a limit that nobody confirmed, 130 interrupted.
"""

from __future__ import annotations

import gc
import json
import sys
from dataclasses import asdict
from enum import StrEnum
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path
from tempfile import TemporaryFile
from types import ModuleType
from typing import Annotated, Any, get_args

import typer
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from detector.archive import apply_plan, find_sources, make_plan, parse, read, undo, write_report
from detector.archive.copies import find_copies
from detector.archive.formats import FORMATS, FieldMapping, Quarantined
from detector.archive.job import Engine
from detector.archive.local import LocalEngine
from detector.archive.plan import Options, Summary
from detector.archive.progress import Telling
from detector.archive.valve import Limits, ValveError
from detector.clean import clean_html, clean_text
from detector.errors import DetectorError
from detector.keep import Keep
from detector.models import SHIPPED
from detector.pipeline import Detector, compare
from detector.records import CleanText, Item, Match, Verdict, sniff_media_type
from detector.terminal import Console
from detector.verdict import Policy
from detector.workers import default_workers

SET_ASIDE, VALVE, INTERRUPTED = 3, 4, 130
_GROUP = "copytaster.commands"
_COLOURS = {"publish": "green", "review": "yellow", "reject": "red"}


class _Commands(TyperGroup):
    """Our commands, and those that other packages register under ``copytaster.commands``, loaded when called.

    The service registers ``serve`` so: the detector does not know it, and nobody who cleans an archive loads it.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *(entry.name for entry in entry_points(group=_GROUP))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        for entry in entry_points(group=_GROUP, name=cmd_name):
            return _loaded(entry)
        return super().get_command(ctx, cmd_name)


def _loaded(entry: EntryPoint) -> Any:
    holder = typer.Typer()
    try:
        given = entry.load()
        if isinstance(given, typer.Typer):  # a group of commands
            group = typer.main.get_group(given)
            group.name = entry.name
            return group
        holder.command(entry.name)(given)
    except ModuleNotFoundError as error:
        missing = error.name

        @holder.command(entry.name, help="Needs the extra 'service'.")
        def _absent() -> None:
            raise DetectorError(f"the package {missing!r} is not installed; run: pip install 'copytaster[service]'")

    command = typer.main.get_command(holder)
    command.name = entry.name
    return command


app = typer.Typer(
    cls=_Commands, no_args_is_help=True, help="Clean, deduplicate and judge news items.", pretty_exceptions_enable=False
)
archive = typer.Typer(no_args_is_help=True, help="Clean up what is already stored: plan, report, apply, undo.")
train = typer.Typer(no_args_is_help=True, help="Learn the models again from data (needs the extra 'train').")
app.add_typer(archive, name="archive")
app.add_typer(train, name="train")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"copytaster {version('copytaster')}")
        raise typer.Exit


@app.callback()
def _main(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


Input = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]


@app.command()
def clean(file: Input, url: Annotated[str | None, typer.Option(help="The page's address.")] = None) -> None:
    """Show what of a saved page or text stays, and what goes and why."""
    data = file.read_bytes()
    is_page = sniff_media_type(data) == "text/html"
    _print_clean(Console(), clean_html(data, url=url) if is_page else clean_text(data))


_AT_ONCE, _SHOWN = 500, 1_000  # paragraphs in one print; dropped pieces that are listed


def _print_clean(console: Console, text: CleanText) -> None:
    console.print(Text(text.title, style="bold"))
    for name in ("author", "published", "updated", "canonical_url", "site_name", "language"):
        stated = getattr(text, name)
        if stated is not None:
            console.print(Text(f"{name.replace('_', ' ')}: {stated}", style="dim"), soft_wrap=True)
    for first in range(0, len(text.paragraphs), _AT_ONCE):  # one by one, a hostile text of 300,000 takes half a minute
        together = Text("\n" + "\n\n".join(text.paragraphs[first : first + _AT_ONCE]))
        console.print(together, soft_wrap=len(text.paragraphs) > 10 * _AT_ONCE)
    for note in text.notes:
        console.print(Text(f"\nnote: {note} ({note.detail})", style="cyan"))
    if text.dropped:
        table = Table("dropped", "reason", title_justify="left")
        for dropped in text.dropped[:_SHOWN]:
            table.add_row(Text(" ".join(dropped.text.split())[:100], style="dim"), dropped.reason)
        console.print(table)
        if len(text.dropped) > _SHOWN:
            console.print(f"and {len(text.dropped) - _SHOWN:,} more that were dropped")


@app.command()
def check(
    file: Input,
    against: Annotated[Path | None, typer.Option(exists=True, help="Earlier items, as lines of JSON.")] = None,
    title: Annotated[str, typer.Option(help="The item's headline.")] = "",
) -> None:
    """Give the verdict on one item, with its evidence."""
    console = Console()
    detector = Detector()
    set_aside = 0
    for raw in read(find_sources([against])) if against else ():
        row = parse(raw)
        if isinstance(row, Quarantined):
            set_aside += 1
            console.print(Text(f"{against}, {row.place} set aside: {row.error}", style="yellow"))
        else:
            detector.admit(row.item)
    _print_verdict(console, detector.check(Item(str(file), file.read_bytes(), title=title)))
    raise typer.Exit(SET_ASIDE if set_aside else 0)


def _print_verdict(console: Console, verdict: Verdict) -> None:
    console.print(Text(verdict.action, style=f"bold {_COLOURS[verdict.action]}"))
    for reason in verdict.reasons:
        console.print(Text(f"  {reason}: {reason.detail}"), soft_wrap=True)
    body = verdict.text.text
    for match in verdict.matches:
        console.print(Text(f"  {match.kind} {match.of}, confidence {match.score:.2f}"), soft_wrap=True)
        for span in match.spans[:1]:
            console.print(Text(f"    both: {_excerpt(body[span.start : span.end])}", style="dim"), soft_wrap=True)
        for differs in match.differs[:3]:
            console.print(Text(f"    {differs.there} → {differs.here}", style="dim"), soft_wrap=True)
    for sentence in verdict.quality.sentences:
        if sentence.flagged:
            shown = f"  filler {sentence.filler:.2f} {sentence.reason}: {_excerpt(sentence.text)}"
            console.print(Text(shown, style="dim"), soft_wrap=True)


@app.command()
def diff(later: Input, earlier: Input) -> None:
    """Show two items side by side: what the later one took from the earlier, what it changed and what is its own."""
    console = Console()
    match = compare(*(Item(str(file), file.read_bytes()) for file in (later, earlier)))
    if match is None:
        console.print("no match: the two have at most phrases in common")
        return
    console.print(Text(f"{match.kind}, confidence {match.score:.2f}", style="bold"))
    here, there = match.later_text or "", match.earlier_text or ""
    for passage in match.diff():
        new, old = here[passage.start : passage.end], there[passage.other_start : passage.other_end]
        if passage.kind == "equal":
            console.print(Text(f"  {_excerpt(new)}", style="dim"), soft_wrap=True)
            continue
        for mark, text, style in (("-", old, "red"), ("+", new, "green")):
            if text.strip():
                console.print(Text(f"{mark} {' '.join(text.split())}", style=style), soft_wrap=True)


def _excerpt(text: str, most: int = 72) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


Inputs = Annotated[list[str], typer.Argument(help="Files, folders and URL#table; see `archive formats`.")]
Map = Annotated[list[str] | None, typer.Option("--map", help="Whose field is which: body=content.")]
Mapping = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="The same in a TOML file.")]
Encoding = Annotated[str, typer.Option(help="Of CSV or XML that does not say; found when not given.")]
_WORKERS = default_workers()
Processes = Annotated[int, typer.Option(min=1, help="Worker processes.")]
KeepOption = Annotated[str, typer.Option(help=f"Which copy stays: {', '.join(get_args(Keep))}.")]
SourceRank = Annotated[list[str] | None, typer.Option(help="The best source first, for --keep.")]
LookBack = Annotated[float | None, typer.Option(help="How far back copies are looked for.")]


@archive.command()
def plan(
    inputs: Inputs,
    out: Annotated[Path, typer.Option(help="Folder for the plan and its report.")],
    map_: Map = None,
    mapping: Mapping = None,
    encoding: Encoding = "",
    workers: Processes = _WORKERS,
    keep: KeepOption = "earliest",
    source_rank: SourceRank = None,
    look_back_days: LookBack = None,
    keep_line: Annotated[
        list[str] | None, typer.Option(help="A line that stays, although its source repeats it.")
    ] = None,
    keep_lines: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A file of such lines.")] = None,
    since: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="An earlier plan: new items only.")
    ] = None,
    engine: Annotated[str, typer.Option(help="local (worker processes) or spark.")] = "local",
    master: Annotated[str, typer.Option(help="Spark's master URL; local[*] by default.")] = "local[*]",
    max_removal: Annotated[float, typer.Option(help="Share of a source that may go without being confirmed.")] = 0.5,
    max_story: Annotated[int, typer.Option(help="Items of a story that need no confirmation.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Plan what to keep, hold and remove; nothing is changed. Run it again to go on after an interruption."""
    console = Console()
    policy = Policy(keep=_keep(keep), source_rank=tuple(source_rank or ()), look_back_days=look_back_days)
    lines = [*(keep_line or ()), *(keep_lines.read_text(encoding="utf-8").splitlines() if keep_lines else ())]
    options = Options(keep_lines=tuple(lines), limits=Limits(max_removal, max_story), since=since)
    fields = FieldMapping.parse(map_ or (), mapping, encoding)
    try:
        with Telling(Console(stderr=True)) as telling:
            chosen = _engine(engine, workers, master)
            summary = make_plan(inputs, out, policy, workers, telling.hear, fields, options=options, engine=chosen)
    except KeyboardInterrupt:
        Console(stderr=True).print("stopped; the same command goes on from here", soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None
    report = write_report(out)
    gc.freeze()  # the process ends: to look for cycles among a plan's records takes longer than the report
    if as_json:
        print(json.dumps({**asdict(summary), "plan": str(out), "report": str(report)}))
    else:
        _print_summary(console, summary)
        console.print(f"Report: {report}", soft_wrap=True)
    raise typer.Exit(SET_ASIDE if summary.quarantined else 0)


def _writable(path: Path | None) -> Path | None:
    """The file, which can be written to: found out before an hour of work and not after it."""
    try:
        if path:
            path.open("ab").close()
    except OSError as error:
        raise typer.BadParameter(f"nothing can be written to {path} ({error.strerror}); name another") from error
    return path


@archive.command("duplicates")
def list_duplicates(
    inputs: Inputs,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, callback=_writable, help="File for the lines; standard output else.")
    ] = None,
    as_is: Annotated[
        bool, typer.Option("--as-is", help="Plain texts are clean: look for no furniture in them.")
    ] = False,
    map_: Map = None,
    mapping: Mapping = None,
    encoding: Encoding = "",
    workers: Processes = _WORKERS,
    keep: KeepOption = "earliest",
    source_rank: SourceRank = None,
    look_back_days: LookBack = None,
) -> None:
    """List which items copy an earlier one, as lines of JSON: quick, and nothing else is judged.

    A score from 0.8 on (0.95 in a brief) would have a plan remove the item, and a lower one hold it.
    """
    policy = Policy(keep=_keep(keep), source_rank=tuple(source_rank or ()), look_back_days=look_back_days)
    fields = FieldMapping.parse(map_ or (), mapping, encoding)
    said = Console(stderr=True)
    try:
        found = find_copies(inputs, policy, workers, fields, as_is=as_is)
    except KeyboardInterrupt:
        said.print("stopped; nothing was listed", soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None
    gc.freeze()  # as in ``plan``
    lines = "".join(json.dumps(_copy(match), ensure_ascii=False) + "\n" for match in found.matches)
    if out is None:
        sys.stdout.write(lines)
    else:
        out.write_text(lines, encoding="utf-8")
    for one in found.quarantined:
        said.print(
            Text(f"{found.sources[one.file].address}, {one.place} set aside: {one.error}", style="yellow"),
            soft_wrap=True,
        )
    said.print(f"{len(found.matches):,} of {found.items:,} items copy an earlier one", soft_wrap=True)
    raise typer.Exit(SET_ASIDE if found.quarantined else 0)


def _copy(match: Match) -> dict[str, str | float]:
    numbers = {name: round(getattr(match, name), 6) for name in ("score", "jaccard", "containment", "coverage")}
    return {"id": match.item_id, "of": match.of, "kind": match.kind, **numbers}


def _keep(value: str) -> Keep:
    if value not in get_args(Keep):
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(get_args(Keep))}", param_hint="--keep")
    return value  # type: ignore[return-value]  # checked above


def _engine(name: str, workers: int, master: str) -> Engine:
    if name == "local":
        return LocalEngine(workers)
    if name != "spark":
        raise typer.BadParameter(f"{name!r} is not local or spark", param_hint="--engine")
    try:
        spark: Engine = import_module("detector.archive.spark").SparkEngine(master)
    except ModuleNotFoundError as error:
        raise DetectorError(f"the package {error.name!r} is missing; run: pip install 'copytaster[spark]'") from error
    return spark


def _print_summary(console: Console, summary: Summary) -> None:
    table = Table("action", "reason", title=f"{summary.items:,} items")
    table.add_column("items", justify="right")
    for action, total in summary.actions.items():
        table.add_row(Text(action, style=f"bold {_COLOURS[action]}"), "", f"{total:,}")
        for reason, count in summary.reasons[action].items():
            table.add_row("", "(no remark)" if reason == "none" else reason, f"{count:,}")
    if summary.repeated_rows:
        table.add_row("repeated rows", "", f"{summary.repeated_rows:,}")
    if summary.quarantined:
        table.add_row(Text("quarantined", style="bold magenta"), "", f"{summary.quarantined:,}")
    console.print(table)
    for name in summary.valve:
        console.print(Text(f"beyond a limit: {name}; the report says more", style="yellow"), soft_wrap=True)


@archive.command()
def report(plan_folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)]) -> None:
    """Write the report of a plan again."""
    Console().print(f"Report: {write_report(plan_folder)}", soft_wrap=True)


@archive.command()
def apply(
    plan_folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)],
    out: Annotated[Path, typer.Option(help="New folder for what is kept and what is removed.")],
    mark_column: Annotated[
        str | None, typer.Option(help="Of a database: an empty text column for the marks, instead of a table.")
    ] = None,
    to: Annotated[str | None, typer.Option(help="jsonl or parquet, instead of each source's own format.")] = None,
    confirm: Annotated[list[str] | None, typer.Option(help="What is beyond a limit, by its name in the plan.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Carry a plan out in a new folder; the archive itself is not touched, but for marks in a database."""
    try:
        done = apply_plan(plan_folder, out, mark_column, to, confirmed=confirm or ())
    except ValveError as error:
        Console(stderr=True).print(Text(f"copytaster: {error}", style="yellow"), soft_wrap=True)
        raise typer.Exit(VALVE) from None
    if as_json:
        print(json.dumps({**asdict(done), "out": str(out)}))
        return
    Console().print(
        f"{out}: {done.kept:,} kept, {done.removed:,} removed, {done.quarantined:,} quarantined,"
        f" {done.repeated:,} repeated rows left out",
        soft_wrap=True,
    )


@archive.command(name="formats")
def formats_() -> None:
    """List what is read and written."""
    for one in FORMATS.values():
        Console().print(Text(f"{one.name:10}{one.about}"), soft_wrap=True)


@archive.command(name="undo")
def undo_(out: Annotated[Path, typer.Argument(exists=True, file_okay=False)]) -> None:
    """Take back what apply wrote to a folder."""
    undo(out)
    Console().print(f"{out} is gone; the archive was never touched", soft_wrap=True)


class CleanerPart(StrEnum):
    """What the cleaner consists of."""

    blocks = "blocks"
    lines = "lines"


def _made(folder: Path) -> Path:
    """The folder, which is there and can be written to: found out before an hour of learning and not after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        raise typer.BadParameter(f"nothing can be written to {folder} ({error.strerror}); name another") from error
    return folder


Weights = Annotated[
    Path, typer.Option(file_okay=False, callback=_made, help="Folder that the weights are written to; made if absent.")
]


@train.command()
def cleaner(
    data: Annotated[Path, typer.Option(exists=True, file_okay=False, help="The folder described in docs/training.md.")],
    out: Weights = SHIPPED,
    only: Annotated[CleanerPart | None, typer.Option(help="Learn this model alone; the lines take minutes.")] = None,
) -> None:
    """Learn again which parts of a page, and which lines of a text, are the article. Takes half an hour or more."""
    parts = [part.value for part in CleanerPart if only in (None, part)]
    _print_scores(_trainer("cleaner").train_cleaner(data, out, parts))


@train.command()
def quality(
    data: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="The folder described in docs/training.md.")
    ] = None,
    seeds: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Our own labelled texts.")] = Path("seeds"),
    decisions: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A newsroom's own decisions, as lines of JSON.")
    ] = None,
    out: Weights = SHIPPED,
) -> None:
    """Learn again what filler is; from the seeds alone without --data. Or refit what is there to --decisions."""
    if decisions is not None:
        _print_scores(_trainer("decisions").train_decisions(decisions, out / "quality.npz"))
        return
    _print_scores(_trainer("quality").train_quality(data, seeds, out / "quality.npz"))


@train.command()
def duplicates(
    data: Annotated[Path, typer.Option(exists=True, file_okay=False, help="The folder described in docs/training.md.")],
    out: Weights = SHIPPED,
) -> None:
    """Learn again what tells a text that was told anew from one on the same subject."""
    _print_scores(_trainer("duplicates").train_duplicates(data, out / "kinship.npz"))


def _trainer(name: str) -> ModuleType:
    """The module that trains; it needs scikit-learn, which nothing else does."""
    try:
        return import_module(f"detector.train.{name}")
    except ModuleNotFoundError as error:
        raise DetectorError(f"the package {error.name!r} is missing; run: pip install 'copytaster[train]'") from error


def _print_scores(scores: dict[str, float]) -> None:
    table = Table("held out", title="written")
    table.add_column("score", justify="right")
    for name, score in scores.items():
        table.add_row(name, f"{score:.4f}")
    Console().print(table)


def main() -> None:
    """Run the command line; an error of ours is one line on standard error and exit status 1."""
    try:
        app()
    except DetectorError as error:
        Console(stderr=True).print(Text(f"copytaster: {error}", style="red"), soft_wrap=True)
        sys.exit(1)
