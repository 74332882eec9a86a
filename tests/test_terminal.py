"""What strangers wrote is printed, and does nothing."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text

from detector.terminal import Console, shown

ACTING = ["\x1b[2J", "\x1b]0;owned\x07", "\x9b31m", "\x00", "\x08\x08\x08", "\r", "\x7f", "\u202egnp.exe", "\u2066"]


@pytest.mark.parametrize("acting", ACTING)
@pytest.mark.parametrize("terminal", [True, False])
def test_no_text_moves_the_cursor_though_styles_do(acting: str, terminal: bool) -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=80, color_system="standard" if terminal else None)
    table = Table()
    table.add_column(f"head{acting}")
    table.add_row(Text(f"cell{acting}", style="bold"))
    for one in (Text(f"a{acting}b", style="red"), f"c{acting}d", table):
        console.print(one)
    printed = file.getvalue()
    assert ("\x1b[31m" in printed) is terminal, "its own colours stay"
    printed = re.sub("\x1b\\[[0-9;]*m", "", printed)
    assert shown(printed) == printed
    assert "cell" in printed


def test_lines_and_tabs_stay() -> None:
    assert shown("a\tb\nc é 中 👍") == "a\tb\nc é 中 👍"


def test_the_commands_print_so(tmp_path: Path) -> None:
    body = "The council of Aldwick voted 9 to 3 on Monday to close the old pier, said\x1b[2J mayor Ida Moss.\x9b31m"
    (tmp_path / "story.txt").write_text(body)
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "a\x1b[31m", "title": "T\x1b[2J", "text": body}) + "\n")
    command = Path(sys.executable).with_name("copytaster")
    for arguments in (["clean", "story.txt"], ["check", "story.txt", "--against", "in.jsonl"]):
        done = subprocess.run([command, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603
        assert "Aldwick" in done.stdout, done.stderr
        assert shown(done.stdout) == done.stdout
