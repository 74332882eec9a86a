"""Text that went wrong on its way: decoded wrongly, escaped twice, spaced letter by letter, misread by a scanner."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from detector.jit import borrowed, njit
from detector.quality.filler import Judged
from detector.quality.scan import Codes
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
_REPLACEMENT = 0xFFFD


def _debris_begins() -> NDArray[np.bool_]:
    """Whether what ``_DEBRIS`` finds may begin with a character, for the first 256: a mark, or a control character."""
    begins = np.zeros(256, dtype=np.bool_)
    begins[[ord(mark) for mark in "ÃâÂï&<\\%"]] = True
    begins[:0x20] = begins[0x7F:0xA0] = True
    begins[[ord(mark) for mark in "\n\t\f\r"]] = False
    return begins


_BEGINS = _debris_begins()
# Few enough for a typing error here and there, far fewer than a broken decoder leaves.
_COUNT, _SHARE = 5, 0.02
# A space after every letter; ordinary English has one after six.
_SPACED_SHARE, _SPACED_LENGTH = 0.4, 40
_LOWER_WORD = re.compile(r"\b[a-z]{4,}\b")
# Of 4,300 English news texts none has more than .36 such words unknown; a scan that misreads every fifth letter .8.
_UNKNOWN_SHARE, _FEWEST_WORDS, _STRANGE_SHARE = 0.55, 12, 0.2
_FIGURES_RATE = 0.2  # a table of prices is abbreviations


def garbled(text: str, words: int, codes: Codes) -> Reason | None:
    """Characters that a wrong decoding leaves, at least five and two for every hundred words; or spaced letters.

    ``codes`` are the code points of the text, and may be those of its title too.
    """
    # The blanks of a title count too; nearly always there are too few of any kind to look where they stand.
    if len(text) >= _SPACED_LENGTH and text.count(" ") + codes.size - len(text) >= _SPACED_SHARE * len(text):
        spaces = _spaces(codes)
        if spaces >= _SPACED_SHARE * len(text):
            return Reason("garbled", f"{spaces} of {len(text)} characters are spaces: the letters stand apart")
    if _marks(codes) < _COUNT:
        return None
    count = len(_DEBRIS.findall(text))
    if count < _COUNT or count < _SHARE * words:
        return None
    return Reason("garbled", f"{count} broken characters in {words} words; the text was decoded wrongly")


@njit
def _spaces(codes: Codes) -> int:
    """Spaces that follow a letter or mark."""
    codes = borrowed(codes)
    spaces = 0
    for k in range(1, codes.size):
        spaces += codes[k] == 0x20 and codes[k - 1] != 0x20
    return spaces


@njit
def _marks(codes: Codes) -> int:
    """Characters that debris may begin with."""
    codes = borrowed(codes)
    found = 0
    for code in codes:
        found += _BEGINS[code] if code < _BEGINS.size else code == _REPLACEMENT
    return found


def misread(text: str, judged: Judged, vectors: Vectors) -> Reason | None:
    """Most words are none: a poor scan, or keys struck at random. Nothing is said without word vectors."""
    words_read, figures = judged.total("word"), judged.total("digit")
    # Names and figures have no vector either, and nearly every text is spared the count.
    strange = judged.unknown - judged.total("capital") - figures
    if strange < _STRANGE_SHARE * words_read or figures >= _FIGURES_RATE * words_read:
        return None
    words = _LOWER_WORD.findall(text)
    if len(words) < _FEWEST_WORDS:
        return None
    known = np.isin(np.array([word_hash(word) + 1 for word in words], dtype=np.uint64), vectors.keys)
    unknown = [word for word, is_known in zip(words, known.tolist(), strict=True) if not is_known]
    if len(unknown) < _UNKNOWN_SHARE * len(words):
        return None
    return Reason("garbled", f"{len(unknown)} of {len(words)} words are none, such as “{unknown[0]}”")
