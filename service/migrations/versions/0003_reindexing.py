"""Sketches of two makings side by side, so that the index can be made again while the one before is in use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Key sketches by version and making; let a making be made again; make a place for texts that are read again."""
    if op.get_bind().dialect.name == "sqlite":
        _make_sketches_anew()
    else:
        op.drop_constraint("uq_makings_sketch_cleaner", "makings")
        op.drop_constraint("uq_sketches_item_seq", "sketches")
        op.drop_constraint("pk_sketches", "sketches")
        op.create_primary_key("pk_sketches", "sketches", ["version_seq", "making"])
        op.create_unique_constraint("uq_sketches_item_seq_making", "sketches", ["item_seq", "making"])
    # An undated text is as old as it has been here: a look-back takes it for no older than that.
    op.execute(
        "UPDATE sketches SET published ="
        " (SELECT versions.received FROM versions WHERE versions.seq = sketches.version_seq) WHERE published IS NULL"
    )
    op.create_table(
        "rereadings",
        sa.Column("version_seq", _WHOLE, nullable=False),
        sa.Column("making", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("html", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["making"], ["makings.id"], name="fk_rereadings_making"),
        sa.ForeignKeyConstraint(
            ["version_seq"], ["versions.seq"], name="fk_rereadings_version_seq", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("version_seq", name="pk_rereadings"),
    )


def _make_sketches_anew() -> None:
    """SQLite changes no constraint, and drops no table that another names: the rows step aside for so long."""
    op.execute("CREATE TABLE kept_sketches AS SELECT * FROM sketches")
    op.execute("CREATE TABLE kept_makings AS SELECT * FROM makings")
    op.drop_table("sketches")
    op.drop_table("makings")
    op.create_table(
        "makings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sketch", sa.Text(), nullable=False),
        sa.Column("cleaner", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_makings"),
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
        sa.PrimaryKeyConstraint("version_seq", "making", name="pk_sketches"),
        sa.UniqueConstraint("item_seq", "making", name="uq_sketches_item_seq_making"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO makings (id, sketch, cleaner, created) SELECT id, sketch, cleaner, created FROM kept_makings"
    )
    op.execute(
        "INSERT INTO sketches (version_seq, item_seq, making, kept, published, digest, tokens, bands, passages)"
        " SELECT version_seq, item_seq, making, kept, published, digest, tokens, bands, passages FROM kept_sketches"
        " ORDER BY version_seq"
    )
    op.create_index("ix_sketches_making", "sketches", ["making"])
    op.drop_table("kept_sketches")
    op.drop_table("kept_makings")
