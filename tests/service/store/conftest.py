"""A store of its own for each test, copied from one that was made once, and items to write into it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detector import Item, Sketching
from detector.dedup import Banding, sketch, tokenise
from service.store import STATUS_OF, NewMatch, NewText, Status, Store, StoredItem, making

SKETCHING = Sketching(secret="store")
T0 = datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC)
ACTION_OF = {status: action for action, status in STATUS_OF.items()}


def at(minutes: float) -> datetime:
    """So many minutes after T0."""
    return T0 + timedelta(minutes=minutes)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "items.db"
    Store.open(path).close()
    return path


@pytest.fixture
def store(empty: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(empty, tmp_path / "items.db")
    opened = Store.open(tmp_path / "items.db")
    opened.write(_make_making)
    yield opened
    opened.close()


def _make_making(connection: Any) -> None:
    connection.exec_driver_sql("INSERT INTO makings (id, sketch, cleaner, created) VALUES (1, 'made so', 'c', 5)")
    making.adopt(connection, 1)


def news(
    item_id: str, text: str = "", status: Status = "published", *found: NewMatch, minutes: float = 0, **more: Any
) -> NewText:
    """A version to write: of an item ``item_id`` whose text is made of its id unless one is given."""
    text = text or f"The council of {item_id} voted 9 to 3 on Monday to close pier {item_id}, said mayor Ida Moss."
    made = sketch(tokenise(text), SKETCHING)
    given = {
        "url": f"https://x.example/{item_id}", "source": "post", "section": "local", "language": "en",
        "published": at(-60), "version": "first",
    }  # fmt: skip
    score = more.pop("score", 0.25)
    reasons = [{"code": code, "text": f"{code} it is"} for code in more.pop("reasons", ())]
    dropped = [{"text": piece} for piece in more.pop("dropped", ())]
    item = Item(item_id, f"<p>{text}</p>", title=f"Title of {item_id}", **(given | more))
    answer = {
        "action": ACTION_OF[status], "policy": "p1", "quality": {"score": score}, "reasons": reasons,
        "cleaned": {"dropped": dropped}, "timing_ms": {"total": 2.5},
    }  # fmt: skip
    return NewText(
        item=item, content=f"digest of {item_id}".encode(), received=at(minutes), status=status, title=item.title,
        text=text, html=f"<p>{text}</p>", repeated=(), action=ACTION_OF[status], policy="p1", answer=answer,
        matches=found, sketch=made, bands=np.ascontiguousarray(Banding().keys(made), "<u4").tobytes(), making=1,
    )  # fmt: skip


def matched(other: StoredItem, score: float = 0.9, kind: str = "near", *, duplicate: bool = True) -> NewMatch:
    """A match with a stored item, as it is answered."""
    answer = {
        "id": other.id, "kind": kind, "score": score, "jaccard": 0.5, "containment": 0.75, "coverage": 0.625,
        "title": other.title, "url": other.url, "source": other.source, "published": "2026-03-02",
        "passages": [{"start": 1, "end": 9, "other_start": 2, "other_end": 10, "text": "council of"}],
        "differs": [{"kind": "number", "here": "9", "there": "8"}],
    }  # fmt: skip
    return NewMatch(other.version_seq, other.seq, kind, duplicate, score, answer)  # type: ignore[arg-type]
