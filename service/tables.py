"""The tables: what is kept of an item, of what was decided on it, and of who is told.

Every time is in microseconds since 1970 (UTC). ``seq`` grows by one with each row and is never used again. JSON is kept
as text, so that what was answered can be answered again letter for letter. Everything that holds text of an item hangs
on it by ``ON DELETE CASCADE`` or is erased by ``store.items.delete``. The same tables are made in SQLite and in
PostgreSQL, by the migrations alone (``service/migrations``); a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Whole = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts rows in INTEGER columns alone, of 64 bits
_Name = String(200)


def _seq() -> Column[int]:
    return Column("seq", _Whole, primary_key=True, autoincrement=True)


def _item(*, index: bool = False, unique: bool = False) -> Column[int]:
    owner = ForeignKey("items.seq", ondelete="CASCADE")
    return Column("item_seq", _Whole, owner, nullable=False, index=index or None, unique=unique or None)


def _version() -> Column[int]:
    return Column("version_seq", _Whole, ForeignKey("versions.seq", ondelete="CASCADE"), primary_key=True)


# The store itself: the secret of its sketches, the making that its index has.
meta = Table("meta", metadata, Column("name", String(40), primary_key=True), Column("value", Text, nullable=False))

# What makes sketches comparable: those of unlike makings are not. ``copytaster reindex`` goes from one to the next, and
# from one to another of the same versions when the index was found wrong.
makings = Table(
    "makings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sketch", Text, nullable=False),  # header of the sketches
    Column("cleaner", Text, nullable=False),  # versions of the models that cleaned the texts
    Column("created", BigInteger, nullable=False),
)

# --- items ------------------------------------------------------------------------------------------------------------

# An item as it stands now; ``version`` is the number of the text that counts.
items = Table(
    "items",
    metadata,
    _seq(),  # order of arrival
    Column("id", _Name, nullable=False, unique=True),
    Column("status", String(10), nullable=False),
    Column("version", Integer, nullable=False),  # versions.number
    Column("received", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),  # last time that its text or its status changed
    Column("source", Text),
    Column("section", Text),
    Column("language", Text),
    CheckConstraint("status IN ('published', 'held', 'rejected', 'retracted')", name="status"),
    Index(None, "status", "seq"),
    Index(None, "source", "seq"),
    Index(None, "status", "changed"),
    sqlite_autoincrement=True,
)

# Each text that an item has had. ``seq`` is the order in which the index met them.
versions = Table(
    "versions",
    metadata,
    _seq(),
    _item(),
    Column("number", Integer, nullable=False),  # 1, 2, 3, … of its item
    Column("label", Text),  # the sender's own name for it
    Column("content", LargeBinary, nullable=False),  # digest of the request: the same again, or another text?
    Column("received", BigInteger, nullable=False),
    Column("published", BigInteger),  # as declared
    Column("title", Text, nullable=False),
    Column("url", Text),
    Column("source", Text),
    Column("section", Text),
    Column("language", Text),
    Column("media_type", String(20), nullable=False),
    Column("body", Text, nullable=False),  # as it came
    Column("text", Text, nullable=False),  # cleaned
    Column("html", Text, nullable=False),  # cleaned
    Column("repeated", Text, nullable=False),  # JSON: paragraphs taken out because the source repeats them
    UniqueConstraint("item_seq", "number"),
    Index(None, "source", "seq"),
    sqlite_autoincrement=True,
)

# What an item's current text is found by: one row, for a row a key would be read fifty times slower. It goes with the
# version that it was made of. ``kept`` and ``published`` stand here too: the index is read from this table alone. Only
# the rows of the making that ``meta`` names count; ``copytaster reindex`` writes those of the next one beside them.
sketches = Table(
    "sketches",
    metadata,
    _version(),
    _item(),
    Column("making", Integer, ForeignKey("makings.id"), primary_key=True, index=True, autoincrement=False),
    Column("kept", Boolean, nullable=False),  # not rejected: it can make another item a duplicate
    Column("published", BigInteger),  # as declared, or else received
    Column("digest", String(64), nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("bands", LargeBinary, nullable=False),  # 32-bit keys, little endian
    Column("passages", LargeBinary, nullable=False),  # 32-bit keys, little endian
    UniqueConstraint("item_seq", "making"),
    sqlite_with_rowid=False,  # read in the order of versions
)

# What ``copytaster reindex`` has done of the making that is under way: a row for each version, with its text where
# the cleaner reads it otherwise by now. They take the place of the texts in ``versions`` when that making counts.
rereadings = Table(
    "rereadings",
    metadata,
    _version(),
    Column("making", Integer, ForeignKey("makings.id"), nullable=False),
    Column("text", Text),
    Column("html", Text),
)

# As it was answered, without the matches, which have a table of their own.
verdicts = Table(
    "verdicts",
    metadata,
    _version(),
    Column("action", String(10), nullable=False),
    Column("policy", String(40), nullable=False),
    Column("decided", BigInteger, nullable=False),
    Column("answer", Text, nullable=False),  # JSON
)

# What another policy would have decided, on trial.
shadow_verdicts = Table(
    "shadow_verdicts",
    metadata,
    _version(),
    Column("policy", String(40), primary_key=True),
    Column("action", String(10), nullable=False),
    Column("reasons", Text, nullable=False),  # JSON
    Column("decided", BigInteger, nullable=False),
)

# Verified matches of a version with the versions of earlier items, the surest first.
matches = Table(
    "matches",
    metadata,
    _version(),
    Column("rank", Integer, primary_key=True),
    Column("of_version_seq", _Whole, index=True),  # null once the earlier item was deleted
    Column("of_item_seq", _Whole, index=True),
    Column("kind", String(10), nullable=False),
    Column("is_duplicate", Boolean, nullable=False),
    Column("score", Float, nullable=False),
    Column("answer", Text, nullable=False),  # JSON: as answered, with passages and differences
)

# Each change of what the index holds, in the order of commits: by it several nodes keep their indexes in step.
changes = Table(
    "changes",
    metadata,
    _seq(),
    Column("item_seq", _Whole, nullable=False),  # of a deleted item too
    sqlite_autoincrement=True,
)

# What each source prints again and again, as counted up to a version.
source_memories = Table(
    "source_memories",
    metadata,
    Column("source", Text, primary_key=True),
    Column("upto", _Whole, nullable=False),  # versions.seq
    Column("items", Integer, nullable=False),
    Column("counts", LargeBinary, nullable=False),  # compressed
)

# --- people -----------------------------------------------------------------------------------------------------------

# Who changed what and why; never changed itself. The item's id stays when the item is deleted.
decisions = Table(
    "decisions",
    metadata,
    _seq(),
    Column("item_id", _Name, nullable=False, index=True),
    Column("item_seq", _Whole, nullable=False),
    Column("version", Integer, nullable=False),
    Column("decided", BigInteger, nullable=False),
    Column("who", _Name, nullable=False),
    Column("kind", String(20), nullable=False),  # decide, retract, delete
    Column("before", String(10), nullable=False),  # status
    Column("after", String(10), nullable=False),
    Column("why", Text, nullable=False),
    Column("policy", String(40), nullable=False),  # that had decided before
    sqlite_autoincrement=True,
)

# A pair of items that an editor called different, or the same. ``one`` is the lower of the two numbers.
pins = Table(
    "pins",
    metadata,
    Column("one", _Whole, ForeignKey("items.seq", ondelete="CASCADE"), primary_key=True),
    Column("other", _Whole, ForeignKey("items.seq", ondelete="CASCADE"), primary_key=True, index=True),
    Column("relation", String(10), nullable=False),
    Column("decision", _Whole, ForeignKey("decisions.seq"), nullable=False),
    CheckConstraint("relation IN ('different', 'same')", name="relation"),
    CheckConstraint("one < other", name="order"),
)

# What an editor calls a sentence: filler of some kind, furniture, or worth printing.
sentence_labels = Table(
    "sentence_labels",
    metadata,
    _seq(),
    _item(index=True),
    Column("version", Integer, nullable=False),
    Column("start", Integer, nullable=False),  # characters of the cleaned text
    Column("end", Integer, nullable=False),
    Column("label", String(40), nullable=False),
    Column("who", _Name, nullable=False),
    Column("labelled", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

# --- requests ---------------------------------------------------------------------------------------------------------

# The answer to a request that named an Idempotency-Key, to be given again.
idempotency = Table(
    "idempotency",
    metadata,
    Column("caller", _Name, primary_key=True),
    Column("key", _Name, primary_key=True),
    Column("request", LargeBinary, nullable=False),  # digest of method, path and body
    Column("item_seq", _Whole, index=True),  # whose text is in the answer
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),  # JSON
    Column("answer", Text, nullable=False),
    Column("created", BigInteger, nullable=False, index=True),
)

jobs = Table(
    "jobs",
    metadata,
    _seq(),
    Column("id", String(40), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("caller", _Name, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("started", BigInteger),
    Column("finished", BigInteger),
    Column("total", Integer, nullable=False),  # lines
    Column("node", String(60)),  # that works on it, while its lease lasts
    Column("lease", BigInteger),
    CheckConstraint("state IN ('receiving', 'queued', 'running', 'done', 'cancelled')", name="state"),
    Index(None, "state", "seq"),
    sqlite_autoincrement=True,
)

job_lines = Table(
    "job_lines",
    metadata,
    Column("job_seq", _Whole, ForeignKey("jobs.seq", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),  # 1, 2, 3, …
    Column("state", String(10), nullable=False),  # waiting, done, failed, cancelled
    Column("request", Text, nullable=False),  # the line; empty once it is done with
    Column("item_seq", _Whole),
    Column("answer", Text, nullable=False),  # JSON: id and status, or the problem; empty while it waits
    Index(None, "job_seq", "state", "number"),
)

# --- who is told ------------------------------------------------------------------------------------------------------

# Events, written with what they tell of. ``spread`` once a delivery stands for every subscription that wants it.
outbox = Table(
    "outbox",
    metadata,
    _seq(),
    Column("id", String(60), nullable=False, unique=True),  # of the event, the same at every attempt
    Column("kind", String(40), nullable=False),
    Column("item_id", _Name, nullable=False, index=True),
    Column("created", BigInteger, nullable=False, index=True),
    Column("body", Text, nullable=False),  # JSON; erased with the item
    Column("spread", Boolean, nullable=False, server_default=false()),
    Index(None, "spread", "seq"),
    sqlite_autoincrement=True,
)

webhooks = Table(
    "webhooks",
    metadata,
    _seq(),
    Column("id", String(40), nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("events", Text, nullable=False),  # JSON: kinds that it wants; empty: all
    Column("secret", Text, nullable=False),
    Column("previous_secret", Text),
    Column("previous_until", BigInteger),
    Column("active", Boolean, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("created_by", _Name, nullable=False),
    Column("failing_since", BigInteger),
    sqlite_autoincrement=True,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("event_seq", _Whole, ForeignKey("outbox.seq", ondelete="CASCADE"), primary_key=True),
    Column("webhook_seq", _Whole, ForeignKey("webhooks.seq", ondelete="CASCADE"), primary_key=True),
    Column("state", String(10), nullable=False),  # waiting, delivered, dead
    Column("attempts", Integer, nullable=False),
    Column("next_attempt", BigInteger, nullable=False),
    Column("last_attempt", BigInteger),
    Column("last_error", Text),
    Column("status", Integer),  # HTTP status of the last attempt
    Index(None, "state", "next_attempt"),
    Index(None, "webhook_seq", "state", "next_attempt"),  # what is due to it
)

# --- who may, and by which rules --------------------------------------------------------------------------------------

keys = Table(
    "keys",
    metadata,
    _seq(),
    Column("id", String(40), nullable=False, unique=True),  # the part of the key that may be shown
    Column("name", _Name, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("scopes", Text, nullable=False),  # JSON
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger),
    Column("revoked", BigInteger),
    Column("replaces", String(40)),  # id of the key that this one was rotated from
    Column("rate", Float),  # requests a second; null: as the service is set
    Column("burst", Integer),
    sqlite_autoincrement=True,
)

policy_versions = Table(
    "policy_versions",
    metadata,
    _seq(),
    Column("digest", String(40), nullable=False, index=True),
    Column("mode", String(10), nullable=False),  # active, shadow
    Column("text", Text, nullable=False),  # TOML
    Column("activated", BigInteger, nullable=False),
    Column("who", _Name, nullable=False),
    sqlite_autoincrement=True,
)

# --- the review page --------------------------------------------------------------------------------------------------

# Who signs in there with a password.
reviewers = Table(
    "reviewers",
    metadata,
    Column("name", _Name, primary_key=True),
    Column("role", String(10), nullable=False),
    Column("hash", Text, nullable=False),  # argon2id
    Column("created", BigInteger, nullable=False),
    Column("disabled", Boolean, nullable=False),
    CheckConstraint("role IN ('reviewer', 'admin')", name="role"),
)

# Browsers that somebody signed in with, by the digest of their token.
sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("who", _Name, nullable=False, index=True),
    Column("scopes", Text, nullable=False),  # JSON
    Column("key_id", String(40)),  # of the API key that opened it
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False, index=True),
)

# Which editor has which item open.
claims = Table(
    "claims",
    metadata,
    Column("item_seq", _Whole, ForeignKey("items.seq", ondelete="CASCADE"), primary_key=True),
    Column("who", _Name, nullable=False),
    Column("until", BigInteger, nullable=False),
)

# What a list of items is sorted and filtered by, of the version that counts.
gists = Table(
    "gists",
    metadata,
    Column("item_seq", _Whole, ForeignKey("items.seq", ondelete="CASCADE"), primary_key=True),
    Column("score", Float, nullable=False),  # of filler
    Column("risk", Float, nullable=False, index=True),  # the greater of that and the surest match's
)
gist_reasons = Table(
    "gist_reasons",
    metadata,
    Column("item_seq", _Whole, ForeignKey("gists.item_seq", ondelete="CASCADE"), primary_key=True),
    Column("code", String(40), primary_key=True),
    Index(None, "code", "item_seq"),
)

# Words to search by, in PostgreSQL alone; SQLite has the virtual table ``item_fts`` instead, of rowid = items.seq.
item_words = Table(
    "item_words",
    MetaData(),
    Column("item_seq", BigInteger, primary_key=True),
    Column("words", TSVECTOR, nullable=False),
)
