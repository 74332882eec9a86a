"""Any run of what is done to items, and of restarts, keeps to a model of the store that has none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from service.editors import Editors, Order
from service.messages import ItemIn
from service.problems import ProblemError
from service.store import Store
from service.store import items as stored_items
from tests.service.conftest import _open_desk

ROOT = Path(__file__).parents[2]
ROWS = [json.loads(line) for line in (ROOT / "fixtures" / "archive.jsonl").read_text().splitlines()][:12]
NUMBERS = st.integers(0, len(ROWS) - 1)
COPIES = st.integers(0, 2)


def _name(number: int, copy: int) -> str:
    return ROWS[number]["id"] if copy == 0 else f"{ROWS[number]['id']}-copy-{copy}"


def _item(number: int, name: str) -> ItemIn:
    """The text of one of a dozen items, under an id."""
    row: dict[str, Any] = ROWS[number]
    return ItemIn(id=name, body=row["body"], title=row.get("title", ""))


class ADeskAndItsStore(RuleBasedStateMachine):
    """What was stored, by id: whose text, and the status that was answered last."""

    def __init__(self, database: str) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.database = database
        self.stored: dict[str, tuple[int, str]] = {}
        self._open()

    def _open(self) -> None:
        self.store = Store.open(self.database)
        self.desk = self.runner.run(_open_desk(self.store))

    def _close(self) -> None:
        self.desk.close()
        self.store.close()

    @rule(number=NUMBERS, copy=COPIES)
    def admit(self, number: int, copy: int) -> None:
        item = _item(number, _name(number, copy))
        is_new = item.id not in self.stored
        if not is_new and self.stored[item.id][0] != number:
            with pytest.raises(ProblemError, match="other content"):
                self.runner.run(self.desk.admit(item))
            return
        admitted = self.runner.run(self.desk.admit(item))
        _, status = self.stored.setdefault(item.id, (number, admitted.item.status))
        assert (admitted.new, admitted.item.status) == (is_new, status)

    @rule(number=NUMBERS, copy=COPIES, other=NUMBERS)
    def revise(self, number: int, copy: int, other: int) -> None:
        item = _item(other, _name(number, copy))
        before = self.stored.get(item.id)
        revised = self.runner.run(self.desk.revise(item, allowed=lambda _known: None))
        self.stored[item.id] = (other, revised.item.status)
        if before is not None and before[0] == other:
            assert (revised.new, revised.item.status) == (False, before[1])
        else:
            assert revised.new

    @rule(number=NUMBERS, copy=COPIES)
    def retract(self, number: int, copy: int) -> None:
        name = _name(number, copy)
        if answer := self._ordered(Editors(self.desk).retract, name):
            self.stored[name] = (self.stored[name][0], "retracted")
            published = {one for one, (_, status) in self.stored.items() if status == "published"}
            assert {copy.id for copy in answer.copies} <= published

    @rule(number=NUMBERS, copy=COPIES)
    def erase(self, number: int, copy: int) -> None:
        name = _name(number, copy)
        self._ordered(Editors(self.desk).delete, name)
        self.stored.pop(name, None)

    def _ordered(self, work: Callable[[Order], Any], name: str) -> Any:
        """What an editor's order gives; one about an item that is not there must be refused, and gives None."""
        order = Order(name, "ann", "by its author's wish")
        if name in self.stored:
            return self.runner.run(work(order))
        with pytest.raises(ProblemError, match="no item has the id"):
            self.runner.run(work(order))
        return None

    @rule(number=NUMBERS)
    def a_copy_of_what_was_published_is_no_news(self, number: int) -> None:
        published = {name for name, (n, status) in self.stored.items() if n == number and status == "published"}
        answers = [self.runner.run(self.desk.check(_item(number, "asked"), html=False)) for _ in range(2)]
        assert answers[0].action == answers[1].action
        if published:
            assert answers[0].action == "reject"
            assert published & {match.id for match in answers[0].matches}
        assert {match.id for match in answers[0].matches} <= self.stored.keys()

    @rule()
    def restart(self) -> None:
        self._close()
        self._open()

    @invariant()
    def what_was_answered_is_what_is_stored(self) -> None:
        stored = {item.id: item.status for item in self.store.read(stored_items.page, limit=200)}
        assert stored == {name: status for name, (_, status) in self.stored.items()}

    def teardown(self) -> None:
        self._close()
        self.runner.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_desk_keeps_to_the_model(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    made: Callable[[], str] | None = request.getfixturevalue("new_postgres") if kind == "postgres" else None
    files = (str(tmp_path / f"{number}.db") for number in range(1000))
    run_state_machine_as_test(
        lambda: ADeskAndItsStore(made() if made else next(files)),
        settings=settings(
            deadline=None, max_examples=8, stateful_step_count=16, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
