"""Faults under load, again and again: what was acknowledged is there, once and whole, and the service comes back.

    python -m benchmarks.faults --rounds 200
    python -m benchmarks.faults --rounds 20 --kinds postgres-stopped postgres-crashed

A server is loaded by threads that post, revise, check and send batches, and that ask again until they are answered.
Each round has a fault for a moment, takes it away and waits until an item is taken again. Then everything that was
acknowledged is looked up, found by a copy of its text, and counted in the store. Only 503 with a reason and Retry-After
may be answered instead. Exit status 1 for anything else.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import httpx

from benchmarks.faults_load import (
    PATIENCE,
    Ledger,
    Load,
    Told,
    audit_answers,
    audit_store,
    wait_for_batches,
    wait_for_events,
)
from benchmarks.faults_server import (
    BAD_READ,
    BAD_SYNC,
    BAD_WRITE,
    FINE,
    FULL,
    READ_ONLY,
    AbsentError,
    Cluster,
    Control,
    Server,
    compiled_shim,
    fill,
    small_disk,
)

_RECOVERY = 30.0  # seconds until an item is taken again, at most
_LEASE = 60.0  # seconds after which an event is attempted again that a killed server was about to tell, and some more
Base = Literal["sqlite", "postgres"]


@dataclass
class Stage:
    """What the faults act on."""

    server: Server
    load: Load
    chance: random.Random
    disk: Path | None
    cluster: Cluster | None

    def hold(self) -> None:
        """Let the fault last."""
        time.sleep(self.chance.uniform(0.2, 0.8))


def _calls(mode: int) -> Callable[[Stage], None]:
    def play(stage: Stage) -> None:
        before = stage.server.control.failed
        stage.server.control.fail(mode, spared=stage.chance.randint(0, 12))
        stage.hold()
        deadline = time.monotonic() + 5
        while stage.server.control.failed == before and time.monotonic() < deadline:
            time.sleep(0.02)  # a busy machine may not have come to a call yet
        stage.server.control.fail(FINE)

    return play


def _full_disk(stage: Stage) -> None:
    if stage.disk is None:
        raise AbsentError("no small disk could be mounted")
    ballast = fill(stage.disk)
    stage.hold()
    ballast.unlink()


def _worker_dies(stage: Stage) -> None:
    for which in range(stage.chance.randint(1, 2)):
        stage.server.signal_worker(which, signal.SIGKILL)
    stage.hold()


def _worker_hangs(stage: Stage) -> None:
    stage.server.signal_worker(stage.chance.randint(0, 1), signal.SIGSTOP)
    stage.hold()


def _clock(stage: Stage) -> None:
    stage.server.control.shift_clock(stage.chance.choice((-86_400, -3_600, -60, 60, 3_600, 86_400)))
    stage.hold()
    stage.server.control.shift_clock(0)


def _ended(how: signal.Signals) -> Callable[[Stage], None]:
    def play(stage: Stage) -> None:
        stage.load.may_break = True
        stage.server.end(how)
        stage.server.start()
        time.sleep(0.3)  # requests that were broken off end meanwhile
        stage.load.may_break = False

    return play


def _postgres(how: str) -> Callable[[Stage], None]:
    def play(stage: Stage) -> None:
        if stage.cluster is None:
            raise AbsentError("there is no PostgreSQL of our own")
        stage.cluster.stop(how)
        stage.hold()
        stage.cluster.start()

    return play


KINDS: dict[str, tuple[Base, Callable[[Stage], None]]] = {
    "disk full": ("sqlite", _full_disk),
    "no space (ENOSPC)": ("sqlite", _calls(FULL)),
    "read-only (EROFS)": ("sqlite", _calls(READ_ONLY)),
    "EIO at writing": ("sqlite", _calls(BAD_WRITE)),
    "EIO at syncing": ("sqlite", _calls(BAD_SYNC)),
    "EIO at reading": ("sqlite", _calls(BAD_READ)),
    "worker dies": ("sqlite", _worker_dies),
    "worker hangs": ("sqlite", _worker_hangs),
    "clock jumps": ("sqlite", _clock),
    "SIGTERM": ("sqlite", _ended(signal.SIGTERM)),
    "kill -9": ("sqlite", _ended(signal.SIGKILL)),
    "PostgreSQL stopped": ("postgres", _postgres("fast")),
    "PostgreSQL crashed": ("postgres", _postgres("immediate")),
}


@dataclass
class Tally:
    """How one kind of fault went."""

    rounds: int = 0
    recoveries: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@contextmanager
def _stage(base: Base, ledger: Ledger, told: Told, arguments: argparse.Namespace) -> Iterator[tuple[Stage, str]]:
    """A server under load on a store of its own, and where that is."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-")))
        cluster, disk, shim = None, None, None
        if base == "postgres":
            cluster = Cluster()
            stack.callback(cluster.remove)
            cluster.start()
            database = cluster.url
        else:
            shim = compiled_shim(folder)
            with suppress(AbsentError):
                disk = stack.enter_context(small_disk(folder))
            database = str((disk or folder) / "items.db")
        control = Control(folder / "control")
        settings = {"webhooks_private": "true", "webhook_retry_seconds": "0.2", "webhook_seconds": "5"}
        server = Server(folder, database, control, shim, **settings)
        server.start()
        stack.callback(server.end, signal.SIGKILL)
        made = httpx.post(f"{server.url}/v1/webhooks", json={"url": told.url}, timeout=PATIENCE)
        made.raise_for_status()
        load = Load(server.url, ledger, arguments.threads, arguments.pause, arguments.seed)
        try:
            yield Stage(server, load, random.Random(arguments.seed), disk, cluster), database
        except BaseException:
            print(server.log.read_text()[-6000:], file=sys.stderr)
            raise
        finally:
            if arguments.log:
                arguments.log.write_bytes(server.log.read_bytes())


def _recovery(url: str, name: str) -> float:
    """Seconds until an item is taken; raises TimeoutError when none is."""
    began = time.monotonic()
    while time.monotonic() - began < _RECOVERY:
        with suppress(httpx.TransportError):
            body = {"id": name, "body": f"The ferry to Aldwick left at {name} o'clock with nobody on board."}
            if httpx.post(f"{url}/v1/items", json=body, timeout=PATIENCE).status_code in (200, 201):
                return time.monotonic() - began
        time.sleep(0.05)
    raise TimeoutError(f"no item was taken within {_RECOVERY:g} seconds of the fault's end")


def _play(base: Base, kinds: list[str], tallies: dict[str, Tally], arguments: argparse.Namespace) -> Ledger:
    ledger, told = Ledger(), Told()
    with _stage(base, ledger, told, arguments) as (stage, database):
        for round_ in range(arguments.rounds * len(kinds) // len(arguments.kinds)):
            kind = kinds[round_ % len(kinds)]
            tally, known = tallies[kind], len(ledger.wrong)
            pid = stage.server.pid
            try:
                KINDS[kind][1](stage)
                tally.recoveries.append(_recovery(stage.server.url, f"{kind} {round_}"))
            except AbsentError as absent:
                tally.faults.append(f"not played: {absent}")
                continue
            except TimeoutError as error:
                tally.faults.append(str(error))
            tally.rounds += 1
            took = f"back after {tally.recoveries[-1]:.2f} s" if tally.recoveries else "not back"
            print(f"{round_ + 1}: {kind}, {took}, {len(tally.faults)} faults", file=sys.stderr, flush=True)
            tally.faults += ledger.wrong[known:]
            if "kill" not in kind and "SIGTERM" not in kind and pid != stage.server.pid:
                tally.faults.append("the server was started again")
        stage.load.stop()
        tally = tallies.setdefault(f"afterwards, on {base}", Tally())
        tally.faults += wait_for_batches(stage.server.url, ledger, 60)
        tally.faults += audit_answers(stage.server.url, ledger)
        wait_for_events(database, told, _LEASE)
        stage.server.end()
        tally.faults += audit_store(database, ledger, told)
        stage.server.start()  # what is read from the store at the start finds the same
        tally.faults += audit_answers(stage.server.url, ledger)
    told.close()
    return ledger


def report(tallies: dict[str, Tally], ledgers: list[Ledger], seconds: float) -> None:
    """Print the table."""
    print(f"{'fault':<24}{'rounds':>7}{'back after s, median / worst':>30}{'faults':>8}")
    for kind, tally in tallies.items():
        times = sorted(tally.recoveries)
        back = f"{times[len(times) // 2]:.2f} / {times[-1]:.2f}" if times else ""
        print(f"{kind:<24}{tally.rounds or '':>7}{back:>30}{len(tally.faults):>8}")
    statuses: Counter[str] = sum((ledger.statuses for ledger in ledgers), Counter())
    items = sum(len(ledger.items) for ledger in ledgers)
    batches = sum(len(ledger.batches) for ledger in ledgers)
    print(f"{items} items and {batches} batches of 12 acknowledged in {seconds:.0f} s; the slowest answer took "
          f"{max(ledger.slowest for ledger in ledgers):.1f} s")  # fmt: skip
    print("answers: " + ", ".join(f"{name}: {count}" for name, count in statuses.most_common()))
    for kind, tally in tallies.items():
        for fault, count in Counter(tally.faults).most_common(20):
            print(f"  {kind}: {fault}" + (f" ({count} times)" if count > 1 else ""))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=200, help="of all kinds together")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--threads", type=int, default=6)
    parser.add_argument("--pause", type=float, default=0.02, help="seconds between two requests of a thread")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--log", type=Path, help="where the log of the last server goes")
    arguments = parser.parse_args()
    tallies = {kind: Tally() for kind in arguments.kinds}
    began = time.monotonic()
    bases: tuple[Base, ...] = ("sqlite", "postgres")
    asked = {base: [kind for kind in arguments.kinds if KINDS[kind][0] == base] for base in bases}
    ledgers = [_play(base, kinds, tallies, arguments) for base, kinds in asked.items() if kinds]
    report(tallies, ledgers, time.monotonic() - began)
    return int(any(tally.faults for tally in tallies.values()) or not any(ledger.items for ledger in ledgers))


if __name__ == "__main__":
    sys.exit(main())
