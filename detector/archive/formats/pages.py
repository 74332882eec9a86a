"""Saved pages: one file, or a folder of them with all that lies below it. A page's id is its path in the folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from detector.archive.formats.mapping import FieldMapping
from detector.archive.formats.rows import MAX_ROW, RawRow
from detector.archive.formats.source import Judge, Shard, Source, file_digest, runs
from detector.archive.formats.streams import open_plain
from detector.errors import ArchiveError
from detector.records import sniff_media_type

PAGES = frozenset({".html", ".htm", ".xhtml", ".shtml", ".php", ".asp", ".aspx", ".jsp", ".txt"})


@dataclass(frozen=True, slots=True)
class PageLayout:
    """The bytes of a page."""

    mapping: FieldMapping
    name: str

    @property
    def placed(self) -> bool:
        """A page is known by where it lies: two files of the same bytes are two items."""
        return True

    def fields(self, raw: RawRow) -> dict[str, Any]:
        """The page under the name that tells what it is; address, title and date stand in the page itself."""
        return {"id": raw.place, "text" if raw.place.lower().endswith(".txt") else "body": raw.data}


class Pages:
    """The format."""

    name = "html"
    about = "a saved page, or a folder of pages; links are not followed"

    def shards(self, source: Source, size: int) -> list[Shard]:
        """Runs of files in the order of their paths."""
        return runs(source, (path.lstat().st_size for path in pages_in(source.path)), size)

    def read(self, shard: Shard) -> Iterator[RawRow]:
        """The pages, in the order of their paths."""
        layout = PageLayout(shard.source.mapping, shard.source.path.name)
        for number, path in enumerate(pages_in(shard.source.path), 1):
            if number > shard.start and (shard.stop is None or number <= shard.stop):
                yield _read(shard.source, number, path, layout)

    def fingerprint(self, source: Source) -> str:
        """A digest of all paths and what the files hold."""
        digest = blake2b(digest_size=16)
        for path in pages_in(source.path):
            content = str(path.readlink()) if path.is_symlink() else file_digest(path)
            digest.update(f"{_place(source, path)}\0{content}\0".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def write(self, source: Source, judge: Judge, out: Path, name: str) -> None:
        """Copy each file; what else lies in the folder is not touched and not copied."""
        for raw in self.read(Shard(source)):
            fate = judge(raw)
            path = source.path / raw.place if source.path.is_dir() else source.path
            target = out / fate / name / raw.place if source.path.is_dir() else out / fate / name
            if path.is_symlink() or fate == "repeated":
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)


def _read(source: Source, number: int, path: Path, layout: PageLayout) -> RawRow:
    place = _place(source, path)
    data, error = b"", ""
    try:
        if path.is_symlink():
            error = "it is a link; links are not followed"
        else:
            with path.open("rb") as file:
                data = file.read(MAX_ROW + 1)
    except OSError as problem:
        error = f"it cannot be read: {problem.strerror or problem}"
    if len(data) > MAX_ROW:
        data, error = data[:200], f"the page is longer than the {MAX_ROW} bytes that are read of one"
    return RawRow(source.file, number, place, data, layout, error)


def _place(source: Source, path: Path) -> str:
    return path.relative_to(source.path).as_posix() if path != source.path else path.name


def files_in(folder: Path) -> Iterator[Path]:
    """All files below a folder, and links, by path; no link is followed. Raises ArchiveError where one cannot look."""

    def fail(error: OSError) -> None:
        raise ArchiveError(f"{error.filename} cannot be read: {error.strerror or error}")

    found = []
    for base, folders, names in os.walk(folder, onerror=fail):
        linked = [name for name in folders if (Path(base) / name).is_symlink()]
        found += [Path(base) / name for name in (*names, *linked)]
    return iter(sorted(found, key=lambda path: path.relative_to(folder).as_posix()))


def pages_in(place: Path) -> Iterator[Path]:
    """The pages below a folder, or the one that ``place`` is."""
    if not place.is_dir():
        return iter([place])
    return (path for path in files_in(place) if path.is_symlink() or is_page_name(path.name) or _is_bare_page(path))


def is_page_name(name: str) -> bool:
    """Whether a name is one that pages have."""
    return Path(name).suffix.lower() in PAGES


def _is_bare_page(path: Path) -> bool:
    """Whether a file without an ending, as saved addresses often are, holds a page."""
    if path.suffix or not path.is_file():
        return False
    with open_plain(path, "") as file:
        return sniff_media_type(file.read(2000)) == "text/html"
