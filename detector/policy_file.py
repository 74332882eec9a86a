"""``policy.toml``: what a newsroom wants done, written down; read into a Policy, or refused with what to do.

A threshold stands at the top, and in a ``[[rules]]`` table beside the source, section or language that it is for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from detector.errors import InvalidItemError, PolicyError
from detector.policy import Policy, Rule

_RULE_ONLY_TOP = ("keep", "source_rank")  # they order an archive, which is one order for all of its items


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a setting may hold, for people and for the check."""

    name: str
    types: tuple[type, ...]


_NUMBER = _Kind("a number", (int, float))
_WHOLE = _Kind("a whole number", (int,))
_WORD = _Kind("a string", (str,))
_WORDS = _Kind("a list of strings", (list,))
_CRITERIA = dict.fromkeys(("source", "section", "language"), _WORD)
_OTHER_KINDS = {"short_tokens": _WHOLE, "candidates": _WHOLE, "keep": _WORD, "source_rank": _WORDS}
_SETTINGS = {f.name: _OTHER_KINDS.get(f.name, _NUMBER) for f in fields(Policy) if f.init and f.name != "rules"}
_CHANGES = {name: kind for name, kind in _SETTINGS.items() if name not in _RULE_ONLY_TOP}


def read_policy(file: Path) -> Policy:
    """The policy in a TOML file. Raises PolicyError, which names the file, the key, its value and what to do."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{file} cannot be read as UTF-8 text: {error}") from error
    try:
        return parse_policy(text)
    except PolicyError as error:
        raise PolicyError(f"{file}: {error}") from error


def parse_policy(text: str) -> Policy:
    """The policy that a TOML document describes; an empty one describes the default.

    >>> parse_policy('duplicate_score = 0.9').duplicate_score
    0.9
    >>> parse_policy('duplicat_score = 0.9')
    Traceback (most recent call last):
    detector.errors.PolicyError: 'duplicat_score' is no setting of a policy; did you mean 'duplicate_score'?
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"this is not TOML: {error}") from error
    given = document.pop("rules", [])
    if not isinstance(given, list) or not all(isinstance(rule, dict) for rule in given):
        raise PolicyError("'rules' must be tables of their own; begin each with a line [[rules]]")
    settings = _checked(document, _SETTINGS, "")
    rules = tuple(_rule(rule, number) for number, rule in enumerate(given, 1))
    try:
        return Policy(**settings, rules=rules)
    except InvalidItemError as error:
        raise PolicyError(str(error)) from error


def _rule(given: dict[str, Any], number: int) -> Rule:
    where = f"rules[{number}]."
    criteria = _checked({name: given.pop(name) for name in _CRITERIA if name in given}, _CRITERIA, where)
    changes = _checked(given, _CHANGES, where)
    if not criteria:
        raise PolicyError(f"{where[:-1]} names no source, section or language; set what is for all items at the top")
    if not changes:
        raise PolicyError(f"{where[:-1]} changes nothing; give it a setting ({', '.join(_CHANGES)})")
    return Rule(changes, **criteria)


def _checked(given: Mapping[str, Any], known: Mapping[str, _Kind], where: str) -> dict[str, Any]:
    """The settings, each of a kind that its name allows."""
    return {name: _value(name, value, known, where) for name, value in given.items()}


def _value(name: str, value: Any, known: Mapping[str, _Kind], where: str) -> Any:
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}"
        if where and name in _RULE_ONLY_TOP:
            hint = "it orders a whole archive, so set it at the top"
        raise PolicyError(f"{where + name!r} is no setting of a {'rule' if where else 'policy'}; {hint}")
    kind = known[name]
    # bool is an int in Python; true is no number here.
    fits = isinstance(value, kind.types) and not isinstance(value, bool)
    if not fits or (kind is _WORDS and not all(isinstance(word, str) for word in value)):
        raise PolicyError(f"{where + name!r} is {value!r}; it must be {kind.name}")
    return tuple(value) if kind is _WORDS else value
