"""From judged sentences and other signs to one score and label, with every reason.

The score is calibrated on whole documents. From which score on an item is held or rejected is read off some four
thousand pieces of news that people wrote: so that no more of them than a named rate are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from detector import models
from detector.quality import signs
from detector.quality.debris import garbled, misread
from detector.quality.filler import FLAG, FillerModel, Judged
from detector.quality.genre import NEVER_REJECTED, genre_of
from detector.quality.headline import HeadlineModel
from detector.quality.language import ENGLISH, Language, recognise, surely_english
from detector.quality.linear import sigmoid
from detector.quality.rates import FALSE_HOLD_RATE, FALSE_REJECT_RATE, PROTECTED_HOLD_RATE
from detector.quality.repeats import repetition
from detector.quality.scan import Codes
from detector.quality.sentences import split_codes
from detector.quality.tokens import Floats, Span, code_points, tokenise_codes
from detector.records import Quality, QualityLabel, Reason, Sentence

# The rates for which the weights hold a score: 0, 0.0005 … 0.25.
RATES = np.arange(501) / 2_000
# What is no article may hold no padding; of five labelled ones an editor drops two, holds two and prints one.
_NO_ARTICLE = 0.5
# A text is taken to begin with this many words of ordinary news: three sentences are no sample of a style.
_PRIOR_WORDS, _PRIOR_SHARE = 25.0, 0.10
# Below this, words and facts are too few to print; a brief of 40 words with its facts is far above.
_THIN_WORDS, _THIN_FACTS, _FEWEST_WORDS = 20, 3, 6
# Some thirty thousand words: no news item, but what a hostile page can be made to look like.
_MOST_CHARACTERS = 200_000
_PROMOTION_SHARE = 0.35
_CLICKBAIT, _PADDED_BODY = 0.9, 0.15


@dataclass(frozen=True, slots=True)
class QualityModel:
    """Everything learned that an assessment needs."""

    filler: FillerModel
    headline: HeadlineModel
    score: Floats  # weights of ``evidence`` and intercept: log-odds that an editor would drop the item
    genuine: Floats  # score that at most each of RATES of genuine news reaches, shape (len(RATES),)
    reject_from: float  # the scores at the default rates
    hold_from: float
    hold_protected_from: float

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The model from the arrays of ``weights/quality.npz``."""
        filler, headline = FillerModel.from_arrays(arrays), HeadlineModel.from_arrays(arrays)
        genuine = arrays["genuine"].astype(np.float64)
        rates = (FALSE_REJECT_RATE, FALSE_HOLD_RATE, PROTECTED_HOLD_RATE)
        cuts = np.interp(rates, RATES, genuine).tolist()
        return cls(filler, headline, arrays["score"].astype(np.float64), genuine, *cuts)

    def score_at(self, rate: float) -> float:
        """The score that at most ``rate`` of genuine news reaches, of what may be rejected at all."""
        return float(np.interp(rate, RATES, self.genuine))

    def assess(self, text: str, *, title: str = "", language: str | None = None) -> Quality:
        """See ``detector.quality.assess``."""
        too_long = _too_long(text)
        if too_long is not None:
            text = text[:_MOST_CHARACTERS]
        codes, offset = code_points(f"{title}\n{text}"), len(title) + 1
        spans = split_codes(text, codes[offset:])
        tokens = tokenise_codes(codes, spans, offset)
        recognised = ENGLISH if surely_english(tokens) else recognise(text)
        refusal = _not_assessed(recognised, language)
        if refusal is not None:
            reasons = (refusal, *_in_any_language(text, spans, tokens.codes))
            return Quality(0.0, "not_assessed", reasons, _unjudged(text, spans), recognised.tag or language)
        quality = self.conclude(text, title, spans, self.filler.judge_tokens(tokens), recognised.tag)
        if too_long is None:
            return quality
        # What was not read through is never rejected.
        return replace(quality, label="review", reasons=(*quality.reasons, too_long))

    def conclude(self, text: str, title: str, spans: list[Span], judged: Judged, language: str | None) -> Quality:
        """From judged sentences to the item: its genre, score, reasons and label."""
        genre = genre_of(text, judged)
        score = self.score_of(judged)
        passages = [text[start:end] for start, end in spans]
        reasons = self._reasons(text, title, passages, spans, judged, score, genre)
        label = self._label(score, reasons, genre)
        if "not_an_article" in reasons:
            score = max(score, _NO_ARTICLE)
        return Quality(score, label, tuple(reasons), _sentences(passages, spans, judged), language, genre)

    def score_of(self, judged: Judged) -> float:
        """Chance that an editor who read every sentence would drop the item for its padding."""
        return float(sigmoid(evidence(judged) @ self.score[:-1] + self.score[-1]))

    def _label(self, score: float, reasons: list[Reason], genre: str | None) -> QualityLabel:
        """Padding rejects; every other sign holds the item for a person, who can tell a quoted refusal from one."""
        if score >= self.reject_from and rejectable(genre, reasons):
            return "reject"
        return "review" if reasons else "publish"

    def _reasons(
        self,
        text: str,
        title: str,
        passages: list[str],
        spans: list[Span],
        judged: Judged,
        score: float,
        genre: str | None,
    ) -> list[Reason]:
        words, loud, figures = (int(judged.total(name)) for name in ("word", "shout", "digit"))
        kept = [passage for passage, page in zip(passages, judged.furniture.tolist(), strict=True) if not page]
        phrases = signs.phrases_in(text, spans, judged)
        held_from = self.hold_protected_from if genre in NEVER_REJECTED else self.hold_from
        found = [
            _padding(judged) if score >= held_from and judged.kept("word") >= _THIN_WORDS else None,
            signs.leftovers(text, phrases.get("leftovers", ())),
            signs.placeholder(text, phrases.get("placeholders", ())),
            _thin(judged, genre),
            signs.stub(text, words, phrases.get("stubs", ())),
            signs.not_an_article(words, kept, phrases, tells=_tells(judged)) or signs.menu(passages, figures, words),
            _promotion(judged, phrases.get("advertising", ())),
            self._clickbait(title, judged),
            repetition(passages, judged),
            garbled(text, words, judged.tokens.codes) or misread(text, judged, self.filler.vectors),
            signs.shouting(loud, words, figures, text, len(spans)),
        ]
        return [reason for reason in found if reason is not None]

    def _clickbait(self, title: str, judged: Judged) -> Reason | None:
        """A headline that withholds its subject, over a body that does not name it early or is padded."""
        if not title or not len(judged.reasons):
            return None
        # Nearly every body names its subject and is not padded, and the headline need not be read.
        if filler_share(judged) < _PADDED_BODY and any(judged.column("overlap_title")[:3].tolist()):
            return None
        probability = self.headline.clickbait(title)
        if probability < _CLICKBAIT:
            return None
        return Reason("clickbait", f"the headline withholds its subject (probability {probability:.2f})")


def filler_share(judged: Judged) -> float:
    """Expected share of words in filler, furniture left out, drawn towards ordinary news when the text is short."""
    return float((judged.words @ judged.filler + _PRIOR_WORDS * _PRIOR_SHARE) / (judged.kept("word") + _PRIOR_WORDS))


def rejectable(genre: str | None, reasons: Collection[str]) -> bool:
    """Whether a high score may reject: not a genre that only sounds padded, and not what is hardly there."""
    hardly_there = "thin" in reasons and "padding" not in reasons
    return genre not in NEVER_REJECTED and not hardly_there and not {"too_long", "not_an_article"} & set(reasons)


def evidence(judged: Judged) -> Floats:
    """What an item is judged by: its share of filler, and how many words say something (logarithm).

    Two items that are half filler are not alike when one of them tells three hundred words of news and the other
    thirty: would an editor lose anything?
    """
    told = float(judged.words @ (1.0 - judged.filler))
    return np.array([filler_share(judged), np.log1p(told)])


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


def _in_any_language(text: str, spans: list[Span], codes: Codes) -> tuple[Reason, ...]:
    """A wrong decoding, a placeholder or a menu, which may be why the language is none that is known."""
    words = text.split()
    figures = sum(word[:1].isdigit() for word in words)
    found = (
        garbled(text, len(words), codes),
        signs.leftovers(text),
        signs.placeholder(text),
        signs.menu([text[start:end] for start, end in spans], figures, len(words)),
    )
    return tuple(reason for reason in found if reason is not None)


def _tells(judged: Judged) -> bool:
    """Whether somebody who can be named says something, or anything is dated, outside the page's own text."""
    return any(judged.kept(name) > 0 for name in ("named_speech", "named_report", "date"))


def _unjudged(text: str, spans: list[Span]) -> tuple[Sentence, ...]:
    return tuple(Sentence(text[start:end], start, end, 0.0, None) for start, end in spans)


def _sentences(passages: list[str], spans: list[Span], judged: Judged) -> tuple[Sentence, ...]:
    filler = judged.filler.tolist()
    reasons = [reason if chance >= FLAG else None for reason, chance in zip(judged.reasons, filler, strict=True)]
    return Sentence.from_columns(passages, [start for start, _ in spans], [end for _, end in spans], filler, reasons)


def _padding(judged: Judged) -> Reason:
    weight: dict[str, float] = {}
    for reason, filler, size in zip(judged.reasons, judged.filler.tolist(), judged.words.tolist(), strict=True):
        if filler >= FLAG and size:
            weight[reason] = weight.get(reason, 0.0) + size
    most = sorted(weight, key=lambda reason: (-weight[reason], reason))[:3]
    mostly = f": mostly {', '.join(most)}" if most else ""
    told = float(judged.words @ (1.0 - judged.filler))
    return Reason(
        "padding",
        f"{filler_share(judged):.0%} of the words say nothing checkable and new{mostly}; {told:.0f} words are left",
    )


def _thin(judged: Judged, genre: str | None) -> Reason | None:
    """Fewer than 20 words with fewer than three facts, fewer than six words at all, or not one fact in any number."""
    words = int(judged.kept("word"))
    facts = int(sum(judged.kept(name) for name in ("new_specifics", "date", "number")))
    if words >= _THIN_WORDS and (facts or genre is not None):
        return None
    if _FEWEST_WORDS <= words < _THIN_WORDS and facts >= _THIN_FACTS:
        return None
    return Reason("thin", f"{words} words with {facts} names, figures or dates are left besides the page's own text")


def _promotion(judged: Judged, phrases: Sequence[str]) -> Reason | None:
    """Flagged as promotion in a third of the words, or two phrases of selling."""
    words = judged.total("word")
    if words < _THIN_WORDS or ("promo" not in judged.reasons and len(phrases) < 2):
        return None
    told = zip(judged.reasons, judged.filler.tolist(), judged.words.tolist(), strict=True)
    promoted = sum(size for reason, filler, size in told if reason == "promo" and filler >= FLAG) / words
    if promoted >= _PROMOTION_SHARE:
        return Reason("promotion", f"{promoted:.0%} of the words advertise")
    if len(phrases) >= 2 and len(phrases) * 150 >= words:
        return Reason("promotion", f"phrases of selling: “{phrases[0]}”, “{phrases[1]}”")
    return None


@lru_cache(maxsize=1)
def shipped_model() -> QualityModel:
    """The model that came with the package, made once per process."""
    return QualityModel.from_arrays(models.shipped("quality").arrays)
