"""What docs/formats.md shows is what happens."""

from __future__ import annotations

import re
import shlex
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from detector.archive.formats import FORMATS
from detector.archive.formats.mapping import USUAL
from detector.cli import app

DOC = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```console\n(.*?)```", DOC, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split()[2])
def test_an_example_does_what_it_shows(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = 0
    for step in re.split(r"^\$ ", example, flags=re.MULTILINE)[1:]:
        command, _, shown = step.partition("\n")
        words = shlex.split(command)
        if words[0] == "cat":
            Path(words[1]).write_text(shown)
        elif words[0] == "sqlite3":
            connection = sqlite3.connect(words[1])
            connection.execute(words[2])
            connection.commit()
            connection.close()
        else:
            result = CliRunner().invoke(app, words[1:])
            assert result.exit_code == 0, result.output
            ran += 1
    assert ran
    assert len(Path("plan/plan.jsonl").read_text().splitlines()) == (1 if "sqlite" in example else 2)


def test_every_format_and_every_usual_name_is_in_the_tables() -> None:
    listed = CliRunner().invoke(app, ["archive", "formats"]).output
    assert all(re.search(rf"^{name} +\S", listed, re.MULTILINE) for name in FORMATS)
    for field, names in USUAL.names.items():
        row = next(line for line in DOC.splitlines() if line.startswith(f"| `{field}` |"))
        assert all(f"`{name}`" in row for name in names)
