"""The alignment as one would write it for a reader rather than for a compiler: what the compiled one is held to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from detector.dedup.align import Side
from detector.dedup.normalise import CAPITALISED, NUMBER, STARTS_SENTENCE

WIDTH, TRIES, GAP, MISREAD = 3, 24, 24, 2
WORD, FIGURE, NAME, SPELLING = 0, 1, 2, 3
Place = tuple[int, int, int, int]


@dataclass(frozen=True)
class Text:
    """One side as lists."""

    hashes: list[int]
    flags: list[int]
    words: list[list[int]]

    @classmethod
    def of(cls, side: Side) -> Text:
        ends = zip(side.starts.tolist(), side.ends.tolist(), strict=True)
        codes = side.codes.tolist()
        return cls(side.hashes.tolist(), side.flags.tolist(), [codes[start:end] for start, end in ends])

    def is_number(self, at: int) -> bool:
        return bool(self.flags[at] & NUMBER)

    def is_name(self, at: int) -> bool:
        return bool(self.flags[at] & CAPITALISED) and not self.flags[at] & (STARTS_SENTENCE | NUMBER)

    def is_fact(self, at: int) -> bool:
        return self.is_number(at) or self.is_name(at)


def passages(a: Text, b: Text) -> list[Place]:
    """From each place of a the longest run that is free in b; of equally long ones that nearest to the last."""
    found: list[Place] = []
    used = [False] * len(b.hashes)
    i = last = 0
    while i + WIDTH <= len(a.hashes):
        starts = [j for j in range(len(b.hashes) - WIDTH + 1) if b.hashes[j : j + WIDTH] == a.hashes[i : i + WIDTH]]
        runs = [(_run(a, i, b, j, used), j) for j in starts[:TRIES]]
        length, at = max(runs, key=lambda run: (run[0], -abs(run[1] - last), -run[1]), default=(0, -1))
        if length < WIDTH:
            i += 1
            continue
        found.append((i, i + length, at, at + length))
        used[at : at + length] = [True] * length
        i, last = i + length, at + length
    return found


def _run(a: Text, i: int, b: Text, j: int, used: list[bool]) -> int:
    length = 0
    while i + length < len(a.hashes) and j + length < len(b.hashes):
        if a.hashes[i + length] != b.hashes[j + length] or used[j + length]:
            break
        length += 1
    return length


def edits(one: list[int], other: list[int]) -> int:
    """Letters to put in, take out or change (Levenshtein 1966)."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row, above = [i], row
        for j, against in enumerate(other, 1):
            row.append(min(row[-1] + 1, above[j] + 1, above[j - 1] + (letter != against)))
    return row[-1]


def alike(one: list[int], other: list[int]) -> bool:
    longer = max(len(one), len(other))
    return longer <= 32 and abs(len(one) - len(other)) * 3 <= longer and edits(one, other) * 3 <= longer


def matched_between(a: list[int], b: list[int]) -> dict[int, int]:
    """Places of a longest common subsequence; where there is a choice, a's token is skipped first."""
    best = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in reversed(range(len(a))):
        for j in reversed(range(len(b))):
            longer = max(best[i + 1][j], best[i][j + 1])
            best[i][j] = best[i + 1][j + 1] + 1 if a[i] == b[j] else longer
    pairs, i, j = {}, 0, 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            pairs[i] = j
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def slot_type(a: Text, b: Text, place: Place) -> int:
    """What the two pieces say differently."""
    here, there = range(place[0], place[1]), range(place[2], place[3])
    if any(map(a.is_number, here)) and any(map(b.is_number, there)):
        return FIGURE
    names, others = [i for i in here if a.is_name(i)], [j for j in there if b.is_name(j)]
    if names and others:
        return SPELLING if any(alike(a.words[i], b.words[j]) for i in names for j in others) else NAME
    if len(here) == len(there) == 1 and a.flags[here[0]] & b.flags[there[0]] & CAPITALISED:
        return SPELLING if alike(a.words[here[0]], b.words[there[0]]) else NAME
    return WORD


def gaps(a: Text, b: Text, runs: list[Place]) -> Iterator[Place]:
    """What lies before, between and after the runs, where b goes forward and neither side is long."""
    edges = [(0, 0, 0, 0), *runs, (len(a.hashes), len(a.hashes), len(b.hashes), len(b.hashes))]
    for (_, a0, _, b0), (a1, _, b1, _) in pairwise(edges):
        if b1 >= b0 and a1 - a0 <= GAP and b1 - b0 <= GAP:
            yield a0, a1, b0, b1


def slots_of(a: Text, b: Text, runs: list[Place]) -> tuple[list[Place], list[int]]:
    """The places that differ, and the tokens of a that are matched one by one between the runs."""
    slots, single = [], []
    for a0, a1, b0, b1 in gaps(a, b, runs):
        pairs = matched_between(a.hashes[a0:a1], b.hashes[b0:b1])
        i0, j0 = a0, b0
        for i, j in [*((a0 + i, b0 + j) for i, j in pairs.items()), (a1, b1)]:
            if i > i0 or j > j0:
                slots.append((i0, i, j0, j))
            i0, j0 = i + 1, j + 1
        single += [a0 + i for i in pairs]
    return slots, single


def is_misread(a: Text, at: int, b: Text, start: int, end: int) -> bool:
    return any(alike(a.words[at], b.words[j]) for j in range(start, end))


def new_facts(a: Text, b: Text, runs: list[Place], slots: list[Place]) -> int:
    """Distinct numbers and names of a between the first run's start and the last one's end that b has nowhere."""
    if not runs:
        return 0
    covered = {i for run in runs for i in range(run[0], run[1])}
    for a0, a1, b0, b1 in slots:
        covered |= {i for i in range(a0, a1) if not a.is_number(i) and is_misread(a, i, b, b0, b1)}
    inside = range(runs[0][0], runs[-1][1])
    return len({a.hashes[i] for i in inside if i not in covered and a.is_fact(i)} - set(b.hashes))


def aligned(one: Side, other: Side) -> dict[str, object]:
    """The fields of an Alignment."""
    a, b = Text.of(one), Text.of(other)
    runs = passages(a, b)
    slots, single = slots_of(a, b, runs)
    ordinary = [
        (i, slot)
        for slot in slots
        for i in range(slot[0], slot[1])
        if not a.is_number(i) and not a.flags[i] & CAPITALISED and len(a.words[i]) >= 4
    ]
    misread = sum(is_misread(a, i, b, slot[2], slot[3]) for i, slot in ordinary)
    respelt = NAME if misread < MISREAD else SPELLING
    kinds = [respelt if kind == SPELLING else kind for kind in (slot_type(a, b, slot) for slot in slots)]
    within = [i for run in runs for i in range(run[0], run[1])]
    return {
        "passages": [list(run) for run in runs],
        "slots": [[*slot, kind] for slot, kind in zip(slots, kinds, strict=True)],
        "matched": len(within) + len(single),
        "facts": sum(map(a.is_fact, within + single)),
        "differing": sum(kind in (FIGURE, NAME) for kind in kinds),
        "new_facts": new_facts(a, b, runs, slots),
        "longest": max((run[1] - run[0] for run in runs), default=0),
    }
