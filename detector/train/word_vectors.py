"""Word vectors from unlabelled news: co-occurrence, positive pointwise mutual information, singular values.

Levy, Goldberg, Dagan 2015, "Improving Distributional Similarity with Lessons Learned from Word Embeddings":
context distribution smoothing of 0.75, the square root of the singular values, rows of unit length.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from detector.quality.tokens import fold, tokens_of, word_hash

SOURCES = ("news_human", "news_machine")
_VOCABULARY = 12_000
_CONTEXTS = 2_500
_MIN_DOCUMENTS = 12
_OFFSETS = (-2, -1, 1, 2)
_DIMENSIONS = 96
_SMOOTHING = 0.75


def no_vectors() -> dict[str, NDArray[Any]]:
    """What is stored when there is no unlabelled news to learn from."""
    return _arrays([], np.zeros((0, _DIMENSIONS)), np.zeros(0))


def learn_vectors(data: Path, seed: int) -> dict[str, NDArray[Any]]:
    """The arrays ``vector_words``, ``vector_table`` (int8) and ``vector_rarity`` from the news files of ``data``."""
    texts = [tokens_of(fold(text)) for name in SOURCES for text in _texts(data / "quality" / f"{name}.jsonl.gz")]
    counts = Counter(token for text in texts for token in text)
    documents = Counter(token for text in texts for token in set(text))
    frequent = [word for word, _ in counts.most_common() if documents[word] >= _MIN_DOCUMENTS][:_VOCABULARY]
    numbers = {word: number for number, word in enumerate(frequent)}
    gap = [-1] * len(_OFFSETS)
    stream = np.array([number for text in texts for number in [*(numbers.get(token, -1) for token in text), *gap]])
    left, values, _ = randomized_svd(_pmi(stream, len(frequent)), _DIMENSIONS, n_iter=4, random_state=seed)
    table = left * np.sqrt(values)
    table /= np.linalg.norm(table, axis=1, keepdims=True) + 1e-9
    rarity = np.log(len(texts) / np.array([documents[word] for word in frequent]))
    return _arrays(frequent, table, rarity)


def _texts(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line)["text"] for line in file]


def _pmi(stream: NDArray[Any], size: int) -> Any:
    """Positive pointwise mutual information of each word with the frequent words at each offset, sparse."""
    cells = sparse.csr_matrix((size, len(_OFFSETS) * _CONTEXTS))
    for block, offset in enumerate(_OFFSETS):
        word, context = (stream[:-offset], stream[offset:]) if offset > 0 else (stream[-offset:], stream[:offset])
        both = (word >= 0) & (context >= 0) & (context < _CONTEXTS)
        places = (word[both], context[both] + block * _CONTEXTS)
        cells += sparse.csr_matrix((np.ones(both.sum()), places), shape=cells.shape)
    cells = cells.tocoo()
    total = cells.data.sum()
    of_word = np.asarray(cells.sum(axis=1)).ravel()
    of_context = np.asarray(cells.sum(axis=0)).ravel() ** _SMOOTHING
    of_context *= total / of_context.sum()
    information = np.log(cells.data * total / (of_word[cells.row] * of_context[cells.col]))
    positive = information > 0
    return sparse.csr_matrix((information[positive], (cells.row[positive], cells.col[positive])), shape=cells.shape)


def _arrays(words: list[str], table: NDArray[Any], rarity: NDArray[Any]) -> dict[str, NDArray[Any]]:
    hashes = np.array([word_hash(word) for word in words], dtype=np.uint32)
    hashes, order = np.unique(hashes, return_index=True)  # of two words with one hash the more frequent stays
    return {
        "vector_words": hashes,
        "vector_table": np.rint(table[order] * 127).astype(np.int8),
        "vector_rarity": rarity[order].astype(np.float32),
    }
