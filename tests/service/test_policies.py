"""Policies from files that change while the service runs."""

from pathlib import Path

import pytest

from detector import Policy, PolicyError
from service.policies import Policies


def _write(file: Path, text: str) -> None:
    """As editors and configuration tools write: another file takes the name."""
    other = file.with_suffix(".new")
    other.write_text(text)
    other.replace(file)


def test_without_a_file_the_default_decides_and_nothing_is_tried() -> None:
    policies = Policies()
    assert (policies.active, policies.shadow, policies.faults) == (Policy(), None, {})


def _look(policies: Policies) -> None:
    """Twice, as it is before a change counts."""
    policies.look()
    policies.look()


def test_a_file_that_is_being_written_is_not_read_before_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    _write(file, "duplicate_score = 0.9")
    policies = Policies(file)
    for written in ("", "duplicate_score = 0.7", "duplicate_score = 0.75 # so far"):  # truncated, and then written
        _write(file, written)
        policies.look()
        assert (policies.active.duplicate_score, policies.faults) == (0.9, {})
    policies.look()
    assert policies.active.duplicate_score == 0.75


def test_a_changed_file_is_in_force_when_it_has_been_seen_twice(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    _write(file, "duplicate_score = 0.9")
    told: list[tuple[str, str | None]] = []
    policies = Policies(file, loaded=lambda mode, policy, _text: told.append((mode, policy.digest if policy else None)))
    first = policies.active
    _look(policies)
    assert policies.active is first
    _write(file, "duplicate_score = 0.7")
    _look(policies)
    assert policies.active.duplicate_score == 0.7
    assert told == [("active", first.digest), ("active", policies.active.digest)]


@pytest.mark.parametrize("wrong", ["duplicate_score = 7", "[[[", None])
def test_a_file_that_goes_wrong_leaves_the_policy_as_it_was(tmp_path: Path, wrong: str | None) -> None:
    file = tmp_path / "policy.toml"
    _write(file, "duplicate_score = 0.9")
    policies = Policies(file)
    if wrong is None:
        file.unlink()
    else:
        _write(file, wrong)
    _look(policies)
    assert policies.active.duplicate_score == 0.9
    assert str(file) in policies.faults["active"]
    assert policies.active.digest in policies.faults["active"]
    _write(file, "duplicate_score = 0.8")
    _look(policies)
    assert (policies.active.duplicate_score, policies.faults) == (0.8, {})


def test_a_file_that_is_wrong_at_the_start_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    _write(file, "duplicate_score = 7")
    with pytest.raises(PolicyError, match="between 0 and 1"):
        Policies(file)
    with pytest.raises(PolicyError, match="cannot be read"):
        Policies(tmp_path / "absent.toml")


def test_a_policy_on_trial_that_is_the_active_one_is_not_tried(tmp_path: Path) -> None:
    active, shadow = tmp_path / "policy.toml", tmp_path / "shadow.toml"
    _write(active, "duplicate_score = 0.9")
    _write(shadow, "duplicate_score = 0.7")
    policies = Policies(active, shadow)
    assert policies.shadow is not None
    assert policies.shadow.duplicate_score == 0.7
    _write(active, "duplicate_score = 0.7")
    _look(policies)
    assert policies.shadow is None
