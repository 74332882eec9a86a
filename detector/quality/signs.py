"""What else may be wrong with a text, each found by looking at it and each with its evidence.

None of these looks at style: a sign is something that an editor could point at with a finger.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from detector.quality.lexicon import ADVERTISING, LEFTOVERS, NOTICES, PLACEHOLDERS, STUBS
from detector.quality.phrases import PhraseFinder
from detector.quality.tokens import Hashes
from detector.records import Reason

# UTF-8 that was read as cp1252 or Latin-1, replacement characters, control characters, entities left standing.
_MOJIBAKE = re.compile(
    r"Ã[\u0080-\u00bf¡-¿€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€[\u0080-\u00bf™œ\u009d\u009c“”¦˜\"]?|Â[\u00a0-\u00bf]|ï¿½|\ufffd|"
    r"[\u0000-\u0008\u000b\u000e-\u001f\u0080-\u009f]|&(?:amp|nbsp|quot|lt|gt|#\d{2,5});"
)
_BREAKS_OFF = re.compile(r"(?:\[(?:\.{3}|…)\]|\[\+?\d+ chars\])\s*$")
_CUT_OFF = ("...", "…", "[…]", "... ", "read more", "Read more", "Continue reading", "continue reading", "Full story")
_NOTICE_WORDS, _BARE_NOTICE_WORDS = 150, 45
# Few enough for a typing error here and there, far fewer than a broken decoder leaves.
_GARBLED_COUNT, _GARBLED_SHARE = 5, 0.02
_CONTROL = re.compile(r"[\u0000-\u0008\u000b\u000e-\u001f\u0080-\u009f]")
_MOJIBAKE_MARKS = ("Ã", "â", "Â", "ï", "\ufffd", "&")  # a single character is found ten times as fast
_SHOUT_WORDS, _SHOUT_SHARE = 20, 0.4
_STUB_WORDS = 150
_REPEATED_SHARE, _REPEATED_WORDS = 0.2, 5


_QUOTED = re.compile(
    r'"[^"\n]{0,600}"|“[^”\n]{0,600}”|„[^“”\n]{0,600}[“”]|«[^»\n]{0,600}»'
)  # what people say is theirs


def phrases_in(text: str, words: Hashes) -> dict[str, list[str]]:
    """The phrases of ``lexicon`` that ``text`` holds, by list, given the hashes of its tokens."""
    return _finder().find(text, words)


@lru_cache(maxsize=1)
def _finder() -> PhraseFinder:
    return PhraseFinder(
        {
            "leftovers": LEFTOVERS,
            "stubs": STUBS,
            "advertising": ADVERTISING,
            "notices": NOTICES,
            "placeholders": PLACEHOLDERS,
        }
    )


def leftovers(text: str, candidates: Sequence[str] = LEFTOVERS) -> Reason | None:
    """Phrases of a machine writer that were pasted with its answer; what somebody is quoted with is news."""
    if not candidates:
        return None
    lowered = _QUOTED.sub(" ", text).lower().replace("’", "'")
    found = [phrase for phrase in candidates if phrase in lowered]
    return Reason("leftovers", f"the text says “{found[0].strip()}”") if found else None


def garbled(text: str, words: int) -> Reason | None:
    """Characters that a wrong decoding leaves, at least five and two for every hundred words."""
    # What can be printed holds no control character: nearly every text is spared both expressions.
    unprintable = not text.replace("\n", " ").isprintable() and _CONTROL.search(text)
    if not unprintable and not any(mark in text for mark in _MOJIBAKE_MARKS):
        return None
    count = len(_MOJIBAKE.findall(text))
    if count < _GARBLED_COUNT or count < _GARBLED_SHARE * words:
        return None
    return Reason("garbled", f"{count} broken characters in {words} words; the text was decoded wrongly")


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


def repetition(sentences: Sequence[str]) -> Reason | None:
    """Sentences of five words or more that the text has already said word for word."""
    # Sentences that agree agree in length and beginning; the dotted capital I alone is longer in lower case.
    if len({(len(sentence), sentence[:6].casefold()) for sentence in sentences}) == len(sentences) and not any(
        "İ" in sentence for sentence in sentences
    ):
        return None
    seen: set[str] = set()
    total = repeated = 0
    example = ""
    for sentence in sentences:
        words = sentence.lower().split()
        total += len(words)
        if len(words) < _REPEATED_WORDS:
            continue
        said = " ".join(words)
        if said in seen:
            repeated += len(words)
            example = example or sentence
        seen.add(said)
    if not repeated or repeated < _REPEATED_SHARE * total:
        return None
    return Reason("repetition", f"{repeated / total:.0%} of the words stand here twice, such as “{example[:60]}”")


def placeholder(text: str, candidates: Sequence[str] = PLACEHOLDERS) -> Reason | None:
    """Type that a designer set where an article was to come."""
    lowered = text.lower() if candidates else ""
    found = [phrase for phrase in candidates if phrase in lowered]
    return Reason("not_an_article", f"placeholder text: “{found[0]}”") if found else None


def not_an_article(
    words: int, figures: int, passages: Sequence[str], kept: Sequence[str], notices: Sequence[str]
) -> Reason | None:
    """A page of another kind by its words alone: an error, a consent or login prompt, an index of teasers, a menu.

    ``kept`` are the ``passages`` that are no furniture.
    """
    if notices and (words <= _BARE_NOTICE_WORDS or (words <= _NOTICE_WORDS and len(notices) >= 2)):
        return Reason("not_an_article", f"{words} words and “{notices[0]}”: a notice of the site")
    teasers = [sentence for sentence in kept if sentence.endswith(_CUT_OFF) or "ead More" in sentence]
    if len(teasers) >= 4 and len(teasers) * 3 >= len(kept):
        return Reason("not_an_article", f"{len(teasers)} of {len(kept)} passages are teasers: “…{teasers[0][-30:]}”")
    labels = sum(1 for passage in passages if passage[-1:].isalnum() and passage.count(" ") < 4)
    if labels >= 15 and labels * 4 >= len(passages) * 3 and figures * 5 < words:
        return Reason("not_an_article", f"{labels} of {len(passages)} lines are labels of four words or fewer: a menu")
    return None
