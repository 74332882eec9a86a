"""``copytaster replay``: what another policy would have decided, from what is stored, before it is switched on.

The items of the last days are gone through in their order. Each is compared with those before it that the *new*
policy keeps, so that what follows from a decision is seen too.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import track
from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection

from detector import (
    Action,
    CleanText,
    Detector,
    Examined,
    Item,
    MemoryIndex,
    Policy,
    PolicyError,
    Quality,
    Reason,
    Sentence,
    Verdict,
    read_policy,
)
from detector.pipeline import entry_of, examined_for_matching
from detector.terminal import Console
from service.hindsight import Hindsight
from service.settings import Settings
from service.store import Store, StoreError
from service.store.replay import Past, decided, edits, how_many, matched_before, pins_made, tried

_LONGEST = 36_500.0  # days


@dataclass(frozen=True, slots=True)
class Change:
    """An item of which another policy would have decided otherwise."""

    id: str
    title: str
    source: str | None
    action: Action
    would_be: Action
    reasons: tuple[str, ...]  # of the other policy


@dataclass(frozen=True, slots=True)
class Replayed:
    """What another policy would have decided of the items of some days."""

    policy: str  # its digest
    items: int
    counts: dict[tuple[Action, Action], int]  # (decided, would be) → items
    changes: tuple[Change, ...]


def replay(
    policy: Annotated[Path | None, typer.Option(help="The policy to try (docs/policy.md).")] = None,
    shadow: Annotated[
        bool, typer.Option("--shadow", help="Show instead what the running service recorded of its policy on trial.")
    ] = False,
    days: Annotated[float, typer.Option(min=0, max=_LONGEST, help="How far back to go.")] = 30.0,
    limit: Annotated[int, typer.Option(min=0, help="Items to list at most; the counts are of all.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON, with every item.")] = False,
    database: Annotated[str | None, typer.Option(help="The service's database (default: COPYTASTER_DATABASE).")] = None,
) -> None:
    """Show what another policy would have decided of the items of the last days. Writes nothing."""
    if (policy is None) != shadow:
        raise typer.BadParameter("give either --policy FILE or --shadow", param_hint="--policy")
    since = datetime.now(UTC) - timedelta(days=days)
    try:
        found = _found(database, policy, since)
    except (StoreError, PolicyError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
    _print_json(found, days) if as_json else _print(found, days, limit)


def _found(database: str | None, file: Path | None, since: datetime) -> Replayed:
    policy = read_policy(file) if file else None
    store = Store.open(database or Settings().database, claim=False)
    try:
        return decide_again(store, policy, since) if policy else store.read(recorded, since)
    finally:
        store.close()


def recorded(connection: Connection, since: datetime) -> Replayed:
    """What the policy on trial decided of what came in since."""
    last, pairs, changes = "", Counter[tuple[Action, Action]](), []
    for one in tried(connection, since):
        last = one.policy
        pairs[one.action, one.would_be] += 1
        if one.action != one.would_be:
            changes.append(Change(one.id, one.title, one.source, one.action, one.would_be, one.reasons))
    return Replayed(last, pairs.total(), dict(pairs), tuple(changes))


def decide_again(store: Store, policy: Policy, since: datetime) -> Replayed:
    """What ``policy`` would have decided of what came in since, beside what editors had said by then."""
    again = store.read(_Again, policy, since)
    pairs, changes = Counter[tuple[Action, Action]](), []
    for past in _shown(store, since):
        verdict = again.decide(past)
        pairs[past.action, verdict.action] += 1
        if past.action != verdict.action:
            reasons = tuple(str(reason) for reason in verdict.reasons)
            changes.append(Change(past.id, past.title, past.source, past.action, verdict.action, reasons))
    return Replayed(policy.digest, pairs.total(), dict(pairs), tuple(changes))


class _Again:
    """Decides one text after the other, as if each came now after those before it."""

    def __init__(self, connection: Connection, policy: Policy, since: datetime) -> None:
        self._index = MemoryIndex()
        self._detector = Detector(self._index, policy)
        self._editors = Hindsight(edits(connection), pins_made(connection), since)
        for past in matched_before(connection, since):
            examined = _examined(past)
            if examined.sketch is not None:
                self._index.add(entry_of(examined, examined.sketch, kept=self._editors.kept_at_first(past)))

    def decide(self, past: Past) -> Verdict:
        """The verdict on the next text, which is remembered."""
        for item_id, kept in self._editors.until(past):
            known = self._index.get(item_id)
            if known is not None:
                self._index.add(replace(known, kept=kept))
        examined = _examined(past)
        rulings, same = self._editors.rulings_on(past)
        also = [entry for one in same if (entry := self._index.get(one)) is not None]
        verdict = rulings.held_back(self._detector.judge(examined, rulings, also))
        self._detector.remember(examined, verdict)
        return verdict


def _shown(store: Store, since: datetime) -> Iterable[Past]:
    total = store.read(how_many, since)
    return track(_pasts(store, since), "replay", total, console=Console(stderr=True), transient=True)


def _pasts(store: Store, since: datetime) -> Iterator[Past]:
    after = 0
    while read := store.read(decided, since, after):
        yield from read
        after = read[-1].version_seq


def _examined(past: Past) -> Examined:
    """The item as it was when it was judged: what was found in it was stored with its verdict."""
    item = Item(
        past.id,
        past.text,
        media_type="text/plain",
        title=past.title,
        url=past.url,
        source=past.source,
        section=past.section,
        language=past.language,
        published=past.published,
    )
    cleaned, quality = past.answer["cleaned"], past.answer["quality"]
    text = CleanText(
        past.title,
        tuple(past.text.split("\n\n")) if past.text else (),
        notes=_reasons(cleaned["notes"]),
        complete=cleaned["complete"],
        page_kind=cleaned.get("page_kind"),
        page_kind_confidence=cleaned.get("page_kind_confidence", 0.0),
        linked=tuple(cleaned.get("linked", ())),
    )
    assessed = Quality(
        quality["score"],
        quality["label"],
        _reasons(quality.get("reasons", ())),
        _flagged(quality.get("filler", ())),
        quality["language"],
        quality.get("genre"),
    )
    return replace(examined_for_matching(item, text), quality=assessed)


def _flagged(told: Iterable[dict[str, Any]]) -> tuple[Sentence, ...]:
    return tuple(Sentence(s["text"], s["start"], s["end"], s["probability"], s["reason"]) for s in told)


def _reasons(told: Iterable[dict[str, str]]) -> tuple[Reason, ...]:
    return tuple(Reason(reason["code"], reason["text"]) for reason in told)


def _print_json(found: Replayed, days: float) -> None:
    counts = [
        {"decided": was, "would_be": would, "items": number} for (was, would), number in sorted(found.counts.items())
    ]
    told: dict[str, Any] = {"policy": found.policy, "days": days, "items": found.items, "counts": counts}
    typer.echo(json.dumps(told | {"changes": [asdict(change) for change in found.changes]}, ensure_ascii=False))


def _print(found: Replayed, days: float, limit: int) -> None:
    console = Console()
    changed = len(found.changes)
    title = (
        f"{found.items:,} items of {days:g} days; {changed:,} would be decided differently by {found.policy or 'none'}"
    )
    table = Table("decided", "would be", title=title)
    table.add_column("items", justify="right")
    for (was, would), number in sorted(found.counts.items()):
        table.add_row(was, Text(would, style="" if was == would else "bold"), f"{number:,}")
    console.print(table)
    if not changed or not limit:
        return
    listed = Table("item", "title", "source", "decided", "would be", "why")
    for change in found.changes[:limit]:
        cells = (
            change.id,
            change.title[:60],
            change.source or "",
            change.action,
            change.would_be,
            ", ".join(change.reasons),
        )
        listed.add_row(*map(Text, cells))
    console.print(listed)
    if changed > limit:
        console.print(f"and {changed - limit:,} more; --limit or --json shows them")
