"""What is due to a webhook is found by the webhook, beside any number of events that others left unanswered."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Index deliveries by webhook first; the index by webhook alone is its beginning."""
    op.create_index(
        "ix_deliveries_webhook_seq_state_next_attempt", "deliveries", ["webhook_seq", "state", "next_attempt"]
    )
    op.drop_index("ix_deliveries_webhook_seq", "deliveries")
