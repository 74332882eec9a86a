"""An archive written by a seed: stories, their copies and cuts, updates, furniture, rows that are no items."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

_PLACES = [
    "Scart",
    "Ellory",
    "Wexcombe",
    "Aldwick",
    "Tarn",
    "Brockholt",
    "Penmoor",
    "Harle",
    "Quay",
    "Dunwater",
    "Osmere",
    "Lydden",
]
_PEOPLE = ["Reed", "Penn", "Carrow", "Voss", "Amari", "Lund", "Okafor", "Bryce", "Sato", "Hale", "Nevin", "Toll"]
_THINGS = [
    "ferry",
    "bridge",
    "school",
    "harbour",
    "library",
    "quarry",
    "tram",
    "mill",
    "clinic",
    "reservoir",
    "market",
    "lighthouse",
]
_VERBS = [
    "reopen",
    "close",
    "expand",
    "sell",
    "rebuild",
    "inspect",
    "lease",
    "survey",
    "repaint",
    "reroute",
    "insure",
    "relocate",
]
_FOOTER = "{source} is printed on paper from the Ellory mill and owned by its readers."


_STORY = (
    "{place} council voted {n} to {n} on {place} day to {verb} the {thing} at {place} for {n},{n} crowns. The {thing}"
    " carried {n} people last year, {name} {name} of the {place} office said, against {n} in 20{n}. Work by {name} and"
    " Sons begins on {n} May and takes {n} weeks with {n} masons. A {thing} at {place} was to {verb} in 19{n}, but"
    " {name} withdrew {n} of its {n} permits. {name} will report to the {place} assembly in week {n}."
)


def story(draw: random.Random) -> str:
    """Five sentences full of facts."""
    choices = {"place": _PLACES, "name": _PEOPLE, "thing": _THINGS, "verb": _VERBS}

    def drawn(hole: re.Match[str]) -> str:
        return str(draw.randint(10, 999)) if hole[1] == "n" else draw.choice(choices[hole[1]])

    return re.sub(r"{(\w+)}", drawn, _STORY)


def archive(path: Path, items: int, seed: int = 7) -> Path:
    """Write an archive of so many items, and a few rows that are none, to ``path``."""
    draw = random.Random(seed)
    rows: list[str] = []
    bodies: list[str] = []
    for number in range(items):
        source = draw.choice(("harbour-post", "ellory-echo", "tarn-times"))
        kind = draw.random()
        if bodies and kind < 0.3:
            body = _copy(draw, draw.choice(bodies))
        else:
            body = story(draw)
            bodies.append(body)
        row = {
            "id": f"i{number:05}",
            "title": f"{draw.choice(_PLACES)} {draw.choice(_THINGS)} {draw.randint(1, 999)}",
            "text": f"{body}\n\n{_FOOTER.format(source=source.title())}",
            "source": source,
            "published": f"20{draw.randint(18, 25)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}",
            "version": str(draw.randint(1, 3)),
        }
        rows.append(json.dumps(row))
    rows += [
        rows[3],
        '{"id": "no body"}',
        "not JSON",
        json.dumps({"id": "i00001", "text": "Another text under this id."}),
    ]
    draw.shuffle(rows)
    path.write_text("\n".join(rows) + "\n")
    return path


def _copy(draw: random.Random, body: str) -> str:
    sentences = body.split(". ")
    kind = draw.random()
    if kind < 0.4:
        return body
    if kind < 0.7:
        return ". ".join(sentences[: draw.randint(2, len(sentences))])
    return body.replace("council", "town council").replace("said,", "said on the day,")
