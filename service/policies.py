"""The policy in force and the one on trial, each from a file of its own that may change while the service runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from detector import Policy, PolicyError, read_policy

_log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # a changed file is in force after two looks
Mode = Literal["active", "shadow"]


@dataclass(slots=True)
class _Watched:
    """A policy file, as it was when it was last looked at."""

    file: Path
    policy: Policy
    stamp: tuple[int, int, int]  # when it was read
    seen: tuple[int, int, int]  # at the last look
    fault: str | None = None  # why the file as it is now is not in force


class Policies:
    """What decides (``active``) and what is tried (``shadow``, its decisions recorded and never acted on).

    Without a file the default policy is in force. A file that is wrong at the start is refused; one that goes wrong
    later leaves the policy as it was, and says so in ``faults`` and in the log.
    """

    def __init__(
        self,
        active: Path | None = None,
        shadow: Path | None = None,
        loaded: Callable[[Mode, Policy | None, str], None] = lambda _mode, _policy, _text: None,
    ) -> None:
        """``loaded`` is told of each reading: the policy and its text; None where it is wrong. Raises PolicyError."""
        self._loaded = loaded
        given: dict[Mode, Path | None] = {"active": active, "shadow": shadow}
        self._watched = {mode: self._first(mode, file) for mode, file in given.items() if file is not None}

    def _first(self, mode: Mode, file: Path) -> _Watched:
        stamp = _stamp(file)  # before it is read: a change meanwhile is noticed at the next look
        policy = read_policy(file)
        self._loaded(mode, policy, _text(file))
        return _Watched(file, policy, stamp, stamp)

    @property
    def active(self) -> Policy:
        """The policy that decides."""
        return self._watched["active"].policy if "active" in self._watched else _DEFAULT

    @property
    def shadow(self) -> Policy | None:
        """The policy on trial, unless there is none or it is the active one."""
        tried = self._watched.get("shadow")
        return tried.policy if tried and tried.policy.digest != self.active.digest else None

    @property
    def faults(self) -> dict[str, str]:
        """What is wrong with a file as it is now; the policy before it stays."""
        return {mode: watched.fault for mode, watched in self._watched.items() if watched.fault}

    async def watch(self) -> None:
        """Look at the files for ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await asyncio.to_thread(self.look)
            except Exception:  # whatever it is, the next change must be seen
                _log.exception("a policy was read but could not be recorded")

    def look(self) -> None:
        """Read again what has changed, once it is as it was at the last look: a file may be caught half written."""
        for mode, watched in self._watched.items():
            stamp, before = _stamp(watched.file), watched.seen
            watched.seen = stamp
            if stamp == before and stamp != watched.stamp:
                watched.stamp = stamp
                self._read_again(mode, watched)

    def _read_again(self, mode: Mode, watched: _Watched) -> None:
        try:
            policy = read_policy(watched.file)
        except PolicyError as error:
            watched.fault = f"{error}; the policy {watched.policy.digest} stays in force"
            _log.error("a policy file is wrong", extra={"policy": mode, "why": watched.fault})
            self._loaded(mode, None, "")
            return
        watched.fault = None
        if policy.digest != watched.policy.digest:
            _log.info("another policy is in force", extra={"policy": mode, "digest": policy.digest})
        watched.policy = policy
        self._loaded(mode, policy, _text(watched.file))


_DEFAULT = Policy()


def _stamp(file: Path) -> tuple[int, int, int]:
    """What changes when a file is written or replaced; zeros for one that is not there."""
    try:
        found = file.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _text(file: Path) -> str:
    """What stands in a file; nothing for one that went since it was read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
