"""Every encoding that Python knows, and lies about them: text, or a note that says what was wrong."""

from __future__ import annotations

import codecs

import pytest

from detector import clean_html
from fixtures import attacks
from fixtures.attacks.pages import INSIDE

CODECS = attacks.CODECS
# They tell nothing by their bytes, and a page in them has no declaration that could be read: noise, as in a browser.
NOT_ASCII_BASED = {
    name for name in CODECS
    if name != "utf_8_sig" and "<meta>".encode(name, "replace").decode("latin-1") != "<meta>"
}  # fmt: skip


def test_there_are_sixty() -> None:
    assert len(CODECS) >= 60


@pytest.mark.parametrize("name", [name for name in CODECS if name not in NOT_ASCII_BASED])
def test_a_page_that_declares_its_encoding_is_read(name: str) -> None:
    for way in ("declared", "xml_declared", "cut"):
        assert INSIDE in clean_html(attacks.lie(way, name, name)).text


@pytest.mark.parametrize("name", ["utf_8_sig", "utf_16", "utf_32", "utf_16_le", "utf_16_be"])
def test_a_page_whose_form_is_plain_is_read_whatever_it_declares(name: str) -> None:
    for declared in ("utf-8", "latin-1", "utf-7", "no-such-encoding"):
        assert INSIDE in clean_html(attacks.lie("declared", declared, name)).text


@pytest.mark.parametrize("actual", CODECS)
def test_a_lie_never_fails_and_invents_no_markup(actual: str) -> None:
    for way in attacks.LIES:
        for declared in ("utf-16", "cp037", "big5", "rot13", "\x00"):
            clean = clean_html(attacks.lie(way, declared, actual))
            fragment = clean.html()
            assert "<script" not in fragment.lower()
            assert "\0" not in clean.text
            clean.text.encode()


def test_utf_7_is_never_read_for_it_hides_markup() -> None:
    page = b"<html><head><meta charset=utf-7></head><body><p>+ADw-script+AD4-alert(1)+ADw-/script+AD4-</p>"
    clean = clean_html(page)
    assert "alert(1)" not in clean.text or "+ADw-" in clean.text
    assert "<script" not in clean.html()


def test_a_mark_goes_before_a_declaration() -> None:
    page = codecs.BOM_UTF8 + f"<meta charset=latin-1><p>{INSIDE} Brücke</p>".encode()
    assert "Brücke" in clean_html(page).text
