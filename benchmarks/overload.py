"""Ten times as many checks as the service can do: what still gets through, and how the rest is answered.

    python benchmarks/overload.py --seconds 60 --times 10

First the peak: as many checks as eight connections get done. Then so many times that rate is sent, whatever is
answered: nobody waits as Retry-After asks. Goodput is the share of the peak that is still answered with 200. Exit
status 1 means less than four fifths of the peak, a server error other than 503, or a broken connection.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

# The neighbour in this folder, not the package: Python looks beside the script first.
from service import ROOT, Measured, answer, free_port, load, running

FLOOR = 0.8


async def _paced(port: int, bodies: Sequence[bytes], gap: float, until: float, into: Measured, offset: int) -> None:
    """Send a request every ``gap`` seconds over one connection, or as soon after as the last one was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    following = time.perf_counter() + gap * (offset % 97) / 97
    turn = offset
    try:
        while time.perf_counter() < until:
            await asyncio.sleep(max(0.0, following - time.perf_counter()))
            following += gap
            body = bodies[turn % len(bodies)]
            turn += 1
            head = "POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            started = time.perf_counter()
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            status = await answer(reader)
            into.statuses[status] += 1
            if status == 200:
                into.latencies.append(time.perf_counter() - started)
    except (ConnectionError, asyncio.IncompleteReadError):
        into.broken += 1
    finally:
        writer.close()


async def flood(port: int, bodies: Sequence[bytes], seconds: float, rate: float, connections: int) -> Measured:
    """``rate`` requests a second over so many connections."""
    measured = Measured(seconds)
    until = time.perf_counter() + seconds
    gap = connections / rate
    await asyncio.gather(*(_paced(port, bodies, gap, until, measured, n) for n in range(connections)))
    return measured


def measure(arguments: argparse.Namespace) -> tuple[Measured, Measured]:
    """The peak, and the flood."""
    items = [json.loads(line) for line in arguments.archive.read_text().splitlines()]
    bodies = [json.dumps(item | {"id": f"again-{item['id']}"}).encode() for item in items]
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "service", "--port", str(port), "--database", f"{folder}/items.db"]
        with running(command, port, "/readyz"):
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                for item in items:
                    client.post("/v1/items", json=item).raise_for_status()
            asyncio.run(load(port, "/v1/check", bodies, 5.0, 8))  # so that the gate has seen how fast it goes
            peak = asyncio.run(load(port, "/v1/check", bodies, arguments.peak_seconds, 8))
            rate = arguments.times * peak.statuses[200] / peak.seconds
            return peak, asyncio.run(flood(port, bodies, arguments.seconds, rate, arguments.connections))


def report(peak: Measured, flooded: Measured, times: float) -> float:
    """Print the table; the share of the peak that got through."""
    table = Table(title=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for heading in ("", "seconds", "sent a second", "200 a second", "p50 ms", "p99 ms", "by status", "broken"):
        table.add_column(heading, justify="right")
    for name, measured in (("peak", peak), (f"{times:g} times", flooded)):
        rates = [f"{count / measured.seconds:.0f}" for count in (measured.statuses.total(), measured.statuses[200])]
        shares = [f"{measured.percentile(share):.0f}" for share in (0.5, 0.99)]
        statuses = ", ".join(f"{status}: {number}" for status, number in sorted(measured.statuses.items()))
        table.add_row(name, f"{measured.seconds:g}", *rates, *shares, statuses, str(measured.broken))
    console = Console(width=110)
    console.print(table)
    goodput = flooded.statuses[200] / flooded.seconds / (peak.statuses[200] / peak.seconds)
    console.print(f"goodput under overload: {goodput:.0%} of the peak (floor {FLOOR:.0%})")
    return goodput


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the flood")
    parser.add_argument("--peak-seconds", type=float, default=15.0)
    parser.add_argument("--times", type=float, default=10.0)
    parser.add_argument("--connections", type=int, default=400, help="of the flood")
    parser.add_argument("--archive", type=Path, default=ROOT / "fixtures" / "archive.jsonl")
    arguments = parser.parse_args()
    peak, flooded = measure(arguments)
    goodput = report(peak, flooded, arguments.times)
    errors = [status for status in flooded.statuses if status >= 500 and status != 503]
    return int(goodput < FLOOR or bool(errors) or flooded.broken > 0 or peak.failed)


if __name__ == "__main__":
    sys.exit(main())
