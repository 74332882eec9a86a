"""Is a text English? Function words and scripts, from small tables; no model and no guess.

In running text of any European language every second or third word is one of a few dozen function words, and
hardly any of them is shared, so their shares tell the languages apart (Ingle 1976; Grefenstette 1995). Newswire
drops its articles, therefore a second English list holds the words that wire copy keeps.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from detector.jit import njit
from detector.quality.lexicon import FUNCTION_WORDS, WIRE_WORDS
from detector.quality.tokens import Hashes, Ints, Tokens, bit

# Letters to look at: the start of a text tells its language, and a page of a million characters costs no more.
_SAMPLE = 2_000
# Below this many words the shares are chance.
MIN_WORDS = 8
# A sixth of ordinary English is function words even in a table of results; other languages score below 0.05.
_MIN_SHARE = 0.10
_WIRE_SHARE = 0.12
_SURELY_ENGLISH, _FEW_WORDS, _DISTINCT = 0.3, 40, 4
_FIRST_TOKENS = 140
_LETTERS_BIT, _FUNCTION_BIT = bit("letters"), bit("function")

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SCRIPTS = {
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "zh": re.compile(r"[\u3400-\u9fff]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "hy": re.compile(r"[\u0530-\u058f]"),
    "ka": re.compile(r"[\u10a0-\u10ff]"),
    "und-Arab": re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]"),
    "und-Cyrl": re.compile(r"[\u0400-\u04ff]"),
    "und-Deva": re.compile(r"[\u0900-\u097f]"),
    "und-Beng": re.compile(r"[\u0980-\u09ff]"),
    "und-Taml": re.compile(r"[\u0b80-\u0bff]"),
}
_NOT_LATIN = re.compile(r"[\u0370-\u1dff\u2e80-\ud7ff\uf900-\ufdff\ufe70-\ufeff]")
# Letters that one language of a script has and its neighbours do not.
_LETTERS = {
    "und-Arab": (("ur", re.compile("[ٹڈڑںےہ]")), ("fa", re.compile("[پچژگ]")), ("ar", re.compile("[ةىي]"))),
    "und-Cyrl": (("uk", re.compile("[іїєґ]")), ("ru", re.compile("[ыэё]")), ("bg", re.compile("ъ"))),
    "und-Deva": (),
    "und-Beng": (),
    "und-Taml": (),
}


@dataclass(frozen=True, slots=True)
class Language:
    """What a text's words and script say; ``tag`` is None when they say too little."""

    tag: str | None  # ISO 639-1, or und-Script where the script is known and the language is not
    words: int  # words looked at, at most those of the first 2,000 characters

    @property
    def too_short(self) -> bool:
        """Whether the text has too few words for its language to show."""
        return self.words < MIN_WORDS


ENGLISH = Language("en", _FEW_WORDS)


def recognise(text: str) -> Language:
    """The language of ``text`` by its script and its function words.

    >>> recognise("The council said on Monday that it would close the bridge for a week.").tag
    'en'
    >>> recognise("Der Rat hat am Montag beschlossen, die Brücke für eine Woche zu sperren.").tag
    'de'
    """
    sample = text[:_SAMPLE]
    tokens = _WORD.findall(sample.casefold().replace("’", "'"))
    script = _script(sample)
    if script is not None:
        return Language(script, len(tokens))
    if len(tokens) < MIN_WORDS:
        return Language(None, len(tokens))
    return Language(_by_function_words(tokens), len(tokens))


def surely_english(tokens: Tokens) -> bool:
    """Whether so many of a text's first words are English function words that it can be in no other language.

    None can have a fifth more of its own then, so those of the others need not be counted.
    """
    return _surely_english(tokens.bits, tokens.stem, int(tokens.bounds[1]), _LETTERS_BIT, _FUNCTION_BIT)


@njit
def _surely_english(bits: Hashes, stem: Ints, first: int, letters: np.uint64, function: np.uint64) -> bool:
    words = found = distinct = 0
    seen = np.full(_DISTINCT, -1)
    for k in range(first, min(bits.size, first + _FIRST_TOKENS)):
        words += bits[k] & letters > 0
        if bits[k] & function:
            found += 1
            if distinct < _DISTINCT and not (seen == stem[k]).any():
                seen[distinct] = stem[k]
                distinct += 1
    return words >= _FEW_WORDS and found >= _SURELY_ENGLISH * words and distinct == _DISTINCT


def _script(sample: str) -> str | None:
    """The script, or the language it belongs to, when more than a third of the letters are not Latin."""
    if sample.isascii() or not _NOT_LATIN.search(sample):
        return None
    letters = sum(map(str.isalpha, sample))
    counts = {name: len(pattern.findall(sample)) for name, pattern in _SCRIPTS.items()}
    # Japanese is written with more Chinese characters than kana; a tenth of kana settles it.
    if counts["ja"] * 10 > counts["zh"] > 0:
        counts["ja"] += counts.pop("zh")
    name = max(counts, key=lambda key: counts[key])
    if counts[name] * 3 < letters:
        return None
    for tag, pattern in _LETTERS.get(name, ()):
        if len(pattern.findall(sample)) * 100 > counts[name]:
            return tag
    return name


def _by_function_words(tokens: list[str]) -> str | None:
    counts = dict.fromkeys(FUNCTION_WORDS, 0)
    languages = _languages_of()
    for token, number in Counter(tokens).items():
        for tag in languages.get(token, ()):
            counts[tag] += number
    best = max(counts, key=lambda tag: counts[tag])
    share, english = counts[best] / len(tokens), counts["en"] / len(tokens)
    distinct = len(FUNCTION_WORDS[best].intersection(tokens))
    if best != "en" and share > 1.2 * english:
        # Initials and units in a long table look like two or three words of some language, never like four.
        return best if share >= _MIN_SHARE and distinct >= (4 if len(tokens) > 40 else 2) else None
    if english >= _MIN_SHARE and distinct >= 2:
        return "en"
    kept = [token for token in tokens if token in WIRE_WORDS or token in FUNCTION_WORDS["en"]]
    return "en" if len(kept) >= _WIRE_SHARE * len(tokens) and len(set(kept)) >= 3 else None


@lru_cache(maxsize=1)
def _languages_of() -> dict[str, tuple[str, ...]]:
    """Each function word with the languages that have it."""
    found: dict[str, tuple[str, ...]] = {}
    for tag, listing in FUNCTION_WORDS.items():
        for word in listing:
            found[word] = (*found.get(word, ()), tag)
    return found
