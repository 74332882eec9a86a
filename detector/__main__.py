"""The command ``copytaster``, and ``python -m detector``."""

from __future__ import annotations

import gc
import sys
from importlib import import_module

from detector.workers import GARBAGE, default_workers, start_loading


def main() -> None:
    """Run the command line; for a plan, what its worker processes need is loaded beside it."""
    gc.set_threshold(GARBAGE)  # what loads stays, and so does what a plan's workers send back
    if sys.argv[1:3] == ["archive", "plan"] and default_workers() > 1:
        start_loading("detector.archive.warm")
    import_module("detector.cli").main()


if __name__ == "__main__":
    main()
