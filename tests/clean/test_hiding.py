"""What nobody can see is no content: by attribute or by style, whatever way the style is written."""

import pytest

from detector import clean_html

SHOWN = "The harbour bridge opened to traffic on Monday after two years of repairs, mayor Ines Adler told reporters."
HIDDEN = "The council of Port Ellory votes on 640,000 crowns for two bus lanes on Thursday, said clerk Tom Reed."
PAGE = f"<html><body><article><p>{SHOWN}</p><p>About 12,000 cars a day will use it.</p>%s</article></body></html>"

STYLES = {
    "display": "display:none",
    "display_important": "display: none !important; display: block",
    "display_in_capitals": "DISPLAY : NONE",
    "display_in_references": "display&#58;none",
    "display_escaped": "d\\69 splay:none",
    "display_after_a_comment": "/* x */ display:/* y */none",
    "visibility": "visibility:hidden",
    "opacity": "opacity:0.0",
    "no_height": "height:0;overflow:hidden",
    "no_size": "font-size:0",
    "one_pixel": "font-size: 1px",
    "no_size_by_an_exponent": "font-size:1e-9px",
    "no_size_in_short": "font:0/0 a",
    "off_the_screen": "position:absolute;left:-9999px",
    "far_down": "position: fixed; top: 20000px",
    "indented_away": "text-indent:-9999px",
    "clipped": "position:absolute;clip:rect(1px, 1px, 1px, 1px)",
    "clipped_by_path": "clip-path: inset(100%)",
    "shrunk": "transform:scale(0)",
    "moved": "transform: translateX(-9999px)",
    "white_on_white": "color:white;background:#fff",
    "nearly_white_on_white": "color:rgb(250, 250, 250); background-color: white",
    "clear": "color:transparent",
    "clear_by_alpha": "color:rgba(0,0,0,0)",
}
SEEN = {
    "display_at_last": "display:none;display:block",
    "visible": "visibility:visible",
    "small": "font-size:11px",
    "nearly_clear": "opacity:.6",
    "fading_in": "opacity:0;transform:translateY(30px)",
    "white_on_black": "color:#fff;background:#000",
    "white_on_an_image": "color:white;background:#fff url(/night.jpg)",
    "white_on_what_is_not_said": "color:#fff",
    "placed": "position:absolute;left:-20px",
    "a_large_clip": "position:absolute;clip:rect(0, 600px, 400px, 0)",
    "halved": "transform:scale(.5)",
    "no_height_but_overflowing": "height:0",
    "a_name_that_only_sounds_so": "x-display:none",
    "in_an_address": "background:url(/display:none.png)",
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("element", ["p", "div"])
def test_a_paragraph_that_is_hidden_goes_and_is_said_to_be_hidden(style: str, element: str) -> None:
    clean = clean_html(PAGE % f'<{element} style="{STYLES[style]}">{HIDDEN}</{element}>')
    assert HIDDEN not in clean.text
    assert SHOWN in clean.text
    assert ("hidden", HIDDEN) in [(piece.reason, piece.text) for piece in clean.dropped]


@pytest.mark.parametrize("style", SEEN)
def test_a_paragraph_that_is_seen_stays(style: str) -> None:
    assert HIDDEN in clean_html(PAGE % f'<p style="{SEEN[style]}">{HIDDEN}</p>').text


@pytest.mark.parametrize(
    "markup",
    [
        f"<p hidden>{HIDDEN}</p>",
        f"<p aria-hidden=true>{HIDDEN}</p>",
        f"<template><p>{HIDDEN}</p></template>",
        f"<noscript><p>{HIDDEN}</p></noscript>",
        f"<div style='font-size:0'><p>{HIDDEN}</p></div>",
        f"<div style='background:#fff'><div><p style='color:#fefefe'>{HIDDEN}</p></div></div>",
        f"<div style='position:absolute;left:-9999px'><p style='color:red'>{HIDDEN}</p></div>",
    ],
)
def test_what_stands_inside_of_what_is_hidden_is_hidden(markup: str) -> None:
    assert HIDDEN not in clean_html(PAGE % markup).text


@pytest.mark.parametrize(
    "markup",
    [
        f"<div style='font-size:0'><p style='font-size:16px'>{HIDDEN}</p></div>",  # closes gaps
        f"<div style='color:#fff;background:#fff'><p style='color:#000'>{HIDDEN}</p></div>",
        f"<div style='visibility:hidden'><p style='visibility:visible'>{HIDDEN}</p></div>",
    ],
)
def test_what_undoes_it_is_seen(markup: str) -> None:
    assert HIDDEN in clean_html(PAGE % markup).text


def test_what_is_concealed_within_a_word_does_not_part_it() -> None:
    clean = clean_html(PAGE % "<p>The fer<span style='font-size:0'>qx <b>zz</b></span>ry stops on Friday.</p>")
    assert "The ferry stops on Friday." in clean.text
    assert "hidden_text" in clean.notes


def test_text_that_is_all_concealed_is_no_text() -> None:
    clean = clean_html(f"<html><body><p style='color:#fff;background:#fff'>{SHOWN}</p></body></html>")
    assert clean.text == ""


def test_an_article_that_a_script_unfolds_is_read() -> None:
    page = f"<html><body style='opacity:0'><article><p>{SHOWN}</p><p>{HIDDEN}</p></article></body></html>"
    assert SHOWN in clean_html(page).text
