"""What the guard says of what it did, word for word, and where each of its limits lies."""

from __future__ import annotations

import pytest

from detector.clean.guard import Guarded, Limits, guard
from detector.clean.plain import is_binary, without_surrogates

_REST = "; the rest was not read"
SAID: dict[str, tuple[str, Limits | None, list[tuple[str, str]], bytes | None]] = {
    "NUL": ("<p>a\0b\0c", None, [("nul_characters", "2 NUL characters were removed")], b"<p>abc"),
    "another control is left": ("<p>a\x01b", None, [], b"<p>a\x01b"),
    "surrogates": (
        "\ud800a\ud801", None, [("replaced_characters", "2 lone surrogates were replaced")], "\ufffda\ufffd".encode()),
    "both": (
        "\ud800\0", None,
        [("replaced_characters", "1 lone surrogates were replaced"),
         ("nul_characters", "1 NUL characters were removed")],
        "\ufffd".encode()),
    "depth": (
        "<div>" * 5 + "x", Limits(depth=3), [("depth_flattened", "2 elements deeper than 3 were flattened")], None),
    "as deep as may be": ("<div>" * 3 + "x", Limits(depth=3), [], None),
    "tags": (
        "<p>one</p>" * 5, Limits(tags=3), [("tags_flattened", "2 tags after the first 3 were flattened")], None),
    "attributes": (
        "<p a=1 b=2 c=3>x", Limits(attributes=2),
        [("attributes_cut", "1 attributes were beyond 2 in one tag")], b"<p>x"),
    "as many as may be": ("<p a=1 b=2>x", Limits(attributes=2), [], b"<p>x"),
    "comments": (
        "<!-- a<!-- b", None, [("unclosed_comment", "2 comments never end; they were read on as text")], b" a b"),
    "quote": ('<p title="x>y', None, [("unclosed_quote", "1 attribute values never end")], b"<p>y"),
    "raw text": (
        "<p>z<textarea>x", None,
        [("unclosed_element", "1 elements of raw text never end; they were read on as text")], b"<p>zx"),
    "definitions": (
        '<!DOCTYPE x [<!ENTITY a "ha">]><p>&a;', None,
        [("dtd_ignored", "an internal document type definition was left out")], b"<p>&a;"),
    "bytes that fit": ("é" * 10, Limits(read_bytes=20), [], "é".encode() * 10),
    "markup that fits": ("é" * 10, Limits(markup_bytes=20), [], "é".encode() * 10),
}  # fmt: skip


def _notes(guarded: Guarded) -> list[tuple[str, str]]:
    return [(str(note), note.detail) for note in guarded.notes]


@pytest.mark.parametrize("case", SAID)
def test_what_was_done_is_said_and_nothing_is_lost(case: str) -> None:
    text, limits, said, markup = SAID[case]
    guarded = guard(text, limits)
    assert _notes(guarded) == said
    assert guarded.complete
    assert markup is None or guarded.markup == markup


@pytest.mark.parametrize(
    ("limits", "kept"), [(Limits(read_bytes=13), 6), (Limits(markup_bytes=13), 6), (Limits(read_bytes=19), 9)]
)
def test_what_is_cut_ends_with_a_whole_character_and_is_not_complete(limits: Limits, kept: int) -> None:
    guarded = guard("é" * 10, limits)
    read, markup = limits.read_bytes >> 20, limits.markup_bytes >> 20
    size = f"the page is larger than {read} MiB, or than {markup} MiB without scripts"
    assert _notes(guarded) == [("page_cut", size + _REST)]
    assert guarded.markup == "é".encode() * kept
    assert not guarded.complete


def test_a_page_as_large_as_may_be_is_named_in_mebibytes() -> None:
    limits = Limits(read_bytes=3 << 20, markup_bytes=2 << 20)
    (note,) = guard("x" * ((3 << 20) + 1), limits).notes
    assert note.detail.startswith("the page is larger than 3 MiB, or than 2 MiB without")
    assert len(guard("x" * (4 << 20), limits).markup) == 2 << 20


def test_a_script_that_never_ends_hides_the_rest() -> None:
    guarded = guard("<p>a<script>x")
    assert _notes(guarded) == [("unclosed_script", "a script or style never ends; what follows cannot be told from it")]
    assert not guarded.complete


def test_the_bodies_of_linked_data_are_handed_on_whole() -> None:
    guarded = guard('<script type="application/ld+json">{"a": "é"}</script><p>x')
    assert guarded.ldjson == ('{"a": "é"}',)


@pytest.mark.parametrize(
    ("text", "binary"),
    [
        ("\x01" * 3 + "a" * 10, False),
        ("\x01" * 4 + "a" * 10, True),  # four controls, and more than one in 50
        ("\x01" * 4 + "a" * 196, False),  # one in 50 exactly
        ("\x01" * 5 + "a" * 244, True),
        ("a" * 4014 + "\x01" * 82, True),
        ("a" * 4014 + "\x01" * 81, False),
        ("a" * 4096 + "\x01" * 400, False),  # only the beginning is looked at
        ("\x1b" * 100 + "a" * 100, False),  # escapes are terminals' text
    ],
)
def test_what_is_taken_for_an_image(text: str, binary: bool) -> None:
    assert is_binary(text) is binary


def test_text_without_surrogates_is_left_as_it_is() -> None:
    assert without_surrogates("a é") == ("a é", ())
    text, (note,) = without_surrogates("a\udc80b")
    assert (text, str(note), note.detail) == ("a\ufffdb", "replaced_characters", "1 lone surrogates were replaced")
