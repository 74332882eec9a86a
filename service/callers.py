"""Who calls: the holder of a key, or anybody on this machine while no key was ever made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from service.keys import SCOPES, Key, Scope


@dataclass(frozen=True, slots=True)
class Caller:
    """Who made a request, and what they may do."""

    id: str  # a key's, or "local"
    name: str
    scopes: frozenset[Scope]

    def may(self, wanted: frozenset[Scope]) -> bool:
        """Whether one of the scopes that are ``wanted`` is theirs; ``admin`` stands for each."""
        return "admin" in self.scopes or bool(self.scopes & wanted)


LOCAL = Caller("local", "anybody on this machine", SCOPES)
UNKNOWN = Caller("unknown", "somebody without a key", frozenset())


def holder(key: Key) -> Caller:
    """The caller who sends ``key``."""
    return Caller(key.id, key.name, key.scopes)


def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


CallerDep = Annotated[Caller, Depends(_caller)]
