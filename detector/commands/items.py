"""Commands for a single item: what stays of it, what is thought of it, what it took from another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from detector.archive import find_sources, parse, read
from detector.archive.formats import Quarantined
from detector.clean import clean_html, clean_text
from detector.commands.options import COLOURS, SET_ASIDE
from detector.pipeline import Detector, compare
from detector.records import CleanText, Item, Verdict, sniff_media_type
from detector.terminal import Console

Input = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]


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
    console.print(Text(verdict.action, style=f"bold {COLOURS[verdict.action]}"))
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
