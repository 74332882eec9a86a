"""What the report shows of a plan: counts over all items, and a few examples chosen by risk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from detector.archive.steps import Prepared
from detector.records import CleanText, Match, Sentence, Verdict

_PAIRS = 40  # removals shown side by side, the least sure first
_HELD = 25
_SENTENCES = 6  # for each reason
_LINES = 30
_EXCERPT = 1600  # characters of a text


class Samples:
    """Collected while a plan is made; the same for the same plan."""

    def __init__(self) -> None:
        self.stripped: Counter[tuple[str, str]] = Counter()
        self._by_source: dict[str, Counter[str]] = {}
        self._by_month: dict[str, Counter[str]] = {}
        self._kinds: Counter[str] = Counter()
        self._characters: Counter[str] = Counter()
        self._removed: list[tuple[float, str, dict[str, Any]]] = []
        self._held: list[tuple[float, str, dict[str, Any]]] = []
        self._sentences: dict[str, list[tuple[float, str, str]]] = {}

    def add(self, one: Prepared, verdict: Verdict, texts: Mapping[str, CleanText]) -> None:
        """Count an item, and keep what of it may be shown."""
        item = one.examined.item
        month = f"{item.published:%Y-%m}" if item.published else "undated"
        self._by_source.setdefault(item.source or "unknown", Counter())[verdict.action] += 1
        self._by_month.setdefault(month, Counter())[verdict.action] += 1
        self._characters[verdict.action] += len(one.examined.text.text)
        if verdict.matches:
            self._kinds[verdict.matches[0].kind] += 1
        if verdict.action != "publish":
            self._add_example(one, verdict, texts)
            for sentence in verdict.quality.sentences:
                self._add_sentence(item.id, sentence)

    def _add_example(self, one: Prepared, verdict: Verdict, texts: Mapping[str, CleanText]) -> None:
        match = next((m for m in verdict.matches if m.is_duplicate), verdict.matches[0] if verdict.matches else None)
        risk = match.score if match else 1.0 - verdict.quality.score
        pile, most = (self._removed, _PAIRS) if verdict.action == "reject" else (self._held, _HELD)
        pile.append((risk, verdict.item_id, _example(one, verdict, match, texts)))
        pile.sort(key=lambda entry: entry[:2])
        del pile[most:]

    def _add_sentence(self, item_id: str, sentence: Sentence) -> None:
        if sentence.reason is None:
            return
        examples = self._sentences.setdefault(sentence.reason, [])
        examples.append((-sentence.filler, item_id, sentence.text[:400]))
        examples.sort()
        del examples[_SENTENCES:]

    def as_json(self) -> dict[str, Any]:
        """Plain data for ``samples.json``."""
        return {
            "by_source": {source: dict(counts) for source, counts in sorted(self._by_source.items())},
            "by_month": {month: dict(counts) for month, counts in sorted(self._by_month.items())},
            "kinds": dict(sorted(self._kinds.items())),
            "characters": dict(sorted(self._characters.items())),
            "removed": [example for _, _, example in self._removed],
            "held": [example for _, _, example in self._held],
            "sentences": {
                reason: [{"id": i, "text": text, "filler": round(-score, 3)} for score, i, text in examples]
                for reason, examples in sorted(self._sentences.items())
            },
            "stripped": [
                {"reason": reason, "text": text, "times": times}
                for (reason, text), times in sorted(self.stripped.items(), key=lambda c: (-c[1], c[0]))[:_LINES]
            ],
        }


def _example(one: Prepared, verdict: Verdict, match: Match | None, texts: Mapping[str, CleanText]) -> dict[str, Any]:
    text = one.examined.text
    example: dict[str, Any] = {
        "id": verdict.item_id,
        "title": text.title,
        "source": one.examined.item.source,
        "action": verdict.action,
        "reasons": [{"code": str(r), "detail": r.detail} for r in verdict.reasons],
        "quality": round(verdict.quality.score, 3),
        "pieces": _pieces(text.text, [(s.start, s.end) for s in match.spans] if match else []),
    }
    if match:
        earlier = texts[match.of]
        example["of"] = {
            "id": match.of,
            "title": earlier.title,
            "kind": match.kind,
            "score": round(match.score, 3),
            "jaccard": round(match.jaccard, 3),
            "containment": round(match.containment, 3),
            "differs": [[d.here, d.there] for d in match.differs[:12]],
            "pieces": _pieces(earlier.text, [(s.other_start, s.other_end) for s in match.spans]),
        }
    return example


def _pieces(text: str, spans: list[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The beginning of ``text`` in pieces, each with whether the other text has it too."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in sorted(spans):
        if start >= _EXCERPT:
            break
        if start > at:
            pieces.append((text[at:start], False))
        pieces.append((text[start : min(end, _EXCERPT)], True))
        at = min(end, _EXCERPT)
    if at < min(len(text), _EXCERPT):
        pieces.append((text[at:_EXCERPT], False))
    if len(text) > _EXCERPT:
        pieces.append((" […]", False))
    return pieces
