"""What is shipped to run the service with names settings and commands that there are."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from service.settings import Settings
from tests.conftest import absent

DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.mark.parametrize("file", ["Dockerfile", "compose.yaml", "copytaster.service"])
def test_every_setting_that_is_named_is_one(file: str) -> None:
    named = set(re.findall(r"COPYTASTER_([A-Z_]+)", (DEPLOY / file).read_text()))
    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_the_image_gets_every_file_that_it_copies() -> None:
    """The ignore file lets nothing in that it does not name."""
    allowed = re.findall(r"^!(\S+)", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    wanted = {name for line in copied for name in line.split()}
    assert wanted <= set(allowed)
    assert all((DEPLOY.parent / name).exists() for name in wanted)


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        absent("systemd-analyze is not installed")
    unit = tmp_path / "copytaster.service"
    # The program is somewhere else here; everything else is looked at as it is.
    unit.write_text((DEPLOY / "copytaster.service").read_text().replace("/opt/copytaster/bin/copytaster", "/bin/true"))
    environment = {**os.environ, "SYSTEMD_LOG_LEVEL": "warning"}
    done = subprocess.run([verify, "verify", unit], capture_output=True, text=True, check=False, env=environment)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")
