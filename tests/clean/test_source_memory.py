"""What a source repeats goes, in any language; what a writer says again does not."""

from __future__ import annotations

import pickle

import pytest

from detector.clean import SourceMemory, clean_html, clean_text, without_repeats
from detector.errors import InvalidItemError

FOOTER = "Harbour Post – die Zeitung für die Küste, gegründet 1871"


def items(count: int, *extra: str) -> list[list[str]]:
    return [
        [f"Story number {n} tells of event {n * 7} and of nothing else that happened.", *extra] for n in range(count)
    ]


def remember(seen: list[list[str]], window: int | None = None) -> SourceMemory:
    memory = SourceMemory(window)
    for lines in seen:
        memory.observe(lines)
    return memory


@pytest.mark.parametrize(
    "line",
    [FOOTER, "Газета побережья", "海岸新聞 編集部", "اپنے علاقے کی خبریں"],
)
def test_a_line_on_every_item_is_the_sources_own(line: str) -> None:
    memory = remember(items(12, line))
    assert memory.repeats(line)
    assert memory.repeats(f"  {line.upper()} ")
    assert not memory.repeats(items(1)[0][0])


def test_a_closing_sentence_on_three_items_is_the_columnists() -> None:
    memory = remember(items(40) + items(3, "And that is how we do it on the islands."))
    assert not memory.repeats("And that is how we do it on the islands.")


def test_a_line_on_a_small_share_of_many_items_stays() -> None:
    memory = remember(items(900) + items(20, "Pay April 30"))
    assert not memory.repeats("Pay April 30")


def test_a_line_twice_in_one_item_counts_once() -> None:
    assert not remember([[FOOTER] * 20]).repeats(FOOTER)


def test_workers_memories_merge_to_the_same_one_in_any_order() -> None:
    seen = items(30, FOOTER)
    left, right = remember(seen[:11]), remember(seen[11:])
    left_copy, right_copy = pickle.loads(pickle.dumps(left)), pickle.loads(pickle.dumps(right))  # noqa: S301  # our own
    left.merge(right)
    right_copy.merge(left_copy)
    assert left == right_copy == remember(seen) == remember(seen[::-1])


def test_a_footer_that_was_given_up_is_forgotten() -> None:
    memory = remember(items(60, FOOTER), window=64)
    assert memory.repeats(FOOTER)
    for lines in items(400):
        memory.observe(lines)
    assert not memory.repeats(FOOTER)
    assert memory.items <= 64


def test_a_window_that_is_too_small_is_refused() -> None:
    with pytest.raises(InvalidItemError, match="window is 3"):
        SourceMemory(3)


def test_repeated_paragraphs_are_dropped_and_said_to_be() -> None:
    memory = remember(items(12, FOOTER))
    clean = clean_text(f"{items(1)[0][0]}\n\n{FOOTER}", source=memory)
    assert FOOTER not in clean.text
    assert [(piece.text, piece.reason) for piece in clean.dropped] == [(FOOTER, "source_memory")]


def test_the_fragment_loses_them_too() -> None:
    memory = remember(items(12, FOOTER))
    clean = clean_html(f"<p>{items(1)[0][0]}</p><p>{FOOTER}</p>", source=memory)
    assert FOOTER not in clean.html()
    assert items(1)[0][0] in clean.html()


def test_an_item_that_comes_again_as_a_whole_keeps_its_text() -> None:
    story = items(1)[0][0]
    memory = remember([[story, FOOTER]] * 12)
    clean = clean_text(f"{story}\n\n{FOOTER}")
    assert without_repeats(clean, memory) is clean
