"""The quality stage beside what is usually taken for it, on labelled documents that none of the learned ones saw.

    python -m benchmarks.quality_peers DATA [--write]

copytaster and the TF-IDF baseline are out-of-fold by document, the detector of machine writing has not seen the
labelled texts. A peer that is not installed (``pip install 'copytaster[bench]'``) is named and left out. Gopher's and
FineWeb's rules are written out here from their papers, for datatrove brings half of a training cluster with it.
Brackets: 95% of bootstrap samples of documents.
"""

from __future__ import annotations

import gzip
import json
import platform
import re
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from benchmarks.quality import Held, hold_out
from detector.train.labelled import LabelledDocument
from detector.train.quality import FOLDS, SEED
from detector.train.scores import SENTENCE_SCORES, Sentences, interval, sentences_of
from detector.train.stages import fold_numbers

RESULTS = Path(__file__).parent / "results" / "quality.md"
_SETS = {"the data's first labels": ("first",), "later labels, human and machine": ("human", "machine")}
_ROUNDS = 1_000
_STOP_WORDS = frozenset(["the", "be", "to", "of", "and", "that", "have", "with"])

Documents = Sequence[LabelledDocument]


def report(data: Path) -> str:
    """The two tables, sentences and documents, in Markdown."""
    held = hold_out(data)
    sentences = {"copytaster": np.concatenate([judged.filler for judged in held.judged])}
    sentences["TF-IDF and counts of specifics"] = tfidf_sentences(held.documents)
    documents: dict[str, tuple[Any, Any, Any]] = {"copytaster": copytaster(held)}
    documents["TF-IDF and counts of specifics"] = by_mean(held.documents, sentences["TF-IDF and counts of specifics"])
    documents["detector of machine writing (TF-IDF)"] = machine_writing(data, held.documents)
    documents["Gopher's rules"] = by_rule(held.documents, gopher)
    documents["FineWeb's rules"] = by_rule(held.documents, fineweb)
    missing = []
    for name, add in (("defluff", _add_defluff), ("textstat", _add_textstat)):
        try:
            add(import_module(name), held.documents, sentences, documents)
        except ImportError:
            missing.append(name)
    tables = [_sentence_table(held, sentences), _document_table(held, documents)]
    note = f"\n\nNot installed and left out: {', '.join(missing)}." if missing else ""
    return "\n\n".join(tables) + note


def copytaster(held: Held) -> tuple[Any, Any, Any]:
    """Score, rejected, held or rejected."""
    labels = np.array(held.labels)
    return np.array(held.scores), labels == "reject", np.isin(labels, ("reject", "review"))


def by_mean(documents: Documents, filler: Any) -> tuple[Any, Any, Any]:
    """A document by the mean over its sentences; rejected from 0.5 on."""
    edges = np.cumsum([0, *(len(document.labels) for document in documents)])
    mean = np.array([filler[a:b].mean() for a, b in pairwise(edges.tolist())])
    return mean, mean >= 0.5, mean >= 0.5


def by_rule(documents: Documents, keeps: Callable[[str], bool]) -> tuple[Any, Any, Any]:
    """A filter keeps a document or does not."""
    dropped = np.array([not keeps(document.text) for document in documents])
    return dropped.astype(float), dropped, dropped


def gopher(text: str) -> bool:
    """The document rules of Rae et al. 2021 (Gopher), appendix A1.1."""
    words, lines = text.split(), [line for line in text.splitlines() if line.strip()]
    size = max(len(words), 1)
    letters = sum(map(len, words)) / size
    symbols = max(text.count("#"), text.count("...") + text.count("…")) / size
    bullets = sum(line.lstrip().startswith(("•", "-")) for line in lines) / max(len(lines), 1)
    ellipses = sum(line.rstrip().endswith(("...", "…")) for line in lines) / max(len(lines), 1)
    alphabetic = sum(any(character.isalpha() for character in word) for word in words) / size
    return (
        50 <= len(words) <= 100_000
        and 3 <= letters <= 10
        and symbols <= 0.1
        and bullets <= 0.9
        and ellipses <= 0.3
        and alphabetic >= 0.8
        and len(_STOP_WORDS & {word.lower() for word in words}) >= 2
    )


def fineweb(text: str) -> bool:
    """The rules that FineWeb adds (Penedo et al. 2024, section 3.6)."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return False
    ends = sum(line.rstrip().endswith((".", "?", "!", '"', "”", "'")) for line in lines) / len(lines)
    short = sum(len(line) <= 30 for line in lines) / len(lines)
    repeated = sum(len(line) for line in lines) - sum(len(line) for line in set(lines))
    return (
        ends >= 0.12
        and short <= 0.67
        and repeated / max(len(text), 1) <= 0.01
        and text.count("\n") / max(len(text.split()), 1) <= 0.3
    )


def tfidf_sentences(documents: Documents) -> Any:
    """Out-of-fold probability of filler from words, word pairs and counts of capitals, figures and quotations."""
    texts = [document.text[a:b] for document in documents for a, b in document.spans]
    label = np.array([label for document in documents for label in document.labels])
    number = np.repeat(np.arange(len(documents)), [len(document.labels) for document in documents])
    counts = np.array(
        [[len(re.findall(pattern, text)) for pattern in (r"(?<=\w )[A-Z]", r"\d+", r'["“”]', r"\w+")] for text in texts]
    )
    found = np.zeros(len(texts))
    for fold in fold_numbers(len(documents), FOLDS, SEED):
        test = np.isin(number, fold)
        train = ~test & np.isin(label, ("filler", "informative"))
        words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        words.fit([text for text, chosen in zip(texts, train, strict=True) if chosen])
        table = sparse.hstack([words.transform(texts), np.log1p(counts)]).tocsr()
        model = LogisticRegression(C=2.0, max_iter=2_000).fit(table[train], label[train] == "filler")
        found[test] = model.predict_proba(table[test])[:, 1]
    return found


def machine_writing(data: Path, documents: Documents) -> tuple[Any, Any, Any]:
    """The usual baseline of a detector: TF-IDF, human against machine, without the labelled texts."""
    known = {document.text[:80] for document in documents}
    texts, target = [], []
    for machine, name in enumerate(("news_human", "news_machine")):
        with gzip.open(data / "quality" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            rows = [text for line in file if (text := json.loads(line)["text"])[:80] not in known]
        texts += rows
        target += [machine] * len(rows)
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=5, sublinear_tf=True, max_features=100_000)
    model = LogisticRegression(C=10.0, max_iter=1_000).fit(words.fit_transform(texts), target)
    chance = model.predict_proba(words.transform([document.text for document in documents]))[:, 1]
    return chance, chance >= 0.5, chance >= 0.5


def _add_defluff(defluff: Any, documents: Documents, sentences: dict[str, Any], items: dict[str, Any]) -> None:
    name = f"phrase list (defluff {version('defluff')})"
    texts = [document.text[a:b] for document in documents for a, b in document.spans]
    sentences[name] = np.array([float(len(defluff.detect(text).spans) > 0) for text in texts])
    score = np.array([defluff.score(document.text) for document in documents])
    slop = np.array([defluff.is_slop(document.text) for document in documents])
    items[name] = (score, slop, slop)


def _add_textstat(textstat: Any, documents: Documents, sentences: dict[str, Any], items: dict[str, Any]) -> None:
    del sentences
    grade = np.array([textstat.automated_readability_index(document.text) for document in documents])
    items[f"readability (textstat {version('textstat')}, ARI from 14)"] = (grade, grade >= 14, grade >= 14)


def _sentence_table(held: Held, systems: dict[str, Any]) -> str:
    head = ["average precision", "F1 at 0.5", "best F1", "informative flagged", "restatements found"]
    lines = [f"| documents | system | {' | '.join(head)} |", "|---|---|---|---|---|---|---|"]
    everything = sentences_of(held.documents, held.judged)
    for title, kinds in _SETS.items():
        chosen = np.isin([held.documents[number].kind for number in everything.document], kinds)
        for name, filler in systems.items():
            part = Sentences(
                filler, everything.furniture, everything.label, everything.reason, everything.published,
                everything.document,
            ).take(np.flatnonzero(chosen))  # fmt: skip
            cells = [_cell(score(part), interval(score, part)) for score in SENTENCE_SCORES.values()]
            lines.append(f"| {title} | {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _document_table(held: Held, systems: dict[str, Any]) -> str:
    head = ["ROC-AUC publish against reject", "publishable rejected", "rejects caught"]
    lines = [f"| documents | system | {' | '.join(head)} |", "|---|---|---|---|---|"]
    verdict = np.array([document.verdict for document in held.documents])
    kind = np.array([document.kind for document in held.documents])
    for title, kinds in _SETS.items():
        rows = np.flatnonzero(np.isin(kind, kinds))
        for name, (score, rejected, caught) in systems.items():
            figures = [
                _drawn(rows, lambda drawn, score=score: _auc(verdict[drawn], score[drawn])),
                _drawn(rows, lambda drawn, cut=rejected: _mean(cut[drawn][verdict[drawn] == "publish"])),
                _drawn(rows, lambda drawn, cut=caught: _mean(cut[drawn][verdict[drawn] == "reject"])),
            ]
            lines.append(f"| {title} | {name} | {' | '.join(figures)} |")
    return "\n".join(lines)


def _auc(verdict: Any, score: Any) -> float:
    ends = verdict != "review"
    rejected = verdict[ends] == "reject"
    return float(roc_auc_score(rejected, score[ends])) if rejected.any() and not rejected.all() else float("nan")


def _mean(values: Any) -> float:
    return float(values.mean()) if values.size else float("nan")


def _drawn(rows: Any, score: Callable[[Any], float]) -> str:
    random = np.random.default_rng(SEED)
    found = [score(rows[random.integers(0, rows.size, rows.size)]) for _ in range(_ROUNDS)]
    low, high = np.nanpercentile(found, (2.5, 97.5)).tolist()
    return _cell(score(rows), (low, high))


def _cell(value: float, bounds: tuple[float, float]) -> str:
    return f"{value:.3f} [{bounds[0]:.3f}, {bounds[1]:.3f}]"


def write(table: str) -> None:
    """Keep the tables in benchmarks/results."""
    machine = f"Python {platform.python_version()}, numpy {version('numpy')}, scikit-learn {version('scikit-learn')}"
    about = (__doc__ or "").split("\n\n")[2].replace("``", "`")
    RESULTS.write_text(
        f"# Quality beside other measures\n\nWritten by `python -m benchmarks.quality_peers DATA --write`; {machine}, "
        f"seed {SEED}.\n\n{about}\n\n{table}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    found = report(Path(sys.argv[1]))
    print(found)
    if "--write" in sys.argv:
        write(found)
