"""What a store's sketches are made with: its secret, and the versions that made them."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex

from sqlalchemy import Connection, Integer, cast, delete, insert, select, update

from detector.models import shipped
from service.sqlite import StoreError
from service.store.records import inserted, micros, now
from service.tables import makings, meta

_CURRENT, _UNDER_WAY = "making", "reindexing"

# The number of the making that counts, for queries.
NUMBER = cast(select(meta.c.value).where(meta.c.name == _CURRENT).scalar_subquery(), Integer)


@dataclass(frozen=True, slots=True)
class Making:
    """What sketches were made by; those of unlike versions do not compare."""

    id: int
    sketch: str  # header of the sketches
    cleaner: str  # versions of the models that cleaned the texts

    def is_of(self, sketch: str, cleaner: str) -> bool:
        """Whether these versions made it."""
        return (self.sketch, self.cleaner) == (sketch, cleaner)


def secret(connection: Connection) -> str:
    """What this store's sketches are keyed with: drawn when it was made, and never shown."""
    found = known_secret(connection)
    if not found:
        found = token_hex(16)
        connection.execute(insert(meta).values(name="secret", value=found))
    return found


def known_secret(connection: Connection) -> str:
    """The same; empty when none was drawn yet."""
    return _value(connection, "secret") or ""


def require(connection: Connection, sketch: str, cleaner: str) -> int:
    """The number of the making that the index has; raises StoreError unless it is of these versions."""
    found = current(connection)
    if found is None:
        wanted = add(connection, sketch, cleaner)
        adopt(connection, wanted)
        return wanted
    if not found.is_of(sketch, cleaner):
        raise StoreError(
            f"the index was made by {found.sketch!r} on texts cleaned by {found.cleaner!r}, and this version makes"
            f" {sketch!r} on {cleaner!r}, which do not compare; run: copytaster reindex"
        )
    return found.id


def current(connection: Connection) -> Making | None:
    """The making that the index has; None before the first server was started."""
    return _making(connection, _CURRENT)


def under_way(connection: Connection) -> Making | None:
    """The making that a reindexing is about to make, if one is under way."""
    return _making(connection, _UNDER_WAY)


def numbers(connection: Connection) -> set[int]:
    """Those of every making that there ever was."""
    return set(connection.scalars(select(makings.c.id)))


def add(connection: Connection, sketch: str, cleaner: str) -> int:
    """A making by these versions, perhaps not their first; its number."""
    values = {"sketch": sketch, "cleaner": cleaner, "created": micros(now())}
    return inserted(connection.execute(insert(makings).values(values)))


def begin(connection: Connection, number: int) -> None:
    """From now on a making is under way."""
    _set(connection, _UNDER_WAY, str(number))


def adopt(connection: Connection, number: int) -> None:
    """From now on the index is of this making, and none is under way."""
    _set(connection, _CURRENT, str(number))
    connection.execute(delete(meta).where(meta.c.name == _UNDER_WAY))


def cleaner_version() -> str:
    """The models that clean a text: another one leaves another text to sketch."""
    return " ".join(f"{name}={shipped(name).version}" for name in ("cleaner", "lines"))


def _making(connection: Connection, name: str) -> Making | None:
    number = _value(connection, name)
    if number is None:
        return None
    row = connection.execute(select(makings).where(makings.c.id == int(number))).one()
    return Making(row.id, row.sketch, row.cleaner)


def _value(connection: Connection, name: str) -> str | None:
    found: str | None = connection.scalar(select(meta.c.value).where(meta.c.name == name))
    return found


def _set(connection: Connection, name: str, value: str) -> None:
    if _value(connection, name) is None:
        connection.execute(insert(meta).values(name=name, value=value))
    else:
        connection.execute(update(meta).where(meta.c.name == name).values(value=value))
