"""The command ``copytaster``, and ``python -m detector``."""

from __future__ import annotations

import gc
import sys
from importlib import import_module

from detector.workers import GARBAGE, default_workers, start_loading


def main() -> None:
    """Run the command line; for an archive, what its worker processes need is loaded beside it."""
    gc.set_threshold(GARBAGE)  # what loads stays, and so does what workers send back
    if (module := ready_module(sys.argv[1:])) and default_workers() > 1:
        start_loading(module)
    import_module("detector.cli").main()


def ready_module(arguments: list[str]) -> str | None:
    """What makes a process ready for the work of a command; None for one that has no worker processes."""
    if arguments[:2] == ["archive", "plan"]:
        return "detector.archive.warm"
    if arguments[:2] == ["archive", "duplicates"]:  # as ``detector.batch.readiness``, which takes long to import
        return "detector.ready.matching" if "--as-is" in arguments else "detector.ready.cleaning"
    return None


if __name__ == "__main__":
    main()
