"""What a list of items is filtered, sorted and searched by: reasons, scores, words. Written with each version."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, text, update

from service.store.rows import Rows
from service.tables import gist_reasons, gists, item_words, meta

_WORD = re.compile(r"\w+")
_WORDS_SEARCHED = 12  # of a query; more say nothing more


_GIST, _REASON = Rows(gists, ["item_seq", "score", "risk"]), Rows(gist_reasons, ["item_seq", "code"])
_INSERT_FTS = "INSERT INTO item_fts(rowid, title, body) VALUES (?, ?, ?)"
_MERGE = "INSERT INTO item_fts(item_fts, rank) VALUES ('merge', ?)"
_PAGES = 250  # of a merge in one step: some 10 ms
_SWEEPING = "sweeping"  # in meta
_DELETE_FTS = text("DELETE FROM item_fts WHERE rowid = :seq")


def write(
    connection: Connection,
    item_seq: int,
    answer: dict[str, Any],
    matches: Iterable[dict[str, Any]],
    title: str,
    body: str,
) -> None:
    """Write what is known of an item, of which nothing was; ``answer`` and ``matches`` as answered."""
    score = float(answer["quality"]["score"])
    surest = max((float(match["score"]) for match in matches), default=0.0)
    _GIST.write(connection, {"item_seq": item_seq, "score": score, "risk": max(score, surest)})
    for code in sorted({reason["code"] for reason in answer["reasons"]}):
        _REASON.write(connection, {"item_seq": item_seq, "code": code})
    _write_words(connection, item_seq, title, body)


def erase(connection: Connection, item_seq: int) -> None:
    """Forget what is known of an item."""
    connection.execute(delete(gists).where(gists.c.item_seq == item_seq))  # and by cascade its reasons
    _erase_words(connection, item_seq)


def forget(connection: Connection, item_seq: int) -> None:
    """The same for good: nothing of the item stays in the file once ``sweep`` is through."""
    erase(connection, item_seq)
    if connection.dialect.name == "sqlite":
        connection.execute(delete(meta).where(meta.c.name == _SWEEPING))
        connection.execute(insert(meta).values(name=_SWEEPING, value="all"))


def is_swept(connection: Connection) -> bool:
    """Whether no word of a forgotten item is left."""
    return connection.scalar(select(meta.c.value).where(meta.c.name == _SWEEPING)) is None


def sweep(connection: Connection) -> None:
    """A step on the way to that. SQLite marks a deleted row, and drops its words when it merges what it has.

    sqlite.org/fts5.html#the_merge_command: a negative number begins a merge of everything, positive ones go on with it
    until nothing changes.
    """
    begins = connection.scalar(select(meta.c.value).where(meta.c.name == _SWEEPING)) == "all"
    before = _changes(connection)
    connection.exec_driver_sql(_MERGE, (-_PAGES if begins else _PAGES,))
    if begins:
        connection.execute(update(meta).where(meta.c.name == _SWEEPING).values(value="rest"))
    elif _changes(connection) - before < 2:
        connection.execute(delete(meta).where(meta.c.name == _SWEEPING))


def _changes(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT total_changes()").scalar_one())


def rewrite_words(connection: Connection, item_seq: int, title: str, body: str) -> None:
    """An item is found by other words from now on."""
    _erase_words(connection, item_seq)
    _write_words(connection, item_seq, title, body)


def _erase_words(connection: Connection, item_seq: int) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(_DELETE_FTS, {"seq": item_seq})
    else:
        connection.execute(delete(item_words).where(item_words.c.item_seq == item_seq))


def _write_words(connection: Connection, item_seq: int, title: str, body: str) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_INSERT_FTS, (item_seq, title, body))
        return
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
