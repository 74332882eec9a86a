"""Matches as family trees, for people to look at; no verdict hangs on them.

Each item hangs below the one earlier item that it matches most surely, so a wrong match misplaces one branch; the
usual transitive closure over all pairs would weld two stories into one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from detector.records import Kind, Match


@dataclass(frozen=True, slots=True)
class Member:
    """An item's place in its story."""

    item_id: str
    parent: str | None  # the earlier item that it matches most surely; None for the first
    kind: Kind | None  # of that match


@dataclass(frozen=True, slots=True)
class Story:
    """Items that tell the same, the first of them in front."""

    members: tuple[Member, ...]

    @property
    def first(self) -> str:
        """The id of the item that all others come from."""
        return self.members[0].item_id


def stories(item_ids: Iterable[str], matches: Iterable[Match]) -> list[Story]:
    """One story for each item that matches no earlier one, in the order of ``item_ids``, which is that of the items.

    A ``template`` is another story in the same form, so it links nothing. Of several matches of an item the first
    counts: they come the surest first.
    """
    parents: dict[str, Match] = {}
    for match in matches:
        if match.kind != "template":
            parents.setdefault(match.item_id, match)
    roots: dict[str, str] = {}
    members: dict[str, list[Member]] = {}
    for item_id in item_ids:
        link = parents.get(item_id)
        root = roots.get(link.of, item_id) if link else item_id
        roots[item_id] = root
        members.setdefault(root, []).append(Member(item_id, link.of if link else None, link.kind if link else None))
    return [Story(tuple(found)) for found in members.values()]
