"""What a store's sketches are made with: its secret, and the versions that made them."""

from __future__ import annotations

from secrets import token_hex

from sqlalchemy import Connection, insert, select, update

from detector.models import shipped
from service.sqlite import StoreError
from service.store.records import inserted, micros, now
from service.tables import makings, meta


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
    """The number of the making that the index has; raises StoreError unless it is the one asked for."""
    wanted, current = number(connection, sketch, cleaner), _value(connection, "making")
    if current is None:
        adopt(connection, wanted)
    elif int(current) != wanted:
        found = connection.execute(select(makings).where(makings.c.id == int(current))).one()
        raise StoreError(
            f"the index was made by {found.sketch!r} on texts cleaned by {found.cleaner!r}, and this version makes"
            f" {sketch!r} on {cleaner!r}, which do not compare; run: copytaster reindex"
        )
    return wanted


def number(connection: Connection, sketch: str, cleaner: str) -> int:
    """The number of a making, which gets one when it is new."""
    is_it = (makings.c.sketch == sketch) & (makings.c.cleaner == cleaner)
    found: int | None = connection.scalar(select(makings.c.id).where(is_it))
    if found is None:
        values = {"sketch": sketch, "cleaner": cleaner, "created": micros(now())}
        return inserted(connection.execute(insert(makings).values(values)))
    return found


def adopt(connection: Connection, making: int) -> None:
    """From now on the index is of this making."""
    if _value(connection, "making") is None:
        connection.execute(insert(meta).values(name="making", value=str(making)))
    else:
        connection.execute(update(meta).where(meta.c.name == "making").values(value=str(making)))


def cleaner_version() -> str:
    """The models that clean a text: another one leaves another text to sketch."""
    return " ".join(f"{name}={shipped(name).version}" for name in ("cleaner", "lines"))


def _value(connection: Connection, name: str) -> str | None:
    found: str | None = connection.scalar(select(meta.c.value).where(meta.c.name == name))
    return found
