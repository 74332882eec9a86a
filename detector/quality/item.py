"""From judged sentences and other signs to one score and label, with every reason.

The score is calibrated on whole documents; the label's thresholds are set on news that people wrote, so that
hardly any of it is rejected (docs/quality.md has the shares).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from detector import models
from detector.quality import signs
from detector.quality.filler import FillerModel, Judged
from detector.quality.headline import HeadlineModel
from detector.quality.language import Language, recognise
from detector.quality.sentences import split
from detector.quality.tokens import Span
from detector.records import Quality, QualityLabel, Reason, Sentence

FLAG = 0.5
# Shares of words in filler, a mixed sentence counting half: of 1,419 BBC texts 1% reach the first, none the second.
REVIEW_SHARE, REJECT_SHARE = 0.31, 0.66
# A text is taken to begin with this many words of ordinary news: three sentences are no sample of a style.
_PRIOR_WORDS, _PRIOR_SHARE = 25.0, 0.10
# Below this, words and facts are too few to print; a brief of 40 words with its facts is far above.
_THIN_WORDS, _THIN_FACTS, _FEWEST_WORDS = 20, 3, 6
# Some thirty thousand words: no news item, but what a hostile page can be made to look like.
_MOST_CHARACTERS = 200_000
_PROMOTION_SHARE = 0.35
_CLICKBAIT = 0.9
# "I", "we" and the like for two words in a hundred outside quotations: a letter, a column, an essay, a sermon.
_VOICE_RATE = 0.02


@dataclass(frozen=True, slots=True)
class QualityModel:
    """Everything learned that an assessment needs."""

    filler: FillerModel
    headline: HeadlineModel
    score: tuple[float, float]  # slope and intercept: share of filler → log-odds that the item is to be rejected

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The model from the arrays of ``weights/quality.npz``."""
        slope, intercept = arrays["score"].tolist()
        return cls(FillerModel.from_arrays(arrays), HeadlineModel.from_arrays(arrays), (slope, intercept))

    def assess(self, text: str, *, title: str = "", language: str | None = None) -> Quality:
        """See ``detector.quality.assess``."""
        too_long = _too_long(text)
        if too_long is not None:
            text = text[:_MOST_CHARACTERS]
        spans = split(text)
        recognised = recognise(text)
        refusal = _not_assessed(recognised, language)
        if refusal is not None:
            # A wrong decoding shows in any language, and may be why this one is none that is known.
            found = (refusal, signs.garbled(text, len(text.split())), signs.leftovers(text))
            signs_found = tuple(reason for reason in found if reason is not None)
            return Quality(0.0, "not_assessed", signs_found, _unjudged(text, spans), recognised.tag or language)
        judged = self.filler.judge(text, spans, title)
        share = filler_share(judged)
        reasons = self._reasons(text, title, spans, judged, share)
        if too_long is not None:
            reasons.append(too_long)
        slope, intercept = self.score
        score = float(1.0 / (1.0 + np.exp(-(slope * share + intercept))))
        # What was not read through is never rejected.
        label = _label(text, share, reasons, judged) if too_long is None else "review"
        return Quality(score, label, tuple(reasons), _sentences(text, spans, judged), recognised.tag)

    def _reasons(self, text: str, title: str, spans: list[Span], judged: Judged, share: float) -> list[Reason]:
        words, loud, figures = (int(judged.column(name).sum()) for name in ("word", "shout", "digit"))
        pages = judged.furniture.tolist()
        found = [
            _padding(text, judged, share),
            signs.leftovers(text),
            _thin(judged),
            signs.stub(text, words),
            _promotion(text, judged),
            self._clickbait(title, judged, share),
            signs.repetition([text[start:end] for (start, end), page in zip(spans, pages, strict=True) if not page]),
            signs.garbled(text, words),
            signs.shouting(loud, words, figures, text, len(spans)),
        ]
        return [reason for reason in found if reason is not None]

    def _clickbait(self, title: str, judged: Judged, share: float) -> Reason | None:
        """A headline that withholds its subject, over a body that does not name it early or is padded."""
        if not len(judged.reasons):
            return None
        probability = self.headline.clickbait(title)
        kept = float(judged.column("overlap_title")[:3].max())
        if probability < _CLICKBAIT or (share < REVIEW_SHARE / 2 and kept > 0):
            return None
        return Reason("clickbait", f"the headline withholds its subject (probability {probability:.2f})")


def filler_share(judged: Judged) -> float:
    """Expected share of words in filler, furniture left out, drawn towards ordinary news when the text is short."""
    words = np.where(judged.furniture, 0.0, judged.column("word"))
    return float((words @ judged.filler + _PRIOR_WORDS * _PRIOR_SHARE) / (words.sum() + _PRIOR_WORDS))


def _too_long(text: str) -> Reason | None:
    if len(text) <= _MOST_CHARACTERS:
        return None
    return Reason("too_long", f"only the first {_MOST_CHARACTERS:,} of {len(text):,} characters were assessed")


def _not_assessed(recognised: Language, declared: str | None) -> Reason | None:
    """Why the text is left alone, or None when it may be read as English."""
    said = (declared or "").strip().lower().replace("_", "-")
    if said and said.split("-")[0] not in ("en", "eng", "und"):
        return Reason("not_assessed", f"declared as {declared!r}; only English is assessed")
    if recognised.tag not in (None, "en"):
        return Reason("not_assessed", f"the text is in {recognised.tag!r}; only English is assessed")
    if recognised.tag is None and not recognised.too_short and said.split("-")[0] not in ("en", "eng"):
        return Reason("not_assessed", "the language could not be told; declare it to have the text assessed")
    return None


def _unjudged(text: str, spans: list[Span]) -> tuple[Sentence, ...]:
    return tuple(Sentence(text[start:end], start, end, 0.0, None) for start, end in spans)


def _sentences(text: str, spans: list[Span], judged: Judged) -> tuple[Sentence, ...]:
    return tuple(
        Sentence(text[start:end], start, end, filler, reason if filler >= FLAG else None)
        for (start, end), filler, reason in zip(spans, judged.filler.tolist(), judged.reasons, strict=True)
    )


def _label(text: str, share: float, reasons: list[Reason], judged: Judged) -> QualityLabel:
    """Padding rejects; every other sign holds the item for a person, who can tell a quoted refusal from a real one."""
    if share >= REJECT_SHARE and not _has_voice(text, judged):
        return "reject"
    return "review" if reasons else "publish"


def _has_voice(text: str, judged: Judged) -> bool:
    """Whether somebody speaks for himself or for a group: "I" and "we" outside quotations, or a transcript.

    Such a text is full of what padding sounds like, so only the share that rejects others holds it, and none rejects.
    """
    if signs.is_transcript(text):
        return True
    voice = (judged.column("writer") + judged.column("person")) * (1.0 - judged.column("quoted_words"))
    kept = ~judged.furniture
    return float(voice[kept].sum()) >= _VOICE_RATE * float(judged.column("word")[kept].sum())


def _padding(text: str, judged: Judged, share: float) -> Reason | None:
    if share < REVIEW_SHARE or (share < REJECT_SHARE and _has_voice(text, judged)):
        return None
    words = judged.column("word")
    weight: dict[str, float] = {}
    for reason, filler, size, is_furniture in zip(
        judged.reasons, judged.filler.tolist(), words.tolist(), judged.furniture.tolist(), strict=True
    ):
        if filler >= FLAG and not is_furniture:
            weight[reason] = weight.get(reason, 0.0) + size
    most = sorted(weight, key=lambda reason: (-weight[reason], reason))[:3]
    return Reason("padding", f"{share:.0%} of the words say nothing checkable and new: mostly {', '.join(most)}")


def _thin(judged: Judged) -> Reason | None:
    """Fewer than 20 words with fewer than three names, figures or dates, or fewer than six words at all."""
    kept = ~judged.furniture
    words = int(judged.column("word")[kept].sum())
    facts = int((judged.column("new_specifics") + judged.column("date") + judged.column("number"))[kept].sum())
    if words >= _THIN_WORDS or (words >= _FEWEST_WORDS and facts >= _THIN_FACTS):
        return None
    return Reason("thin", f"{words} words with {facts} names, figures or dates are left besides the page's own text")


def _promotion(text: str, judged: Judged) -> Reason | None:
    """Flagged as promotion in a third of the words, or two phrases of selling."""
    words = judged.column("word")
    if words.sum() < _THIN_WORDS:
        return None
    promoting = np.array([reason == "promo" for reason in judged.reasons]) & (judged.filler >= FLAG)
    promoted = float(words[promoting & ~judged.furniture].sum() / words.sum())
    phrases = signs.advertising(text)
    if promoted >= _PROMOTION_SHARE:
        return Reason("promotion", f"{promoted:.0%} of the words advertise")
    if len(phrases) >= 2 and len(phrases) * 150 >= float(words.sum()):
        return Reason("promotion", f"phrases of selling: “{phrases[0]}”, “{phrases[1]}”")
    return None


@lru_cache(maxsize=1)
def shipped_model() -> QualityModel:
    """The model that came with the package, made once per process."""
    return QualityModel.from_arrays(models.shipped("quality").arrays)
