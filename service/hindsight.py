"""What editors had said by a moment in the past, for whoever goes through what came in since, in its order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from service.rulings import Rulings
from service.store.records import KEPT
from service.store.replay import Edit, Past, Pin


class Hindsight:
    """Editors' decisions, taken back to a moment and then told again one after the other."""

    def __init__(self, edits: Sequence[Edit], pins: Iterable[Pin], since: datetime) -> None:
        """``edits`` in their order; a pin counts from when it was made."""
        self._coming = deque(edit for edit in edits if edit.decided > since)
        self._at_first = {edit.item_id: edit.before in KEPT for edit in reversed(self._coming)}
        self._retracted: set[str] = set()
        self._pins: dict[str, list[Pin]] = {}
        for pin in pins:
            self._pins.setdefault(pin.one, []).append(pin)
            self._pins.setdefault(pin.other, []).append(pin)
        for edit in edits:
            if edit.decided <= since:
                self._tell(edit)

    def kept_at_first(self, past: Past) -> bool:
        """Whether an item could make another a duplicate at the moment to which this was taken back."""
        return self._at_first.get(past.id, past.kept)

    def until(self, past: Past) -> Iterator[tuple[str, bool]]:
        """The items on which editors decided before this text came, and whether each counts as kept from then on."""
        while self._coming and self._coming[0].decided <= past.received:
            edit = self._coming.popleft()
            self._tell(edit)
            yield edit.item_id, edit.after in KEPT
        self._retracted.discard(past.id)  # a new text of it, which nobody has taken back

    def _tell(self, edit: Edit) -> None:
        if edit.after == "retracted":
            self._retracted.add(edit.item_id)
        else:
            self._retracted.discard(edit.item_id)

    def rulings_on(self, past: Past) -> tuple[Rulings, list[str]]:
        """How editors had ruled on a text's pairs when it came, and the items that they had called the same as it."""
        made = [pin for pin in self._pins.get(past.id, ()) if pin.decided <= past.received]
        pins = {pin.other if pin.one == past.id else pin.one: pin.relation for pin in made}
        return Rulings(pins, self._retracted.__contains__), [of for of in pins if pins[of] == "same"]
