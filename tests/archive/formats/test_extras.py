"""Where an optional package is absent, the message names what to install; the rest of the archive's code needs none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from detector.errors import ArchiveError


@pytest.mark.parametrize(
    ("package", "file", "data", "extra"),
    [
        ("pyarrow.parquet", "x.parquet", b"PAR1", "archive"),
        ("warcio", "x.warc", b"WARC/1.0\r\n", "archive"),
        ("feedparser", "x.xml", b"<rss><channel><item><guid>a</guid></item></channel></rss>", "archive"),
        ("zstandard", "x.jsonl", b"\x28\xb5\x2f\xfd", "archive"),
        ("sqlalchemy", None, b"", "service"),
    ],
)
def test_the_message_names_the_extra(
    package: str, file: str | None, data: bytes, extra: str, tmp_path: Path, reads: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    address = "sqlite:///x.db#items"
    if file:
        address = str(tmp_path / file)
        Path(address).write_bytes(data)
    with pytest.raises(ArchiveError, match=rf"pip install 'copytaster\[{extra}\]'"):
        reads(address)


def test_lines_of_json_and_tables_of_cells_need_no_extra(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\n1,x\n")
    code = (
        "import sys; from detector.archive.formats import find_sources, read\n"
        f"assert len(list(read(find_sources([{str(tmp_path / 'a.csv')!r}])))) == 1\n"
        "print(sorted({'pyarrow', 'warcio', 'feedparser', 'zstandard', 'sqlalchemy', 'psycopg'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "[]\n"
