"""The examples of the guides are true: each is run, in order, and answered as it says."""

import json
import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import pytest

from detector import Policy, parse_policy
from service.problems import TITLES
from service.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "api.md").read_text()


def _contains(whole: Any, part: Any) -> bool:
    """Whether everything that ``part`` shows is in ``whole``, which may have more."""
    if isinstance(part, dict):
        return all(key in whole and _contains(whole[key], value) for key, value in part.items())
    if isinstance(part, list):
        return len(whole) >= len(part) and all(_contains(w, p) for w, p in zip(whole, part, strict=False))
    return bool(whole == part)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples are written for curl")
@pytest.mark.parametrize(("guide", "at_least"), [("api.md", 7), ("integrations/README.md", 3)])
def test_the_examples_answer_what_they_show(guide: str, at_least: int, start_server: Any, tmp_path: Path) -> None:
    text = (DOCS / guide).read_text()
    examples = re.findall(r"```console\n\$ (curl .*?)\n(\{.*?)\n```", text, re.DOTALL)
    assert len(examples) == text.count("```console") >= at_least
    server = start_server(tmp_path / "items.db")
    for command, shown in examples:
        call = command.replace("http://127.0.0.1:8765", server.url)
        answer = subprocess.run(["bash", "-c", call], capture_output=True, check=True)  # noqa: S603, S607
        assert _contains(json.loads(answer.stdout), json.loads(shown)), f"{command}\n{answer.stdout.decode()}"
    server.stop()


def test_every_problem_is_in_the_guide() -> None:
    for name in TITLES:
        assert f"`{name}`" in GUIDE


def test_every_setting_is_in_the_guide() -> None:
    described = GUIDE + (DOCS / "operations.md").read_text()
    for name in Settings.model_fields:
        assert f"`COPYTASTER_{name.upper()}`" in described


def test_every_setting_of_a_policy_is_in_its_guide() -> None:
    guide = (DOCS / "policy.md").read_text()
    for field in fields(Policy):
        if field.init and field.name != "rules":
            assert f"`{field.name}`" in guide
    example = re.search(r"```toml\n(.*?)```", guide, re.DOTALL)
    assert example is not None
    assert len(parse_policy(example[1]).rules) == 3


def test_the_documentation_page_needs_no_other_machine(client: httpx.Client) -> None:
    page = client.get("/docs").text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) >= 3
    for address in addresses:
        assert client.get(address).status_code == 200
    assert "https://" not in page
