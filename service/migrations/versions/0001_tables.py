"""The tables of 0.1."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "changes",
        sa.Column("seq", _WHOLE, autoincrement=True, nullable=False),
        sa.Column("item_seq", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_changes"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "decisions",
        sa.Column("seq", _WHOLE, autoincrement=True, nullable=False),
        sa.Column("item_id", sa.String(length=200), nullable=False),
        sa.Column("item_seq", _WHOLE, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decided", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("before", sa.String(length=10), nullable=False),
        sa.Column("after", sa.String(length=10), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("policy", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_decisions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_decisions_item_id", "decisions", ["item_id"])
    op.create_table(
        "idempotency",
        sa.Column("caller", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("item_seq", _WHOLE, nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_created", "idempotency", ["created"])
    op.create_index("ix_idempotency_item_seq", "idempotency", ["item_seq"])
    op.create_table(
        "items",
        sa.Column("seq", _WHOLE, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.CheckConstraint("status IN ('published', 'held', 'rejected', 'retracted')", name="ck_items_status"),
        sa.PrimaryKeyConstraint("seq", name="pk_items"),
        sa.UniqueConstraint("id", name="uq_items_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_items_source_seq", "items", ["source", "seq"])
    op.create_index("ix_items_status_changed", "items", ["status", "changed"])
    op.create_index("ix_items_status_seq", "items", ["status", "seq"])
    op.create_table(
        "jobs",
        sa.Column("seq", _WHOLE, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("caller", sa.String(length=200), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=True),
        sa.Column("finished", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("node", sa.String(length=60), nullable=True),
        sa.Column("lease", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('receiving', 'queued', 'running', 'done', 'cancelled')", name="ck_jobs_state"),
        sa.PrimaryKeyConstraint("seq", name="pk_jobs"),
        sa.UniqueConstraint("id", name="uq_jobs_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_state_seq", "jobs", ["state", "seq"])
    op.create_table(
        "keys",
        sa.Column("seq", _WHOLE, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("revoked", sa.BigInteger(), nullable=True),
        sa.Column("replaces", sa.String(length=40), nullable=True),
        sa.Column("rate", sa.Float(), nullable=True),
        sa.Column("burst", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_keys"),
        sa.UniqueConstraint("id", name="uq_keys_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "makings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sketch", sa.Text(), nullable=False),
        sa.Column("cleaner", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_makings"),
        sa.UniqueConstraint("sketch", "cleaner", name="uq_makings_sketch_cleaner"),
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )
    op.create_table(
        "outbox",
        sa.Column("seq", _WHOLE, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("item_id", sa.String(length=200), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("spread", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_outbox"),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_created", "outbox", ["created"])
    op.create_index("ix_outbox_item_id", "outbox", ["item_id"])
    op.create_index("ix_outbox_spread_seq", "outbox", ["spread", "seq"])
    op.create_table(
        "policy_versions",
        sa.Column("seq", _WHOLE, autoincrement=True, nullable=False),
        sa.Column("digest", sa.String(length=40), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("activated", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_policy_versions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_policy_versions_digest", "policy_versions", ["digest"])
    op.create_table(
        "source_memories",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("upto", _WHOLE, nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_source_memories"),
    )
    op.create_table(
        "webhooks",
        sa.Column("seq", _WHOLE, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("previous_secret", sa.Text(), nullable=True),
        sa.Column("previous_until", sa.BigInteger(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_webhooks"),
        sa.UniqueConstraint("id", name="uq_webhooks_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "deliveries",
        sa.Column("event_seq", _WHOLE, nullable=False),
        sa.Column("webhook_seq", _WHOLE, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt", sa.BigInteger(), nullable=False),
        sa.Column("last_attempt", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["event_seq"], ["outbox.seq"], name="fk_deliveries_event_seq", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["webhook_seq"], ["webhooks.seq"], name="fk_deliveries_webhook_seq", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_seq", "webhook_seq", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_state_next_attempt", "deliveries", ["state", "next_attempt"])
    op.create_index("ix_deliveries_webhook_seq", "deliveries", ["webhook_seq"])
    op.create_table(
        "job_lines",
        sa.Column("job_seq", _WHOLE, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("item_seq", _WHOLE, nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_seq"], ["jobs.seq"], name="fk_job_lines_job_seq", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_seq", "number", name="pk_job_lines"),
    )
    op.create_index("ix_job_lines_job_seq_state_number", "job_lines", ["job_seq", "state", "number"])
    op.create_table(
        "pins",
        sa.Column("one", _WHOLE, nullable=False),
        sa.Column("other", _WHOLE, nullable=False),
        sa.Column("relation", sa.String(length=10), nullable=False),
        sa.Column("decision", _WHOLE, nullable=False),
        sa.CheckConstraint("relation IN ('different', 'same')", name="ck_pins_relation"),
        sa.CheckConstraint("one < other", name="ck_pins_order"),
        sa.ForeignKeyConstraint(["decision"], ["decisions.seq"], name="fk_pins_decision"),
        sa.ForeignKeyConstraint(["one"], ["items.seq"], name="fk_pins_one", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other"], ["items.seq"], name="fk_pins_other", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("one", "other", name="pk_pins"),
    )
    op.create_index("ix_pins_other", "pins", ["other"])
    op.create_table(
        "sentence_labels",
        sa.Column("seq", _WHOLE, autoincrement=True, nullable=False),
        sa.Column("item_seq", _WHOLE, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("labelled", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["item_seq"], ["items.seq"], name="fk_sentence_labels_item_seq", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name="pk_sentence_labels"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sentence_labels_item_seq", "sentence_labels", ["item_seq"])
    op.create_table(
        "versions",
        sa.Column("seq", _WHOLE, autoincrement=True, nullable=False),
        sa.Column("item_seq", _WHOLE, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("repeated", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_seq"], ["items.seq"], name="fk_versions_item_seq", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name="pk_versions"),
        sa.UniqueConstraint("item_seq", "number", name="uq_versions_item_seq_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_versions_source_seq", "versions", ["source", "seq"])
    op.create_table(
        "matches",
        sa.Column("version_seq", _WHOLE, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("of_version_seq", _WHOLE, nullable=True),
        sa.Column("of_item_seq", _WHOLE, nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("is_duplicate", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["version_seq"], ["versions.seq"], name="fk_matches_version_seq", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("version_seq", "rank", name="pk_matches"),
    )
    op.create_index("ix_matches_of_item_seq", "matches", ["of_item_seq"])
    op.create_index("ix_matches_of_version_seq", "matches", ["of_version_seq"])
    op.create_table(
        "shadow_verdicts",
        sa.Column("version_seq", _WHOLE, nullable=False),
        sa.Column("policy", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("decided", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_seq"], ["versions.seq"], name="fk_shadow_verdicts_version_seq", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("version_seq", "policy", name="pk_shadow_verdicts"),
    )
    op.create_table(
        "sketches",
        sa.Column("version_seq", _WHOLE, nullable=False),
        sa.Column("item_seq", _WHOLE, nullable=False),
        sa.Column("making", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("bands", sa.LargeBinary(), nullable=False),
        sa.Column("passages", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["item_seq"], ["items.seq"], name="fk_sketches_item_seq", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["making"], ["makings.id"], name="fk_sketches_making"),
        sa.ForeignKeyConstraint(["version_seq"], ["versions.seq"], name="fk_sketches_version_seq", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("version_seq", name="pk_sketches"),
        sa.UniqueConstraint("item_seq", name="uq_sketches_item_seq"),
    )
    op.create_index("ix_sketches_making", "sketches", ["making"])
    op.create_table(
        "verdicts",
        sa.Column("version_seq", _WHOLE, nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("policy", sa.String(length=40), nullable=False),
        sa.Column("decided", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["version_seq"], ["versions.seq"], name="fk_verdicts_version_seq", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("version_seq", name="pk_verdicts"),
    )
