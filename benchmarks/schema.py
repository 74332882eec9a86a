"""Every route against its own schema, with requests that nobody would write: by schemathesis, installed elsewhere.

    pip install schemathesis    # elsewhere: it brings many packages
    python -m benchmarks.schema --st PATH/TO/st

Server errors, undocumented statuses and media types, and answers that do not fit their schema end it with status 1. The
stream of events and batches (lines of JSON, which schemathesis cannot write) are left out: tests/service has those.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.loads import free_port, running

_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--st", default="st", help="the command of schemathesis")
    parser.add_argument("--examples", type=int, default=15, help="for each route and phase")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        server = [sys.executable, "-m", "service", "--port", str(port), "--database", str(Path(folder) / "items.db")]
        with running(server, port, "/readyz"):
            command = [
                arguments.st, "run", f"http://127.0.0.1:{port}/openapi.json", "--checks", _CHECKS,
                "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", str(arguments.examples),
                "--seed", str(arguments.seed), "--suppress-health-check", "all", "--request-timeout", "60",
                "--exclude-path-regex", "events$|metrics|batches",
            ]  # fmt: skip
            return subprocess.run(command, cwd=folder, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
