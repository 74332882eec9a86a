"""Zips of saved pages. A page's id is its name in the zip."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath

from detector.archive.formats.pages import PageLayout, is_page_name
from detector.archive.formats.rows import MAX_ROW, RawRow
from detector.archive.formats.source import Fate, Judge, Shard, Source, file_digest, runs
from detector.archive.formats.streams import MAX_RATIO
from detector.errors import ArchiveError

_FREE = 1 << 20  # bytes that a member may hold whatever its packed size
# Collections within a zip are not looked into; that they are there is said.
_COLLECTIONS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".warc", ".gz", ".zst", ".zip", ".xml",
                ".rss", ".atom", ".sqlite", ".db")  # fmt: skip
_ENCRYPTED = 1


class Zips:
    """The format."""

    name = "zip"
    about = "a zip of saved pages; links, '..' and bombs in it are refused"

    def shards(self, source: Source, size: int) -> list[Shard]:
        """Runs of members."""
        with _opened(source.path) as archive:
            return runs(source, (member.compress_size for member in _members(archive)), size)

    def read(self, shard: Shard) -> Iterator[RawRow]:
        """The pages, in the order in which the zip lists them."""
        layout = PageLayout(shard.source.mapping, shard.source.path.name)
        with _opened(shard.source.path) as archive:
            for number, member in enumerate(_members(archive)[shard.start : shard.stop], shard.start + 1):
                yield _read(archive, shard.source.file, number, member, layout)

    def fingerprint(self, source: Source) -> str:
        """The digest of the file."""
        return file_digest(source.path)

    def write(self, source: Source, judge: Judge, out: Path, name: str) -> None:
        """A zip of the members that stay, and of those that go; what is no page stays, what was refused is left out."""
        layout = PageLayout(source.mapping, source.path.name)
        with _opened(source.path) as archive, ExitStack() as stack:
            outputs: dict[Fate, zipfile.ZipFile] = {}
            number = 0
            for member in archive.infolist():
                fate: Fate = "kept"
                if _is_row(member):
                    number += 1
                    fate = judge(_read(archive, source.file, number, member, layout))
                if fate == "repeated" or _refusal(member):
                    continue
                if fate not in outputs:
                    path = out / fate / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    outputs[fate] = stack.enter_context(zipfile.ZipFile(path, "x"))
                _copy(archive, member, outputs[fate])


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise ArchiveError(f"{path} cannot be read as a zip: {error}") from error
    with archive:
        yield archive


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [member for member in archive.infolist() if _is_row(member)]


def _is_row(member: zipfile.ZipInfo) -> bool:
    """Pages, and what must be said to be none; pictures, styles and folders are neither."""
    if member.is_dir():
        return False
    name = member.filename.lower()
    return is_page_name(PurePosixPath(name).name) or name.endswith(_COLLECTIONS) or bool(_refusal(member))


def _read(archive: zipfile.ZipFile, file: int, number: int, member: zipfile.ZipInfo, layout: PageLayout) -> RawRow:
    data, error = b"", _refusal(member)
    if not error:
        try:
            with archive.open(member) as stream:
                data = stream.read(MAX_ROW + 1)
        except (OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as problem:
            error = f"the member is damaged: {problem}"
    if len(data) > MAX_ROW:
        data, error = data[:200], f"the page is longer than the {MAX_ROW} bytes that are read of one"
    return RawRow(file, number, member.filename, data, layout, error)


def _refusal(member: zipfile.ZipInfo) -> str:
    """Why a member is not opened; empty when it is."""
    # Windows' tools write backslashes; a name from the root or up from it has no business here.
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        return "its name leads out of the zip"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "it is a link; links are not followed"
    if member.flag_bits & _ENCRYPTED:
        return "it is encrypted; unpack the zip with its password first"
    if member.file_size > max(_FREE, MAX_RATIO * member.compress_size):
        return f"it expands to more than {MAX_RATIO} times its size, as no page does"
    if member.filename.lower().endswith(_COLLECTIONS):
        return "it is a collection within the zip; unpack the zip and name it by itself"
    return ""


def _copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: zipfile.ZipFile) -> None:
    """The member with its name, date and attributes, packed anew as it was packed."""
    info = zipfile.ZipInfo(member.filename, member.date_time)
    info.compress_type, info.external_attr, info.comment = member.compress_type, member.external_attr, member.comment
    with archive.open(member) as stream, target.open(info, "w", force_zip64=member.file_size > 1 << 30) as copy:
        shutil.copyfileobj(stream, copy)
