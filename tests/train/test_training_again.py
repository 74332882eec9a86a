"""Each command that trains a model runs from data to weights that load, and gives the same bytes again."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")

from detector import models  # scikit-learn is an extra
from detector.clean.content import BlockModel
from detector.clean.kind import KindModel
from detector.clean.lines import LineModel
from detector.dedup.kinship import DERIVED, SAME_EVENT
from detector.quality.item import QualityModel
from detector.train import block_model, line_model
from detector.train.cleaner import train_cleaner
from detector.train.duplicates import train_duplicates
from detector.train.quality import train_quality
from detector.train.unicode_table import write_unicode_table

SYLLABLES = [a + b for a in "bdfgklmnprstv" for b in "aeiou"]
SEEDS = Path(__file__).parents[2] / "seeds"
PADDED = (
    "Many observers believe that this development is of great importance. It remains to be seen what the future holds. "
    "Experts agree that the situation is complex and that much depends on it.\n\nOnly time will tell how things turn "
    "out. One thing is certain: nothing will ever be the same again. The implications are far-reaching. "
    "As the world watches, questions remain about what comes next, and stakeholders will pay close attention."
)
DENSE = (
    "The council of Aldwick voted 7 to 2 on Monday to close the swing bridge for 9 days. Its bearings, made "
    "in 1931, cost 81,000 crowns, said the harbour master, Ida Moss.\n\nThe ferry Marigold will carry walkers every 20 "
    "minutes from 6 am. Lorries above 12 tonnes must go by Ellory, 14 km upstream, where Tom Reed counted 340."
)
KINDS = ("forum", "product", "listing", "collection", "documentation", "service")


def _words(chance: random.Random, count: int) -> list[str]:
    return ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(count)]


THINGS = [
    "bridge",
    "harbour",
    "school",
    "road",
    "ferry",
    "market",
    "tower",
    "library",
    "bakery",
    "sluice",
    "station",
    "hall",
    "orchard",
    "mill",
]


def _sentence(chance: random.Random) -> str:
    one, other, name = chance.choice(THINGS), chance.choice(THINGS), chance.choice(("Moss", "Reed", "Bly", "Hall"))
    return chance.choice((
        f"The council voted {chance.randint(5, 9)} to {chance.randint(1, 4)} to close the {one} near the {other}.",
        f"It will cost {chance.randint(100, 9_000)} crowns to repair the {one}, said its keeper, Ida {name}.",
        f"Those who live beside the {one} have asked for a new {other} since 19{chance.randint(10, 99)}.",
        f"Work on the {one} is to begin on the {chance.randint(2, 28)}th, when the {other} is empty.",
    ))  # fmt: skip


def _paragraph(chance: random.Random) -> str:
    return " ".join(_sentence(chance) for _ in range(3))


def _page(number: int, kind: str) -> dict[str, Any]:
    """A page of one of thirteen sites, whose furniture is easily told from what it says."""
    chance = random.Random(f"{kind} {number}")
    links = "".join(f"<li><a href=/{word}>{word.title()}</a></li>" for word in _words(chance, 8))
    kept = [_paragraph(chance) for _ in range(7 if kind == "article" else 2)]
    body = "".join(f"<p>{text}</p>" for text in kept)
    around = (
        f"<nav><ul>{links}</ul></nav>",
        f"<aside><p>Subscribe to our newsletter</p></aside><footer>{links}</footer>",
    )
    url = f"https://site{number % 13}.example/{kind}/{number}"
    inside = f"{around[0]}<main class={kind}>{body}</main>{around[1]}"
    html = f"<html><head><title>Page</title></head><body>{inside}</body></html>"
    return {"id": f"{kind}-{number}", "url": url, "page_type": kind, "html": html, "main_content": "\n".join(kept)}


def _write(file: Path, rows: Iterable[dict[str, Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    _write(folder / "pages" / "articles.jsonl.gz", (_page(number, "article") for number in range(18)))
    others = (_page(number, KINDS[number % len(KINDS)]) for number in range(18))
    _write(folder / "pages" / "other_pages.jsonl.gz", others)
    return folder


@pytest.fixture
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is learned here is easy: a few trees do."""
    for module in (block_model, line_model):
        monkeypatch.setattr(module, "_TREES", module._TREES | {"max_iter": 6})


@pytest.mark.usefixtures("few_trees")
def test_the_cleaner_is_learned_from_reviewed_pages(data: Path, tmp_path: Path) -> None:
    scores = train_cleaner(data, tmp_path)
    assert scores["articles_word_f1"] > 0.9, "sites that were not seen"
    assert scores["flattened_word_f1"] > 0.9
    blocks, lines = models.load(tmp_path / "cleaner.npz"), models.load(tmp_path / "lines.npz")
    assert blocks.provenance["learned_from"].startswith("36 pages")
    assert blocks.provenance["held_out"]["kind_right"] == round(scores["kind_right"], 4)
    assert lines.provenance["held_out"] == {"flattened_word_f1": round(scores["flattened_word_f1"], 4)}
    assert set(KindModel.from_weights(blocks).names) == {"article", *KINDS}
    assert BlockModel.from_weights(blocks) is not None
    assert LineModel.from_weights(lines) is not None


@pytest.mark.usefixtures("few_trees")
def test_the_same_pages_give_the_same_lines_model_again(data: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        train_cleaner(data, tmp_path / name, ["lines"])
        assert not (tmp_path / name / "cleaner.npz").exists(), "only what was asked for"
    assert (tmp_path / "one" / "lines.npz").read_bytes() == (tmp_path / "two" / "lines.npz").read_bytes()


def _told(chance: random.Random, names: list[str], common: list[str], phrases: list[str]) -> str:
    """A text of an event: most of its names, each twice, among other words, and a phrase that other events have too."""
    words = (
        chance.choices(common, k=70)
        + 2 * chance.sample(names, k=chance.randint(8, len(names)))
        + [chance.choice(phrases)]
    )
    chance.shuffle(words)
    return " ".join(words)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, chance = tmp_path_factory.mktemp("pairs"), random.Random(5)
    common = _words(chance, 250)
    phrases = [" ".join(_words(chance, 7)) for _ in range(12)]
    for name in ("counter_ur", "spotsigs_dev"):
        docs = []
        for number in range(24):
            names = [word.title() for word in _words(chance, 10)] + [str(chance.randint(100, 99_999)) for _ in "abc"]
            texts = [_told(chance, names, common, phrases) for _ in range(3)]
            docs += [
                {"id": f"{number:02}-{which}", "title": "", "text": text, "cluster": number}
                for which, text in enumerate(texts)
            ]
        _write(folder / "pairs" / f"{name}.docs.jsonl.gz", docs)
    labels = ({"b": f"{n:02}-1", "a": f"{n:02}-0", "label": ("different", "partly")[n % 2]} for n in range(24))
    _write(folder / "pairs" / "counter_ur.pairs.jsonl.gz", labels)
    return folder


def test_kinship_is_learned_from_pairs_that_are_not_matched(pairs: Path, tmp_path: Path) -> None:
    scores = train_duplicates(pairs, tmp_path / "one.npz")
    assert scores["same_event_auc_cv_urdu"] > 0.8
    assert scores["same_event_auc_english_from_urdu"] > 0.8
    weights = models.load(tmp_path / "one.npz")
    assert weights.arrays["same_event"].shape == (len(SAME_EVENT) + 1,)
    assert weights.arrays["derived"].shape == (len(DERIVED) + 1,)
    assert weights.provenance["held_out"] == scores
    train_duplicates(pairs, tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As much as a model learns anything from: news, headlines, and two labelled texts."""
    folder, chance = tmp_path_factory.mktemp("news"), random.Random(11)
    for name in ("news_human", "news_machine"):
        texts = ["\n\n".join(_paragraph(chance) for _ in range(4)) for _ in range(40)]
        rows = ({"id": f"{name}-{n}", "source": "made up", "title": "", "text": text} for n, text in enumerate(texts))
        _write(folder / "quality" / f"{name}.jsonl.gz", rows)
    titles = [
        ("clickbait", f"{n} Things About a {thing.title()} You Will Not Believe") for n, thing in enumerate(THINGS)
    ]
    titles += [("news", f"{thing.title()} closes after flood") for thing in THINGS]
    headlines = [{"id": f"h-{n}", "text": text, "label": label} for n, (label, text) in enumerate(titles)]
    _write(folder / "quality" / "headlines_clickbait.jsonl.gz", headlines)
    padded = "Observers say that this matters to everybody. Only time will tell what it means."
    documents, sentences = [], []
    for name, verdict, text in (("one", "publish", _paragraph(chance)), ("two", "reject", padded)):
        documents.append({"doc_id": name, "source": "made up", "label": verdict, "text": text})
        label = {"label": "informative", "reason": None} if verdict == "publish" else _FILLER
        sentences += [{"doc_id": name, "text": part, **label} for part in re.findall(r"[^.]+\.", text)]
    for name, found in (("documents", documents), ("sentences", sentences)):
        lines = "".join(json.dumps(row) + "\n" for row in found)
        (folder / "quality" / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    return folder


_FILLER = {"label": "filler", "reason": "vague-attribution"}


def test_quality_is_learned_from_labels_and_unlabelled_news(news: Path, tmp_path: Path) -> None:
    scores = train_quality(news, SEEDS, tmp_path / "quality.npz")
    assert scores["genuine_news_in_curve"] == 40
    assert scores["foreign_documents_missing"] > 0, "labels whose texts are elsewhere are counted, and no error"
    weights = models.load(tmp_path / "quality.npz")
    assert weights.provenance["learned_from"]["unlabelled news"] == "news_human, news_machine"
    assert weights.provenance["learned_from"]["quality/documents.jsonl"] == 2
    assert weights.arrays["vector_words"].size > 50
    genuine, padded = (QualityModel.from_arrays(weights.arrays).assess(text).score for text in (DENSE, PADDED))
    assert genuine < 0.5 < padded


def test_the_table_of_letters_is_the_one_that_came_with_the_package(tmp_path: Path) -> None:
    write_unicode_table(tmp_path / "unicode.npz")
    made, shipped = models.load(tmp_path / "unicode.npz"), models.shipped("unicode")
    assert made.arrays.keys() == shipped.arrays.keys()
    if made.provenance["unicode"] == shipped.provenance["unicode"]:  # another Python may know more letters
        for name in made.arrays:
            np.testing.assert_array_equal(made.arrays[name], shipped.arrays[name])
