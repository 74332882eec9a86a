"""Totals over a plan: counted over fixed blocks of items and added up in order, so that every engine comes to the same.

What is counted by line or by story could be as long as the archive; a tally keeps the most frequent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from heapq import nsmallest
from typing import Any

from detector.archive.shards import ShardFile

BLOCK = 256  # items, by their place in the plan's order
_LINES = 4000  # stripped lines that a tally keeps when it has twice as many
_SENTENCES = 6  # examples of each reason

Stripped = tuple[str, str, str]  # source ("" where any prints it), reason, line


class Tally:
    """Counts by source, year, action, kind; what was stripped; sentences of filler."""

    def __init__(self) -> None:
        self.by_source: dict[str, Counter[str]] = {}
        self.by_year: dict[str, Counter[str]] = {}
        self.characters: dict[str, Counter[str]] = {}  # source → action → characters
        self.kinds: Counter[str] = Counter()
        self.stripped: Counter[Stripped] = Counter()
        self.sentences: dict[str, list[tuple[float, str, str]]] = {}  # reason → −probability, id, text

    def add(self, row: dict[str, Any], shard: ShardFile, place: int) -> None:
        """Count an item by its row of the plan, and what stands of it at a place of a shard."""
        action, source = row["action"], row["source"] or ""
        self.by_source.setdefault(source, Counter())[action] += 1
        self.by_year.setdefault((row["published"] or "")[:4], Counter())[action] += 1
        self.characters.setdefault(source, Counter())[action] += row["characters"]
        if row["kind"]:
            self.kinds[row["kind"]] += 1
        stripped, sentences = shard.found(place, sentences=action != "publish")
        # A page loses hundreds of lines: ``update`` counts them in C.
        self.stripped.update([(source if reason == "source_memory" else "", reason, line) for reason, line in stripped])
        for text, filler, reason in sentences:
            self._add_sentence(reason, (-round(filler, 3), row["id"], text[:400]))

    def _add_sentence(self, reason: str, example: tuple[float, str, str]) -> None:
        examples = self.sentences.setdefault(reason, [])
        examples.append(example)
        examples.sort()
        del examples[_SENTENCES:]

    def trimmed(self) -> Tally:
        """Itself, with no more stripped lines than travel with a block."""
        if len(self.stripped) > _LINES:
            self.stripped = Counter(dict(_most(self.stripped, _LINES)))
        return self

    def merge(self, other: Tally) -> None:
        """Add the next block's tally, trimmed."""
        for mine, theirs in (
            (self.by_source, other.by_source),
            (self.by_year, other.by_year),
            (self.characters, other.characters),
        ):
            for name, counts in theirs.items():
                mine.setdefault(name, Counter()).update(counts)
        self.kinds.update(other.kinds)
        self.stripped.update(other.stripped)
        if len(self.stripped) > 2 * _LINES:
            self.trimmed()
        for reason, examples in other.sentences.items():
            for example in examples:
                self._add_sentence(reason, example)

    def as_json(self) -> dict[str, Any]:
        """Plain data, in an order of its own."""
        return {
            "by_source": _plain(self.by_source),
            "by_year": _plain(self.by_year),
            "characters": _plain(self.characters),
            "kinds": dict(sorted(self.kinds.items())),
            "stripped": [[*line, times] for line, times in _most(self.stripped, _LINES)],
            "sentences": dict(sorted(self.sentences.items())),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Tally:
        """What ``as_json`` gave."""
        tally = cls()
        tally.by_source = {name: Counter(counts) for name, counts in data["by_source"].items()}
        tally.by_year = {name: Counter(counts) for name, counts in data["by_year"].items()}
        tally.characters = {name: Counter(counts) for name, counts in data["characters"].items()}
        tally.kinds = Counter(data["kinds"])
        tally.stripped = Counter({(source, reason, line): n for source, reason, line, n in data["stripped"]})
        tally.sentences = {
            reason: [(score, item_id, text) for score, item_id, text in examples]
            for reason, examples in data["sentences"].items()
        }
        return tally


def total(tallies: Iterable[Tally]) -> Tally:
    """The tallies of all blocks, in order, as one."""
    whole = Tally()
    for tally in tallies:
        whole.merge(tally)
    return whole


def _plain(counts: dict[str, Counter[str]]) -> dict[str, dict[str, int]]:
    return {name: dict(sorted(counter.items())) for name, counter in sorted(counts.items())}


def _most(counts: Counter[Stripped], most: int) -> list[tuple[Stripped, int]]:
    """The most frequent lines, and the first in order among those that are as frequent as the last of them."""
    least, room = 0, most  # all that come more often than ``least`` times have room, and so many that come as often
    for times, lines in sorted(Counter(counts.values()).items(), reverse=True):
        if lines > room:
            least = times
            break
        room -= lines
    frequent = [line for line, times in counts.items() if times > least]
    frequent += nsmallest(room, (line for line, times in counts.items() if times == least))
    return sorted(((line, counts[line]) for line in frequent), key=lambda one: (-one[1], one[0]))
