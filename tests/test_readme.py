"""The README shows what really happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def shown_output(command: str) -> list[str]:
    """What the README's first console block shows below ``command``."""
    lines = blocks("console")[0].splitlines()
    start = lines.index(f"$ {command}") + 1
    end = next((at for at in range(start, len(lines)) if lines[at].startswith("$ ")), len(lines))
    return lines[start:end]


def output_of(*arguments: str) -> list[str]:
    command = [sys.executable, "-m", "detector", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True, timeout=120)  # noqa: S603
    return [line.rstrip() for line in done.stdout.strip("\n").splitlines()]


def test_make_demo_prints_what_the_readme_shows(tmp_path: Path) -> None:
    recipe = re.search(r"^demo:.*\n\t@\$\(BIN\)/copytaster (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    arguments = recipe[1].replace("demo-out", str(tmp_path / "demo-out")).split()
    printed = [line.replace(f"{tmp_path}/", "") for line in output_of(*arguments)]
    assert printed == shown_output("make demo")


def test_the_check_prints_what_the_readme_shows() -> None:
    command = "copytaster check fixtures/copied_page.html --against fixtures/archive.jsonl"
    assert output_of(*command.split()[1:]) == shown_output(f".venv/bin/{command}")


def test_the_python_example_prints_what_its_last_line_says() -> None:
    example = blocks("python")[0]
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603
    assert f"# {done.stdout.strip()}" == example.rstrip().splitlines()[-1]


def test_every_file_that_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\(((?!http)[^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
