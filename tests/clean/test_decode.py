"""Bytes are read by their mark, their declaration, as UTF-8, as Windows-1252; in this order, and never guessed at."""

from __future__ import annotations

import codecs

import pytest

from detector.clean.decode import decode

CASES = [
    ("plain UTF-8", "Käse für 3 €".encode(), "Käse für 3 €", "utf-8"),
    ("UTF-8 with its mark", codecs.BOM_UTF8 + "Käse".encode(), "Käse", "utf-8"),
    ("UTF-16 with its mark", codecs.BOM_UTF16_LE + "Käse".encode("utf-16-le"), "Käse", "utf-16le"),
    ("UTF-16 without it", "A page of text.".encode("utf-16-le"), "A page of text.", "utf-16-le"),
    ("a mark beats a declaration", codecs.BOM_UTF8 + b'<meta charset="iso-8859-1">' + "é".encode(), None, "utf-8"),
    ("meta charset", '<meta charset="windows-1251"><p>Мост'.encode("cp1251"), None, "cp1251"),
    (
        "meta http-equiv",
        b'<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-2">\xb1',
        None,
        "iso8859-2",
    ),
    ("XML declaration", '<?xml version="1.0" encoding="shift_jis"?>橋'.encode("shift_jis"), None, "cp932"),
    ("latin-1 is read as browsers read it", b'<meta charset="iso-8859-1">\x93quoted\x94', None, "cp1252"),
    (
        "a false declaration of UTF-8",
        b'<meta charset="utf-8"><p>caf\xe9 ' + b"and then some more words " * 3,
        None,
        "cp1252",
    ),
    ("an unknown declaration", '<meta charset="klingon">é'.encode(), None, "utf-8"),
    ("no declaration, not UTF-8", b"caf\xe9 and bar \x96 open", "café and bar – open", "cp1252"),
]


@pytest.mark.parametrize(("data", "text", "encoding"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_bytes_are_read_as(data: bytes, text: str | None, encoding: str) -> None:
    decoded = decode(data)
    assert decoded.encoding == encoding
    assert "\ufffd" not in decoded.text
    assert text is None or decoded.text == text
    assert ("encoding" in decoded.notes) == (encoding != "utf-8")


def test_single_bad_bytes_are_replaced_and_noted() -> None:
    decoded = decode("Größe ".encode() * 500 + b"\xff")
    assert decoded.text.endswith("\ufffd")
    assert "replaced_characters" in decoded.notes
