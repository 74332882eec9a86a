"""How far back the service looks for copies: by the policy's rule for a source, and by when an undated item came."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from service.desk import Desk
from service.messages import ItemIn
from service.policies import Policies
from service.store import Store
from service.tables import sketches

STORY = (
    "Scart council voted 11 to 2 on Tuesday to sell plot 301 to Fenn Homes. The buyer paid 240,000 crowns and will"
    " employ 12 people there, its clerk said, and work begins in May."
)
NOW = datetime.now(UTC)


def _item(name: str, source: str, published: datetime | None) -> ItemIn:
    return ItemIn(id=name, body=STORY, source=source, published=published)


@pytest.mark.parametrize(
    ("source", "days", "dated", "found"),
    [
        ("wire", 5, True, True),
        ("wire", 40, True, False),
        ("wire", 40, False, False),
        ("desk", 40, True, True),
        ("desk", 40, False, True),
    ],
)
def test_what_is_older_than_the_window_of_a_source_is_no_candidate(
    address: str, tmp_path: Path, with_desks: Callable[..., Any], source: str, days: int, dated: bool, found: bool
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[[rules]]\nsource = "wire"\nlook_back_days = 30\n')

    async def admit(desk: Desk) -> None:
        before = NOW - timedelta(days=days)
        await desk.admit(_item("first", "harbour-post", before if dated else None))
        if not dated:  # as if it had come so long ago
            when = int(before.timestamp() * 1_000_000)
            await desk.line.admit(lambda connection: connection.execute(update(sketches).values(published=when)))

    async def check(desk: Desk) -> bool:
        desk.bench._policies = Policies(policy)
        return bool((await desk.check(_item("second", source, NOW if dated else None), html=False)).matches)

    with closing(Store.open(address)) as store:
        with_desks(admit, store)
        assert with_desks(check, store) is found
