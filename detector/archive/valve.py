"""The valve: a plan that would take more than expected is not applied until a person confirms it by name.

A source that loses most of its items, or a story of hundreds, is more often a wrong mapping or a template that was
taken for a copy than a discovery.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from detector.errors import ArchiveError

_FEW = 20  # items of a source, below which a rate says nothing


class ValveError(ArchiveError):
    """A plan goes beyond a limit that nobody confirmed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plan may do without being asked about."""

    removal: float = 0.5  # share of a source's items that are removed, in [0, 1]
    story: int = 100  # items of one story

    def __post_init__(self) -> None:
        if not 0 <= self.removal <= 1:
            raise ArchiveError(f"the limit of removals is {self.removal!r}; it must be a share between 0 and 1")
        if self.story < 2:
            raise ArchiveError(f"the limit of a story is {self.story!r}; it must be at least 2 items")


@dataclass(frozen=True, slots=True)
class Excess:
    """Something beyond a limit, under the name by which it is confirmed."""

    name: str  # "source:NAME" or "story:ID of its first item"
    detail: str

    def as_json(self) -> dict[str, str]:
        """Plain data for a manifest."""
        return {"name": self.name, "detail": self.detail}


def excesses(
    by_source: Mapping[str, Mapping[str, int]], stories: Iterable[tuple[str, int]], limits: Limits
) -> list[Excess]:
    """What of a plan is beyond the limits; ``stories`` are first items with the number of items."""
    found = []
    for source, counts in by_source.items():
        items, removed = sum(counts.values()), counts.get("reject", 0)
        if items >= _FEW and removed > limits.removal * items:
            detail = f"{removed:,} of {items:,} items would be removed, more than {limits.removal:.0%}"
            found.append(Excess(f"source:{source}", detail))
    for first, size in stories:
        if size > limits.story:
            found.append(Excess(f"story:{first}", f"{size:,} items copy one another, more than {limits.story:,}"))
    return found


def refuse_unconfirmed(manifest: Mapping[str, Any], confirmed: Collection[str]) -> None:
    """Raise ValveError unless everything of a plan that is beyond a limit is among ``confirmed``, by its name.

    Raises ArchiveError for a name that the plan does not have, which is more likely a slip than caution.
    """
    beyond = {entry["name"]: entry["detail"] for entry in manifest.get("valve", [])}
    if strange := sorted(set(confirmed) - set(beyond)):
        raise ArchiveError(f"nothing called {strange[0]!r} is beyond a limit in this plan; there is {sorted(beyond)}")
    if waiting := [name for name in beyond if name not in confirmed]:
        shown = "; ".join(f"{name}: {beyond[name]}" for name in waiting[:5])
        more = f" and {len(waiting) - 5} more" if len(waiting) > 5 else ""
        flags = " ".join(f"--confirm {name!r}" for name in waiting[:5])
        raise ValveError(f"nothing was applied. {shown}{more}. Look at the report; if this is right, add {flags}")
