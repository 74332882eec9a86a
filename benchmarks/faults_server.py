"""A real server whose system calls, workers, clock and database can be made to fail from outside."""

from __future__ import annotations

import mmap
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
SHIM = Path(__file__).with_name("faulty.c")
FINE, FULL, READ_ONLY, BAD_WRITE, BAD_SYNC, BAD_READ = range(6)  # as in faulty.c
_START_SECONDS = 400  # the first start of all compiles the kernels
_DISK = 192 << 20


class AbsentError(Exception):
    """What a fault needs is not on this machine; the message says what."""


class Control:
    """The memory that is shared with the shim."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(32))
        self.path = path
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 32)

    def fail(self, mode: int, *, spared: int = 0) -> None:
        """From now on calls fail as ``mode`` says, after so many more that go well."""
        struct.pack_into("<q", self._memory, 8, spared)
        struct.pack_into("<q", self._memory, 0, mode)

    def shift_clock(self, seconds: int) -> None:
        """Put the clock of day forward, or back, against the real one."""
        struct.pack_into("<q", self._memory, 16, seconds)

    @property
    def failed(self) -> int:
        """How many calls were made to fail so far."""
        found: int = struct.unpack_from("<q", self._memory, 24)[0]
        return found


def compiled_shim(folder: Path) -> Path:
    """The shim as a library; raises AbsentError where there is no compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        raise AbsentError("there is no C compiler (gcc) for Linux here, which the shim takes")
    library = folder / "faulty.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, SHIM, "-ldl"], check=True)  # noqa: S603
    return library


@contextmanager
def small_disk(folder: Path, size: int = _DISK) -> Iterator[Path]:
    """A file system of its own in memory, small enough to be filled; raises AbsentError where it cannot be mounted."""
    place = folder / "disk"
    place.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None:
        raise AbsentError("mount is not here")
    command = [mount, "-t", "tmpfs", "-o", f"size={size}", "copytaster-faults", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise AbsentError(f"a small disk cannot be mounted: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run([umount, "--lazy", str(place)], check=False)  # noqa: S603


def fill(disk: Path) -> Path:
    """A file that takes all the room that is left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(1 << 20)):
            pass
        while file.write(bytes(512)):
            pass
    return ballast


class Server:
    """``python -m service`` with the shim in it. A fault that ends it is followed by ``start``."""

    def __init__(self, folder: Path, database: str, control: Control, shim: Path | None, **settings: str) -> None:
        """``database``: a path that the shim knows as its prefix, or a URL."""
        self.control, self._database, self.log = control, database, folder / "server.log"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        with_shim = {"LD_PRELOAD": str(shim), "FAULTY_CONTROL": str(control.path), "FAULTY_PREFIX": database}
        usual = {"workers": "2", "examine_seconds": "1.5", "burst": "1000000", "rate": "1000000"}
        given = {f"COPYTASTER_{name.upper()}": value for name, value in (usual | settings).items()}
        self._environment = os.environ | given | (with_shim if shim else {})
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it, and wait until it is ready; the seconds that this took."""
        began = time.monotonic()
        command = [sys.executable, "-m", "service", "--port", str(self.port), "--database", self._database]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)  # noqa: S603
        while time.monotonic() - began < _START_SECONDS:
            if self.process.poll() is not None:
                raise RuntimeError(self.log.read_text()[-4000:])
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return time.monotonic() - began
            time.sleep(0.05)
        raise TimeoutError(self.log.read_text()[-4000:])

    @property
    def pid(self) -> int:
        """Of the server itself."""
        if self.process is None:
            raise RuntimeError("the server was never started")
        return self.process.pid

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it by a signal, and wait until it is gone."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(40)

    def workers(self) -> list[int]:
        """The processes that examine items."""
        found = []
        for listed in Path(f"/proc/{self.pid}/task").glob("*/children"):
            for pid in listed.read_text().split():
                with suppress(OSError):
                    if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                        found.append(int(pid))
        return found

    def signal_worker(self, which: int, what: signal.Signals) -> None:
        """Send one of the workers a signal, if there is one."""
        if workers := self.workers():
            with suppress(ProcessLookupError):
                os.kill(workers[which % len(workers)], what)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Cluster:
    """A PostgreSQL of our own on a free port, which nobody else uses and which can be stopped; durable as is usual."""

    def __init__(self) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        named = shutil.which("initdb")
        if not found and named is None:
            raise AbsentError("initdb is not here, PostgreSQL's own command to make a cluster")
        self._bin = found[-1].parent if found else Path(str(named)).parent
        # initdb refuses to run as root, and the user that it runs as must reach the folder.
        self._user = "postgres" if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="faults-postgres-", dir="/tmp"))  # a short path
        if self._user:
            shutil.chown(self._folder, self._user)
        self._port = _free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self._port}/postgres"
        self._data = self._folder / "data"
        self._run("initdb", "-U", "postgres", "-A", "trust", "-D", str(self._data))

    def start(self) -> None:
        options = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1 -c max_connections=40"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self._folder / "log"), "-o", options, "start")

    def stop(self, how: str = "fast") -> None:
        """``how``: fast ends the transactions, immediate is a crash."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", how, "stop")

    def remove(self) -> None:
        with suppress(subprocess.CalledProcessError):
            self.stop("immediate")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, command: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603
            [str(self._bin / command), *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            user=self._user, cwd=self._folder,
        )  # fmt: skip
