"""Text that went wrong on its way: decoded wrongly, escaped twice, spaced letter by letter, misread by a scanner."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from detector.jit import borrowed, leaf, njit
from detector.quality.filler import Judged
from detector.quality.scan import WORD, Codes, Hashes, Kinds, folded_hash, kind_of, look_up
from detector.quality.tokens import characters, word_hash
from detector.quality.vectors import Vectors
from detector.records import Reason

# UTF-8 that was read as cp1252 or Latin-1, replacement characters, control characters, entities, escapes and tags.
_DEBRIS = re.compile(
    r"Ã[\u0080-\u00bf¡-¿€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€[\u0080-\u00bf™œ\u009d\u009c“”¦˜\"]?|Â[\u00a0-\u00bf]|ï¿½|\ufffd|"
    r"[\u0000-\u0008\u000b\u000e-\u001f\u0080-\u009f]|&(?:amp|nbsp|quot|lt|gt|#\d{2,5});|"
    r"\\u[0-9a-fA-F]{4}|\\n(?=\\n|[A-Z\"“])|%(?:3C|3E|20|22)|"
    r"</?(?:p|div|span|br|a|b|i|li|ul|ol|h[1-6]|img|strong|em)(?:\s[^<>\n]{0,200})?/?>"
)
_REPLACEMENT, _ASTRAL = 0xFFFD, 0x10000
# A character that debris may begin with only where one of these follows.
_SECONDS = {
    "&": "anqlg#",
    "<": "/pdsbailuohe",
    "\\": "un",
    "%": "32",
    "â": "€",
    "ï": "¿",
    "Â": "".join(map(chr, range(0xA0, 0xC0))),
}
_PAIRS = np.array([(ord(a), ord(b)) for a, seconds in _SECONDS.items() for b in seconds], dtype=np.uint32)
_SURELY, _PERHAPS = 1, 2


def _begins() -> NDArray[np.uint8]:
    """Whether what ``_DEBRIS`` finds may begin with a character, for the first 256."""
    begins = np.zeros(256, dtype=np.uint8)
    begins[:0x20] = begins[0x80:0xA0] = begins[ord("Ã")] = _SURELY
    begins[[ord(mark) for mark in "\n\t\f\r"]] = 0
    begins[[ord(mark) for mark in _SECONDS]] = _PERHAPS
    return begins


_BEGINS = _begins()
# Few enough for a typing error here and there, far fewer than a broken decoder leaves.
_COUNT, _SHARE = 5, 0.02
# A space after every letter; ordinary English has one after six.
_SPACED_SHARE, _SPACED_LENGTH = 0.4, 40
_LOWER_WORD, _SHORTEST = re.compile(r"\b[a-z]{4,}\b"), 4
_ONE = np.uint64(1)
# Of 4,300 English news texts none has more than .36 such words unknown; a scan that misreads every fifth letter .8.
_UNKNOWN_SHARE, _FEWEST_WORDS, _STRANGE_SHARE = 0.55, 12, 0.2
_FIGURES_RATE = 0.2  # a table of prices is abbreviations


def garbled(text: str, words: int, codes: Codes) -> Reason | None:
    """Characters that a wrong decoding leaves, at least five and two for every hundred words; or spaced letters.

    ``codes`` are the code points of the text, and may be those of its title too.
    """
    spaces, marks = _spaces_and_marks(codes)
    if len(text) >= _SPACED_LENGTH and spaces >= _SPACED_SHARE * len(text):
        return Reason("garbled", f"{spaces} of {len(text)} characters are spaces: the letters stand apart")
    if marks < _COUNT or marks < _SHARE * words:
        return None
    count = len(_DEBRIS.findall(text))
    if count < _COUNT or count < _SHARE * words:
        return None
    return Reason("garbled", f"{count} broken characters in {words} words; the text was decoded wrongly")


@njit
def _spaces_and_marks(codes: Codes) -> tuple[int, int]:
    """Spaces that follow a letter or mark, and characters that debris may begin with, by what follows them.

    Of these there are never fewer than ``_DEBRIS`` finds.
    """
    codes = borrowed(codes)
    spaces = found = 0
    before = np.uint32(0x20)
    for k in range(codes.size):
        code = codes[k]
        spaces += code == 0x20 and before != 0x20
        before = code
        if code >= _BEGINS.size:
            found += code == _REPLACEMENT
        elif _BEGINS[code] == _SURELY:
            found += 1
        elif _BEGINS[code] == _PERHAPS and k + 1 < codes.size:
            found += _is_pair(code, codes[k + 1])
    return spaces, found


@leaf
def _is_pair(one: int, other: int) -> bool:
    for k in range(_PAIRS.shape[0]):  # noqa: SIM110  # compiled
        if _PAIRS[k, 0] == one and _PAIRS[k, 1] == other:
            return True
    return False


def misread(text: str, judged: Judged, vectors: Vectors) -> Reason | None:
    """Most words are none: a poor scan, or keys struck at random. Nothing is said without word vectors."""
    words_read, figures = judged.total("word"), judged.total("digit")
    # Names and figures have no vector either, and nearly every text is spared the count.
    strange = judged.unknown - judged.total("capital") - figures
    if strange < _STRANGE_SHARE * words_read or figures >= _FIGURES_RATE * words_read:
        return None
    kinds, lower = characters()
    codes = judged.tokens.codes
    known, strangers = _known(codes[codes.size - len(text) :], kinds, lower, vectors.keys)
    if strangers < _UNKNOWN_SHARE * (known + strangers):
        return None
    words = _LOWER_WORD.findall(text)
    if len(words) < _FEWEST_WORDS:
        return None
    has_vector = np.isin(np.array([word_hash(word) + 1 for word in words], dtype=np.uint64), vectors.keys)
    unknown = [word for word, is_known in zip(words, has_vector.tolist(), strict=True) if not is_known]
    if len(unknown) < _UNKNOWN_SHARE * len(words):
        return None
    return Reason("garbled", f"{len(unknown)} of {len(words)} words are none, such as “{unknown[0]}”")


@njit
def _known(codes: Codes, kinds: Kinds, lower: Codes, keys: Hashes) -> tuple[int, int]:
    """How many words ``_LOWER_WORD`` finds that have a vector, at least, and how many that have none, at most.

    Beyond the first plane a character may be a letter or none, and a word that stands beside one is taken for unknown.
    """
    codes, kinds, lower, keys = borrowed(codes), borrowed(kinds), borrowed(lower), borrowed(keys)
    known = strangers = at = 0
    while at < codes.size:
        if not 0x61 <= codes[at] <= 0x7A:
            at += 1
            continue
        start = at
        while at < codes.size and 0x61 <= codes[at] <= 0x7A:
            at += 1
        before = int(codes[start - 1]) if start else 0x20
        after = int(codes[at]) if at < codes.size else 0x20
        if at - start < _SHORTEST or (kind_of(before, kinds) | kind_of(after, kinds)) & WORD:
            continue
        if before < _ASTRAL and after < _ASTRAL and look_up(folded_hash(codes, start, at, lower) + _ONE, keys) >= 0:
            known += 1
        else:
            strangers += 1
    return known, strangers
