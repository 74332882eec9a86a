"""The two items that the project was made for: furniture off, text whole, padding flagged."""

from __future__ import annotations

from pathlib import Path

from detector import Detector, Item, clean_text

_FURNITURE = 8  # lines that the page wrapped around the second item, its neighbours' headlines among them


def measure(data: Path, *, quick: bool) -> dict[str, float]:
    """Shares in [0, 1]; 1 is right, but for ``published``, where 0 is. There is no quicker way."""
    del quick
    plain, wrapped = (path.read_text(encoding="utf-8") for path in sorted((data.parent / "seeds").glob("*.txt")))
    cleaned = clean_text(wrapped)
    wrapped_lines = [line.strip() for line in wrapped.splitlines() if line.strip()]
    title, paragraphs = wrapped_lines[0], [line for line in wrapped_lines if len(line) > 200]
    dropped = [line for piece in cleaned.dropped for line in piece.text.splitlines() if line.strip()]
    plain_lines = [line.strip() for line in plain.splitlines() if line.strip()]
    kept_plain = clean_text(plain)
    return {
        "seed_wrapped_title_kept": float(cleaned.title == title or title in cleaned.paragraphs),
        "seed_wrapped_paragraphs_whole": sum(p in cleaned.paragraphs for p in paragraphs) / len(paragraphs),
        "seed_wrapped_furniture_dropped": len(dropped) / _FURNITURE,
        "seed_plain_kept": sum(line in kept_plain.paragraphs for line in plain_lines) / len(plain_lines),
        **_verdicts({"plain": plain, "wrapped": wrapped}),
    }


def _verdicts(bodies: dict[str, str]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for name, body in bodies.items():
        verdict = Detector().check(Item(name, body, "text/plain"))
        sentences = verdict.quality.sentences
        flagged = [sentence for sentence in sentences if sentence.flagged]
        figures[f"seed_{name}_published"] = float(verdict.action == "publish")
        figures[f"seed_{name}_flagged"] = len(flagged) / len(sentences)
        figures[f"seed_{name}_flagged_with_reason"] = sum(s.reason is not None for s in flagged) / max(1, len(flagged))
    return figures
