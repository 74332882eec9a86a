"""Keys: shown once, kept as digests, ended at once or after an overlap."""

import asyncio
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from service import keys
from service.keys import Key, Keyring, make_key, rotate

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WRITE: frozenset[keys.Scope] = frozenset({"write"})


def _ring(*known: Key) -> Keyring:
    return Keyring(lambda: {key.id: key for key in known})


def test_what_is_stored_does_not_hold_the_key() -> None:
    token, key = make_key("cms", WRITE, NOW)
    secret = token.split("_", 2)[2]
    assert len(secret) == 43
    assert secret not in repr(key)
    assert key.id in token


def test_a_key_opens_with_itself_alone() -> None:
    token, key = make_key("cms", WRITE, NOW)
    ring = _ring(key)
    assert ring.find(token, NOW) == key
    other, _ = make_key("cms", WRITE, NOW)
    for wrong in ("", "ct_", token[:-1], token + "x", token.upper(), other, f"ct_{key.id}_{'A' * 43}", "ü" * 60):
        assert ring.find(wrong, NOW) is None


def test_a_key_ends_when_it_expires_or_is_revoked() -> None:
    token, key = make_key("cms", WRITE, NOW, lifetime=timedelta(days=1))
    assert _ring(key).find(token, NOW + timedelta(hours=23)) is not None
    assert _ring(key).find(token, NOW + timedelta(days=1)) is None
    revoked = Key(key.id, key.name, key.digest, key.scopes, key.created, revoked=NOW)
    assert _ring(revoked).find(token, NOW) is None
    assert (key.state(NOW), key.state(NOW + timedelta(days=2)), revoked.state(NOW)) == ("active", "expired", "revoked")


def test_a_rotated_key_works_beside_its_successor_for_the_overlap() -> None:
    token, key = make_key("cms", WRITE, NOW, lifetime=timedelta(days=90), rate=5.0)
    later = NOW + timedelta(days=80)
    new_token, new, old = rotate(key, later, timedelta(hours=24))
    ring = _ring(old, new)
    for moment, both in ((later + timedelta(hours=23), True), (later + timedelta(hours=25), False)):
        assert ring.find(new_token, moment) == new
        assert (ring.find(token, moment) is not None) == both
    assert (new.replaces, new.scopes, new.rate, new.expires) == (key.id, WRITE, 5.0, later + timedelta(days=90))


def test_an_overlap_does_not_make_a_key_live_longer() -> None:
    _, key = make_key("cms", WRITE, NOW, lifetime=timedelta(hours=1))
    assert rotate(key, NOW, timedelta(hours=24))[2].expires == key.expires


@pytest.mark.parametrize("scopes", [frozenset(), frozenset({"all"})])
def test_scopes_that_there_are_not_are_refused(scopes: frozenset[keys.Scope]) -> None:
    with pytest.raises(ValueError, match="give some of check, write, review, admin"):
        make_key("cms", scopes, NOW)


def test_a_ring_sees_what_changed_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    token, key = make_key("cms", WRITE, datetime.now(UTC))
    known: dict[str, Key] = {}
    ring = Keyring(lambda: dict(known))
    assert ring.empty
    known[key.id] = key
    asyncio.run(ring.refresh())
    assert ring.empty, "a ring that is fresh does not ask the store at every request"
    monkeypatch.setattr(keys, "FRESH_SECONDS", 0.0)
    asyncio.run(ring.refresh())
    assert ring.find(token) == key


def test_those_who_wait_for_the_keys_go_on_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a flood a turn of the loop takes long: nobody may wait for a turn of each of the others."""
    monkeypatch.setattr(keys, "FRESH_SECONDS", 60.0)
    reads, may_read = [0], Event()

    def read() -> dict[str, Key]:
        reads[0] += 1
        assert may_read.wait(20)
        return {}

    async def flood() -> int:
        waiting = [asyncio.create_task(ring.refresh()) for _ in range(200)]
        await asyncio.sleep(0)
        waiting[0].cancel()  # the one that began to read is given up, which ends nothing for the others
        may_read.set()
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        await waiting[1]
        turns = 0
        while not all(task.done() for task in waiting):
            await asyncio.sleep(0)
            turns += 1
        return turns

    may_read.set()
    ring = Keyring(read)
    ring._at = -1_000.0  # long ago
    may_read.clear()
    assert asyncio.run(flood()) <= 3
    assert reads[0] == 2  # when it was made, and once for all of them
