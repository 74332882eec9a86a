"""What the report shows of a plan: examples chosen by risk, and the largest stories as family trees.

Rows are offered one after the other and little is kept; the texts of the few that were chosen are fetched afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from heapq import heappush, heapreplace
from itertools import islice
from typing import Any, NamedTuple

from detector.archive.job import Spread
from detector.archive.shards import Prepared
from detector.dedup import matches
from detector.pipeline import later_entry_of
from detector.policy import Policy
from detector.records import Match

_PAIRS, _QUALITY, _HELD, _BORDERLINE = 30, 12, 20, 16
_STORIES, _MEMBERS = 15, 40
_COPIES = ("exact", "near", "contained", "contains", "update")
_EXCERPT = 1500  # characters of a text

Row = Mapping[str, Any]
Fetch = Callable[[Sequence[str]], dict[str, Prepared]]


class _Least:
    """The rows of least risk value, then least id."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._heap: list[tuple[tuple[float, _Reversed], str, Row]] = []

    def offer(self, value: float, row: Row) -> None:
        entry = ((-value, _Reversed(row["id"])), row["id"], row)
        if len(self._heap) < self._most:
            heappush(self._heap, entry)
        elif entry[0] > self._heap[0][0]:
            heapreplace(self._heap, entry)

    def rows(self) -> list[Row]:
        return [row for _, _, row in sorted(self._heap, key=lambda entry: (-entry[0][0], entry[1]))]


class _Reversed(str):
    """A string that sorts the other way round."""

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)

    def __gt__(self, other: str) -> bool:
        return str.__lt__(self, other)


class Samples:
    """Chosen while a plan's rows go by; the same for the same plan."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._removed, self._held = _Least(_PAIRS), _Least(_HELD)
        self._filler, self._borderline = _Least(_QUALITY), _Least(_BORDERLINE)
        self._parents: dict[str, tuple[str, str, str]] = {}  # copy → what it copies, kind, action
        self._roots: dict[str, str] = {}
        self._sizes: Counter[str] = Counter()

    def add(self, row: Row) -> None:
        """Look at the next row of the plan."""
        action, codes = row["action"], {reason["code"] for reason in row["reasons"]}
        is_copy = row["kind"] in ("exact", "near", "contained")
        if action == "reject":
            if "duplicate" in codes:
                self._removed.offer(row["score"], row)
            else:
                self._filler.offer(row["quality"]["score"], row)
        elif action == "review":
            self._held.offer(-(row["score"] or row["quality"]["score"]), row)
        if is_copy and row["kind"] != "exact":
            self._borderline.offer(abs(row["score"] - self._policy.duplicate_score), row)
        if row["kind"] in _COPIES:
            earlier: str = row["of"]
            self._parents[row["id"]] = (earlier, row["kind"], action)
            root = self._roots[row["id"]] = self._roots.get(earlier, earlier)
            self._sizes[root] += 1

    def stories(self) -> list[tuple[str, int]]:
        """First item and number of items of each story, the largest first."""
        found = [(first, copies + 1) for first, copies in self._sizes.items()]
        return sorted(found, key=lambda story: (-story[1], story[0]))

    def as_json(self, fetch: Fetch, spread: Spread) -> dict[str, Any]:
        """Plain data for the report; ``fetch`` brings the texts, and ``spread`` shares what is made of them."""
        piles = {
            "removed": self._removed.rows(),
            "filler": self._filler.rows(),
            "held": self._held.rows(),
            "borderline": self._borderline.rows(),
        }
        wanted = [i for pile in piles.values() for row in pile for i in (row["id"], row["of"]) if i]
        texts = fetch(sorted(set(wanted)))
        chosen = [_Chosen(row, texts[row["id"]], texts.get(row["of"] or "")) for pile in piles.values() for row in pile]
        examples = spread(_example, chosen)
        stories = self.stories()
        return {
            **{name: list(islice(examples, len(pile))) for name, pile in piles.items()},
            "stories": self._trees(stories[:_STORIES], fetch),
            "story_sizes": _histogram(size for _, size in stories),
        }

    def _trees(self, stories: list[tuple[str, int]], fetch: Fetch) -> list[dict[str, Any]]:
        chosen = {first for first, _ in stories}
        below: dict[str, list[str]] = {}
        for item_id, (of, _, _) in self._parents.items():
            if self._roots[item_id] in chosen:
                below.setdefault(of, []).append(item_id)
        walks = {first: _walk(first, below) for first in chosen}
        texts = fetch(sorted({item_id for walk in walks.values() for item_id, _ in walk}))
        return [
            {"id": first, "size": size, "members": [self._member(i, depth, texts) for i, depth in walks[first]]}
            for first, size in stories
        ]

    def _member(self, item_id: str, depth: int, texts: Mapping[str, Prepared]) -> dict[str, Any]:
        _, kind, action = self._parents.get(item_id, (None, "first", "publish"))
        one = texts[item_id].examined
        published = f"{one.item.published:%Y-%m-%d}" if one.item.published else ""
        title = (one.text.title or one.text.text)[:120]
        return {"id": item_id, "depth": depth, "kind": kind, "action": action, "title": title,
                "source": one.item.source or "", "published": published}  # fmt: skip


def _walk(first: str, below: Mapping[str, list[str]]) -> list[tuple[str, int]]:
    """A story's members, each behind its parent, with their depth; at most so many."""
    found: list[tuple[str, int]] = []
    waiting = [(first, 0)]
    while waiting and len(found) < _MEMBERS:
        item_id, depth = waiting.pop()
        found.append((item_id, depth))
        waiting += [(child, depth + 1) for child in reversed(below.get(item_id, []))]
    return found


def _histogram(sizes: Any) -> list[list[int]]:
    return [[size, number] for size, number in sorted(Counter(sizes).items())]


class _Chosen(NamedTuple):
    """A row of the plan, its item, and the item that it names."""

    row: Row
    one: Prepared
    other: Prepared | None


def _example(chosen: _Chosen) -> dict[str, Any]:
    row, one, other = chosen
    match = _matched(one, other) if other else None
    text = one.examined.text
    example: dict[str, Any] = {
        **{name: row[name] for name in ("id", "action", "reasons", "kind", "score", "jaccard", "containment", "stays")},
        "quality": row["quality"]["score"],
        "title": text.title,
        "source": row["source"],
        "published": row["published"],
        "differs": [[d.there, d.here] for d in match.differs[:12]] if match else [],
    }
    if match is None or other is None:
        example["here"] = _flagged(one)
        return example
    example["of"] = {
        "id": row["of"],
        "title": other.examined.text.title,
        "source": other.examined.item.source,
        "published": other.examined.item.published.isoformat() if other.examined.item.published else None,
    }
    example["here"], example["there"] = _sides(match)
    return example


def _matched(one: Prepared, other: Prepared) -> Match | None:
    if one.examined.sketch is None or other.examined.sketch is None:
        return None
    entries = [later_entry_of(p.examined, p.examined.sketch) for p in (one, other) if p.examined.sketch]
    found = matches(entries[0], entries[1:])
    return found[0] if found else None


def _sides(match: Match) -> tuple[list[list[str]], list[list[str]]]:
    """Both texts in pieces, each with what it is: ``equal``, ``changed`` or ``own``."""
    here, there = [], []
    for passage in match.diff():
        kind = passage.kind if passage.kind in ("equal", "changed") else "own"
        here.append(_piece(kind, (match.later_text or "")[passage.start : passage.end]))
        there.append(_piece(kind, (match.earlier_text or "")[passage.other_start : passage.other_end]))
    return _cut(here), _cut(there)


def _piece(kind: str, text: str) -> list[str]:
    """Nobody needs to see that a space is another space."""
    return [kind if text.strip() else "equal", text]


def _flagged(one: Prepared) -> list[list[str]]:
    """A text in pieces: sentences of filler, and what is between."""
    text, at = one.examined.text.text, 0
    pieces = []
    for sentence in sorted(one.examined.quality.sentences, key=lambda s: s.start):
        pieces += [["equal", text[at : sentence.start]], ["filler", sentence.text]]
        at = sentence.end
    return _cut([*pieces, ["equal", text[at:]]])


def _cut(pieces: list[list[str]]) -> list[list[str]]:
    """The beginning of a text, without empty pieces."""
    left, found = _EXCERPT, []
    for kind, text in pieces:
        if text and left > 0:
            found.append([kind, text[:left] + (" […]" if len(text) > left else "")])
        left -= len(text)
    return found
