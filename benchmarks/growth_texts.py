"""Ordinary and adversarial strings of growing length, for benchmarks/growth.py."""

from __future__ import annotations

import random
from collections.abc import Callable

_SEED = 20261125
_PLACES = [
    "Aldwick",
    "Port-Ellory",
    "Sallow",
    "Tarn",
    "Hagg",
    "Over-Marl",
    "Quay-Road",
    "Salt-Lane",
    "Mill-Hill",
    "Long-Reach",
]
_WORDS = [
    "the",
    "council",
    "mayor",
    "said",
    "on",
    "Monday",
    "that",
    "a",
    "new",
    "bridge",
    "road",
    "school",
    "plan",
    "budget",
    "vote",
    "would",
    "cost",
    "open",
    "close",
    "repair",
    "after",
    "two",
    "years",
    "of",
    "work",
    "and",
    "residents",
    "police",
    "court",
    "told",
    "reporters",
    "in",
    "report",
    "by",
    "from",
    "with",
    "about",
    "for",
    "at",
]


def news(words: int, seed: int = _SEED) -> str:
    """So many words in sentences and paragraphs, with names and numbers, no two sentences alike."""
    rng = random.Random(seed)
    paragraphs: list[str] = []
    count = 0
    while count < words:
        sentences = []
        for _ in range(rng.randint(1, 4)):
            chosen = [rng.choice(_WORDS) for _ in range(rng.randint(8, 22))]
            chosen.insert(rng.randrange(len(chosen)), rng.choice(_PLACES))
            chosen.insert(rng.randrange(len(chosen)), str(rng.randrange(10_000)))
            sentences.append(" ".join(chosen).capitalize() + ".")
            count += len(chosen)
        paragraphs.append(" ".join(sentences))
    return "\n\n".join(paragraphs)


def _page(text: str) -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in text.split("\n\n"))
    return f"<html><head><title>Bridge</title></head><body><article>{body}</article></body></html>"


# By name, a string of about so many times a length; all stay below the bounds of the stages at 8 times.
TEXTS: dict[str, Callable[[int], str]] = {
    "news": lambda n: news(4_000 * n),
    "one_long_line": lambda n: news(4_000 * n).replace("\n\n", " "),
    "one_long_word": lambda n: "w" * 60_000 * n,
    "one_long_word_with_marks": lambda n: "e\u0301" * 30_000 * n,
    "short_paragraphs": lambda n: "\n\n".join(f"x{k}" for k in range(12_500 * n)),  # 10^5 at 8 times
    "short_lines": lambda n: "a b\n" * 12_500 * n,
    "the_same_sentence": lambda n: "The ferry is late again on Monday, he said. " * 1_500 * n,
    "the_same_paragraph": lambda n: "The ferry is late again on Monday, he said.\n\n" * 1_500 * n,
    "the_same_word": lambda n: "ferry " * 15_000 * n,
    "two_words_in_turn": lambda n: "ferry bridge " * 8_000 * n,
    "full_stops": lambda n: ". " * 30_000 * n,
    "full_stops_in_a_row": lambda n: "." * 60_000 * n,
    "capitals_and_stops": lambda n: "A. " * 20_000 * n,
    "quotes": lambda n: '" ' * 30_000 * n,
    "brackets": lambda n: "(" * 30_000 * n + ")" * 30_000 * n,
    "numbers": lambda n: "".join(f"{k} " for k in range(10_000 * n)),
    "names": lambda n: "".join(f"Anna K{chr(97 + k % 26)}{k} " for k in range(5_000 * n)),
    "addresses": lambda n: "http://a.example/?x=1&y=2 " * 2_500 * n,
    "hyphens_at_line_ends": lambda n: "ab-\ncd " * 8_000 * n,
    "blanks": lambda n: "a" + " " * 60_000 * n + "b",
    "line_feeds": lambda n: "a" + "\n" * 60_000 * n + "b",
    "zero_width": lambda n: "a\u200b" * 30_000 * n,
    "han": lambda n: "港口大橋月曜日重開" * 7_000 * n,
    "thai": lambda n: "สะพานเปิด" * 7_000 * n,
    "labels": lambda n: "Next article\n\n" * 2_000 * n,
    "times_and_bylines": lambda n: "By Anna Reed, 12:30 GMT 2 March 2026\n" * 1_500 * n,
    "page_of_news": lambda n: _page(news(4_000 * n)),
    "page_of_links": lambda n: _page("\n\n".join(f"<a href=/x{k}>Read more {k}</a>" for k in range(2_500 * n))),
    "page_of_links_in_a_line": lambda n: _page("".join(f"<a href=/x{k}>more{k}</a> " for k in range(2_500 * n))),
    "page_of_nested_div": lambda n: _page("<div>" * 5_000 * n + news(200)),
    "page_of_nested_inline": lambda n: _page("<b><i>x" * 3_000 * n + news(200)),
    "page_of_attributes": lambda n: _page("<div " + " ".join(f"a{k}=1" for k in range(5_000 * n)) + f">{news(200)}"),
    "page_of_classes": lambda n: _page(f"<div class='{'nav ' * 500 * n}'>{news(200)}</div>" * 20),
    "page_of_styles": lambda n: _page(f"<p style='{'d ' * 100 * n}'>x</p>" * 300),
    "page_of_cells": lambda n: _page("<table>" + "<tr><td>1<td>x 2" * 3_000 * n + "</table>"),
    "page_of_items": lambda n: _page("<ul>" + "<li>Salt Lane is closed" * 3_000 * n + "</ul>"),
    "page_of_breaks": lambda n: _page("x<br><br>" * 3_000 * n),
    "page_of_images": lambda n: _page("<img src=/a.png alt=x><p>x y z</p>" * 2_000 * n),
    "page_of_entities": lambda n: _page("&amp;&eacute;&#8217; " * 5_000 * n),
    "page_of_one_paragraph": lambda n: _page("<p>The ferry is late again on Monday, he said.</p>" * 900 * n),
    "page_of_open_comments": lambda n: _page("<!--" * 10_000 * n + news(200)),
    "page_of_headings": lambda n: _page("<h1>Bridge</h1>" * 3_000 * n + news(200)),
    "page_of_times": lambda n: _page("<time datetime=2026-03-02>2 March</time><p>x y</p>" * 2_000 * n),
}
