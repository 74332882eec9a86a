"""What else may be wrong with a text, each found by looking at it and each with its evidence.

None of these looks at style: a sign is something that an editor could point at with a finger.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from detector.quality.lexicon import ADVERTISING, LEFTOVERS, STUBS
from detector.records import Reason

# UTF-8 that was read as cp1252 or Latin-1, replacement characters, control characters, entities left standing.
_MOJIBAKE = re.compile(
    r"Ã[\u0080-\u00bf¡-¿€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€[\u0080-\u00bf™œ\u009d\u009c“”¦˜\"]?|Â[\u00a0-\u00bf]|ï¿½|\ufffd|"
    r"[\u0000-\u0008\u000b\u000e-\u001f\u0080-\u009f]|&(?:amp|nbsp|quot|lt|gt|#\d{2,5});"
)
_SPEAKER_LABEL = re.compile(r"^(?:\[[^\]]{1,20}\]\s*)?(?:[A-Z][A-Z.'’\- ]{2,40}|Q|A|Question|Answer):\s", re.MULTILINE)
# Few enough for a typing error here and there, far fewer than a broken decoder leaves.
_GARBLED_COUNT, _GARBLED_SHARE = 5, 0.02
_SHOUT_WORDS, _SHOUT_SHARE = 20, 0.4
_STUB_WORDS = 150
_REPEATED_SHARE, _REPEATED_WORDS = 0.2, 5


_QUOTED = re.compile(
    r'"[^"\n]{0,600}"|“[^”\n]{0,600}”|„[^“”\n]{0,600}[“”]|«[^»\n]{0,600}»'
)  # what people say is theirs


def leftovers(text: str) -> Reason | None:
    """Phrases of a machine writer that were pasted with its answer."""
    lowered = _QUOTED.sub(" ", text).lower().replace("’", "'")
    found = [phrase for phrase in LEFTOVERS if phrase in lowered]
    return Reason("leftovers", f"the text says “{found[0].strip()}”") if found else None


def garbled(text: str, words: int) -> Reason | None:
    """Characters that a wrong decoding leaves, at least five and two for every hundred words."""
    count = len(_MOJIBAKE.findall(text))
    if count < _GARBLED_COUNT or count < _GARBLED_SHARE * words:
        return None
    return Reason("garbled", f"{count} broken characters in {words} words; the text was decoded wrongly")


def stub(text: str, words: int) -> Reason | None:
    """A short text that sends its reader elsewhere for the rest, or breaks off in an ellipsis."""
    if words > _STUB_WORDS:
        return None
    lowered = text.lower()
    for phrase in STUBS:
        if phrase in lowered:
            return Reason("stub", f"{words} words and “{phrase}”: the rest is elsewhere")
    if re.search(r"(?:\[(?:\.{3}|…)\]|\[\+?\d+ chars\])\s*$", text):
        return Reason("stub", f"the text breaks off after {words} words")
    return None


def advertising(text: str) -> list[str]:
    """The phrases of selling that the text holds."""
    lowered = text.lower()
    return [phrase for phrase in ADVERTISING if phrase in lowered]


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


def is_transcript(text: str) -> bool:
    """Whether at least four lines begin with the name of a speaker in capitals, or with Q: and A:."""
    return sum(1 for _ in zip(_SPEAKER_LABEL.finditer(text), range(4), strict=False)) == 4
