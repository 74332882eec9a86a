"""The whole way, plan to undo, over every format at once: in each a story and a copy of it."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from typer.testing import CliRunner
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from detector.cli import app

SUBJECTS = ["ferry", "bridge", "library", "quarry", "brewery", "railway", "school", "orchard"]


def story(subject: str) -> str:
    number = SUBJECTS.index(subject)
    closing, age, users, cost = number + 3, number + 41, number * 17 + 61, number * 90 + 420
    return (
        f"The {subject} at Port Ellory will close on {closing} May after {age} years, its owner said on Monday. It was"
        f" used by {users},000 people last year against {users * 2},000 in 2012, and repairs to the {subject} would"
        f" have cost {cost},000 crowns. The {number + 14} staff will be offered work in Wexcombe, where clerk Jory Penn"
        f" counted {number * 3 + 7} empty posts in the {subject}'s trade in March."
    )


def page(subject: str) -> str:
    text = "".join(f"<p>{part}.</p>" for part in story(subject).rstrip(".").split(". "))
    head = f"<head><title>The {subject}</title></head>"
    return f"<html>{head}<body><article><h1>The {subject}</h1>{text}</article></body></html>"


def rss(subject: str) -> str:
    items = "".join(
        f"<item><title>The {subject}</title><guid>{subject}-{day}</guid><pubDate>{day} Mar 2026 10:00:00 GMT</pubDate>"
        f"<description>{story(subject)}</description></item>\n"
        for day in (2, 3)
    )
    return f'<?xml version="1.0"?>\n<rss version="2.0"><channel><title>Post</title>\n{items}</channel></rss>\n'


@pytest.fixture
def archive(tmp_path: Path) -> list[str]:
    """One source of each format, first the story and then its copy."""
    base = tmp_path / "archive"
    base.mkdir()
    rows = {name: [(f"{name}-{day}", story(name), f"2026-03-0{day}") for day in (2, 3)] for name in SUBJECTS}
    (base / "a.jsonl").write_text(
        "".join(json.dumps(dict(zip(("id", "text", "date"), row, strict=True))) + "\r\n" for row in rows["ferry"])
    )
    with (base / "b.csv").open("w", newline="") as file:
        csv.writer(file, delimiter=";").writerows([("id", "text", "date"), *rows["bridge"]])
    columns = list(zip(*rows["library"], strict=True))
    parquet.write_table(
        pa.table(dict(zip(("id", "text", "date"), map(list, columns), strict=True))), base / "c.parquet"
    )
    (base / "d.warc.gz").write_bytes(crawl(page("quarry")))
    (base / "pages").mkdir()
    for name in ("1.html", "2.html"):
        (base / "pages" / name).write_text(page("brewery"))
    with zipfile.ZipFile(base / "e.zip", "w") as packed:
        packed.writestr("1.htm", page("railway"))
        packed.writestr("2.htm", page("railway"))
    (base / "f.xml").write_text(rss("school"))
    connection = sqlite3.connect(tmp_path / "cms.db")
    connection.execute("create table items (id text primary key, text text, date text)")
    connection.executemany("insert into items values (?, ?, ?)", rows["orchard"])
    connection.commit()
    connection.close()
    return [str(base), f"sqlite:///{tmp_path}/cms.db#items"]


def crawl(html: str) -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    for day in (2, 3):
        http = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        record = writer.create_warc_record(
            f"https://h.example/{day}", "response", io.BytesIO(html.encode()), http_headers=http,
            warc_headers_dict={"WARC-Date": f"2026-03-0{day}T10:00:00Z", "WARC-Record-ID": f"<urn:uuid:quarry-{day}>"},
        )  # fmt: skip
        writer.write_record(record)
        record.raw_stream.close()
    return out.getvalue()


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def run(*arguments: Any) -> str:
    result = CliRunner().invoke(app, ["archive", *map(str, arguments)])
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def test_copies_go_from_every_format_and_undo_brings_all_back(archive: list[str], tmp_path: Path) -> None:
    before, table = files_in(tmp_path / "archive"), dump(tmp_path / "cms.db")
    run("plan", *archive, "--workers", 1, "--out", tmp_path / "plan")
    planned = [json.loads(line) for line in (tmp_path / "plan" / "plan.jsonl").read_text().splitlines()]
    removed = sorted(row["id"] for row in planned if row["action"] == "reject")
    assert removed == [
        "2.htm", "<urn:uuid:quarry-3>", "bridge-3", "ferry-3", "library-3", "orchard-3", "pages/2.html", "school-3"
    ]  # fmt: skip
    run("apply", tmp_path / "plan", "--out", tmp_path / "out")
    files = ["a.jsonl", "b.csv", "c.parquet", "d.warc.gz", "e.zip", "f.xml"]
    for fate, number in (("kept", 1), ("removed", 2)):
        expected = [*(f"archive/{name}" for name in files), f"archive/pages/{number}.html"]
        assert list(files_in(tmp_path / "out" / fate)) == expected
    assert (tmp_path / "out/kept/archive/a.jsonl").read_bytes().endswith(b"\r\n")
    assert len(dump(tmp_path / "cms.db")) > len(table)
    written = files_in(tmp_path / "out")
    run("apply", tmp_path / "plan", "--out", tmp_path / "out")
    assert files_in(tmp_path / "out") == written
    assert files_in(tmp_path / "archive") == before
    run("undo", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert dump(tmp_path / "cms.db") == table
    run("apply", tmp_path / "plan", "--out", tmp_path / "lines", "--to", "jsonl")
    kept = [json.loads(line) for line in (tmp_path / "lines" / "kept.jsonl").read_text().splitlines()]
    assert len(kept) == len(SUBJECTS)
    assert dump(tmp_path / "cms.db") == table


def dump(file: Path) -> list[str]:
    connection = sqlite3.connect(file)
    lines = list(connection.iterdump())
    connection.close()
    return lines
