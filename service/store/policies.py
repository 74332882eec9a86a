"""The policies that were in force or on trial, and what the one on trial would have decided."""

from __future__ import annotations

import json
from collections.abc import Callable

from sqlalchemy import Connection, insert, select

from detector import Policy, Verdict
from service.metrics import Metrics
from service.policies import Mode
from service.store.database import Store
from service.store.records import micros, now
from service.tables import policy_versions, shadow_verdicts


def recorder(store: Store, metrics: Metrics) -> Callable[[Mode, Policy | None, str], None]:
    """What ``Policies`` tells of each reading of a file: counted, and kept when it is another policy than the last."""

    def record(mode: Mode, policy: Policy | None, text: str) -> None:
        metrics.policy_loads.labels(mode, "wrong" if policy is None else "loaded").inc()
        if policy is not None:
            store.write(note_policy, mode, policy.digest, text)

    return record


def note_policy(connection: Connection, mode: Mode, digest: str, text: str) -> None:
    """Write that a policy is in force, or on trial, from now on."""
    query = select(policy_versions.c.digest).where(policy_versions.c.mode == mode)
    if connection.scalar(query.order_by(policy_versions.c.seq.desc()).limit(1)) != digest:
        values = {"digest": digest, "mode": mode, "text": text, "activated": micros(now()), "who": "policy file"}
        connection.execute(insert(policy_versions).values(values))


def add_shadow_verdict(connection: Connection, version_seq: int, verdict: Verdict) -> None:
    """Write what the policy on trial would have decided of a text."""
    reasons = [{"code": str(reason), "text": reason.detail} for reason in verdict.reasons]
    values = {
        "version_seq": version_seq, "policy": verdict.policy, "action": verdict.action,
        "reasons": json.dumps(reasons, ensure_ascii=False), "decided": micros(now()),
    }  # fmt: skip
    connection.execute(insert(shadow_verdicts).values(values))
