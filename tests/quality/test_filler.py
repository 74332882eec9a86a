"""Sentences judged in their document: which are filler, and by which reason."""

from __future__ import annotations

import numpy as np
import pytest

from detector.quality import assess
from detector.quality.item import shipped_model

LEAD = "The harbour board of Kestle voted 5-2 on Monday to raise mooring fees by 12% from April."
FACT = "Chairwoman Ros Penhale said the increase would bring in £61,000 a year for dredging."
MORE = "Some 340 boats lie in the harbour. Two members, Jack Rowe and Ann Treve, voted against it."


def filler(sentence: str) -> tuple[float, str | None]:
    """Judgement of ``sentence`` as the last of a short, dense item."""
    judged = assess(f"{LEAD} {FACT}\n\n{MORE} {sentence}").sentences[-1]
    return judged.filler, judged.reason


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("The decision underscores the vital importance of harbours for communities everywhere.", "significance"),
        (
            "Analysts and observers note that such steps are widely seen as a signal to other ports.",
            "vague-attribution",
        ),
        (
            "Whether the plan will succeed remains unclear, and much could depend on future developments.",
            "hedged-future",
        ),
        ("Ultimately, it is up to all of us to remember that we must care for what we share.", "moral"),
        ("Subscribe to our newsletter and never miss the latest news from the coast.", "furniture"),
        ("Cooperation remains essential for lasting progress (citation: multiple sources).", "fake-citation"),
    ],
)
def test_padding_is_flagged_with_its_reason(sentence: str, reason: str) -> None:
    assert filler(sentence) == (pytest.approx(1.0, abs=0.5), reason)


def test_a_restatement_is_flagged_as_one() -> None:
    probability, reason = filler(
        "As reported, the board of the harbour of Kestle voted on Monday to raise the mooring fees."
    )
    assert probability >= 0.5
    assert reason == "restatement"


@pytest.mark.parametrize(
    "sentence",
    [
        "Boats longer than nine metres will pay £412 a year, up from £368.",
        "He denies it.",
        "She was released on bail until 9 June.",
        "Penhale declined to comment.",
        "“I shall sell the boat,” said Jack Rowe, who has fished from Kestle since 1979.",
        "The inquiry, expected to last three weeks, may hear from the former harbour master, Tom Veal.",
        "An engineer at the yard, who asked not to be named, said the gates had not been inspected since 2018.",
        "One seat is vacant.",
    ],
)
def test_what_can_be_checked_is_not_flagged(sentence: str) -> None:
    assert filler(sentence)[0] < 0.5


def test_the_same_sentence_weighs_more_among_padding() -> None:
    doubtful = "Officials are looking at the matter."
    padding = "The situation underscores how vital trust is. Observers say much could change in the months ahead."
    among_padding = assess(f"{padding} {doubtful} {padding}").sentences[2]
    assert among_padding.text == doubtful
    assert among_padding.filler > filler(doubtful)[0]


def test_the_likeliest_reason_is_the_one_that_scores_highest_where_it_is_asked_for() -> None:
    model = shipped_model().filler.reason
    rows = np.random.default_rng(0).normal(model.mean, model.scale, (20, model.mean.size))
    asked = np.arange(20) % 3 > 0
    assert model.likeliest(rows, asked).tolist() == np.where(asked, model.decision(rows).argmax(axis=1), -1).tolist()
