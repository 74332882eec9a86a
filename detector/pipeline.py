"""One item through every stage: examine it alone, find what it repeats, decide."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from detector.asides import asides_of
from detector.clean import SourceMemory, clean_html, clean_text, without_repeats
from detector.dedup import BandIndex, Candidates, Entry, MemoryIndex, Sketching, matches, sketch_text, tokenise
from detector.models import shipped
from detector.policy import Policy
from detector.quality import assess
from detector.records import UNASSESSED, CleanText, Examined, Item, Match, Sketch, Verdict
from detector.verdict import decide

# What people said of a match: itself where they said nothing, another in its place, None where it does not count.
Ruling = Callable[[Match], Match | None]

_MODELS = ("cleaner", "lines", "quality", "unicode")


def read_text(item: Item) -> CleanText:
    """The article in an item's body; the item's own title goes before the one that is found there.

    The first line of a plain text that was taken for a headline is text after all when the item has another one.
    """
    if item.media_type == "text/html":
        text = clean_html(item.body, url=item.url)
        return replace(text, title=item.title) if item.title else text
    text = clean_text(item.body)
    if not item.title or item.title == text.title:
        return text
    lost = (text.title,) if text.title and not _same_line(text.title, item.title) else ()
    # Made anew, for ``replace`` takes twice as long: a plain text has none of the other fields.
    return CleanText(item.title, lost + text.paragraphs, text.dropped, text.notes, text.complete)


def _same_line(one: str, other: str) -> bool:
    return bool(np.array_equal(tokenise(one).hashes, tokenise(other).hashes))


def examine(item: Item, sketching: Sketching | None = None) -> Examined:
    """Everything that can be said of an item alone: pure, the same in the service, a worker process and Spark."""
    return examine_text(item, read_text(item), sketching)


def examine_text(item: Item, text: CleanText, sketching: Sketching | None = None) -> Examined:
    """The same for an item whose text was cleaned before."""
    body = text.text
    quality = assess(body, title=text.title, language=item.language or text.language) if body else UNASSESSED
    return Examined(item, text, _sketch(body, sketching), quality, {name: shipped(name).version for name in _MODELS})


def without_what_its_source_repeats(
    examined: Examined, memory: SourceMemory, sketching: Sketching | None = None, spared: Collection[str] = ()
) -> Examined:
    """``examined`` as it would be without the paragraphs that its source prints on many items; often itself."""
    text = without_repeats(examined.text, memory, spared)
    return examined if text is examined.text else examine_text(examined.item, text, sketching)


def lines_of(text: CleanText) -> list[str]:
    """The paragraphs by which a source's memory learns, those that it took out itself included."""
    return [*text.paragraphs, *(piece.text for piece in text.dropped if piece.reason == "source_memory")]


def _sketch(text: str, sketching: Sketching | None) -> Sketch | None:
    return sketch_text(text, sketching)


def entry_of(examined: Examined, sketched: Sketch, *, kept: bool) -> Entry:
    """What an index keeps of an examined item."""
    item = examined.item
    return Entry(
        item_id=item.id,
        text=examined.text.text,
        sketch=sketched,
        kept=kept,
        title=examined.text.title,
        url=item.url,
        source=item.source,
        published=item.published,
    )


def later_entry_of(examined: Examined, sketched: Sketch) -> Entry:
    """The same of an item that is compared with earlier ones: it knows where its text tells nothing of its own."""
    return _as_later(entry_of(examined, sketched, kept=True), examined)


def _as_later(entry: Entry, examined: Examined) -> Entry:
    return replace(entry, asides=asides_of(examined.text, examined.quality))


class Detector:
    """Judges items against those it was given before.

    >>> detector = Detector()
    >>> story = "The harbour bridge at Aldwick reopened on Monday after 14 months of repairs costing 3.2 million."
    >>> detector.admit(Item("first", story)).action
    'publish'
    >>> verdict = detector.check(Item("second", story))
    >>> verdict.action, verdict.matches[0].of, verdict.matches[0].kind
    ('reject', 'first', 'exact')
    """

    def __init__(
        self,
        index: BandIndex | None = None,
        policy: Policy | None = None,
        sketching: Sketching | None = None,
        memory_window: int | None = None,
    ) -> None:
        """``memory_window``: how many of a source's last items teach what it repeats; None learns nothing."""
        self.sketching = sketching or Sketching()
        self.index = index if index is not None else MemoryIndex(sketching=self.sketching)
        self.policy = policy or Policy()
        self.memory_window = memory_window
        self._memories: dict[str, SourceMemory] = {}

    def examine(self, item: Item) -> Examined:
        """The item alone, and what its source is known to repeat taken out; touches no index."""
        return self.recall(examine(item, self.sketching))

    def recall(self, examined: Examined) -> Examined:
        """An item that was examined elsewhere, without the paragraphs that its source is known to repeat."""
        memory = self._memories.get(examined.item.source or "")
        return without_what_its_source_repeats(examined, memory, self.sketching) if memory else examined

    def judge(self, examined: Examined, ruling: Ruling | None = None, also: Sequence[Entry] = ()) -> Verdict:
        """The verdict on an examined item against what the index holds; stores nothing.

        ``ruling`` is what people said of its matches, and ``also`` names entries to compare it with beside those that
        the index finds.
        """
        if examined.sketch is None:
            return decide(examined, (), self.policy)
        entry = entry_of(examined, examined.sketch, kept=True)
        candidates = candidates_of(entry, self.index, self.policy.applied_to(examined.item))
        known = {candidate.item_id for candidate in candidates.entries}
        added = tuple(other for other in also if other.item_id not in known)
        others = candidates.entries + added
        found = matches(_as_later(entry, examined), others) if others else ()
        ruled = [ruling(match) for match in found] if ruling else list(found)
        counting = tuple(match for match in ruled if match is not None)
        verdict = decide(examined, counting, self.policy, truncated=candidates.truncated)
        # One that does not count is shown all the same: an editor sees that it was found.
        return replace(verdict, matches=tuple(r or match for r, match in zip(ruled, found, strict=True)))

    def remember(self, examined: Examined, verdict: Verdict) -> None:
        """Index an examined item; one that was not rejected can make later items duplicates."""
        source = examined.item.source
        if self.memory_window is not None and source:
            memory = self._memories.setdefault(source, SourceMemory(self.memory_window))
            memory.observe(lines_of(examined.text))
        if examined.sketch is not None:
            self.index.add(entry_of(examined, examined.sketch, kept=verdict.action != "reject"))

    def check(self, item: Item) -> Verdict:
        """The verdict on ``item``; nothing is stored. Raises nothing for bad content: that is a verdict too."""
        return self.judge(self.examine(item))

    def admit(self, item: Item) -> Verdict:
        """The verdict on ``item``, which is remembered."""
        examined = self.examine(item)
        verdict = self.judge(examined)
        self.remember(examined, verdict)
        return verdict


def candidates_of(entry: Entry, index: BandIndex, policy: Policy) -> Candidates:
    """The earlier items to verify: within the look-back, and never the item itself."""
    found = index.candidates(entry.sketch, limit=policy.candidates + 1, since=look_back(entry, policy))
    others = tuple(candidate for candidate in found.entries if candidate.item_id != entry.item_id)
    truncated = found.truncated or len(others) > policy.candidates
    return Candidates(others[: policy.candidates], truncated)


def look_back(entry: Entry, policy: Policy) -> datetime | None:
    """The beginning of the look-back; None where it is without limit."""
    return policy.look_back_from(entry.published)


def compare(later: Item, earlier: Item) -> Match | None:
    """The verified match of two given items, whatever an index would have found; None when there is none.

    >>> story = "The harbour bridge at Aldwick reopened on Monday after 14 months of repairs costing 3.2 million."
    >>> match = compare(Item("second", story + " Its mayor, Anna Reed, cut a ribbon."), Item("first", story))
    >>> match.kind, match.coverage
    ('contains', 1.0)
    """
    examined = map(examined_for_matching, (later, earlier))
    entries = [later_entry_of(one, one.sketch) for one in examined if one.sketch]
    found = matches(entries[0], entries[1:], related=True) if len(entries) == 2 else ()
    return found[0] if found else None


def examined_for_matching(item: Item, text: CleanText | None = None) -> Examined:
    """An item with its sketch and without a judgement of its quality; ``text`` where it was cleaned before."""
    text = text or read_text(item)
    return Examined(item, text, _sketch(text.text, None), UNASSESSED, {})
