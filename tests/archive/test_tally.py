"""Totals over blocks of a plan: what each engine adds up comes to the same."""

from __future__ import annotations

from collections import Counter

from detector.archive.tally import Tally, total


def block(first: int, lines: int) -> Tally:
    """The totals of a block whose items lost so many lines, each of them as many times as its number ends in nines."""
    tally = Tally()
    numbers = range(first, first + lines)
    tally.stripped = Counter({("", "related", f"line {n}"): 1 + str(n).count("9") for n in numbers})
    return tally


def test_of_many_stripped_lines_the_most_frequent_are_kept_and_the_first_among_equals() -> None:
    kept = block(0, 9_000).trimmed().stripped
    assert len(kept) == 4_000
    assert min(kept.values()) == 1
    assert kept["", "related", "line 8999"] == 4
    assert ("", "related", "line 0") in kept
    assert ("", "related", "line 8888") not in kept


def test_a_block_counts_alike_whether_it_travels_between_processes_or_through_spark_as_plain_data() -> None:
    blocks = [block(0, 9_000), block(5_000, 9_000), block(7_000, 100)]
    plain = [Tally.from_json(one.as_json()) for one in blocks]
    assert total(one.trimmed() for one in blocks).as_json() == total(plain).as_json()
