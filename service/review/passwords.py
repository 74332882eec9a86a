"""Passwords: argon2id hashes (RFC 9106) by argon2-cffi's own parameters, at one cost whether or not a name is known."""

from __future__ import annotations

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
SHORTEST = 12


def hashed(password: str) -> str:
    """What is kept of a password. Raises ValueError for one that is too short."""
    if len(password) < SHORTEST:
        raise ValueError(f"the password has {len(password)} characters; give at least {SHORTEST}")
    return _HASHER.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Whether it is the password that ``kept`` was made of; None, for a name that is unknown, takes as long."""
    try:
        return _HASHER.verify(kept or _nobody(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _HASHER.hash("nobody has this password")
