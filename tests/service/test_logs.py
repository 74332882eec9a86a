"""Logs: lines of JSON that name what happened and quote no article and no key."""

import json
import logging
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from detector import PolicyError
from service.keys import SCOPES, make_key
from service.logs import Formatter
from service.signing import make_secret

ARTICLE = "The harbour office at Aldwick opened at nine."


def _line(message: str, *arguments: object, error: BaseException | None = None, **extra: object) -> dict[str, object]:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.getLogger("t").makeRecord("t", logging.INFO, "f", 1, message, arguments, info, extra=extra)
    line: dict[str, object] = json.loads(Formatter().format(record))
    return line


def test_a_line_says_when_where_and_what() -> None:
    line = _line("item %r was not read", "a", route="/v1/items", ms=1.5)
    assert line["message"] == "item 'a' was not read"
    assert (line["level"], line["route"], line["ms"]) == ("info", "/v1/items", 1.5)
    assert datetime.fromisoformat(str(line["time"])).tzinfo == UTC


def test_an_error_is_told_without_what_it_quotes() -> None:
    try:
        raise ValueError(f"invalid: {ARTICLE}")
    except ValueError as error:
        line = _line("failed", error=error)
    told = line["error"]
    assert isinstance(told, dict)
    assert told["type"] == "ValueError"
    assert any("test_an_error_is_told" in place for place in told["at"])
    assert "Aldwick" not in json.dumps(line)


def test_a_database_error_does_not_repeat_what_was_written() -> None:
    with create_engine("sqlite://").connect() as connection:
        try:
            connection.execute(text("INSERT INTO nowhere VALUES (:body)"), {"body": ARTICLE})
        except DBAPIError as error:
            line = json.dumps(_line("failed", error=error))
    assert "Aldwick" not in line
    assert "OperationalError" in line


@pytest.mark.parametrize(
    "acting",
    [
        "\n{}",
        "\r\n",
        "\x1b[2J\x1b]0;owned\x07",
        "\x9b31m",
        "\x7f",
        "\u2028",
        "\u202egnp.exe",
        "\u2066",
        "\x00",
        '", "level": "info',
    ],
)
def test_what_a_stranger_writes_begins_no_line_and_moves_no_cursor(acting: str) -> None:
    record = logging.getLogger("t").makeRecord("t", logging.INFO, "f", 1, "item %s", (f"a{acting}b",), None)
    record.why = f"x{acting}y"
    written = Formatter().format(record)
    assert json.loads(written)["message"] == f"item a{acting}b", "nothing is lost"
    assert json.loads(written)["why"] == f"x{acting}y"
    assert json.loads(written)["level"] == "info"
    assert all(character.isprintable() for character in written)


def test_our_own_errors_are_told_whole() -> None:
    error = PolicyError("'duplicat_score' is no setting of a policy")
    assert "no setting" in json.dumps(_line("failed", error=error))


def test_no_key_and_no_secret_is_written_wherever_it_stands() -> None:
    token, key = make_key("cms", SCOPES, datetime.now(UTC))
    secret = make_secret()
    line = json.dumps(_line("got %s", token, header=f"Bearer {token}", hook=secret))
    assert token.rpartition("_")[2][-20:] not in line
    assert token[16:] not in line
    assert secret.removeprefix("whsec_") not in line
    assert key.id in line, "which key it was may be told"
