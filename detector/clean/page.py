"""A page → the article: guard, blocks, model, furniture lines, source memory; what goes, goes with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from detector.clean import walk as w
from detector.clean.blocks import Page, collapse, read_blocks, tables_around
from detector.clean.content import BlockModel, best_expected_f1, with_odds
from detector.clean.credits import read_credits
from detector.clean.decode import decode
from detector.clean.features import Prepared, prepare
from detector.clean.fragment import make_fragment
from detector.clean.guard import guard
from detector.clean.kind import PageKind, learned_kind, no_content
from detector.clean.ldjson import Node, read_nodes
from detector.clean.lines import choose_lines, known_furniture, measure_lines
from detector.clean.metadata import Metadata, read_metadata
from detector.clean.plain import is_binary
from detector.clean.reasons import PLACES, explained, reasons_by_place, reasons_by_text
from detector.clean.source_memory import SourceMemory, without_repeats
from detector.clean.text import line_model
from detector.models import shipped
from detector.records import CleanText, Dropped, Reason

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Content is rather kept than lost, on pages that are no articles all the more; by cross-validation.
ODDS, ODDS_OTHERWISE = 1.1, 1.5
# Furniture by the names of its elements, while this share and this many words of the text are left: a page may stand in
# one element that is called so.
NAMED, NAMED_LEAVE = frozenset(["caption", "legal", "share", "previous_next"]), (0.5, 50)
COMMENTS, COMMENTS_LEAVE = frozenset(["comments"]), (0.5, 50)
COMMENTS_LEAVE_ARTICLE = (0.2, 100)  # readers write more than reporters do
TABBED_BLOCKS = 20  # of a page that has panels; the kind of a smaller one is a guess
TABBED_SURE = 0.6  # how likely a page is no article, of which hidden text is kept that looks like its content
REPEATED = 80  # characters; a shorter block may be a label that two parts of a page share
LINKED = 0.8  # of a paragraph's characters; a count of comments or a dash may stand beside a link
MAX_JUDGED = 8_000  # blocks; those after it are kept unjudged, and the page is said to be so
_FRAGMENT = re.compile(r"<(?:html|body|head|nav|footer)\b", re.IGNORECASE)


@lru_cache(maxsize=1)
def block_model() -> BlockModel:
    """The block model that comes with the package."""
    return BlockModel.from_weights(shipped("cleaner"))


def clean_html(html: str | bytes, *, url: str | None = None, source: SourceMemory | None = None) -> CleanText:
    """The article of a page: title, paragraphs, what was dropped and why. Never fails on any input."""
    clean = clean_with(block_model(), html, url)
    return clean if source is None else without_repeats(clean, source)


def clean_with(model: BlockModel, html: str | bytes, url: str | None = None) -> CleanText:
    """``clean_html`` by another block model than the shipped one, as a benchmark on unseen sites needs."""
    notes: tuple[Reason, ...] = ()
    if isinstance(html, bytes):
        decoded = decode(html)
        html, notes = decoded.text, decoded.notes
    if is_binary(html):
        return CleanText("", (), notes=(*notes, Reason("binary", "the body is no text")))
    guarded = guard(html)
    page = read_blocks(guarded.markup)
    nodes = read_nodes(guarded.ldjson)
    meta = read_metadata(page, nodes, url)
    stated = read_credits(page, nodes, url)
    found = CleanText(meta.title, ())
    if page.texts:
        flattened = any(note in ("depth_flattened", "tags_flattened") for note in guarded.notes)
        whole = not flattened and _FRAGMENT.search(html) is not None
        found = _article(page, meta, nodes, model if whole else None, url)
    return replace(
        found,
        notes=notes + guarded.notes + found.notes + stated.notes,
        complete=guarded.complete,
        language=meta.language,
        author=stated.author,
        published=stated.published,
        updated=stated.updated,
        canonical_url=stated.canonical_url,
        site_name=stated.site_name,
    )


def _article(
    page: Page, meta: Metadata, nodes: tuple[Node, ...], model: BlockModel | None, url: str | None
) -> CleanText:
    """What stays of the page's blocks, and what goes; the line model judges where no block model is given."""
    count = len(page.texts)
    judged = page if count <= MAX_JUDGED else page.some(np.arange(MAX_JUDGED))
    kind: PageKind | None = None
    if model is None:
        choice = _choose_lines(judged)
    else:
        prepared = prepare(judged, meta)
        kind = learned_kind(model.kinds, judged, prepared, nodes)
        choice = _choose(judged, prepared, model, kind)
        kind = no_content(judged, float(prepared.words[choice.keep].sum())) or kind
    _drop_more(judged, meta, choice)
    kept = np.concatenate((np.flatnonzero(choice.keep), np.arange(len(judged.texts), count)))
    notes: tuple[Reason, ...] = ()
    if page.left_out:
        notes = (
            Reason("hidden_text", f"{page.left_out} bytes of text that nobody can see were left out of paragraphs"),
        )
    if count > MAX_JUDGED:
        unjudged = f"{count - MAX_JUDGED} blocks after the first {MAX_JUDGED} were kept unjudged"
        notes += (Reason("blocks_unjudged", unjudged),)
    paragraphs, numbers = _paragraphs(page, kept)
    return CleanText(
        meta.title,
        tuple(paragraphs),
        _explain(judged, choice),
        notes,
        page_kind=kind.name if kind else None,
        page_kind_confidence=kind.confidence if kind else 0.0,
        linked=_linked(page, kept, numbers),
        fragment=make_fragment(page, kept, numbers, url),
    )


@dataclass(slots=True)
class _Choice:
    """Which blocks stay; how sure that is of each, in [0, 1]; and why some go whatever the model says."""

    keep: Flags
    surety: Floats
    reasons: dict[int, str]  # by position; "title" is no loss
    place: Longs  # of each block, the reason that the names of the elements around it suggest: its position in PLACES


def _choose(page: Page, prepared: Prepared, model: BlockModel, kind: PageKind) -> _Choice:
    """The blocks of the greatest expected F1, without what is hidden and without named furniture."""
    article = kind.name == "article"
    words = prepared.words
    probabilities = _even_out_tables(page, model.probabilities(prepared), words)
    keep = best_expected_f1(with_odds(probabilities, ODDS if article else ODDS_OTHERWISE), words)
    # A product's tabs or a list's panels are hidden until they are chosen; an article's hidden text is no part of it,
    # nor that of a page of which it is not sure that it is none.
    tabs = not article and kind.confidence >= TABBED_SURE and len(page.texts) >= TABBED_BLOCKS
    keep = _seen(keep, page.hidden & ((not tabs) | (probabilities < 0.5)), words) & ~page.concealed
    choice = _Choice(keep, np.abs(2 * probabilities - 1), {}, reasons_by_place(page))
    _drop_named(choice, words, NAMED, *NAMED_LEAVE)
    if kind.name != "forum":
        _drop_named(choice, words, COMMENTS, *COMMENTS_LEAVE)
    if article:
        _drop_named(choice, words, COMMENTS, *COMMENTS_LEAVE_ARTICLE)
    _drop_repeated(page, choice)
    return choice


def _choose_lines(page: Page) -> _Choice:
    """What the line model keeps, which is also what it doubts.

    A fragment (the body of a feed entry, an editor's field) has no page around it that a layout could be read from, and
    a page that the guard flattened has lost it.
    """
    texts = list(page.texts)
    measured = measure_lines(texts, range(len(texts)), known_furniture(texts))
    probabilities = line_model().probabilities(measured)
    keep = choose_lines(probabilities, measured, lambda: explained(texts))
    keep = _seen(keep, page.hidden, measured.words) & ~page.concealed
    return _Choice(keep, np.abs(2 * probabilities - 1), {}, reasons_by_place(page))


def _seen(keep: Flags, hidden: Flags, words: Floats) -> Flags:
    """``keep`` without what is hidden, unless that is nearly all: a page may hide its article until a script runs."""
    seen = keep & ~hidden
    return seen if words[seen].sum() >= 0.25 * words[keep].sum() else keep


def _drop_named(choice: _Choice, words: Floats, named: frozenset[str], share: float, least: int) -> None:
    """Take out of the choice what stands in elements named for furniture, where that leaves enough of the text."""
    is_named = np.array([reason in named for reason in PLACES])[choice.place]
    gone = np.flatnonzero(choice.keep & is_named)
    left = choice.keep & ~is_named
    if gone.size and words[left].sum() >= max(least, share * words[choice.keep].sum()):
        choice.keep = left
        choice.reasons |= {k: str(PLACES[choice.place[k]]) for k in gone.tolist()}


def _drop_repeated(page: Page, choice: _Choice) -> None:
    """Keep the first of blocks that say the same: some pages print their text once for each width of the screen."""
    seen: set[str] = set()
    for k in np.flatnonzero(choice.keep & (page.sizes >= REPEATED)).tolist():
        text = page.texts[k]
        if text in seen:
            choice.keep[k] = False
            choice.reasons[k] = "repeated"
        seen.add(text)


def _even_out_tables(page: Page, probabilities: Floats, words: Floats) -> Floats:
    """One probability for all cells of a data table: half a row of results says nothing."""
    at = np.flatnonzero(page.cells)
    if not at.size:
        return probabilities
    tables = tables_around(page.elements, page.blocks[at, w.B_ELEMENT].astype(np.int64))
    order = np.argsort(tables, kind="stable")
    out = probabilities.copy()
    for cells in np.split(at[order], np.flatnonzero(np.diff(tables[order])) + 1):
        if len(cells) >= 4 and words[cells].mean() <= 12:  # longer cells lay out a page rather than hold data
            out[cells] = (probabilities[cells] * words[cells]).sum() / words[cells].sum()
    return out


def _drop_more(page: Page, meta: Metadata, choice: _Choice) -> None:
    """Take known prompts and the headline out of the choice."""
    kept = np.flatnonzero(choice.keep).tolist()
    for number, reason in known_furniture([page.texts[k] for k in kept], page.stretches.some(kept)).items():
        choice.keep[kept[number]] = False
        choice.reasons[kept[number]] = reason
    title = meta.title.casefold()
    sizes = 3 * page.sizes  # a character may be three once its case is folded
    akin = (sizes >= len(title)) & (sizes <= 6 * len(title))
    akin[_second_long(page, choice) :] = False
    for k in np.flatnonzero(akin).tolist() if title else ():
        if collapse(page.texts[k]).casefold() == title:
            choice.keep[k] = False
            choice.reasons[k] = "title"


def _second_long(page: Page, choice: _Choice) -> int:
    """Where the text is under way, behind which no headline stands: its second block of more than a line."""
    long = np.flatnonzero(choice.keep & (page.sizes > 100))
    return int(long[1]) if long.size > 1 else len(page.texts)


def _explain(page: Page, choice: _Choice) -> tuple[Dropped, ...]:
    """A Dropped for every block that goes. The headline is no loss: it is the title."""
    known = {k: reason for k, reason in choice.reasons.items() if reason != "title"}
    goes = ~choice.keep
    goes[[k for k in choice.reasons if k not in known]] = False
    gone = np.flatnonzero(goes)
    known = dict.fromkeys(np.flatnonzero(goes & page.hidden).tolist(), "hidden") | known
    texts = [page.texts[k] for k in gone.tolist()]
    said = reasons_by_text(texts, page.stretches.some(gone))
    around = [PLACES[place] for place in choice.place[gone].tolist()]
    reasons = [own or place or "boilerplate" for own, place in zip(said, around, strict=True)]
    sure = choice.surety[gone].round(3)
    at = np.searchsorted(gone, np.array(list(known), dtype=np.int64))
    sure[at] = 1.0
    for k, reason in zip(at.tolist(), known.values(), strict=True):
        reasons[k] = reason
    return Dropped.from_columns(texts, reasons, sure.tolist())


def _linked(page: Page, kept: Longs, numbers: list[int]) -> tuple[int, ...]:
    """The paragraphs that are links for next to all of their characters."""
    if not kept.size:
        return ()
    size = np.bincount(numbers, weights=page.sizes[kept])
    links = np.bincount(numbers, weights=page.blocks[kept, w.B_LINK_CHARS])
    return tuple(np.flatnonzero(links >= LINKED * size).tolist())


def _paragraphs(page: Page, kept: Longs) -> tuple[list[str], list[int]]:
    """The text of the kept blocks, cells of a table row in one paragraph; and each block's paragraph."""
    cells = page.cells[kept]
    if not cells.any():
        return [page.texts[k] for k in kept.tolist()], list(range(kept.size))
    paragraphs: list[str] = []
    numbers: list[int] = []
    last_row = -1
    rows = np.where(cells, page.elements[page.blocks[kept, w.B_ELEMENT], w.E_PARENT], -1)
    for k, row in zip(kept.tolist(), rows.tolist(), strict=True):
        if row >= 0 and row == last_row:
            paragraphs[-1] = f"{paragraphs[-1]}\t{page.texts[k]}"
        else:
            paragraphs.append(page.texts[k])
        last_row = row
        numbers.append(len(paragraphs) - 1)
    return paragraphs, numbers
