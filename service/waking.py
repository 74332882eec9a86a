"""Waiting for news, or for so long."""

from __future__ import annotations

import asyncio
from contextlib import suppress


async def woken(event: asyncio.Event, seconds: float) -> None:
    """Wait until ``event`` is set, for ``seconds`` at most.

    Not by ``asyncio.wait_for``, which in Python 3.11 takes no notice of a cancellation that comes with the event.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
