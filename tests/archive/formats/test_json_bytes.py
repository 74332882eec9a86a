"""Rows of JSON are read as the standard library reads them, whatever reads them faster."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.archive.formats.json_bytes import dumps, loads, loads_own

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=20,
)
ODD = {
    "an integer beyond 64 bits": b'{"id": 18446744073709551617}',
    "one below them": b'{"id": -9223372036854775809}',
    "one within a list": b'{"ids": [{"id": 123456789012345678901234567890}]}',
    "a member that comes twice": b'{"id": 1, "id": 2}',
    "no number": b'{"score": NaN, "most": Infinity}',
    "a number beyond all floats": b'{"score": 1e400}',
    "half a surrogate pair": b'{"body": "\\ud83d"}',
    "a whole one": b'{"body": "\\ud83d\\ude00"}',
    "a byte order mark": b'\xef\xbb\xbf{"id": 1}',
    "UTF-16": '{"id": "größer"}'.encode("utf-16"),
    "lists in lists": b"[" * 500 + b"]" * 500,
    "white space around it": b' \t{"id": 1.0, "n": -0, "e": 1E5}\r\n',
}
BAD = {
    "bytes that are no UTF-8": b'{"body": "\xff"}',
    "a comma too many": b'{"id": 1,}',
    "a control character": b'{"body": "a\x01b"}',
    "two values": b"{} {}",
    "nothing": b"",
    "lists in lists beyond what is read": b"[" * 2_000 + b"]" * 2_000,
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_what_is_odd_is_read_as_the_standard_library_reads_it(data: bytes) -> None:
    assert repr(loads(data)) == repr(json.loads(data))


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_what_is_no_json_is_refused_in_the_standard_librarys_words(data: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)) as expected:
        json.loads(data)
    with pytest.raises(expected.type) as found:
        loads(data)
    assert str(found.value) == str(expected.value)


@given(_JSON, st.booleans())
def test_any_value_is_read_alike_however_it_is_escaped(value: Any, escaped: bool) -> None:
    data = json.dumps(value, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    try:
        expected = json.loads(data)
    except UnicodeDecodeError:
        with pytest.raises(UnicodeDecodeError):
            loads(data)
    else:
        assert repr(loads(data)) == repr(expected)


@given(st.recursive(st.none() | st.integers() | st.text(st.characters()), st.lists))
def test_what_is_written_is_read_again(value: Any) -> None:
    assert loads_own(dumps(value)) == value


def test_a_files_name_that_is_no_utf_8_is_read_again() -> None:
    name = b"\xff.html".decode("utf-8", "surrogateescape")
    assert loads_own(dumps([name])) == [name]
