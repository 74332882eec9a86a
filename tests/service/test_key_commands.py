"""``copytaster keys`` and ``copytaster reviewers``: who may, from the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from typer.testing import CliRunner

from service.keys import Keyring
from service.keys_command import keys
from service.review.passwords import fits
from service.review.reviewers_command import reviewers
from service.store import Store, people
from service.store.keys import all_keys
from tests.conftest import ROOT, START_SECONDS, _free_port

PASSWORD = "harbour-lantern-42"  # noqa: S105  # a word to look for


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "items.db"


def _keys(database: Path, *arguments: str, status: int = 0) -> Result:
    found = CliRunner().invoke(keys, [*arguments, "--database", str(database)])
    assert found.exit_code == status, found.output
    return found


def _listed(database: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in _keys(database, "list", "--json").stdout.splitlines()]


def test_a_key_that_is_made_opens_and_is_shown_alone_on_standard_output(database: Path) -> None:
    made = _keys(database, "create", "cms", "--scope", "write", "--scope", "check", "--days", "1", "--rate", "5")
    (token,) = made.stdout.split()
    assert "keep the key" in made.stderr
    store = Store.open(database)
    key = Keyring(lambda: store.read(all_keys)).find(token)
    store.close()
    assert key is not None
    assert (key.name, key.scopes, key.rate) == ("cms", {"write", "check"}, 5)
    (listed,) = _listed(database)
    assert listed["state"] == "active"
    assert listed["expires"] is not None
    assert token not in json.dumps(listed)
    assert "cms" in _keys(database, "list").stdout


def test_a_revoked_key_is_listed_as_such_and_cannot_be_revoked_or_rotated_again(database: Path) -> None:
    _keys(database, "create", "cms", "--scope", "write")
    key_id = str(_listed(database)[0]["id"])
    assert "opens nothing" in _keys(database, "revoke", key_id).stdout
    assert _listed(database)[0]["state"] == "revoked"
    for command in ("revoke", "rotate"):
        assert "see copytaster keys list" in _keys(database, command, key_id, status=1).stderr


def test_a_rotated_key_names_the_one_that_it_replaces(database: Path) -> None:
    old = _keys(database, "create", "cms", "--scope", "write").stdout.strip()
    key_id = str(_listed(database)[0]["id"])
    rotated = _keys(database, "rotate", key_id, "--overlap-hours", "2")
    assert rotated.stdout.strip() != old
    assert f"{key_id} works until" in rotated.stderr
    assert [key["replaces"] for key in _listed(database)] == [None, key_id]


def test_a_scope_that_there_is_not_is_refused_before_anything_is_made(database: Path) -> None:
    assert (
        "everything is not check, write" in _keys(database, "create", "cms", "--scope", "everything", status=2).stderr
    )
    assert not database.exists()


def test_a_database_that_cannot_be_one_is_named(tmp_path: Path) -> None:
    assert "no folder" in _keys(tmp_path / "none" / "items.db", "list", status=1).stderr


def _reviewers(database: Path, *arguments: str, typed: str = "", status: int = 0) -> Result:
    found = CliRunner().invoke(reviewers, [*arguments, "--database", str(database)], input=typed)
    assert found.exit_code == status, found.output
    return found


def test_a_reviewer_is_added_with_a_password_that_is_asked_for_twice(database: Path) -> None:
    added = _reviewers(database, "add", "Ann Reed", "--admin", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert "Ann Reed may sign in as admin" in added.stdout
    assert PASSWORD not in added.output
    store = Store.open(database)
    (one,) = store.read(people.all_reviewers)
    store.close()
    assert (one.name, one.role, one.disabled) == ("Ann Reed", "admin", False)
    assert fits(PASSWORD, one.hash)


def test_reviewers_are_listed_and_one_that_is_disabled_is_marked(database: Path) -> None:
    for name in ("Ann Reed", "Tom Holt"):
        _reviewers(database, "add", name, "--password", PASSWORD)
    assert "may not sign in" in _reviewers(database, "disable", "Tom Holt").stdout
    lines = {
        line.split("│")[1].strip(): line for line in _reviewers(database, "list").stdout.splitlines() if "│" in line
    }
    assert "disabled" in lines["Tom Holt"]
    assert "disabled" not in lines["Ann Reed"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "Ann Reed", "--password", "short"), "give at least 12"),
        (("add", " ", "--password", PASSWORD), "no name"),
        (("add", "Ann\x1b[2J", "--password", PASSWORD), "no name"),
        (("disable", "Nobody"), "no reviewer 'Nobody'"),
    ],
    ids=["a short password", "no name", "a name that moves the cursor", "somebody unknown"],
)
def test_what_makes_no_reviewer_is_said(database: Path, arguments: tuple[str, ...], said: str) -> None:
    assert said in _reviewers(database, *arguments, status=2).stderr


def test_the_demo_of_the_review_page_shows_the_sample_and_ends_by_ctrl_c() -> None:
    port = _free_port()
    environment = os.environ | {"COPYTASTER_PORT": str(port), "COPYTASTER_WORKERS": "1", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "service.review.demo", "fixtures/archive.jsonl"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as demo:  # noqa: S603
        try:
            assert demo.stdout is not None
            deadline = time.monotonic() + START_SECONDS
            judged, opened = demo.stdout.readline(), demo.stdout.readline()
            assert time.monotonic() < deadline
            assert judged == "118 items of fixtures/archive.jsonl were judged\n"
            assert opened == f"Open http://127.0.0.1:{port}/review (Ctrl-C ends it)\n"
            assert "Passengers taken off ferry" in httpx.get(f"http://127.0.0.1:{port}/review/item?id=ferry-fire").text
            demo.send_signal(signal.SIGINT)
            assert demo.wait(30) in (0, -signal.SIGINT, 130)
        finally:
            demo.kill()
