"""What those can and cannot do who know the code: copies in disguise, floods, theft, and decisions made to mislead.

    python benchmarks/evasion.py [--data DIR] [--stories 100] [--write]

Stories are our own (fixtures/archive.jsonl) and, with the data, news written by people. Each disguise is put on a copy
of every story, which is checked against all of the stories: ``rejected``, ``held`` and ``published`` are what became of
the copies, ``found`` the share for which the match with the true original was named. Exit status 1: a copy that reads
the same to a reader (homoglyphs, invisible characters, hidden text) is found in less than 95 of 100.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import tables
from detector import Detector, DetectorError, Item, assess
from detector import models as weights
from detector.quality.item import QualityModel
from detector.train.decisions import train_decisions

ROOT = Path(__file__).parents[1]
SEED = 20261125
FLOOR = 0.95
Disguise = Callable[[str, random.Random], str]
_LOOKALIKES = str.maketrans("aceopxyABEHKMOPTX", "асеорхуАВЕНКМОРТХ")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_SALAD = (
    "market", "weather", "council", "river", "bridge", "school", "player", "budget", "season",
    "village", "harbour", "minister", "engine", "garden", "evening", "report", "station", "picture",
    "window", "company", "summer", "winter", "doctor", "letter", "island",
)  # fmt: skip


def _page(text: str, more: str = "") -> str:
    paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
    return f"<html><body><article>{paragraphs}{more}</article></body></html>"


def _salad(rng: random.Random, words: int) -> str:
    return " ".join(rng.choice(_SALAD) for _ in range(words)).capitalize() + "."


def _hidden(element: str) -> Disguise:
    def disguise(text: str, rng: random.Random) -> str:
        salad = "".join(element % _salad(rng, 60) for _ in range(max(2, len(text.split()) // 40)))
        return _page(text, salad)

    return disguise


def _within_words(text: str, rng: random.Random) -> str:
    junk = "<span style='font-size:0'>%s</span>"
    return _page(
        re.sub(r"(?<=\w{3})(?=\w{3})", lambda _: junk % rng.choice(_SALAD) if rng.random() < 0.3 else "", text)
    )


def _sprinkled(text: str, rng: random.Random) -> str:
    return "".join(c + (rng.choice(_INVISIBLE) if c.isalpha() and rng.random() < 0.4 else "") for c in text)


def _padded(times: float) -> Disguise:
    return lambda text, rng: f"{text}\n\n{_salad(rng, int(times * len(text.split())))}"


def _shuffled(text: str, rng: random.Random) -> str:
    sentences = re.split(r"(?<=[.!?])\s+", text)
    return " ".join(rng.sample(sentences, len(sentences)))


def _edited(share: float) -> Disguise:
    def disguise(text: str, rng: random.Random) -> str:
        swapped = (rng.choice(_SALAD) if w.islower() and rng.random() < share else w for w in text.split(" "))
        return " ".join(swapped)

    return disguise


# Name, what is done, and whether a reader sees the same text as before.
DISGUISES: dict[str, tuple[Disguise, bool]] = {
    "none": (lambda text, _: text, True),
    "homoglyphs for every letter that has one": (lambda text, _: text.translate(_LOOKALIKES), True),
    "invisible characters after 4 letters in 10": (_sprinkled, True),
    "hidden salad: display:none": (_hidden("<p style='display:none'>%s</p>"), True),
    "hidden salad: off the screen": (_hidden("<p style='position:absolute;left:-9999px'>%s</p>"), True),
    "hidden salad: no size": (_hidden("<p style='font-size:0'>%s</p>"), True),
    "hidden salad: white on white": (_hidden("<p style='color:#fff;background:#fff'>%s</p>"), True),
    "hidden salad: hidden": (_hidden("<p hidden>%s</p>"), True),
    "hidden salad: aria-hidden": (_hidden("<p aria-hidden=true>%s</p>"), True),
    "hidden salad: template": (_hidden("<template><p>%s</p></template>"), True),
    "hidden salad: noscript": (_hidden("<noscript><p>%s</p></noscript>"), True),
    "hidden letters within words": (_within_words, True),
    "salad that is seen, as long as the story": (_padded(1), False),
    "salad that is seen, three times as long": (_padded(3), False),
    "sentences in another order": (_shuffled, False),
    "1 word in 10 another": (_edited(0.1), False),
    "2 words in 10 others": (_edited(0.2), False),
    "3 words in 10 others": (_edited(0.3), False),
}


def stories_of(data: Path | None, count: int) -> list[str]:
    """Our own stories, and people's; at least 80 words each."""
    own = [json.loads(line)["body"] for line in (ROOT / "fixtures" / "archive.jsonl").read_text().splitlines()]
    found = [re.sub(r"<[^>]*>", " ", body) if "<p>" in body else body for body in own]
    if data:
        with gzip.open(data / "quality" / "news_human.jsonl.gz", "rt") as lines:
            found += [json.loads(line)["text"] for line in lines]
    long = sorted({text.strip() for text in found if 80 <= len(text.split()) <= 800})
    return random.Random(SEED).sample(long, min(count, len(long)))


def disguises(stories: Sequence[str]) -> tuple[list[list[str]], bool]:
    """A row for each disguise, and whether those that a reader does not see were found."""
    detector = Detector()
    kept = {
        f"original-{n}"
        for n, text in enumerate(stories)
        if detector.admit(Item(f"original-{n}", text)).action != "reject"
    }
    rows, held = [], True
    for name, (disguise, same) in DISGUISES.items():
        actions: Counter[str] = Counter()
        found = 0
        for n, text in enumerate(stories):
            if f"original-{n}" not in kept:
                continue  # filler or a copy itself, which makes nothing a duplicate
            verdict = detector.check(Item("copy", disguise(text, random.Random(n))))
            actions[verdict.action] += 1
            found += any(match.of == f"original-{n}" for match in verdict.matches)
        held &= not same or found >= FLOOR * len(kept)
        shares = [f"{actions[action] / len(kept):.0%}" for action in ("reject", "review", "publish")]
        rows.append([name, *shares, f"{found / len(kept):.0%}"])
        print(" | ".join(rows[-1]), flush=True)
    return rows, held


def floods(stories: Sequence[str]) -> list[list[str]]:
    """A flood of near copies before a copy, and a source that copies everything, after the others and before them."""
    some = stories[:30]
    rng = random.Random(SEED)
    flooded = Detector()
    for n, text in enumerate(some):
        flooded.admit(Item(f"original-{n}", text))
    for n in range(600):
        start = " ".join(some[0].split()[:25])
        flooded.admit(Item(f"flood-{n}", f"{start} {_salad(rng, 40)} {_salad(rng, 40)}", source="flood"))
    copies = [flooded.check(Item("copy", text)) for text in some]
    hit = sum(any(match.of == f"original-{n}" for match in verdict.matches) for n, verdict in enumerate(copies))
    rows = [
        [
            "600 items that begin as one story does, then copies of 30",
            f"{hit} of 30 found",
            f"{sum(v.truncated for v in copies)} looks cut",
        ]
    ]
    thefts = {"a source copies everything after it was printed": False, "a source has everything first": True}
    for name, thief_first in thefts.items():
        detector = Detector()
        order = ("thief", "paper") if thief_first else ("paper", "thief")
        verdicts: dict[str, list[str]] = {source: [] for source in order}
        for source in order:
            for n, text in enumerate(some):
                verdicts[source].append(detector.admit(Item(f"{source}-{n}", text, source=source)).action)
        rows.append([name, *(f"{s}: {Counter(verdicts[s])['reject']} of 30 rejected" for s in ("paper", "thief"))])
    return rows


def poisoning(stories: Sequence[str]) -> list[list[str]]:
    """Decisions of a newsroom of which some are made to have genuine news rejected; what becomes of other news."""
    half = len(stories) // 2
    taught, others = stories[:half], stories[half:]
    rows = []
    for share in (0.0, 0.05, 0.2, 0.5):
        rng = random.Random(SEED)
        decisions = [{"text": text, "decision": "reject" if rng.random() < share else "publish"} for text in taught]
        decisions += [{"text": f"{_FILLER} {_salad(rng, 30)}", "decision": "reject"} for _ in range(60)]
        with tempfile.TemporaryDirectory() as folder:
            path, out = Path(folder, "decisions.jsonl"), Path(folder, "quality.npz")
            path.write_text("".join(json.dumps(one) + "\n" for one in decisions))
            try:
                train_decisions(path, out)
            except DetectorError as error:
                rows.append([f"{share:.0%}", "–", "–", str(error)[:80]])
                continue
            model = QualityModel.from_arrays(weights.load(out).arrays)
            before = [assess(text).score for text in others]
            after = [model.assess(text).score for text in others]
        rejected = [f"{sum(score >= 0.5 for score in scores) / len(others):.1%}" for scores in (before, after)]
        rows.append([f"{share:.0%}", *rejected, "written"])
    return rows


_FILLER = (
    "Experts say that this could be a turning point. Only time will tell what it means. Many people believe that"
    " change is coming. It remains to be seen how things develop. In today's fast-moving world nothing stands still."
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="the folder described in docs/training.md")
    parser.add_argument("--stories", type=int, default=100)
    parser.add_argument("--write", action="store_true", help="write the tables to benchmarks/results/evasion.md")
    options = parser.parse_args()
    stories = stories_of(options.data, options.stories)
    rows, held = disguises(stories)
    header = ["disguise of a copy", "rejected", "held", "published", "found"]
    parts = [f"{len(stories)} stories.\n", tables.table(header, rows)]
    parts += ["", tables.table(["flood or theft", "", ""], floods(stories))]
    header = ["decisions that reject genuine news", "other news at a score of .5, before", "after", "training"]
    parts += ["", tables.table(header, poisoning(stories))]
    print("\n".join(parts))
    if options.write:
        tables.write("\n".join(parts), "evasion.md", "Evasion and poisoning", "evasion --data DIR")
    return int(not held)


if __name__ == "__main__":
    sys.exit(main())
