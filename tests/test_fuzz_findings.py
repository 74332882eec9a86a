"""What fuzzing once found does not happen again: each file in fixtures/fuzz is given to what it broke."""

from pathlib import Path

import pytest

from benchmarks.fuzz import SEEDS
from benchmarks.fuzz_targets import TARGETS

FINDINGS = sorted(
    path for path in Path(__file__).parents[1].joinpath("fixtures", "fuzz").glob("*/*") if path.parent.name in TARGETS
)


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_finding_of_the_fuzzer_stays_mended(finding: Path) -> None:
    TARGETS[finding.parent.name](finding.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("text", SEEDS, ids=["page", "text", "table", "wordpress", "warc", "csv", "jsonl", "scripts"])
def test_what_fuzzing_begins_with_keeps_every_promise(target: str, text: str) -> None:
    TARGETS[target](text.encode())


def test_there_are_findings() -> None:
    assert FINDINGS
