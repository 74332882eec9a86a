"""What a list of items is filtered, sorted and searched by: reasons, scores, words. Written with each version."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, text

from service.tables import gist_reasons, gists, item_words

_WORD = re.compile(r"\w+")
_WORDS_SEARCHED = 12  # of a query; more say nothing more


def write(
    connection: Connection,
    item_seq: int,
    answer: dict[str, Any],
    matches: Iterable[dict[str, Any]],
    title: str,
    body: str,
) -> None:
    """Replace what is known of an item by that of its current version; ``answer`` and ``matches`` as answered."""
    connection.execute(delete(gists).where(gists.c.item_seq == item_seq))  # and by cascade its reasons
    score = float(answer["quality"]["score"])
    surest = max((float(match["score"]) for match in matches), default=0.0)
    connection.execute(insert(gists).values(item_seq=item_seq, score=score, risk=max(score, surest)))
    codes = sorted({reason["code"] for reason in answer["reasons"]})
    if codes:
        connection.execute(insert(gist_reasons), [{"item_seq": item_seq, "code": code} for code in codes])
    _write_words(connection, item_seq, title, body)


def erase(connection: Connection, item_seq: int) -> None:
    """Forget the words of an item; the rest goes with the item by itself."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("DELETE FROM item_fts WHERE rowid = :seq"), {"seq": item_seq})


def _write_words(connection: Connection, item_seq: int, title: str, body: str) -> None:
    if connection.dialect.name == "sqlite":
        erase(connection, item_seq)
        values = {"seq": item_seq, "title": title, "body": body}
        connection.execute(text("INSERT INTO item_fts(rowid, title, body) VALUES (:seq, :title, :body)"), values)
        return
    connection.execute(delete(item_words).where(item_words.c.item_seq == item_seq))
    # A tsvector holds at most a megabyte; what comes later in a text that long is not found by search.
    words = func.to_tsvector("simple", f"{title} {body[:200_000]}")
    connection.execute(insert(item_words).values(item_seq=item_seq, words=words))


def holding(connection: Connection, column: ColumnElement[int], query: str) -> ColumnElement[bool]:
    """That an item has every word of ``query``, the last one perhaps unfinished; ``column`` holds its number."""
    words = [word for word in _WORD.findall(query) if word][:_WORDS_SEARCHED]
    if not words:
        return column.is_not(None)
    if connection.dialect.name == "sqlite":
        phrase = " ".join(f'"{word}"' for word in words) + "*"
        found = text("SELECT rowid FROM item_fts WHERE item_fts MATCH :phrase").bindparams(phrase=phrase)
        return column.in_(found)
    phrase = " & ".join(words) + ":*"
    is_it = item_words.c.words.op("@@")(func.to_tsquery("simple", phrase))
    return column.in_(select(item_words.c.item_seq).where(is_it))
