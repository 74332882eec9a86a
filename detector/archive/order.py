"""All items in the policy's order: where each lies, and what is asked of all of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.archive.buckets import Flags, exact_copies
from detector.archive.known import Known, Settled
from detector.archive.steps import Outline

ORDER = "order.npz"

Numbers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Order:
    """Where each place's item lies, and what is asked of all at once."""

    ids: list[str]
    shard: Numbers
    row: Numbers
    file: Numbers
    number: NDArray[np.int64]
    moments: NDArray[np.float64]
    passages: Numbers
    guess: Flags  # what stays, before anything was compared: all but filler and exact copies
    digests: list[str]  # of the new items' rows
    sketches: list[str]

    @classmethod
    def of(cls, found: list[tuple[bytes, int, int, Outline]], known: Known) -> Order:
        """``found``: what is new, in order; known items go first, and one whose id comes again gives way."""
        outlines = [one[3] for one in found]
        again = {o.item_id for o in outlines}
        given_up = [one.action == "reject" or one.item_id in again for one in known.items]
        copies = exact_copies([*(one.sketch for one in known.items), *(o.sketch for o in outlines)])
        fresh = [not (o.rejected or copy) for o, copy in zip(outlines, copies[len(known.items) :], strict=True)]
        settled = known.items
        return cls(
            [*(one.item_id for one in settled), *(o.item_id for o in outlines)],
            np.array([*(one.shard for one in settled), *(one[1] for one in found)], np.int32),
            np.array([*(one.row for one in settled), *(one[2] for one in found)], np.int32),
            np.array([-1] * len(settled) + [o.file for o in outlines], np.int32),
            np.array([-1] * len(settled) + [o.number for o in outlines], np.int64),
            np.array([*(one.moment for one in settled), *(o.moment for o in outlines)], np.float64),
            np.array([*(one.passages for one in settled), *(o.passages for o in outlines)], np.int32),
            np.array([not gone for gone in given_up] + fresh, np.uint8),
            [o.digest for o in outlines],
            [o.sketch for o in outlines],
        )

    def settled(self, known: Known, actions: Sequence[str]) -> Iterator[Settled]:
        """What is known after this plan."""
        first = len(known.items)
        again = set(self.ids[first:])
        yield from (one for one in known.items if one.item_id not in again)
        for at, action in enumerate(actions):
            place = first + at
            yield Settled(
                self.ids[place], self.digests[at], action, int(self.shard[place]), int(self.row[place]),
                float(self.moments[place]), self.sketches[at], int(self.passages[place]),
            )  # fmt: skip

    def write(self, path: Path) -> None:
        """For the workers."""
        with path.open("wb") as file:
            np.savez(file, shard=self.shard, row=self.row, moments=self.moments, passages=self.passages)

    def places(self, shards: int) -> list[list[tuple[int, int]]]:
        """For each shard, its rows and their places."""
        found: list[list[tuple[int, int]]] = [[] for _ in range(shards)]
        for place, (shard, row) in enumerate(zip(self.shard.tolist(), self.row.tolist(), strict=True)):
            found[shard].append((row, place))
        return found
