"""The threshold advisor counts what people decided, and says how sure that is."""

import pytest

from service.review.advice import Decided, Scored, advise, wilson

DECIDED = [Decided(0.95, True)] * 8 + [Decided(0.95, False)] * 2 + [Decided(0.1, False)] * 30 + [Decided(0.3, True)] * 2
NOW, THEN = (0.29, 0.9), (0.2, 0.97)


def test_precision_recall_and_what_was_lost_have_intervals() -> None:
    advice = advise(DECIDED, [], now=NOW, then=THEN)
    hold, reject = advice.current
    assert reject.precision == "0.80 [0.49, 0.94] (8 of 10)"
    assert reject.recall == "0.80 [0.49, 0.94] (8 of 10)"
    assert hold.recall.startswith("1.00")
    assert reject.lost.endswith("(2 of 32)")


def test_a_replay_counts_what_would_have_been_decided_otherwise() -> None:
    scored = [Scored(0.25, "publish"), Scored(0.95, "reject"), Scored(0.5, "review"), Scored(0.1, "publish")]
    changes = {(one.before, one.after): one.count for one in advise(DECIDED, scored, now=NOW, then=THEN).replay}
    assert changes == {("publish", "review"): 1, ("reject", "review"): 1}


def test_an_item_that_was_rejected_for_another_reason_stays_rejected() -> None:
    assert advise(DECIDED, [Scored(0.25, "reject")], now=NOW, then=THEN).replay == []


@pytest.mark.parametrize(("hits", "of"), [(0, 0), (0, 5), (5, 5), (3, 10)])
def test_an_interval_holds_its_share(hits: int, of: int) -> None:
    low, high = wilson(hits, of)
    assert 0 <= low <= (hits / of if of else 0.5) <= high <= 1
