"""JSON-LD: the schema.org objects that a page's scripts hold, in document order, bounded in number and depth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]

_MAX_NODES = 2000  # of a script that are looked at; a news page has some dozens
_MAX_DEPTH = 12


def read_nodes(bodies: tuple[str, ...]) -> tuple[Node, ...]:
    """Every object of the scripts, ``@graph`` and nested ones too; broken JSON holds none."""
    return tuple(node for body in bodies for node in _nodes(_parse(body)))


def types_of(node: Node) -> list[str]:
    """The node's types by their short names: ``NewsArticle`` for ``http://schema.org/NewsArticle``."""
    stated = node.get("@type")
    names = stated if isinstance(stated, list) else [stated]
    return [name.rsplit("/", 1)[-1] for name in names if isinstance(name, str)]


def is_article(node: Node) -> bool:
    """Whether one of the node's types ends in Article or BlogPosting."""
    stated = node.get("@type")
    if isinstance(stated, str):
        return stated.endswith(("Article", "BlogPosting"))
    return any(name.endswith(("Article", "BlogPosting")) for name in types_of(node))


def _parse(text: str) -> Any:
    """The value of a JSON-LD script, or None: a page's broken JSON is no concern of the cleaner's."""
    try:
        return json.loads(text.strip().rstrip(";"), strict=False)
    except (ValueError, RecursionError):
        return None


def _nodes(value: Any) -> Iterator[Node]:
    """Every object in ``value``, breadth first, up to a fixed number and depth."""
    queue: list[tuple[Any, int]] = [(value, 0)]
    for seen in range(_MAX_NODES):
        if seen >= len(queue):
            return
        current, depth = queue[seen]
        if depth > _MAX_DEPTH:
            continue
        if isinstance(current, dict):
            yield current
            queue.extend((child, depth + 1) for child in current.values() if isinstance(child, (dict, list)))
        elif isinstance(current, list):
            queue.extend((child, depth + 1) for child in current[:_MAX_NODES] if isinstance(child, (dict, list)))
