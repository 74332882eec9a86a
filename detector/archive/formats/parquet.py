"""Parquet files, read a row group at a time and written with the same schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from detector.archive.formats.cells import CellsLayout, cells_row
from detector.archive.formats.rows import RawRow
from detector.archive.formats.source import Fate, Judge, Shard, Source, file_digest, runs
from detector.archive.formats.streams import need
from detector.errors import ArchiveError

_BATCH = 64  # rows that are unpacked at a time; pages are large


class Parquet:
    """The format."""

    name = "parquet"
    about = "Parquet files (needs the extra 'archive')"

    def shards(self, source: Source, size: int) -> list[Shard]:
        """Runs of row groups."""
        groups = _groups(_opened(source.path))
        return runs(source, (group.total_byte_size for group in groups), size)

    def read(self, shard: Shard) -> Iterator[RawRow]:
        """The rows, numbered through the file; a row group that is damaged is one error."""
        for _, batch in self._batches(shard):
            yield from (raw for raw, _ in batch)

    def fingerprint(self, source: Source) -> str:
        """The digest of the file."""
        return file_digest(source.path)

    def write(self, source: Source, judge: Judge, out: Path, name: str) -> None:
        """The same columns, types and packing; a row group of the source gives at most one of each output."""
        with ExitStack() as stack:
            outputs: dict[Fate, _Output] = {}
            last = 0
            for group, batch in self._batches(Shard(source)):
                if group != last:
                    for output in outputs.values():
                        output.flush()
                    last = group
                fates = [(judge(raw), taken) for raw, taken in batch]
                for fate in sorted({fate for fate, taken in fates if taken is not None and fate != "repeated"}):
                    if fate not in outputs:
                        outputs[fate] = stack.enter_context(_Output(out / fate / name, _opened(source.path)))
                    outputs[fate].rows += [taken for one, taken in fates if one == fate and taken is not None]

    def _batches(self, shard: Shard) -> Iterator[tuple[int, list[tuple[RawRow, Any]]]]:
        """Row group, and rows of it with what Arrow holds of each: a slice of its record batch."""
        source = shard.source
        layout = CellsLayout(source.mapping, source.path.name)
        file = _opened(source.path)
        groups = _groups(file)
        number = sum(group.num_rows for group in groups[: shard.start])
        for index, group in list(enumerate(groups))[shard.start : shard.stop]:
            done = 0
            try:
                for batch in file.iter_batches(_BATCH, row_groups=[index]):
                    first = number + done + 1
                    yield (
                        index,
                        [
                            (_raw(source, first + n, cells, layout), batch.slice(n, 1))
                            for n, cells in enumerate(_cells(batch))
                        ],
                    )
                    done += len(batch)
            except (OSError, ValueError, NotImplementedError, TypeError) as error:  # Arrow's own errors are of these
                bad = number + done + 1
                reason = f"row group {index + 1} is damaged from here on and was read no further ({error})"
                yield index, [(RawRow(source.file, bad, f"row {bad}", b"", layout, reason), None)]
            number += group.num_rows


def _opened(path: Path) -> Any:
    parquet = need("pyarrow.parquet", "archive")
    try:
        return parquet.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{path} cannot be read as Parquet: {error}") from error


def _groups(file: Any) -> list[Any]:
    return [file.metadata.row_group(index) for index in range(file.metadata.num_row_groups)]


def _raw(source: Source, number: int, cells: dict[str, Any] | UnicodeDecodeError, layout: CellsLayout) -> RawRow:
    place = f"row {number}"
    if isinstance(cells, UnicodeDecodeError):
        reason = f"byte {cells.start + 1} of a text in it is not UTF-8"
        return RawRow(source.file, number, place, b"", layout, reason)
    return cells_row(source, number, place, cells, layout)


def _cells(batch: Any) -> list[dict[str, Any] | UnicodeDecodeError]:
    """Rows as Python's own values; nanoseconds become microseconds, which is what Python has."""
    arrow = need("pyarrow", "archive")
    fields = [
        field.with_type(arrow.timestamp("us", field.type.tz)) if arrow.types.is_timestamp(field.type) else field
        for field in batch.schema
    ]
    cast = batch.cast(arrow.schema(fields), safe=False)
    try:
        return list(cast.to_pylist())
    except UnicodeDecodeError:  # of some row: see which
        return [_cells_of_one(cast.slice(n, 1)) for n in range(len(cast))]


def _cells_of_one(row: Any) -> dict[str, Any] | UnicodeDecodeError:
    try:
        return dict(row.to_pylist()[0])
    except UnicodeDecodeError as error:
        return error


class _Output:
    """A file of the same kind; rows are gathered until their row group is done."""

    def __init__(self, path: Path, like: Any) -> None:
        parquet = need("pyarrow.parquet", "archive")
        path.parent.mkdir(parents=True, exist_ok=True)
        metadata = like.metadata
        codec = metadata.row_group(0).column(0).compression.lower() if metadata.num_row_groups else "snappy"
        packing = "none" if codec == "uncompressed" else codec
        self._writer = parquet.ParquetWriter(
            path, like.schema_arrow, compression=packing, version=metadata.format_version
        )
        self.rows: list[Any] = []

    def __enter__(self) -> _Output:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()
        self._writer.close()

    def flush(self) -> None:
        """Write what was gathered as a row group."""
        if self.rows:
            table = need("pyarrow", "archive").Table.from_batches(self.rows).combine_chunks()
            self._writer.write_table(table, row_group_size=len(table))
            self.rows = []
