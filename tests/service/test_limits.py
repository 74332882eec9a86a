"""What is limited: how often, how deep, how much at once."""

import json
import resource

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.depth import Depth
from service.gate import Gate, OverloadedError
from service.rates import Buckets, Rate
from service.serve import _hold_many_connections


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_a_burst_and_then_its_rate() -> None:
    clock = Clock()
    buckets, rate = Buckets(clock), Rate(per_second=2.0, burst=4)
    assert [buckets.take("a", rate).allowed for _ in range(6)] == [True] * 4 + [False] * 2
    assert buckets.take("b", rate).allowed, "each caller has a bucket of its own"
    clock.now = 0.5
    assert [buckets.take("a", rate).allowed for _ in range(2)] == [True, False]
    clock.now = 1000.0
    assert sum(buckets.take("a", rate).allowed for _ in range(9)) == 4, "a bucket does not overflow"


def test_what_is_left_is_told_in_the_fields_of_the_draft() -> None:
    clock = Clock()
    buckets, rate = Buckets(clock), Rate(per_second=2.0, burst=4)
    first = buckets.take("a", rate)
    assert first.headers() == {"RateLimit-Policy": '"requests";q=4;w=2', "RateLimit": '"requests";r=3;t=1'}
    for _ in range(4):
        last = buckets.take("a", rate)
    assert (last.allowed, last.retry_after, last.headers()["RateLimit"]) == (False, 1, '"requests";r=0;t=2')
    slow = Rate(per_second=0.1, burst=1)
    buckets.take("b", slow)
    assert buckets.take("b", slow).retry_after == 10


JSON = st.recursive(
    st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


def _depth_of(value: object) -> int:
    inner = list(value.values()) if isinstance(value, dict) else value
    return 1 + max(map(_depth_of, inner), default=0) if isinstance(inner, list) else 0


@given(JSON, st.integers(1, 7), st.booleans())
def test_depth_is_that_of_the_document_however_it_is_cut(value: object, size: int, ascii_only: bool) -> None:
    document = json.dumps(value, ensure_ascii=ascii_only).encode()
    depth = Depth()
    chunks = [document[at : at + size] for at in range(0, len(document), size)]
    assert max((depth.feed(chunk) for chunk in chunks), default=0) == _depth_of(value)
    assert depth.now == 0


def test_depth_is_seen_before_the_document_ends() -> None:
    assert Depth().feed(b'{"a":' + b"[" * 100_000) == 100_001


def _saturate(gate: Gate, clock: Clock, seconds: float, each: float) -> None:
    """Do one request after the other, ``each`` seconds long, for so many seconds."""
    end = clock.now + seconds
    while clock.now < end:
        with gate.admitted(0):
            clock.now += each


def test_the_gate_learns_how_long_things_take_and_turns_away_what_would_wait_too_long() -> None:
    clock = Clock()
    gate = Gate(longest_wait=2.0, most_bytes=10**9, clock=clock)
    _saturate(gate, clock, 60, 0.1)  # ten a second
    open_ones, refused = [], None
    for _ in range(100):
        place = gate.admitted(0)
        try:
            place.__enter__()
        except OverloadedError as error:
            refused = error
            break
        open_ones.append(place)
    assert 15 <= len(open_ones) <= 25, "two seconds of ten a second"
    assert refused is not None
    assert 1 <= refused.retry_after <= 4
    for place in open_ones:
        place.__exit__(None, None, None)
    assert (gate.wait, gate.bytes, gate.requests) == (0.0, 0, 0)


def test_batches_are_turned_away_before_checks() -> None:
    clock = Clock()
    gate = Gate(longest_wait=1.0, most_bytes=10**9, clock=clock)
    _saturate(gate, clock, 60, 0.1)
    places = [gate.admitted(0) for _ in range(7)]
    for place in places:
        place.__enter__()
    with pytest.raises(OverloadedError), gate.admitted(0, batch=True):
        pass
    with gate.admitted(0):
        pass
    for place in places:
        place.__exit__(None, None, None)


def test_the_gate_holds_no_more_bytes_than_it_may_but_one_body_of_any_size() -> None:
    gate = Gate(longest_wait=100.0, most_bytes=1000)
    with gate.admitted(5000), pytest.raises(OverloadedError), gate.admitted(1):
        pass
    with gate.admitted(600), gate.admitted(400), pytest.raises(OverloadedError), gate.admitted(1):
        pass


def test_what_fails_gives_its_place_back_and_says_nothing_of_the_pace() -> None:
    clock = Clock()
    gate = Gate(longest_wait=1.0, most_bytes=1000, clock=clock)
    with pytest.raises(RuntimeError), gate.admitted(100):
        raise RuntimeError
    assert (gate.bytes, gate.requests, gate.wait) == (0, 0, 0.0)


def test_beyond_some_hundred_a_second_those_turned_away_are_told_one_after_the_other_and_never_late() -> None:
    clock = Clock()
    gate = Gate(longest_wait=1.0, most_bytes=1000, clock=clock)
    assert gate.pause() == 0
    pauses = [gate.pause() for _ in range(399)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == pytest.approx(399 / 400)
    assert max(gate.pause() for _ in range(2_000)) <= 2.0, "however many there are"
    clock.now = 10.0
    assert gate.pause() == 0, "once it is quiet nobody waits"


def test_the_server_may_hold_as_many_connections_as_the_system_lets_it() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = min(before[1], 65_536) if before[1] != resource.RLIM_INFINITY else 65_536
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, most), before[1]))
        _hold_many_connections()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (most, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
