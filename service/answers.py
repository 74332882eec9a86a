"""From the detector's verdict to the answer that explains it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from detector import CleanText, Entry, Match, Quality, Reason, Verdict
from service.hot_index import Found
from service.messages import (
    CleanedOut,
    DifferenceOut,
    DroppedOut,
    FillerOut,
    ItemOut,
    MatchOut,
    PassageOut,
    PubStatus,
    QualityOut,
    ReasonOut,
    TimingOut,
    VerdictOut,
)
from service.store import Status, StoredItem


def explain(verdict: Verdict, given: Mapping[str, Found], timing: TimingOut) -> VerdictOut:
    """``verdict`` as it is answered; ``given`` holds the items that it names."""
    return VerdictOut(
        id=verdict.item_id,
        action=verdict.action,
        reasons=_reasons(verdict.reasons),
        matches=[_match(match, given[match.of].entry, verdict.text.text) for match in verdict.matches],
        truncated=verdict.truncated,
        quality=_quality(verdict.quality),
        cleaned=_cleaned(verdict.text),
        policy=verdict.policy,
        models=verdict.models,
        sketch=verdict.sketch_header,
        text_digest=verdict.sketch_digest,
        timing_ms=timing,
    )


def stored(item: StoredItem, *, html: bool) -> ItemOut:
    """A stored item as it is answered, with its cleaned HTML when that is asked for."""
    verdict = VerdictOut.model_validate(item.answer | {"matches": item.matches})
    verdict.cleaned.html = item.html if html else None
    return ItemOut(
        id=item.id,
        status=item.status,
        received=item.received,
        published=item.published,
        title=item.title,
        url=item.url,
        source=item.source,
        section=item.section,
        language=item.language,
        verdict=verdict,
        uri=path_of(item.id),
        version=str(item.version),
        versioncreated=item.versioned,
        pubstatus=_PUBSTATUS[item.status],
        evolvedfrom=_evolved_from(item),
    )


def path_of(item_id: str) -> str:
    """The address of an item below the service's own."""
    return f"/v1/items/{quote(item_id, safe='')}"


_PUBSTATUS: dict[Status, PubStatus] = {
    "published": "usable",
    "held": "withheld",
    "rejected": "withheld",
    "retracted": "canceled",
}


def _evolved_from(item: StoredItem) -> str | None:
    """The earlier item that this one brings up to date, where it is surely one."""
    return next((path_of(match["id"]) for match in item.matches if match["kind"] == "update"), None)


def _reasons(reasons: Iterable[Reason]) -> list[ReasonOut]:
    return [ReasonOut(code=str(reason), text=reason.detail or str(reason).replace("_", " ")) for reason in reasons]


def _match(match: Match, other: Entry, text: str) -> MatchOut:
    return MatchOut(
        id=match.of,
        kind=match.kind,
        is_duplicate=match.is_duplicate,
        title=other.title,
        url=other.url,
        source=other.source,
        published=other.published,
        jaccard=match.jaccard,
        containment=match.containment,
        coverage=match.coverage,
        score=match.score,
        passages=[
            PassageOut(
                text=text[span.start : span.end],
                start=span.start,
                end=span.end,
                other_start=span.other_start,
                other_end=span.other_end,
            )
            for span in match.spans
        ],
        differs=[DifferenceOut(kind=d.kind, here=d.here, there=d.there) for d in match.differs],
    )


def _quality(quality: Quality) -> QualityOut:
    return QualityOut(
        score=quality.score,
        label=quality.label,
        language=quality.language,
        genre=quality.genre,
        reasons=_reasons(quality.reasons),
        sentences=len(quality.sentences),
        filler=[
            FillerOut(text=s.text, start=s.start, end=s.end, probability=s.filler, reason=s.reason)
            for s in quality.sentences
            if s.flagged
        ],
    )


def _cleaned(text: CleanText) -> CleanedOut:
    return CleanedOut(
        title=text.title,
        text=text.text,
        language=text.language,
        complete=text.complete,
        page_kind=text.page_kind,
        page_kind_confidence=text.page_kind_confidence,
        linked=list(text.linked),
        dropped=[DroppedOut(text=d.text, reason=str(d.reason), confidence=d.confidence) for d in text.dropped],
        notes=_reasons(text.notes),
    )
