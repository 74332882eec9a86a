"""Items as they are written, read, revised and erased: every column, every order, every bound."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, select

from service.store import (
    Store,
    StoredItem,
    checks,
    events,
    families,
    gists,
    idempotency,
    items,
    jobs,
    postings,
)
from service.store.records import micros, moment_of
from service.tables import (
    changes,
    gist_reasons,
    job_lines,
    matches,
    outbox,
    sketches,
    verdicts,
    versions,
)
from service.tables import gists as gist_table
from service.tables import idempotency as kept_answers
from service.tables import items as item_table
from tests.service.store.conftest import SKETCHING, T0, at, matched, news


def _row(connection: Connection, table: Any, **where: Any) -> dict[str, Any]:
    query = select(table).where(*(table.c[name] == value for name, value in where.items()))
    return dict(connection.execute(query).mappings().one())


def test_what_was_written_of_an_item_is_read_of_it(store: Store) -> None:
    new = news("a/b c", minutes=1)
    written = store.write(items.insert_item, new)
    assert written == StoredItem(
        seq=1, id="a/b c", status="published", received=at(1), changed=at(1), version=1, version_seq=1, label="first",
        versioned=at(1), content=b"digest of a/b c", published=at(-60), title="Title of a/b c",
        url="https://x.example/a/b c", source="post", section="local", language="en", text=new.text, html=new.html,
        answer=new.answer, matches=(),
    )  # fmt: skip
    assert store.read(items.find, "a/b c") == written
    assert store.read(items.find, "other") is None
    assert (store.read(items.seq_of, "a/b c"), store.read(items.seq_of, "other")) == (1, None)
    assert store.read(items.count) == 1


def test_every_column_of_a_version_its_verdict_its_sketch_and_its_matches(store: Store) -> None:
    first = store.write(items.insert_item, news("a"))
    new = replace(news("b", "", "rejected", matched(first), matched(first, 0.4, "template", duplicate=False)),
                  repeated=("Footer é",))  # fmt: skip
    second = store.write(items.insert_item, new)
    with store.reading() as connection:
        row = _row(connection, versions, seq=second.version_seq)
        assert row == {
            "seq": 2, "item_seq": 2, "number": 1, "label": "first", "content": b"digest of b", "received": micros(T0),
            "published": micros(at(-60)), "title": "Title of b", "url": "https://x.example/b", "source": "post",
            "section": "local", "language": "en", "media_type": "text/html", "body": f"<p>{new.text}</p>",
            "text": new.text, "html": new.html, "repeated": '["Footer é"]',
        }  # fmt: skip
        assert _row(connection, versions, seq=1)["repeated"] == ""
        verdict = _row(connection, verdicts, version_seq=2)
        assert json.loads(verdict.pop("answer")) == new.answer
        assert verdict == {"version_seq": 2, "action": "reject", "policy": "p1", "decided": micros(T0)}
        kept = [_row(connection, sketches, version_seq=seq)["kept"] for seq in (1, 2)]
        assert kept == [True, False]
        assert new.sketch is not None
        assert _row(connection, sketches, version_seq=2) == {
            "version_seq": 2, "item_seq": 2, "making": 1, "kept": False, "published": micros(at(-60)),
            "digest": new.sketch.digest, "tokens": new.sketch.tokens, "bands": new.bands,
            "passages": new.sketch.passages.astype("<u4").tobytes(),
        }  # fmt: skip
        rows = connection.execute(select(matches).order_by(matches.c.rank)).mappings().all()
        told = [(row["rank"], row["of_version_seq"], row["of_item_seq"], row["kind"], row["is_duplicate"], row["score"])
                for row in rows]  # fmt: skip
        assert told == [(0, 1, 1, "near", True, 0.9), (1, 1, 1, "template", False, 0.4)]
        assert json.loads(rows[0]["answer"]) == new.matches[0].answer
        assert list(connection.scalars(select(changes.c.item_seq).order_by(changes.c.seq))) == [1, 2]
    assert second.matches == tuple(match.answer for match in new.matches)
    assert store.read(items.find, "b") == second


def test_a_body_of_bytes_is_kept_as_text_and_one_without_a_sketch_has_none(store: Store) -> None:
    new = news("a")
    empty = replace(new, item=replace(new.item, body=b"<p>caf\xe9</p>"), text="", sketch=None, bands=b"")
    store.write(items.insert_item, empty)
    with store.reading() as connection:
        assert _row(connection, versions, seq=1)["body"] == "<p>caf\ufffd</p>"
        assert connection.execute(select(sketches)).all() == []


def test_a_new_version_supersedes_the_one_before(store: Store) -> None:
    first = store.write(items.insert_item, news("a"))
    other = store.write(items.insert_item, news("b"))
    changed = news("a", "Another text of quite other words, that has nothing of the first one.", "held", matched(other),
                   minutes=5, source="sun", section="sport", language="de", version="2nd")  # fmt: skip
    second = store.write(items.insert_version, first, changed)
    assert (second.seq, second.version, second.version_seq) == (1, 2, 3)
    assert (second.received, second.versioned, second.changed) == (T0, at(5), at(5))
    assert (second.status, second.source, second.section, second.language) == ("held", "sun", "sport", "de")
    assert store.read(items.find, "a") == second
    assert second.etag != first.etag
    with store.reading() as connection:
        assert [row.version_seq for row in connection.execute(select(sketches).order_by(sketches.c.version_seq))] == [
            2,
            3,
        ]
        assert [row.number for row in connection.execute(select(versions).where(versions.c.item_seq == 1))] == [1, 2]
        assert [one.source for one in items.page(connection, source="sun")] == ["sun"]


def test_a_page_goes_from_the_latest_on_and_keeps_what_is_named(store: Store) -> None:
    for number in range(5):
        status = "held" if number % 2 else "published"
        store.write(
            items.insert_item, news(f"n{number}", "", status, source=f"s{number % 3}", section=f"k{number // 3}")
        )

    def ids(**named: Any) -> list[str]:
        return [item.id for item in store.read(items.page, **named)]

    assert ids() == ["n4", "n3", "n2", "n1", "n0"]
    assert ids(status="held") == ["n3", "n1"]
    assert ids(source="s0") == ["n3", "n0"]
    assert ids(section="k1") == ["n4", "n3"]
    assert ids(status="held", source="s0", section="k1") == ["n3"]
    assert ids(before=4) == ["n2", "n1", "n0"]
    assert ids(limit=2) == ["n4", "n3"]
    assert len(store.read(items.page)) == 5
    assert [item.id for item in store.read(items.find_all, [5, 1, 99])] == ["n0", "n4"]
    assert store.read(items.find_all, []) == []


def test_fifty_are_on_a_page(store: Store) -> None:
    with store.writing() as connection:
        for number in range(51):
            items.insert_item(connection, news(f"n{number}"))
    assert len(store.read(items.page)) == 50


@pytest.mark.parametrize(("status", "kept"), [("rejected", False), ("retracted", True), ("held", True)])
def test_a_status_is_given_to_the_sketch_as_well(store: Store, status: Any, kept: bool) -> None:
    one = store.write(items.insert_item, news("a", status="rejected" if kept else "published"))
    other = store.write(items.insert_item, news("b", status="rejected" if kept else "published"))
    set_ = store.write(items.set_status, one, status, at(9))
    assert set_ == replace(one, status=status, changed=at(9))
    assert store.read(items.find, "a") == set_
    assert store.read(items.find, "b") == other
    with store.reading() as connection:
        assert _row(connection, sketches, item_seq=1)["kept"] is kept
        assert _row(connection, sketches, item_seq=2)["kept"] is not kept
        assert list(connection.scalars(select(changes.c.item_seq).order_by(changes.c.seq))) == [1, 2, 1]


def test_a_touch_gives_another_tag_and_changes_nothing_else(store: Store) -> None:
    one, other = (store.write(items.insert_item, news(name)) for name in "ab")
    store.write(items.touch, one, at(3))
    assert store.read(items.find, "a") == replace(one, changed=at(3))
    assert store.read(items.find, "b") == other


def test_what_is_erased_is_quoted_by_nobody_and_the_rest_stays(store: Store) -> None:
    one = store.write(items.insert_item, news("a"))
    bystander = store.write(items.insert_item, news("z"))
    copy = store.write(items.insert_item, news("b", "", "rejected", matched(one), matched(bystander, 0.7)))
    claims = {name: idempotency.Claim("me", name, b"r") for name in ("of a", "of b", "of z")}
    with store.writing() as connection:
        events.emit(connection, "item.published", one, T0)
        events.emit(connection, "item.rejected", copy, T0)
        for name, item in (("of a", one), ("of b", copy), ("of z", bystander)):
            idempotency.keep(connection, claims[name], idempotency.Answered(201, {}, "{}"), T0, item.seq)
        job = jobs.create(connection, "me", T0)
        jobs.append(connection, job, [jobs.Line(1, "text of a"), jobs.Line(2, "text of b")])
        done = [(jobs.Outcome(n, "done", {"id": item.id}), item.seq) for n, item in ((1, one), (2, copy))]
        jobs.finish_lines(connection, job, done)
        items.erase(connection, one)
    assert store.read(items.find, "a") is None
    found = store.read(items.find, "b")
    assert found is not None
    gone, stays = found.matches
    assert gone == matched(one).answer | {
        "title": "", "url": None, "source": None, "published": None, "passages": [], "differs": [], "deleted": True,
    }  # fmt: skip
    assert stays == matched(bystander, 0.7).answer
    with store.reading() as connection:
        row = _row(connection, matches, version_seq=copy.version_seq, rank=0)
        assert (row["of_item_seq"], row["of_version_seq"]) == (None, None)
        assert _row(connection, matches, version_seq=copy.version_seq, rank=1)["of_item_seq"] == bystander.seq
        assert _row(connection, outbox, item_id="a")["body"] == "{}"
        assert _row(connection, outbox, item_id="b")["body"] != "{}"
        lines = {row.number: (row.answer, row.request) for row in connection.execute(select(job_lines))}
        assert lines == {1: ("{}", ""), 2: ('{"id": "b"}', "")}
        # What was answered of the item, and of one that quoted it, would tell of it.
        assert {row.key for row in connection.execute(select(kept_answers))} == {"of z"}
        assert connection.execute(select(versions).where(versions.c.item_seq == one.seq)).all() == []
        assert connection.execute(select(sketches).where(sketches.c.item_seq == one.seq)).all() == []
        assert list(connection.scalars(select(changes.c.item_seq)))[-1] == one.seq
        found_words = connection.exec_driver_sql("SELECT rowid FROM item_fts WHERE item_fts MATCH 'pier'").all()
        assert sorted(row[0] for row in found_words) == [bystander.seq, copy.seq]


def test_what_the_index_is_filled_from(store: Store) -> None:
    written = [store.write(items.insert_item, news(name, "", status)) for name, status in
               (("a", "published"), ("b", "rejected"), ("c", "held"))]  # fmt: skip
    assert store.read(postings.count_kept) == 2
    with store.reading() as connection:
        (part,) = list(postings.kept(connection))
    new = news("a")
    assert new.sketch is not None
    assert [one.item_seq for one in part] == [1, 3]
    assert part[0] == postings.Posting(1, 1, micros(at(-60)), new.bands, new.sketch.passages.astype("<u4").tobytes())
    assert store.read(postings.kept_of, 1) == part[0]
    assert store.read(postings.kept_of, 2) is None
    assert store.read(postings.kept_of, 9) is None
    assert store.read(postings.texts, [3, 1, 77]) == {
        one.version_seq: postings.Text(one.version_seq, one.seq, one.id, one.status, one.title, one.url, one.source,
                                       one.published, one.text)
        for one in (written[0], written[2])
    }  # fmt: skip
    assert store.read(postings.last_change) == 3
    store.write(items.note_change, 1)
    store.write(items.note_change, 1)
    assert store.read(postings.changed_since, 1) == ([2, 3, 1], 5)
    assert store.read(postings.changed_since, 5) == ([], 5)


def test_an_empty_store_has_nothing(store: Store) -> None:
    assert (store.read(postings.last_change), store.read(postings.count_kept), store.read(items.count)) == (0, 0, 0)
    with store.reading() as connection:
        assert list(postings.kept(connection)) == []


def _chain(store: Store) -> list[StoredItem]:
    """a ← b ← c, d apart, e only a template of a, f another event's telling of c."""
    a = store.write(items.insert_item, news("a"))
    b = store.write(items.insert_item, news("b", "", "rejected", matched(a)))
    c = store.write(items.insert_item, news("c", "", "rejected", matched(b), matched(a, 0.6, "contained")))
    d = store.write(items.insert_item, news("d"))
    e = store.write(items.insert_item, news("e", "", "published", matched(a, 0.9, "template", duplicate=False)))
    f = store.write(items.insert_item, news("f", "", "published", matched(c, 0.3, "related", duplicate=False)))
    return [a, b, c, d, e, f]


def test_a_family_is_what_copies_and_tells_the_same(store: Store) -> None:
    a, b, c, d, _, f = _chain(store)
    for one in (a, b, c, f):
        family = store.read(families.around, one.seq)
        assert family.seqs == (a.seq, b.seq, c.seq, f.seq)
        assert [(match.item_id, match.of, match.kind) for match in family.matches] == [
            ("b", "a", "near"), ("c", "b", "near"), ("c", "a", "contained"), ("f", "c", "related")]  # fmt: skip
        assert family.truncated is False
    match = store.read(families.around, a.seq).matches[0]
    assert (match.jaccard, match.containment, match.coverage, match.score) == (0.5, 0.75, 0.625, 0.9)
    assert [(span.start, span.end, span.other_start, span.other_end) for span in match.spans] == [(1, 9, 2, 10)]
    assert [(one.kind, one.here, one.there) for one in match.differs] == [("number", "9", "8")]
    assert store.read(families.around, d.seq) == families.Family((d.seq,), (), truncated=False)


def test_the_copies_below_one_are_those_of_copies_too(store: Store) -> None:
    a, b, c, d, *_ = _chain(store)
    assert store.read(families.copies_below, a.seq) == {b.seq, c.seq}
    assert store.read(families.copies_below, b.seq) == {c.seq}
    assert store.read(families.copies_below, c.seq) == set()
    assert store.read(families.copies_below, d.seq) == set()


def test_matches_stand_beside_the_texts_they_were_made_with(store: Store) -> None:
    a, b, c, *_ = _chain(store)
    with store.writing() as connection:
        items.erase(connection, a)
    told = store.read(families.with_texts, c)
    assert [(answer["id"], text) for answer, text in told] == [("b", b.text), ("a", None)]


def test_a_store_that_is_whole_is_found_whole_and_what_is_not_is_named(store: Store) -> None:
    for item in (store.write(items.insert_item, news(name)) for name in "abcdefg"):
        store.write(events.emit, "item.published", item, T0)
    store.write(lambda connection: connection.exec_driver_sql(
        "UPDATE makings SET sketch = ? WHERE id = 1", (SKETCHING.header,)))  # fmt: skip

    def found() -> dict[str, tuple[bool, str]]:
        return {one.what: (one.fine, one.said) for one in store.read(checks.examine, SKETCHING)}

    whole = found()
    assert all(fine for fine, _ in whole.values()), whole
    assert whole["counts"][1] == "7 items, 7 versions, 7 sketches, 0 matches, 7 events"
    assert whole["sketches against texts"][1] == "7 made again, 0 of them otherwise"
    assert whole["integrity"] == (True, "ok")
    assert whole["references"] == (True, "0 rows name another that is not there")
    damage = {
        "items without their current version": "UPDATE items SET version = 9 WHERE id = 'a'",
        "versions without a verdict": "DELETE FROM verdicts WHERE version_seq = 2",
        "texts that the index does not have": "DELETE FROM sketches WHERE item_seq = 3",
        "items whose posting says otherwise than their status": "UPDATE items SET status = 'rejected' WHERE id = 'd'",
        "items that no event tells of": "DELETE FROM outbox WHERE item_id = 'e'",
        "sketches against texts": "UPDATE versions SET text = 'quite another text than before' WHERE seq = 6",
    }
    for what, statement in damage.items():
        store.write(lambda connection, statement=statement: connection.exec_driver_sql(statement))
        fine, said = found()[what]
        assert not fine, what
        assert what == "sketches against texts" or said.endswith("; run: copytaster reindex --everything")
    assert found()["versions without a verdict"][1].startswith("'b'; run")
    assert found()["sketches against texts"][1].endswith("1 of them otherwise")
    assert found()["postings of texts that were superseded"][0] is False
    for what in ("'a'", "'b'", "'c'", "'d'", "'e'", "'f'", "'g'"):
        store.write(lambda connection, what=what: connection.exec_driver_sql(
            f"DELETE FROM outbox WHERE item_id = {what}"))  # noqa: S608  # fmt: skip
    said = found()["items that no event tells of"][1]
    assert said == "'a', 'b', 'c', 'd', 'e' and more; run: copytaster reindex --everything"


def test_what_is_searched_for_is_every_word_and_the_last_one_perhaps_unfinished(store: Store) -> None:
    one = store.write(items.insert_item, news("a", "A narwhal came into the harbour of Brack on Tuesday."))
    store.write(items.insert_item, news("b", "A heron nested on the harbour crane at Aldwick."))

    def ids(query: str) -> list[int]:
        with store.reading() as connection:
            wanted = gists.holding(connection, item_table.c.seq, query)
            return list(connection.scalars(select(item_table.c.seq).where(wanted).order_by(item_table.c.seq)))

    assert ids("harbour") == [1, 2]
    assert ids("harbour narw") == [1]
    assert ids("narw harbour") == []
    assert ids('title"') == [1, 2]
    assert ids("!?") == [1, 2]
    assert ids(" ".join(["harbour"] * 12 + ["zebra"])) == [1, 2], "more words than twelve say nothing more"
    assert ids(" ".join(["harbour"] * 11 + ["zebra"])) == []
    revised = news("a", "Quite other words.", minutes=1)
    store.write(items.insert_version, one, revised)
    assert ids("narwhal") == []
    assert ids("quite") == [1]


def test_a_gist_is_of_the_current_version(store: Store) -> None:
    other = store.write(items.insert_item, news("z"))
    one = store.write(
        items.insert_item, news("a", "", "held", matched(other, 0.7), matched(other, 0.8), reasons=("b", "a", "b"))
    )
    with store.reading() as connection:
        assert _row(connection, gist_table, item_seq=one.seq) == {"item_seq": one.seq, "score": 0.25, "risk": 0.8}
        assert _row(connection, gist_table, item_seq=other.seq) == {"item_seq": other.seq, "score": 0.25, "risk": 0.25}
        codes = select(gist_reasons.c.code).where(gist_reasons.c.item_seq == one.seq).order_by(gist_reasons.c.code)
        assert list(connection.scalars(codes)) == ["a", "b"]
    store.write(items.insert_version, one, news("a", "Now of other words.", "held", score=0.9, reasons=("c",)))
    with store.reading() as connection:
        assert _row(connection, gist_table, item_seq=one.seq)["risk"] == 0.9
        assert list(connection.scalars(codes)) == ["c"]


def test_a_moment_is_kept_to_the_microsecond() -> None:
    assert moment_of(micros(T0)) == T0
    assert micros(moment_of(1)) == 1
