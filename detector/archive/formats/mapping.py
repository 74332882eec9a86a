"""Which field of an archive's row becomes which field of an item, and the item that a row makes."""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from detector.errors import ArchiveError, InvalidItemError
from detector.records import Item, read_date

PLACE = "@place"  # as the name of a field: where the row stands, such as "articles.csv:line 17"

# Where archives keep the same thing, in any case of letters; the first name that a row has a value for is taken.
_DEFAULTS: dict[str, tuple[str, ...]] = {
    "id": ("id", "uri", "guid", "_id", "article_id", "url"),
    "body": ("body", "html", "text", "content", "body_html", "content_html", "full_text", "article_body"),
    "title": ("title", "headline"),
    "url": ("url", "link", "canonical_url"),
    "source": ("source", "publisher", "site_name", "outlet"),
    "section": ("section", "category"),
    "language": ("language", "lang"),
    "published": ("published", "publish_date", "published_at", "date", "date_published", "pub_date", "pubdate"),
    "version": ("version",),
    "media_type": ("media_type",),
}
FIELDS = tuple(_DEFAULTS)
# What a field's name says of its content; others say nothing, and the item looks itself.
_MEDIA_TYPES = {
    "html": "text/html", "body_html": "text/html", "content_html": "text/html",
    "text": "text/plain", "full_text": "text/plain",
}  # fmt: skip


@dataclass(frozen=True)
class FieldMapping:
    """Names that replace the usual ones, and values that every item has.

    >>> FieldMapping.parse(["body=story.text", "published=date"]).names["body"]
    ('story.text',)
    """

    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()  # an item's field → the row's fields, the first that it has
    constants: tuple[tuple[str, str], ...] = ()  # an item's field → its value where the row has none
    encoding: str = ""  # of text that does not say; found from its beginning when empty

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        """For each field of an item, the fields of a row that are looked at."""
        return {**_DEFAULTS, **dict(self.fields)}

    @cached_property
    def given(self) -> dict[str, str | None]:
        """The fields of an item as they are where the row has none."""
        return dict.fromkeys(FIELDS) | dict(self.constants)

    @cached_property
    def given_names(self) -> dict[str, str]:
        """The fields that are there then, by what they are called."""
        return {name: name for name, _ in self.constants}

    @cached_property
    def takes_place(self) -> bool:
        """Whether the row's place is part of the item."""
        return any(PLACE in names for _, names in self.fields)

    @classmethod
    def parse(cls, pairs: Iterable[str], file: Path | None = None, encoding: str = "") -> FieldMapping:
        """From ``body=content`` pairs, over what a TOML file with ``[fields]`` and ``[constants]`` says.

        Raises ArchiveError where either names a field that items do not have.
        """
        read = _read_toml(file) if file else {}
        fields = {name: _as_names(name, value) for name, value in read.get("fields", {}).items()}
        for pair in pairs:
            name, found, value = pair.partition("=")
            if not found or not value.strip():
                raise ArchiveError(f"--map {pair!r} is no FIELD=NAME pair, such as body=content")
            fields[name.strip()] = (value.strip(),)
        constants = read.get("constants", {})
        for name in (*fields, *constants):
            if name not in FIELDS:
                raise ArchiveError(f"items have no field {name!r} to map to; they have {', '.join(FIELDS)}")
        if encoding:
            _refuse_unknown(encoding)
        return cls(tuple(sorted(fields.items())), tuple(sorted((n, str(v)) for n, v in constants.items())), encoding)

    def as_json(self) -> dict[str, Any]:
        """Plain data for a manifest; the same mapping gives the same."""
        fields = {name: list(names) for name, names in self.fields}
        return {"fields": fields, "constants": dict(self.constants), "encoding": self.encoding}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FieldMapping:
        """What ``as_json`` gave."""
        fields = tuple(sorted((name, tuple(names)) for name, names in data["fields"].items()))
        return cls(fields, tuple(sorted(data["constants"].items())), data["encoding"])


USUAL = FieldMapping()


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArchiveError(f"the mapping {file} cannot be read: {error}") from error
    if strange := [name for name in read if name not in ("fields", "constants") or not isinstance(read[name], dict)]:
        raise ArchiveError(f"the mapping {file} holds {strange[0]!r}; it may have the tables [fields] and [constants]")
    return read


def _refuse_unknown(encoding: str) -> None:
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise ArchiveError(f"--encoding {encoding!r} is no encoding that Python knows, such as cp1252") from error


def _as_names(name: str, value: object) -> tuple[str, ...]:
    names = tuple(value) if isinstance(value, list) else (value,)
    if not names or not all(isinstance(one, str) and one for one in names):
        raise ArchiveError(f"the mapping of {name!r} is {value!r}; it must be a field's name or a list of names")
    return names


def make_item(row: dict[str, Any], mapping: FieldMapping) -> tuple[Item, tuple[str, ...]]:
    """The item that a row makes, with notes on what had to be read otherwise; raises InvalidItemError without one."""
    values: dict[str, Any] = mapping.given.copy()
    taken = mapping.given_names.copy()
    for field, name, value in _found(row, mapping):
        values[field], taken[field] = value, name
    for field in ("id", "body"):
        if values[field] is None:
            names = mapping.names[field]
            some = f"one of the fields {', '.join(names)}" if len(names) > 1 else f"the field {names[0]}"
            raise InvalidItemError(f"the row has no {field}; {some} must hold {'one' if field == 'id' else 'the text'}")
    if isinstance(values["id"], int) and not isinstance(values["id"], bool):
        values["id"] = str(values["id"])
    for field, name in taken.items():
        _refuse_unstorable(name, values[field])
    published, notes = _published(values.pop("published"))
    values["title"] = values["title"] or ""
    values["media_type"] = values["media_type"] or _MEDIA_TYPES.get(taken["body"].lower(), "")
    return Item(published=published, **values), notes


def taken_names(row: dict[str, Any], mapping: FieldMapping) -> dict[str, str | None]:
    """For each field of an item, the name of the row's field that becomes it, as the row spells it."""
    return dict.fromkeys(FIELDS) | {field: name for field, name, _ in _found(row, mapping)}


def _found(row: dict[str, Any], mapping: FieldMapping) -> Iterator[tuple[str, str, Any]]:
    """The fields of an item that a row has a value for, by what name, and the value: of several names the first."""
    for field, names in _likely(tuple(row), mapping):
        for name in names:
            value = row_value(row, name)
            if value is not None:
                yield field, name, value
                break


@lru_cache(maxsize=64)
def _likely(spelled: tuple[str, ...], mapping: FieldMapping) -> list[tuple[str, tuple[str, ...]]]:
    """For each field of an item, where a row that has these names may have a value for it: one row is like the next."""
    lowered = {name.lower(): name for name in reversed(spelled)}
    exact = frozenset(spelled)
    likely = []
    for field, names in mapping.names.items():
        named = (name if name in exact else lowered.get(name.lower(), name) for name in names)
        if found := tuple(name for name in named if name in exact or "." in name):
            likely.append((field, found))
    return likely


def row_value(row: dict[str, Any], name: str) -> Any:
    """A field's value; ``a.b`` is field ``b`` of the object in field ``a`` where no field is called ``a.b``."""
    value: Any = row.get(name)
    if value is None and "." in name:
        value = row
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
    return value


def _refuse_unstorable(name: str, value: object) -> None:
    if not isinstance(value, str):
        return
    try:
        # Among characters of two bytes each, every other byte is NUL: it is sooner found in UTF-8.
        has_nul = "\0" in value if value.isascii() else 0 in value.encode()
    except UnicodeEncodeError as error:
        raise InvalidItemError(
            f"field {name!r} has half of a surrogate pair at position {error.start + 1}; it is no text"
        ) from error
    if has_nul:
        raise InvalidItemError(f"field {name!r} has a NUL character at position {value.index(chr(0)) + 1}; remove it")


def _published(value: object) -> tuple[Any, tuple[str, ...]]:
    """The date and, where it cannot be read, a note: an article is worth more than its date, which only orders it."""
    try:
        return read_date(value), ()
    except InvalidItemError as error:
        return None, (f"treated as undated: {error}",)
