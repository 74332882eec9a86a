"""What was erased leaves the file: the words of the search index, a few pages at a time, beside everything else."""

from __future__ import annotations

import asyncio
import logging

from service.sqlite import UNAVAILABLE
from service.store import Store, gists

_log = logging.getLogger(__name__)

_IDLE_SECONDS = 5.0  # between two looks at whether anything was erased
_BREATH_SECONDS = 0.05  # between two steps, for those who admit


async def sweep(store: Store) -> None:
    """Sweep after erasures for as long as the service runs."""
    while True:
        try:
            while not await asyncio.to_thread(store.read, gists.is_swept):
                await asyncio.to_thread(store.write, gists.sweep)
                await asyncio.sleep(_BREATH_SECONDS)
        except UNAVAILABLE:
            _log.exception("sweeping waits, for the store does not answer")
        await asyncio.sleep(_IDLE_SECONDS)
