"""Batches: their lines wait in the database, so that a restart goes on where the last one stopped."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, insert, literal_column, or_, select, update

from service.store.records import inserted, micros, moment_of, moment_or_none
from service.store.rows import Compiled
from service.tables import job_lines, jobs

JobState = Literal["receiving", "queued", "running", "done", "cancelled"]
LineState = Literal["waiting", "done", "failed", "cancelled"]
LEASE = timedelta(seconds=30)  # after which another node takes over what a dead one left
_UNFINISHED = ("queued", "running")
_IS_IT = (job_lines.c.job_seq == bindparam("of_job")) & (job_lines.c.number == bindparam("of_number"))
_STILL_WAITING = select(job_lines.c.number).where(
    job_lines.c.job_seq == bindparam("of_job"),
    job_lines.c.state == "waiting",
    job_lines.c.number.between(bindparam("first"), bindparam("last")),
)
_FINISH_LINE = Compiled(
    update(job_lines)
    .where(_IS_IT)
    .values(
        state=bindparam("to"), request=literal_column("''"), answer=bindparam("told"), item_seq=bindparam("of_item")
    )
)


@dataclass(frozen=True, slots=True)
class Job:
    """A batch as it stands."""

    seq: int
    id: str
    state: JobState
    created: datetime
    started: datetime | None
    finished: datetime | None
    total: int
    waiting: int
    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line that waits."""

    number: int
    request: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a line."""

    number: int
    state: LineState
    answer: dict[str, Any]


def create(connection: Connection, caller: str, when: datetime) -> int:
    """A job that is receiving its lines; its number."""
    values: dict[str, Any] = {
        "id": f"job_{token_hex(12)}",
        "kind": "batch",
        "state": "receiving",
        "caller": caller,
        "total": 0,
    }
    return inserted(connection.execute(insert(jobs).values(values | {"created": micros(when)})))


def append(connection: Connection, job_seq: int, lines: Sequence[Line]) -> None:
    """Write lines of a job that is receiving them."""
    rows = [
        {"job_seq": job_seq, "number": line.number, "state": "waiting", "request": line.request, "answer": ""}
        for line in lines
    ]
    if rows:
        connection.execute(insert(job_lines), rows)


def queue(connection: Connection, job_seq: int, total: int) -> None:
    """All lines are there: the job may run."""
    connection.execute(update(jobs).where(jobs.c.seq == job_seq).values(state="queued", total=total))


def drop(connection: Connection, job_seq: int) -> None:
    """Take back a job whose lines stopped coming, or that was a repetition; nobody was told its name."""
    connection.execute(jobs.delete().where(jobs.c.seq == job_seq, jobs.c.state == "receiving"))


def drop_unreceived(connection: Connection, before: datetime) -> None:
    """The same of jobs that began to come in before a moment, for the server that received them ended."""
    connection.execute(jobs.delete().where(jobs.c.state == "receiving", jobs.c.created < micros(before)))


def count_unfinished(connection: Connection) -> int:
    """How many jobs wait or are worked on."""
    return connection.scalar(select(func.count()).select_from(jobs).where(jobs.c.state.in_(_UNFINISHED))) or 0


def find(connection: Connection, job_id: str) -> Job | None:
    """The job of this id."""
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
    return None if row is None else _job(connection, row)


def of_seq(connection: Connection, job_seq: int) -> Job:
    """The job of this number, which is there."""
    return _job(connection, connection.execute(select(jobs).where(jobs.c.seq == job_seq)).one())


def claim(connection: Connection, node: str, when: datetime) -> int | None:
    """The number of the first job that nobody works on, now this node's for the time of a lease.

    None also when, between the look and the claim, somebody cancelled that job or another node took it.
    """
    free = jobs.c.state.in_(_UNFINISHED) & or_(jobs.c.node.is_(None), jobs.c.node == node, jobs.c.lease < micros(when))
    found: int | None = connection.scalar(select(jobs.c.seq).where(free).order_by(jobs.c.seq).limit(1))
    values: dict[str, Any] = {"state": "running", "node": node, "lease": micros(when + LEASE)}
    values["started"] = func.coalesce(jobs.c.started, micros(when))
    claimed = connection.execute(update(jobs).where(jobs.c.seq == found, free).values(values))
    return found if claimed.rowcount else None


def is_ours(connection: Connection, job_seq: int, node: str) -> bool:
    """Whether a job is a node's, and was not cancelled."""
    return connection.scalar(select(jobs.c.seq).where(_is_ours(job_seq, node))) is not None


def renew(connection: Connection, job_seq: int, node: str, when: datetime) -> bool:
    """Keep a job for another lease; False when it was cancelled or is another node's by now."""
    return (
        connection.execute(update(jobs).where(_is_ours(job_seq, node)).values(lease=micros(when + LEASE))).rowcount == 1
    )


def _is_ours(job_seq: int, node: str) -> ColumnElement[bool]:
    return (jobs.c.seq == job_seq) & (jobs.c.node == node) & (jobs.c.state == "running")


def waiting(connection: Connection, job_seq: int, after: int, limit: int) -> list[Line]:
    """The next lines that wait, in order."""
    query = select(job_lines.c.number, job_lines.c.request)
    query = query.where(job_lines.c.job_seq == job_seq, job_lines.c.state == "waiting", job_lines.c.number > after)
    return [Line(*row) for row in connection.execute(query.order_by(job_lines.c.number).limit(limit))]


def still_waiting(connection: Connection, job_seq: int, first: int, last: int) -> set[int]:
    """Which of these lines still wait: they were neither done nor cancelled meanwhile."""
    rows = connection.execute(_STILL_WAITING, {"of_job": job_seq, "first": first, "last": last})
    return {row.number for row in rows}


def finish_lines(connection: Connection, job_seq: int, outcomes: Sequence[tuple[Outcome, int | None]]) -> None:
    """Write what became of lines, each with its item where it has one; their texts are not needed any more."""
    rows: list[dict[str, Any]] = [
        {
            "of_job": job_seq,
            "of_number": outcome.number,
            "to": outcome.state,
            "told": json.dumps(outcome.answer, ensure_ascii=False),
            "of_item": item_seq,
        }
        for outcome, item_seq in outcomes
    ]
    if rows:
        _FINISH_LINE.run(connection, *rows)


def finish(connection: Connection, job_seq: int, when: datetime) -> None:
    """A running job is done."""
    is_running = (jobs.c.seq == job_seq) & (jobs.c.state == "running")
    connection.execute(update(jobs).where(is_running).values(state="done", finished=micros(when)))


def cancel(connection: Connection, job_seq: int, when: datetime) -> None:
    """Let nothing more of an unfinished job be done; what was done stays."""
    unfinished = (jobs.c.seq == job_seq) & jobs.c.state.in_(_UNFINISHED)
    if connection.execute(update(jobs).where(unfinished).values(state="cancelled", finished=micros(when))).rowcount:
        is_waiting_ = (job_lines.c.job_seq == job_seq) & (job_lines.c.state == "waiting")
        connection.execute(update(job_lines).where(is_waiting_).values(state="cancelled", request="", answer="{}"))


def outcomes(connection: Connection, job_seq: int, after: int, limit: int) -> list[Outcome]:
    """What became of the lines behind one, in order; those that wait are left out."""
    query = select(job_lines).where(job_lines.c.job_seq == job_seq, job_lines.c.state != "waiting")
    query = query.where(job_lines.c.number > after).order_by(job_lines.c.number).limit(limit)
    return [Outcome(row.number, row.state, json.loads(row.answer)) for row in connection.execute(query)]


def _job(connection: Connection, row: Row[Any]) -> Job:
    by_state = select(job_lines.c.state, func.count()).where(job_lines.c.job_seq == row.seq).group_by(job_lines.c.state)
    counts: dict[str, int] = {row[0]: row[1] for row in connection.execute(by_state)}
    return Job(
        seq=row.seq,
        id=row.id,
        state=row.state,
        created=moment_of(row.created),
        started=moment_or_none(row.started),
        finished=moment_or_none(row.finished),
        total=row.total,
        waiting=counts.get("waiting", 0),
        done=counts.get("done", 0),
        failed=counts.get("failed", 0),
    )
