"""An examined item beside everything that was admitted: found, compared, ruled on by editors, decided, explained."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Connection

from detector import Detector, Examined, Policy, Verdict
from detector.pipeline import lines_of, without_what_its_source_repeats
from service.answers import explain
from service.hot_index import HotIndex, View
from service.memories import Memories
from service.messages import TimingOut, VerdictOut
from service.policies import Policies
from service.rulings import Rulings
from service.shelf import Shelf
from service.store import NewMatch, StoredItem, decisions, items, postings
from service.store.postings import Posting
from service.store.records import now
from service.workers import Examination


@dataclass(frozen=True, slots=True)
class Judged:
    """An item that was compared and decided, and the answer to whoever sent it."""

    examined: Examined
    verdict: Verdict
    html: str | None
    answer: VerdictOut
    matches: tuple[NewMatch, ...]
    shadow: Verdict | None  # of the policy on trial


class Bench:
    """Judges items, and remembers those that were admitted. For one thread; follows what the store holds."""

    def __init__(self, shelf: Shelf, policies: Policies, window: int) -> None:
        self.shelf = shelf
        self._policies = policies  # others count from the next item on
        self._memories = Memories(window)
        self._touched: list[StoredItem] = []  # in the transaction that is open
        self._change = 0

    @property
    def index(self) -> HotIndex:
        """The index in use; another one when the store's was made again."""
        return self.shelf.index

    # --- what the line tells ------------------------------------------------------------------------------------------

    def before(self, connection: Connection) -> None:
        """Take in what other nodes have committed."""
        self._touched.clear()
        for item_seq in self.shelf.follow(connection):
            for known in items.find_all(connection, [item_seq]):
                self._memories.forget(known.source)

    def written(self, connection: Connection) -> None:
        """Note where the store's changes end, ours included."""
        self._change = postings.last_change(connection)

    def committed(self) -> None:
        """What was touched is so for good."""
        self.index.follow_own(self._change)

    def undone(self, connection: Connection) -> None:
        """Hold again of what was touched what the store holds."""
        for item in self._touched:
            self.index.refresh(connection, item.seq)
            self._memories.forget(item.source)

    # --- judging ------------------------------------------------------------------------------------------------------

    def judge(
        self, connection: Connection, examination: Examination, started: float, *, is_new: bool = False
    ) -> Judged:
        """The verdict on an item as the store stands, with its explanation; nothing is written.

        ``started``: when the request came, by ``time.perf_counter``. ``is_new``: no item of its id is stored, as the
        caller has seen.
        """
        began = time.perf_counter()
        examined, html = self._recall(connection, examination)
        view = self.index.at(connection)
        known = None if is_new else items.seq_of(connection, examined.item.id)
        verdict, shadow = self._verdicts(connection, examined, view, known)
        done = time.perf_counter()
        timing = TimingOut(examine=_ms(examination.seconds), judge=_ms(done - began), total=_ms(done - started))
        answer = explain(verdict, view.given, timing)
        rows = tuple(
            NewMatch(
                of_version_seq=view.given[match.of].version_seq,
                of_item_seq=view.given[match.of].item_seq,
                kind=match.kind,
                is_duplicate=match.is_duplicate,
                score=match.score,
                answer=shown.model_dump(mode="json"),
            )
            for match, shown in zip(verdict.matches, answer.matches, strict=True)
        )
        return Judged(examined, verdict, html, answer, rows, shadow)

    def remember(
        self,
        connection: Connection,
        stored: StoredItem,
        examined: Examined | None = None,
        posting: Posting | None = None,
    ) -> None:
        """Hold of an item what was just written of it; ``examined`` when it is a new text.

        ``posting``: what a new item is found by, for whoever has it at hand.
        """
        self._touched.append(stored)
        if posting is not None:
            self.index.add(posting)
        else:
            self.index.refresh(connection, stored.seq)
        if examined is not None and stored.source:
            self._memories.observe(connection, stored.source, stored.version_seq, lines_of(examined.text))

    def _recall(self, connection: Connection, examination: Examination) -> tuple[Examined, str | None]:
        """The item without what its source is known to repeat, and its cleaned HTML where that was asked for."""
        before, html = examination.examined, examination.html
        if not before.item.source:
            return before, html
        memory = self._memories.of(connection, before.item.source)
        examined = without_what_its_source_repeats(before, memory, self.shelf.sketching)
        return examined, html if html is None or examined is before else examined.text.html()

    def _verdicts(
        self, connection: Connection, examined: Examined, view: View, known: int | None
    ) -> tuple[Verdict, Verdict | None]:
        """The verdict, and that of the policy on trial, by the same rulings on what each of them looks at.

        ``known``: the number of the item, where one of its id is stored.
        """
        pinned = decisions.pinned(connection, known) if known is not None else {}
        others = items.find_all(connection, pinned)
        pins = {item.id: pinned[item.seq] for item in others}
        also = view.read(seq for item in others if pins[item.id] == "same" for seq in self.index.holds(item.seq))

        def by(policy: Policy) -> Verdict:
            rulings = Rulings(pins, lambda of: view.given[of].status == "retracted")
            if examined.item.published is None:  # it is as old as it has been here
                look_back = policy.applied_to(examined.item).look_back
                view.since = None if look_back is None else now() - look_back
            return rulings.held_back(Detector(view, policy, self.shelf.sketching).judge(examined, rulings, also))

        shadow = self._policies.shadow
        return by(self._policies.active), by(shadow) if shadow else None


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
