"""What else may be wrong with a text, each found by looking at it and each with its evidence.

None of these looks at style: a sign is something that an editor could point at with a finger.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from detector.quality.filler import FLAG, Judged
from detector.quality.lexicon import ADVERTISING, HOME_PAGES, LEFTOVERS, NOTICES, PLACEHOLDERS, STUBS
from detector.quality.phrases import PhraseFinder
from detector.quality.tokens import Span, fold
from detector.records import Reason

_BREAKS_OFF = re.compile(r"(?:\[(?:\.{3}|…)\]|\[\+?\d+ chars\]|(?:^|\s)[a-z'’\-]+,?\s?(?:\.{3}|…))\s*$")
_CUT_OFF = ("...", "…", "[…]", "... ", "read more", "Read more", "Continue reading", "continue reading", "Full story")
_NOTICE_WORDS, _BARE_NOTICE_WORDS = 150, 45
_SHOUT_WORDS, _SHOUT_SHARE = 20, 0.4
_STUB_WORDS = 150
_HOME_WORDS, _LABELS, _LABEL_WORDS = 75, 15, 12

# What people say is theirs.
_QUOTED = re.compile(r'"[^"\n]{0,600}"|“[^”\n]{0,600}”|„[^“”\n]{0,600}[“”]|«[^»\n]{0,600}»')
_OPENING = '"“„«'
_LISTS = {
    "leftovers": LEFTOVERS,
    "stubs": STUBS,
    "advertising": ADVERTISING,
    "notices": NOTICES,
    "placeholders": PLACEHOLDERS,
    "home": HOME_PAGES,
}
# A sentence that begins or ends with such a phrase is the page's; so is one with it that tells nothing new.
_EDGE, _FEW_FACTS = 12, 3


def phrases_in(text: str, spans: Sequence[Span], judged: Judged) -> dict[str, list[str]]:
    """The phrases of ``lexicon`` that the page itself says, by list; what the article tells of others is left out.

    Those of a machine writer and of a seller may stand anywhere outside a quotation, the others only in a sentence
    that begins or ends with them or has no news.
    """
    found = _finder().find(text, judged.tokens.word)
    if not found:
        return {}
    unquoted = _unquoted(text)
    kept = {name: [phrase for phrase in phrases if phrase in unquoted] for name, phrases in found.items()}
    if kept.keys() - {"leftovers", "advertising"}:
        sentences = [
            (_unquoted(text[start:end]), bare) for (start, end), bare in zip(spans, _without_news(judged), strict=True)
        ]
        for name in kept.keys() - {"leftovers", "advertising"}:
            kept[name] = [phrase for phrase in kept[name] if any(_says(said, phrase, bare) for said, bare in sentences)]
    return kept


def _unquoted(text: str) -> str:
    """The text in lower case without what it quotes."""
    return fold(_QUOTED.sub(" ", text) if any(mark in text for mark in _OPENING) else text)


def _without_news(judged: Judged) -> list[int]:
    """For each sentence 0 when it has no news, 1 when it has little, else 2."""
    new = judged.column("new_specifics") + judged.column("date") + judged.column("number")
    empty = judged.furniture | (judged.filler >= FLAG) | (judged.column("new_specifics") == 0)
    news: list[int] = np.where(empty, 0, np.where(new < _FEW_FACTS, 1, 2)).tolist()
    return news


def _says(sentence: str, phrase: str, news: int) -> bool:
    at = sentence.find(phrase)
    if at < 0 or not news:
        return at >= 0
    at_edge = at <= _EDGE or at + len(phrase) >= len(sentence) - _EDGE
    return at_edge and (news == 1 or len(sentence) <= 2 * len(phrase))


@lru_cache(maxsize=1)
def _finder() -> PhraseFinder:
    return PhraseFinder(_LISTS)


def leftovers(text: str, candidates: Sequence[str] = LEFTOVERS) -> Reason | None:
    """Phrases of a machine writer that were pasted with its answer; what somebody is quoted with is news."""
    if not candidates:
        return None
    lowered = _unquoted(text)
    found = [phrase for phrase in candidates if phrase in lowered]
    return Reason("leftovers", f"the text says “{found[0].strip()}”") if found else None


def stub(text: str, words: int, found: Sequence[str]) -> Reason | None:
    """A short text that sends its reader elsewhere for the rest, or breaks off in an ellipsis."""
    if words > _STUB_WORDS:
        return None
    if found:
        return Reason("stub", f"{words} words and “{found[0]}”: the rest is elsewhere")
    if _BREAKS_OFF.search(text[-40:]):
        return Reason("stub", f"the text breaks off after {words} words")
    return None


def shouting(loud: int, words: int, figures: int, text: str, sentences: int) -> Reason | None:
    """Capitals for two words in five, or an exclamation mark for every second sentence; a table may have capitals."""
    if loud >= _SHOUT_WORDS and loud >= _SHOUT_SHARE * words and figures * 5 < words:
        return Reason("shouting", f"{loud} of {words} words are in capitals")
    marks = text.count("!")
    if marks >= 4 and marks * 2 >= sentences:
        return Reason("shouting", f"{marks} exclamation marks in {sentences} sentences")
    return None


def placeholder(text: str, candidates: Sequence[str] = PLACEHOLDERS) -> Reason | None:
    """Type that a designer set where an article was to come."""
    lowered = text.lower() if candidates else ""
    found = [phrase for phrase in candidates if phrase in lowered]
    return Reason("not_an_article", f"placeholder text: “{found[0]}”") if found else None


def not_an_article(
    words: int, kept: Sequence[str], phrases: Mapping[str, Sequence[str]], *, tells: bool
) -> Reason | None:
    """A page of another kind by its words alone: an error, a consent or login prompt, a home page, an index of teasers.

    ``kept`` are the passages that are no furniture; ``tells`` says whether somebody is named as saying something or
    anything is dated.
    """
    notices, home = phrases.get("notices", ()), phrases.get("home", ())
    if notices and (words <= _BARE_NOTICE_WORDS or (words <= _NOTICE_WORDS and len(notices) >= 2)):
        return Reason("not_an_article", f"{words} words and “{notices[0]}”: a notice of the site")
    if len(home) >= 2 and not tells and words <= _HOME_WORDS * len(home):
        return Reason("not_an_article", f"“{home[0]}”, “{home[1]}” and no news: a site that speaks of itself")
    teasers = [sentence for sentence in kept if sentence.endswith(_CUT_OFF) or "ead More" in sentence]
    if len(teasers) >= 4 and len(teasers) * 3 >= len(kept):
        return Reason("not_an_article", f"{len(teasers)} of {len(kept)} passages are teasers: “…{teasers[0][-30:]}”")
    return None


def menu(passages: Sequence[str], figures: int, words: int) -> Reason | None:
    """Fifteen lines of a few words each and hardly anything else; a table of results has figures."""
    if len(passages) < _LABELS or figures * 5 >= words or words > _LABEL_WORDS * len(passages):
        return None
    labels = sum(1 for passage in passages if passage[-1:].isalnum() and passage.count(" ") < 4)
    if labels < _LABELS or labels * 4 < len(passages) * 3:
        return None
    return Reason("not_an_article", f"{labels} of {len(passages)} lines are labels of four words or fewer: a menu")
