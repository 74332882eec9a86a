"""Matches as family trees, for people to look at; no verdict hangs on them.

Each item hangs below the one earlier item that it matches most surely, so a wrong match misplaces one branch; the
usual transitive closure over all pairs would weld two stories into one. What tells the same event in its own words is
another story, named beside this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from detector.records import Kind, Match

_COPIES = ("exact", "near", "contained", "contains", "update")
_SHOWN = 3  # places that differ, in a line on what changed


@dataclass(frozen=True, slots=True)
class Member:
    """An item's place in its story."""

    item_id: str
    parent: str | None  # the earlier item that it matches most surely; None for the first
    kind: Kind | None  # of that match
    match: Match | None = None  # that match, with its passages and what differs

    @property
    def changed(self) -> str:
        """What changed on the way from the parent, in a line; empty for the first.

        >>> Member("a", None, None).changed
        ''
        """
        return _changed(self.match) if self.match else ""


@dataclass(frozen=True, slots=True)
class Story:
    """Items that copy one another, the first of them in front."""

    members: tuple[Member, ...]
    related: tuple[str, ...] = ()  # first items of the stories that tell the same event in other words

    @property
    def first(self) -> str:
        """The id of the item that all others come from."""
        return self.members[0].item_id

    def children(self, item_id: str | None = None) -> tuple[Member, ...]:
        """The items that hang directly below one; without an id below nothing, which is the first."""
        return tuple(member for member in self.members if member.parent == item_id)

    def walk(self) -> Iterator[tuple[int, Member]]:
        """Every member with its depth, each behind its parent: the tree as lines."""
        below: dict[str | None, list[Member]] = {}
        for member in self.members:
            below.setdefault(member.parent, []).append(member)
        waiting = [(0, member) for member in reversed(below.get(None, []))]
        while waiting:
            depth, member = waiting.pop()
            yield depth, member
            waiting += [(depth + 1, child) for child in reversed(below.get(member.item_id, []))]


def stories(item_ids: Iterable[str], matches: Iterable[Match]) -> list[Story]:
    """One story for each item that copies no earlier one, in the order of ``item_ids``, which is that of the items.

    A ``template`` is another story in the same form, so it links nothing, and ``related`` names the other story. Of
    several matches of an item the first counts: they come the surest first.
    """
    parents: dict[str, Match] = {}
    others: list[Match] = []
    for match in matches:
        if match.kind in _COPIES:
            parents.setdefault(match.item_id, match)
        elif match.kind == "related":
            others.append(match)
    roots: dict[str, str] = {}
    members: dict[str, list[Member]] = {}
    for item_id in item_ids:
        link = parents.get(item_id)
        if link is None or link.of not in roots:  # a match with an item that is not among these leads nowhere
            roots[item_id] = item_id
            members[item_id] = [Member(item_id, None, None)]
        else:
            roots[item_id] = roots[link.of]
            members[roots[item_id]].append(Member(item_id, link.of, link.kind, link))
    told = _told_again(roots, others)
    return [Story(tuple(found), tuple(told.get(first, ()))) for first, found in members.items()]


def _told_again(roots: dict[str, str], related: list[Match]) -> dict[str, list[str]]:
    """For each story the earlier ones whose event it tells in other words, each once."""
    told: dict[str, list[str]] = {}
    for match in related:
        here, there = roots.get(match.item_id), roots.get(match.of)
        if here is None or there is None or here == there:
            continue
        if there not in (known := told.setdefault(here, [])):
            known.append(there)
    return told


def _changed(match: Match) -> str:
    """What a match says of the way from the earlier item to the later one."""
    if match.kind == "exact":
        return "nothing but case, spacing or marks"
    said = []
    if match.coverage < 1:
        said.append(f"{1 - match.coverage:.0%} of its text left out or reworded")
    if match.containment < 1:
        said.append(f"{1 - match.containment:.0%} of this text new or reworded")
    said += [f"{differs.there!r} became {differs.here!r}" for differs in match.differs[:_SHOWN]]
    if len(match.differs) > _SHOWN:
        said.append(f"{len(match.differs) - _SHOWN} more names or numbers differ")
    return "; ".join(said) or "the order of its passages"
