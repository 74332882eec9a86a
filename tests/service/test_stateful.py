"""Any run of admissions, repeats, checks and restarts against the store keeps to a model of it that has no store."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from service.messages import ItemIn
from service.problems import ProblemError
from service.store import Store
from service.store import items as stored_items
from tests.service.conftest import _open_desk

ROOT = Path(__file__).parents[2]
ROWS = [json.loads(line) for line in (ROOT / "fixtures" / "archive.jsonl").read_text().splitlines()][:12]
NUMBERS = st.integers(0, len(ROWS) - 1)


def _item(number: int, copy: int) -> ItemIn:
    """One of a dozen items, or a copy of it under another id."""
    row: dict[str, Any] = ROWS[number]
    name = row["id"] if copy == 0 else f"{row['id']}-copy-{copy}"
    return ItemIn(id=name, body=row["body"], title=row.get("title", ""))


class ADeskAndItsStore(RuleBasedStateMachine):
    """What was admitted, by id, with the status of the first time."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.admitted: dict[str, tuple[int, str]] = {}
        self._open()

    def _open(self) -> None:
        self.store = Store.open(Path(self.folder.name) / "items.db")
        self.desk = self.runner.run(_open_desk(self.store))

    def _close(self) -> None:
        self.desk.close()
        self.store.close()

    @rule(number=NUMBERS, copy=st.integers(0, 2))
    def admit(self, number: int, copy: int) -> None:
        item = _item(number, copy)
        is_new = item.id not in self.admitted
        admitted = self.runner.run(self.desk.admit(item))
        _, status = self.admitted.setdefault(item.id, (number, admitted.item.status))
        assert (admitted.new, admitted.item.status) == (is_new, status)

    @rule(number=NUMBERS, other=NUMBERS)
    def another_text_under_a_stored_id_is_refused(self, number: int, other: int) -> None:
        name = ROWS[number]["id"]
        if name in self.admitted and ROWS[other]["body"] != ROWS[number]["body"]:
            item = _item(other, 0).model_copy(update={"id": name})
            with pytest.raises(ProblemError):
                self.runner.run(self.desk.admit(item))

    @rule(number=NUMBERS)
    def a_copy_of_what_was_published_is_no_news(self, number: int) -> None:
        published = {name for name, (n, status) in self.admitted.items() if n == number and status == "published"}
        answers = [self.runner.run(self.desk.check(_item(number, 9), html=False)) for _ in range(2)]
        assert answers[0].action == answers[1].action
        if published:
            assert answers[0].action == "reject"
            assert published & {match.id for match in answers[0].matches}

    @rule()
    def restart(self) -> None:
        self._close()
        self._open()

    @invariant()
    def what_was_admitted_is_what_is_stored(self) -> None:
        stored = {item.id: item.status for item in self.store.read(stored_items.page, limit=200)}
        assert stored == {name: status for name, (_, status) in self.admitted.items()}

    def teardown(self) -> None:
        self._close()
        self.runner.close()
        self.folder.cleanup()


TestADeskAndItsStore = ADeskAndItsStore.TestCase
TestADeskAndItsStore.settings = settings(
    deadline=None, max_examples=6, stateful_step_count=12, derandomize=True, suppress_health_check=list(HealthCheck)
)
