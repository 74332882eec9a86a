"""Examined items on disk: shards of a few hundred, written whole or not at all, and read in any order.

A shard is a line of JSON that says where its sections lie, and the sections: a line of JSON an item, the texts, and the
shingles and band keys as flat arrays. Nothing of it is executable, and a reader maps the file: it takes no memory until
it is looked at.
"""

from __future__ import annotations

import json
import mmap
import os
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.archive.formats import Quarantined
from detector.archive.formats.json_bytes import dumps, loads_own
from detector.dedup import Banding, Sketching
from detector.dedup.kernels import sampled
from detector.dedup.shelf import Entry
from detector.records import CleanText, Examined, Item, Quality, Reason, Sentence, Sketch

Keys = NDArray[np.uint32]

BANDING, SKETCHING = Banding(), Sketching()
_NO_SIGNATURE: Keys = np.zeros(0, np.uint32)  # its bands are all that is kept of a signature
_OPEN = 128  # shards that a reader holds open: a few hundred megabytes, as much of them as was read
_INDEXED = 8192  # shards of which it knows where items stand: a hundred megabytes
_ENTRIES = 8192  # entries that it holds ready
_ALIGNED = 64


@dataclass(frozen=True, slots=True)
class Prepared:
    """A row after examination, without its body."""

    file: int
    number: int
    place: str
    digest: str
    examined: Examined
    bands: Keys  # shape (bands,); none for a text without a token
    notes: tuple[str, ...]
    stripped: tuple[tuple[str, str], ...]  # reason and beginning of each dropped piece
    repeated: tuple[str, ...] = ()  # paragraphs that went because the source repeats them


def write_bytes(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file so that after any crash it is there whole or not at all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    with partial.open("wb") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def link_or_copy(source: Path, target: Path) -> None:
    """The same file under another name; a copy where the disk has no links."""
    try:
        os.link(source, target)
    except OSError:
        write_bytes(target, [source.read_bytes()])


def write_shard(path: Path, items: Sequence[Prepared], quarantined: Sequence[Quarantined]) -> None:
    """Write a shard; ``ShardFile.at`` reads it."""
    write_bytes(path, shard_pieces(items, quarantined))


def shard_pieces(items: Sequence[Prepared], quarantined: Sequence[Quarantined] = ()) -> Iterator[bytes]:
    """A shard's bytes, in pieces."""
    metas = [dumps(_meta(one)) for one in items]
    texts = [one.examined.text.text.encode("utf-8", "surrogatepass") for one in items]
    shingles = [one.examined.sketch.shingles if one.examined.sketch else _NO_SIGNATURE for one in items]
    bands = [one.bands if one.bands.size else np.zeros(BANDING.bands) for one in items]
    sections: dict[str, NDArray[Any]] = {
        "meta_ends": np.cumsum([len(meta) for meta in metas], dtype=np.int64),
        "text_ends": np.cumsum([len(text) for text in texts], dtype=np.int64),
        "shingle_ends": np.cumsum([one.size for one in shingles], dtype=np.int64),
        "bands": np.array(bands, np.uint32),
        "shingles": np.concatenate([_NO_SIGNATURE, *shingles]),
        "metas": np.frombuffer(b"".join(metas), np.uint8),
        "texts": np.frombuffer(b"".join(texts), np.uint8),
    }
    places, at = {}, 0
    for name, section in sections.items():
        places[name] = [at, section.size, section.dtype.str]
        at += -(-section.nbytes // _ALIGNED) * _ALIGNED
    bad = [[q.file, q.number, q.error, q.head, q.place] for q in quarantined]
    header = json.dumps({"items": len(items), "sections": places, "bad": bad}, ensure_ascii=True).encode()
    yield header + b" " * (-(len(header) + 1) % _ALIGNED) + b"\n"
    for section in sections.values():
        yield section.tobytes() + bytes(-section.nbytes % _ALIGNED)


def _meta(one: Prepared) -> list[Any]:
    item, text, quality, sketch = one.examined.item, one.examined.text, one.examined.quality, one.examined.sketch
    return [
        [one.file, one.number, one.place, one.digest, one.notes, one.stripped, one.repeated],
        [item.id, item.title, item.url, item.source, item.section, item.language, _iso(item.published), item.version],
        [text.title, [len(p) for p in text.paragraphs], [[str(n), n.detail] for n in text.notes], text.complete,
         text.language, text.page_kind, text.page_kind_confidence, text.linked],
        [quality.score, quality.label, [[str(r), r.detail] for r in quality.reasons], quality.language, quality.genre,
         [[s.start, s.end, s.filler, s.reason] for s in quality.sentences if s.reason]],
        [sketch.digest, sketch.tokens] if sketch else None,
    ]  # fmt: skip


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


class ShardFile:
    """A shard as ``shard_pieces`` made it."""

    @classmethod
    def at(cls, path: Path) -> ShardFile:
        """The shard in a file."""
        with path.open("rb") as file:
            return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def __init__(self, data: bytes | mmap.mmap) -> None:
        start = data.find(b"\n") + 1
        self._read_header(data[:start])
        self._sections = {
            name: np.frombuffer(data, np.dtype(kind), size, start + at)
            for name, (at, size, kind) in self._places.items()
        }

    def _read_header(self, line: bytes) -> None:
        header = json.loads(line)
        self.items: int = header["items"]
        self.quarantined = [Quarantined(*entry) for entry in header["bad"]]
        self._places: dict[str, tuple[int, int, str]] = header["sections"]  # where, how many values, and their type

    def _values(self, name: str, first: int, behind: int) -> NDArray[Any]:
        return self._sections[name][first:behind]

    def _slice(self, name: str, ends: str, row: int) -> NDArray[Any]:
        bounds = self._sections[ends]
        return self._values(name, int(bounds[row - 1]) if row else 0, int(bounds[row]))

    def bands(self, row: int) -> Keys:
        """Its band keys, shape (bands,); of no meaning for a text without a token."""
        return self._values("bands", row * BANDING.bands, (row + 1) * BANDING.bands)

    def meta(self, row: int) -> list[Any]:
        """The item's line of JSON."""
        found: list[Any] = loads_own(self._slice("metas", "meta_ends", row).tobytes())
        return found

    def text(self, row: int) -> str:
        """Its text."""
        return self._slice("texts", "text_ends", row).tobytes().decode("utf-8", "surrogatepass")

    def lesson(self, row: int) -> tuple[str | None, list[str]]:
        """Its source, and the paragraphs by which a memory learns what that source repeats."""
        meta = self.meta(row)
        return meta[1][3], [*_paragraphs(self.text(row), meta[2][1]), *meta[0][6]]

    def found(self, row: int, *, sentences: bool) -> tuple[list[list[str]], list[tuple[str, float, str]]]:
        """Reason and beginning of what was taken out; text, probability and reason of the filler, if wanted."""
        meta = self.meta(row)
        flagged = meta[3][5] if sentences else []
        text = self.text(row) if flagged else ""
        return meta[0][5], [(text[start:end], filler, reason) for start, end, filler, reason in flagged]

    def shingles(self, row: int) -> Keys:
        """Its shingles, sorted, shape (n,)."""
        return self._slice("shingles", "shingle_ends", row)

    def passages(self, row: int) -> Keys:
        """Its sampled shingles, as ``sketch`` samples them."""
        return _sampled(self.shingles(row))

    def sketch(self, row: int, meta: list[Any]) -> Sketch | None:
        """The sketch without its signature; None for a text without a token."""
        if meta[4] is None:
            return None
        digest, tokens = meta[4]
        # A copy: a piece of the mapped file would keep all of it in memory for as long as somebody holds the sketch.
        shingles = self.shingles(row).copy()
        return Sketch(SKETCHING.header, digest, tokens, shingles, _NO_SIGNATURE, _sampled(shingles))

    def entry(self, row: int) -> Entry | None:
        """What another item is compared with; None for a text without a token."""
        meta = self.meta(row)
        sketch = self.sketch(row, meta)
        if sketch is None:
            return None
        item_id, _, url, source, _, _, published, _ = meta[1]
        moment = datetime.fromisoformat(published) if published else None
        return Entry(item_id, self.text(row), sketch, True, meta[2][0], url, source, moment)

    def prepared(self, row: int, *, sentences: bool = True) -> Prepared:
        """The item whole, or without the sentences that are filler: most of what reading it costs, and seldom asked."""
        meta, text = self.meta(row), self.text(row)
        file, number, place, digest, notes, stripped, repeated = meta[0]
        item_id, title, url, source, section, language, published, version = meta[1]
        item = Item(item_id, "", "text/plain", title, url, source, section, language, published, version)
        sketch = self.sketch(row, meta)
        return Prepared(
            file, number, place, digest,
            Examined(item, _clean(meta[2], text), sketch, _quality(meta[3], text if sentences else None)),
            self.bands(row) if sketch else _NO_SIGNATURE,
            tuple(notes), tuple((reason, line) for reason, line in stripped), tuple(repeated),
        )  # fmt: skip


def _sampled(shingles: Keys) -> Keys:
    return shingles if shingles.size <= SKETCHING.sample_all_below else sampled(shingles, SKETCHING.sample)


def _clean(meta: list[Any], text: str) -> CleanText:
    title, lengths, notes, complete, language, kind, confidence, linked = meta
    return CleanText(
        title, tuple(_paragraphs(text, lengths)), notes=tuple(Reason(*note) for note in notes), complete=complete,
        language=language, page_kind=kind, page_kind_confidence=confidence, linked=tuple(linked),
    )  # fmt: skip


def _paragraphs(text: str, lengths: list[int]) -> list[str]:
    paragraphs, at = [], 0
    for length in lengths:
        paragraphs.append(text[at : at + length])
        at += length + 2
    return paragraphs


def _quality(meta: list[Any], text: str | None) -> Quality:
    score, label, reasons, language, genre, flagged = meta
    sentences: tuple[Sentence, ...] = ()
    if text is not None:
        sentences = tuple(Sentence(text[start:end], start, end, *judged) for start, end, *judged in flagged)
    return Quality(score, label, tuple(Reason(*reason) for reason in reasons), sentences, language, genre)


def slim(examined: Examined) -> Examined:
    """Without the body and what was dropped from it, which only the item's own examination needs."""
    text = replace(examined.text, dropped=(), fragment=None)
    return replace(examined, item=replace(examined.item, body="", media_type="text/plain"), text=text)


class _SparseShard(ShardFile):
    """A shard of which single items are read: no more of the file than what is asked for, and nothing is mapped."""

    def __init__(self, path: Path) -> None:  # not what a shard in memory is made of
        self._path = path
        with path.open("rb") as file:
            self._read_header(file.readline())
            self._start = file.tell()
            ends = [name for name in self._places if name.endswith("_ends")]
        self._sections = {name: self._values(name, 0, self._places[name][1]) for name in ends}

    def _values(self, name: str, first: int, behind: int) -> NDArray[Any]:
        at, _, kind = self._places[name]
        size = np.dtype(kind).itemsize
        with self._path.open("rb", buffering=0) as file:
            file.seek(self._start + at + first * size)
            return np.frombuffer(file.read((behind - first) * size), kind)


class ShardReader:
    """The shards of a folder by their number.

    The last ones that were asked for stay open. With ``singly``, items will be asked for all over the folder: where it
    has more shards than may stay open, to map each of them again and again would take most of the time.
    """

    def __init__(self, folder: Path, *, singly: bool = False) -> None:
        self.folder = folder
        self._sparse = singly and sum(1 for _ in islice(folder.glob("*.shard"), _OPEN + 1)) > _OPEN
        self._most = _INDEXED if self._sparse else _OPEN
        self._files: OrderedDict[int, ShardFile] = OrderedDict()
        self._entries: OrderedDict[tuple[int, int], Entry | None] = OrderedDict()

    def path(self, number: int) -> Path:
        """Where a shard lies."""
        return self.folder / f"{number:06d}.shard"

    def __getitem__(self, number: int) -> ShardFile:
        file = self._files.get(number)
        if file is None:
            path = self.path(number)
            file = self._files[number] = _SparseShard(path) if self._sparse else ShardFile.at(path)
            if len(self._files) > self._most:
                self._files.popitem(last=False)
        return file

    def entry(self, shard: int, row: int) -> Entry | None:
        """An item as others are compared with it."""
        place = (shard, row)
        if place in self._entries:
            self._entries.move_to_end(place)
            return self._entries[place]
        entry = self._entries[place] = self[shard].entry(row)
        if len(self._entries) > _ENTRIES:
            self._entries.popitem(last=False)
        return entry
