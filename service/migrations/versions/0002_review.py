"""The review page: who may, who has what open, what lists are filtered and searched by."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from service.store import gists
from service.tables import items, matches, verdicts, versions

revision = "0002"
down_revision = "0001"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, and fill those that follow from what is stored."""
    op.create_table(
        "reviewers",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("role IN ('reviewer', 'admin')", name="ck_reviewers_role"),
        sa.PrimaryKeyConstraint("name", name="pk_reviewers"),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("key_id", sa.String(length=40), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
    )
    op.create_index("ix_sessions_expires", "sessions", ["expires"])
    op.create_index("ix_sessions_who", "sessions", ["who"])
    op.create_table(
        "claims",
        sa.Column("item_seq", _WHOLE, nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["item_seq"], ["items.seq"], name="fk_claims_item_seq", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_seq", name="pk_claims"),
    )
    op.create_table(
        "gists",
        sa.Column("item_seq", _WHOLE, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("risk", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["item_seq"], ["items.seq"], name="fk_gists_item_seq", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_seq", name="pk_gists"),
    )
    op.create_index("ix_gists_risk", "gists", ["risk"])
    op.create_table(
        "gist_reasons",
        sa.Column("item_seq", _WHOLE, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["item_seq"], ["gists.item_seq"], name="fk_gist_reasons_item_seq", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_seq", "code", name="pk_gist_reasons"),
    )
    op.create_index("ix_gist_reasons_code_item_seq", "gist_reasons", ["code", "item_seq"])
    _make_words()
    _fill()


def _make_words() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # Contentless: the words alone are kept; those of an erased item leave the file with a merge (gists.sweep).
        op.execute(
            "CREATE VIRTUAL TABLE item_fts USING fts5(title, body, content='', contentless_delete=1,"
            " tokenize='unicode61 remove_diacritics 2')"
        )
        return
    op.execute(
        "CREATE TABLE item_words (item_seq BIGINT PRIMARY KEY REFERENCES items (seq) ON DELETE CASCADE,"
        " words TSVECTOR NOT NULL)"
    )
    op.execute("CREATE INDEX ix_item_words_words ON item_words USING gin (words)")


def _fill() -> None:
    connection = op.get_bind()
    current = items.join(versions, (versions.c.item_seq == items.c.seq) & (versions.c.number == items.c.version))
    query = sa.select(items.c.seq, versions.c.seq.label("version_seq"), versions.c.title, versions.c.text)
    query = query.add_columns(verdicts.c.answer).select_from(
        current.join(verdicts, verdicts.c.version_seq == versions.c.seq)
    )
    for row in connection.execute(query).all():
        found = sa.select(matches.c.answer).where(matches.c.version_seq == row.version_seq)
        told = [json.loads(answer) for answer in connection.scalars(found)]
        gists.write(connection, row.seq, json.loads(row.answer), told, row.title, row.text)
