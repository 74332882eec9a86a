"""A plan's working folder: what each stage has finished, so that a run that was killed goes on where it was.

A stage's files are good for one run key: a digest of the inputs, of every setting that they depend on and of the code.
Each file is written whole or not at all; with another key the folder is cleared.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any

from detector.archive.formats import Source, fingerprint
from detector.archive.shards import write_bytes
from detector.errors import ArchiveError

WORK = "work"
_STAGE = "stage.json"
_LOCK = "lock"
_FORMAT = 1  # of the files in a working folder


def code_version() -> str:
    """A digest of the package's code and weights: another version may examine the same page otherwise."""
    root = Path(__file__).parent.parent
    digest = blake2b(digest_size=12)
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.npz"), *root.rglob("*.json")]):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return f"{version('copytaster')}+{digest.hexdigest()}"


def inputs_of(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """The inputs with their fingerprints, as a manifest names them."""
    return [{**source.as_json(), "blake2b": fingerprint(source)} for source in sources]


def key_of(**settings: Any) -> str:
    """A digest of a stage's settings."""
    return blake2b(json.dumps(settings, sort_keys=True, default=str).encode(), digest_size=16).hexdigest()


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold a working folder, made when it is missing; raises ArchiveError while another plan holds it.

    The lock goes with its process, so that one that was killed leaves none behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ArchiveError(
                f"another plan is being made in {folder.parent}; wait for it, or name another folder with --out"
            ) from error
        yield


class Stage:
    """A folder of files that one key stands for."""

    def __init__(self, folder: Path, key: str) -> None:
        """Take up what an earlier run with the same ``key`` left in ``folder``, and clear what any other did."""
        self.folder = folder
        try:
            found = json.loads((folder / _STAGE).read_bytes()) if (folder / _STAGE).is_file() else None
            if found != {"key": key, "format": _FORMAT}:
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                write_bytes(folder / _STAGE, [json.dumps({"key": key, "format": _FORMAT}).encode()])
            for partial in folder.glob("*.partial"):
                partial.unlink()
        except (OSError, ValueError) as error:
            raise ArchiveError(f"the working folder {folder} cannot be used ({error}); delete it") from error

    def has(self, name: str) -> bool:
        """Whether a file of the stage is finished."""
        return (self.folder / name).is_file()
