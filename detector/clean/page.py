"""A page → the article: guard, blocks, model, furniture lines, source memory; what goes, goes with its reason."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from detector.clean.blocks import Page, collapse, read_blocks
from detector.clean.content import BlockModel, best_expected_f1
from detector.clean.credits import read_credits
from detector.clean.decode import decode
from detector.clean.features import Prepared, prepare
from detector.clean.guard import guard, is_binary
from detector.clean.kind import page_kind
from detector.clean.ldjson import Node, read_nodes
from detector.clean.lines import choose_lines, known_furniture, measure_lines
from detector.clean.metadata import Metadata, read_metadata
from detector.clean.reasons import reasons_by_place, reasons_by_text
from detector.clean.rewrite import make_fragment
from detector.clean.source_memory import SourceMemory, without_repeats
from detector.clean.text import line_model
from detector.models import shipped
from detector.records import CleanText, Dropped, Reason

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

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
    prepared = prepare(judged, meta) if model is not None else None
    keep, surety = _choose(judged, prepared, model)
    reasons = _drop_more(judged, meta, keep)
    dropped = _explain(judged, keep, surety, reasons)
    kept = [*np.flatnonzero(keep).tolist(), *range(len(judged.texts), count)]
    notes: tuple[Reason, ...] = ()
    if count > MAX_JUDGED:
        unjudged = f"{count - MAX_JUDGED} blocks after the first {MAX_JUDGED} were kept unjudged"
        notes = (Reason("blocks_unjudged", unjudged),)
    paragraphs, numbers = _paragraphs(page, kept)
    clean = CleanText(meta.title, tuple(paragraphs), dropped, notes, fragment=make_fragment(page, kept, numbers, url))
    if prepared is None:
        return clean
    kind = page_kind(judged, prepared, nodes, prepared.words[keep].sum())
    return replace(clean, page_kind=kind.name, page_kind_confidence=kind.confidence)


def _choose(page: Page, prepared: Prepared | None, model: BlockModel | None) -> tuple[Flags, Floats]:
    """Which blocks stay, and how sure that is of each, in [0, 1].

    A fragment (the body of a feed entry, an editor's field) has no page around it that a layout could be read from, and
    a page that the guard flattened has lost it: there the line model decides, and it keeps what it doubts.
    """
    if model is not None and prepared is not None:
        words = prepared.words
        probabilities = _even_out_tables(page, model.probabilities(prepared), words)
        keep = best_expected_f1(probabilities, words)
    else:
        texts = list(page.texts)
        known = [reason is not None for reason in known_furniture(texts)]
        measured = measure_lines(texts, list(range(len(texts))), known)
        words = measured.words
        probabilities = line_model().probabilities(measured)
        explained = np.array([reason is not None for reason in reasons_by_text(texts)])
        keep = choose_lines(probabilities, measured, explained)
    seen = keep & ~page.hidden
    # Hidden text goes unless it is all there is: a page may hide its article until a script has run.
    if words[seen].sum() >= 0.25 * words[keep].sum():
        keep = seen
    return keep, np.abs(2 * probabilities - 1)


def _even_out_tables(page: Page, probabilities: Floats, words: Floats) -> Floats:
    """One probability for all cells of a data table: half a row of results says nothing."""
    tables: dict[int, list[int]] = {}
    for k, holder in enumerate(page.holder):
        if page.tags[holder] in ("td", "th"):
            e = holder
            while e >= 0 and page.tags[e] != "table":
                e = page.parents[e]
            tables.setdefault(e, []).append(k)
    out = probabilities.copy()
    for cells in tables.values():
        if len(cells) >= 4 and words[cells].mean() <= 12:  # longer cells lay out a page rather than hold data
            out[cells] = (probabilities[cells] * words[cells]).sum() / words[cells].sum()
    return out


def _drop_more(page: Page, meta: Metadata, keep: Flags) -> dict[int, str]:
    """Take known prompts and the headline out of ``keep``; the reasons of those, by position."""
    kept = np.flatnonzero(keep).tolist()
    reasons: dict[int, str] = {}
    for k, reason in zip(kept, known_furniture([page.texts[k] for k in kept]), strict=True):
        if reason is not None:
            keep[k] = False
            reasons[k] = reason
    title = meta.title.casefold()
    begun = 0
    for k, text in enumerate(page.texts):
        begun += bool(keep[k]) and len(text) > 100
        if not title or begun >= 2:
            break
        if len(text) <= 2 * len(title) and collapse(text).casefold() == title:
            keep[k] = False
            reasons[k] = "title"
    return reasons


def _explain(page: Page, keep: Flags, surety: Floats, reasons: dict[int, str]) -> tuple[Dropped, ...]:
    """A Dropped for every block that goes. The headline is no loss: it is the title."""
    gone = [k for k in np.flatnonzero(~keep).tolist() if reasons.get(k) != "title"]
    said = reasons_by_text([page.texts[k] for k in gone])
    place = reasons_by_place(page)
    hidden = page.hidden.tolist()
    sure = surety.round(3).tolist()
    out = []
    for k, own in zip(gone, said, strict=True):
        known = reasons.get(k) or ("hidden" if hidden[k] else None)
        reason = known or own or place[page.holder[k]] or "boilerplate"
        out.append(Dropped(page.texts[k], reason, 1.0 if known else sure[k]))
    return tuple(out)


def _paragraphs(page: Page, kept: list[int]) -> tuple[list[str], list[int]]:
    """The text of the kept blocks, cells of a table row in one paragraph; and each block's paragraph."""
    paragraphs: list[str] = []
    numbers: list[int] = []
    last_row = -1
    for k in kept:
        element = page.holder[k]
        row = page.parents[element] if page.tags[element] in ("td", "th") else -1
        if row >= 0 and row == last_row:
            paragraphs[-1] = f"{paragraphs[-1]}\t{page.texts[k]}"
        else:
            paragraphs.append(page.texts[k])
        last_row = row
        numbers.append(len(paragraphs) - 1)
    return paragraphs, numbers
