"""A store with many items, written straight into its tables: what a newsroom has after some years.

    python -m benchmarks.stock items.db --items 1000000

Texts are of newswire length (150 words), drawn from a seed. One in twenty is sketched, so that checks find candidates
to read; the keys of the others are drawn too, as many as such a text has, which is all that the index sees of them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection

from detector import Sketching
from detector.dedup import Banding, sketch, tokenise
from service.store import Store, making
from service.store.records import micros, now

_WORDS = 150
_SOURCES = 200
_PART = 5_000
_SKETCHED = 20  # one in so many
_KEYS = 38  # sampled passages of a text of that length


def _vocabulary(chance: np.random.Generator) -> list[str]:
    letters = np.array(list("etaoinshrdlucmfwypvbgk"))
    return ["".join(chance.choice(letters, size)) for size in chance.integers(2, 11, 20_000)]


def _texts(chance: np.random.Generator, count: int, words: list[str]) -> Iterator[str]:
    ranks = np.minimum(chance.zipf(1.3, (count, _WORDS)), len(words)) - 1
    for number, row in enumerate(ranks):
        text = " ".join(words[k] for k in row)
        yield f"{text[:400]} {number + int(row[0])}. {text[400:]}"


def _rows(part: int, chance: np.random.Generator, words: list[str], sketching: Sketching) -> Iterator[dict[str, Any]]:
    bands = chance.integers(0, 2**32, (_PART, 16), dtype=np.uint32)
    passages = np.sort(chance.integers(0, 2**32, (_PART, _KEYS), dtype=np.uint32), axis=1)
    for number, text in enumerate(_texts(chance, _PART, words)):
        seq = part * _PART + number + 1
        row: dict[str, Any] = {"seq": seq, "text": text, "digest": f"{seq:032x}", "tokens": _WORDS}
        row |= {"bands": bands[number].tobytes(), "passages": passages[number].tobytes()}
        if seq % _SKETCHED == 0:
            made = sketch(tokenise(text), sketching)
            row |= {"digest": made.digest, "tokens": made.tokens, "passages": made.passages.tobytes()}
            row["bands"] = Banding().keys(made).tobytes()
        yield row


def _write(connection: Connection, rows: list[dict[str, Any]], number: int, when: int) -> None:
    """Through the driver itself, which takes a tenth of the time."""
    cursor = connection.connection.cursor()
    for table, columns in _COLUMNS.items():
        marks = ", ".join("?" * len(columns.split(", ")))
        made = [_VALUES[table](row, number, when) for row in rows]
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", made)  # noqa: S608  # our own names
    cursor.close()


_COLUMNS = {
    "items": "seq, id, status, version, received, changed, source, language",
    "versions": "seq, item_seq, number, content, received, published, title, source, language, media_type, body, text,"
    " html, repeated",
    "sketches": "version_seq, item_seq, making, kept, published, digest, tokens, bands, passages",
    "verdicts": "version_seq, action, policy, decided, answer",
}
_VALUES: dict[str, Callable[[dict[str, Any], int, int], tuple[Any, ...]]] = {
    "items": lambda r, _, when: (r["seq"], f"stock-{r['seq']}", "published", 1, when, when, _source(r), "en"),
    "versions": lambda r, _, when: (
        r["seq"], r["seq"], 1, b"", when, when, r["text"][:60], _source(r), "en", "text/plain", "", r["text"], "", "",
    ),
    "sketches": lambda r, number, when: (
        r["seq"], r["seq"], number, True, when, r["digest"], r["tokens"], r["bands"], r["passages"],
    ),
    "verdicts": lambda r, _, when: (r["seq"], "publish", "", when, "{}"),
}  # fmt: skip


def _source(row: dict[str, Any]) -> str:
    return f"source-{row['seq'] % _SOURCES}"


def stock(database: Path, count: int, seed: int = 7) -> None:
    """Write ``count`` items, rounded up to whole parts, into a new store at ``database``."""
    store = Store.open(database)
    sketching = Sketching(secret=store.write(making.secret))
    number = store.write(making.require, sketching.header, making.cleaner_version())
    chance = np.random.default_rng(seed)
    words = _vocabulary(chance)
    when = micros(now())
    for part in range(-(-count // _PART)):
        rows = list(_rows(part, chance, words, sketching))
        store.write(_write, rows, number, when)
    store.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("database", type=Path)
    parser.add_argument("--items", type=int, default=1_000_000)
    arguments = parser.parse_args()
    stock(arguments.database, arguments.items)
    return 0


if __name__ == "__main__":
    sys.exit(main())
