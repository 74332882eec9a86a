"""The command ``copytaster``, and ``python -m detector``."""

from __future__ import annotations

import gc
import sys
from importlib import import_module

from detector.workers import GARBAGE, default_workers, start_loading


def main() -> None:
    """Run the command line; for an archive, what its worker processes need is loaded beside it."""
    gc.set_threshold(GARBAGE)  # what loads stays, and so does what workers send back
    if (modules := ready_modules(sys.argv[1:])) and default_workers() > 1:
        start_loading(modules)
    import_module("detector.cli").main()


def ready_modules(arguments: list[str]) -> tuple[str, ...]:
    """What makes a process ready for the work of a command; nothing for one that has no worker processes.

    As the command itself will say, but sooner: to import that takes as long as to load these.
    """
    if arguments[:2] == ["archive", "plan"]:
        return ("detector.archive.warm",)
    if arguments[:2] == ["archive", "duplicates"]:
        cleaning = () if "--as-is" in arguments else ("detector.ready.cleaning",)
        return ("detector.archive.reading", *cleaning, "detector.ready.matching")
    return ()


if __name__ == "__main__":
    main()
