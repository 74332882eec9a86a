"""The index: which earlier items could say the same."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from detector.dedup import Entry, MemoryIndex, Sketching, matches, sketch, tokenise
from detector.dedup.postings import Postings
from detector.dedup.shelf import Shelf
from detector.errors import SketchMismatchError

START = datetime(2026, 3, 1, tzinfo=UTC)


def entry(item_id: str, text: str, *, kept: bool = True, day: int | None = None) -> Entry:
    published = None if day is None else START + timedelta(days=day)
    return Entry(item_id, text, sketch(tokenise(text)), kept=kept, published=published)


def story(number: int, words: int = 120) -> str:
    return " ".join(f"w{number}x{place}" for place in range(words))


def found(index: MemoryIndex, text: str, limit: int = 10, since: datetime | None = None) -> list[str]:
    return [e.item_id for e in index.candidates(sketch(tokenise(text)), limit=limit, since=since).entries]


def test_a_copy_is_found_and_an_unlike_text_is_not() -> None:
    index = MemoryIndex()
    index.add(entry("a", story(1)))
    index.add(entry("b", story(2)))
    assert found(index, story(1)) == ["a"]
    assert found(index, story(3)) == []


def test_a_text_within_much_other_text_is_found() -> None:
    index = MemoryIndex()
    index.add(entry("wire", story(1, words=80)))
    assert found(index, f"{story(2, 500)} {story(1, 80)} {story(3, 500)}") == ["wire"]


def test_what_shares_most_comes_first_and_the_earlier_of_equals() -> None:
    index = MemoryIndex()
    index.add(entry("half", f"{story(1, 60)} {story(2, 60)}"))
    index.add(entry("first", story(1)))
    index.add(entry("second", story(1)))
    assert found(index, story(1)) == ["first", "second", "half"]


def test_a_rejected_item_is_remembered_but_makes_no_other_a_duplicate() -> None:
    index = MemoryIndex()
    index.add(entry("rejected", story(1), kept=False))
    assert len(index) == 1
    assert index.get("rejected") is not None
    assert found(index, story(1)) == []


def test_an_item_that_comes_again_replaces_itself() -> None:
    index = MemoryIndex()
    index.add(entry("a", story(1)))
    index.add(entry("a", story(2)))
    assert len(index) == 1
    assert found(index, story(1)) == []
    assert found(index, story(2)) == ["a"]


def test_items_before_the_look_back_do_not_count_and_undated_ones_do() -> None:
    index = MemoryIndex()
    for item_id, day in (("old", 0), ("recent", 20), ("undated", None)):
        index.add(entry(item_id, story(1), day=day))
    assert found(index, story(1), since=START + timedelta(days=10)) == ["recent", "undated"]


def test_a_flood_of_copies_still_leads_to_the_first_and_says_that_the_look_was_cut() -> None:
    index = MemoryIndex(representatives=8)
    for number in range(500):
        index.add(entry(f"{number:03}", f"{story(1)} extra{number}"))
    candidates = index.candidates(sketch(tokenise(story(1))), limit=4)
    assert candidates.truncated
    assert candidates.entries[0].item_id == "000"
    assert len(candidates.entries) == 4


def test_the_true_original_is_found_through_a_flood_of_near_copies() -> None:
    index = MemoryIndex()
    index.add(entry("original", story(1, 200)))
    for number in range(1500):
        index.add(entry(f"flood {number}", f"{story(1, 190)} bulletin {number}"))
    copy = entry("copy", f"{story(1, 200)} more")
    assert "original" in [m.of for m in matches(copy, index.candidates(copy.sketch, limit=33).entries)]


def test_sketches_of_another_making_are_refused() -> None:
    index = MemoryIndex()
    index.add(entry("a", story(1)))
    other = sketch(tokenise(story(1)), Sketching(seed=99))
    with pytest.raises(SketchMismatchError, match=r"seed=1.*seed=99"):
        index.candidates(other, limit=1)
    with pytest.raises(SketchMismatchError, match="build the index again"):
        index.add(Entry("b", story(1), other, kept=True))


@pytest.mark.parametrize("young", [100, 700, 1 << 16], ids=["many segments", "some segments", "none"])
def test_postings_agree_with_a_dict_of_lists(young: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detector.dedup.postings._YOUNG", young)
    monkeypatch.setattr("detector.dedup.postings._LARGEST", 4000)
    rng = np.random.default_rng(5)
    postings, plain = Postings(), {}
    for item in range(400):
        keys = np.unique(rng.integers(0, 3000, 60).astype(np.uint32) * np.uint32(1431655))
        postings.add(item, keys)
        for key in keys.tolist():
            plain.setdefault(key, []).append(item)
    for first, most in [(0, 1000), (0, 3), (0, 1), (100, 2), (250, 5), (399, 1000)]:
        wanted = np.unique(rng.integers(0, 4000, 40).astype(np.uint32) * np.uint32(1431655))
        expected: dict[int, int] = {}
        cut = False
        for key in wanted.tolist():
            later = [item for item in plain.get(key, []) if item >= first]
            cut |= len(later) > most
            for item in later[:most]:
                expected[item] = expected.get(item, 0) + 1
        items, shared, was_cut = postings.hits(wanted, most, first)
        assert dict(zip(items.tolist(), shared.tolist(), strict=True)) == expected
        assert items.tolist() == sorted(expected)
        assert was_cut == cut


def test_what_was_put_away_comes_back_as_it_was() -> None:
    shelf = Shelf(Sketching(), warm=400)
    entries = [
        Entry(f"id {n} \ud800", story(n, 5 + n), sketch(tokenise(story(n, 5 + n))), n % 2 == 0, "T", None, "s", START)
        for n in range(40)
    ]
    for entry in entries:
        shelf.add(entry)
    for place, entry in enumerate(entries):
        again = shelf[place]
        for name in ("item_id", "text", "kept", "title", "url", "source", "published"):
            assert getattr(again, name) == getattr(entry, name)
        assert (again.sketch.header, again.sketch.digest) == (entry.sketch.header, entry.sketch.digest)
        for name in ("shingles", "signature", "passages"):
            np.testing.assert_array_equal(getattr(again.sketch, name), getattr(entry.sketch, name))


def test_an_index_that_put_its_items_away_answers_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{story(n % 37, 50)} {story(1000 + n, 40)}" for n in range(300)]

    def answers() -> list[tuple[list[str], bool]]:
        index = MemoryIndex(representatives=5)
        found = []
        for number, text in enumerate(texts):
            looked = index.candidates(sketch(tokenise(text)), limit=4, since=START + timedelta(days=number // 3))
            found.append(([e.item_id for e in looked.entries], looked.truncated))
            index.add(entry(str(number % 250), text, day=number // 2))
        assert len(index) == len(list(index)) == 250
        assert [index.get(str(n)).text for n in range(250)] == [*texts[250:], *texts[50:250]]  # type: ignore[union-attr]
        return found

    warm = answers()
    monkeypatch.setattr("detector.dedup.shelf.WARM", 500)
    monkeypatch.setattr("detector.dedup.postings._YOUNG", 200)
    assert answers() == warm
