"""Text that went wrong on its way: decoded wrongly, escaped twice, spaced letter by letter, misread by a scanner."""

from __future__ import annotations

import re

import numpy as np

from detector.quality.filler import Judged
from detector.quality.tokens import word_hash
from detector.quality.vectors import Vectors
from detector.records import Reason

# UTF-8 that was read as cp1252 or Latin-1, replacement characters, control characters, entities, escapes and tags.
_DEBRIS = re.compile(
    r"Ã[\u0080-\u00bf¡-¿€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€[\u0080-\u00bf™œ\u009d\u009c“”¦˜\"]?|Â[\u00a0-\u00bf]|ï¿½|\ufffd|"
    r"[\u0000-\u0008\u000b\u000e-\u001f\u0080-\u009f]|&(?:amp|nbsp|quot|lt|gt|#\d{2,5});|"
    r"\\u[0-9a-fA-F]{4}|\\n(?=\\n|[A-Z\"“])|%(?:3C|3E|20|22)|"
    r"</?(?:p|div|span|br|a|b|i|li|ul|ol|h[1-6]|img|strong|em)(?:\s[^<>\n]{0,200})?/?>"
)
_CONTROL = re.compile(r"[\u0000-\u0008\u000b\u000e-\u001f\u0080-\u009f]")
_MARKS = ("Ã", "â", "Â", "ï", "\ufffd", "&", "<", "\\", "%")  # a single character is found ten times as fast
# Few enough for a typing error here and there, far fewer than a broken decoder leaves.
_COUNT, _SHARE = 5, 0.02
# A space after every letter; ordinary English has one after six.
_SPACED_SHARE, _SPACED_LENGTH = 0.4, 40
_LOWER_WORD = re.compile(r"\b[a-z]{4,}\b")
# Of 4,300 English news texts none has more than .36 such words unknown; a scan that misreads every fifth letter .8.
_UNKNOWN_SHARE, _FEWEST_WORDS = 0.55, 12
_FIGURES_RATE = 0.2  # a table of prices is abbreviations


def garbled(text: str, words: int) -> Reason | None:
    """Characters that a wrong decoding leaves, at least five and two for every hundred words; or spaced letters."""
    if len(text) >= _SPACED_LENGTH and text.count(" ") >= _SPACED_SHARE * len(text):
        return Reason("garbled", f"{text.count(' ')} of {len(text)} characters are spaces: the letters stand apart")
    # What can be printed holds no control character: nearly every text is spared both expressions.
    unprintable = not text.replace("\n", " ").isprintable() and _CONTROL.search(text)
    if not unprintable and not any(mark in text for mark in _MARKS):
        return None
    count = len(_DEBRIS.findall(text))
    if count < _COUNT or count < _SHARE * words:
        return None
    return Reason("garbled", f"{count} broken characters in {words} words; the text was decoded wrongly")


def misread(text: str, judged: Judged, vectors: Vectors) -> Reason | None:
    """Most words are none: a poor scan, or keys struck at random. Nothing is said without word vectors."""
    tokens = judged.column("word").sum()
    if judged.unknown.sum() < _UNKNOWN_SHARE / 2 * tokens or judged.column("digit").sum() >= _FIGURES_RATE * tokens:
        return None
    words = _LOWER_WORD.findall(text)
    if len(words) < _FEWEST_WORDS:
        return None
    known = np.isin(np.array([word_hash(word) + 1 for word in words], dtype=np.uint64), vectors.keys)
    unknown = [word for word, is_known in zip(words, known.tolist(), strict=True) if not is_known]
    if len(unknown) < _UNKNOWN_SHARE * len(words):
        return None
    return Reason("garbled", f"{len(unknown)} of {len(words)} words are none, such as “{unknown[0]}”")
