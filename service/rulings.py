"""What editors said of the pairs that an item makes with others: a ruling on each match."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from detector import Match, Reason, Verdict
from service.store.decisions import Relation


class Rulings:
    """Rules on the matches of one item, and remembers which of them were retracted."""

    def __init__(self, pins: Mapping[str, Relation], is_retracted: Callable[[str], bool]) -> None:
        """``pins`` and ``is_retracted`` by the name under which a match names the other item."""
        self._pins, self._is_retracted = pins, is_retracted
        self._retracted: list[Match] = []

    def __call__(self, match: Match) -> Match | None:
        """The match as it counts; None for one that does not."""
        relation = self._pins.get(match.of)
        if relation == "different":
            return None
        if relation == "same":
            return replace(match, kind=match.kind if match.is_duplicate else "near", score=1.0)
        if self._is_retracted(match.of):  # what was wrong comes again, or it was put right: that takes a person
            self._retracted.append(match)
            return None
        return match

    def held_back(self, verdict: Verdict) -> Verdict:
        """``verdict``, held when the item is perhaps a copy of one that was retracted."""
        copies = [match for match in self._retracted if match.kind not in ("template", "related")]
        if not copies:
            return verdict
        reasons = tuple(Reason("copy_of_retracted", f"like {match.of}, which was retracted") for match in copies)
        action = verdict.action if verdict.action == "reject" else "review"
        return replace(verdict, action=action, reasons=verdict.reasons + reasons)
