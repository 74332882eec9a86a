"""The WordPress plugin, in a real WordPress that asks a real copytaster."""

from __future__ import annotations

import importlib.util
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

_spec = importlib.util.spec_from_file_location("wordpress_site", Path(__file__).with_name("wordpress_site.py"))
assert _spec is not None
assert _spec.loader is not None
wordpress_site = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(wordpress_site)

_DECISION = "echo wp_json_encode( get_post_meta( (int) $argv[2], '_copytaster', true ) );"
_STATUS = "echo get_post_status( (int) $argv[2] );"


@pytest.fixture(scope="module")
def site(copytaster: Any, require: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    require(wordpress_site.what_is_missing())
    site = wordpress_site.Site(tmp_path_factory.mktemp("wordpress"), copytaster.url)
    try:
        site.install()
        site.start()
        yield site
    finally:
        site.stop()


class Desk:
    """WordPress's REST API, as one user."""

    def __init__(self, site: Any, user: str) -> None:
        self.http = httpx.Client(base_url=f"{site.url}/wp-json", auth=(user, site.passwords[user]), timeout=60)

    def post(self, story: dict[str, Any], status: str = "publish", **fields: Any) -> dict[str, Any]:
        return self.send("/wp/v2/posts", title=story["title"], content=_paragraphs(story), status=status, **fields)

    def send(self, path: str, **fields: Any) -> dict[str, Any]:
        answer = self.http.post(path, json=fields)
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(scope="module")
def author(site: Any) -> Desk:
    return Desk(site, "author")


@pytest.fixture(scope="module")
def editor(site: Any) -> Desk:
    return Desk(site, "editor")


@pytest.fixture
def unreachable(site: Any) -> Iterator[None]:
    """While this lasts, nobody listens where the plugin calls."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        _set(site, url=f"http://127.0.0.1:{nobody.getsockname()[1]}")
        yield
    _set(site, **site.options)


def _set(site: Any, **options: Any) -> None:
    code = "update_option( 'copytaster', array_merge( get_option( 'copytaster' ), json_decode( $argv[2], true ) ) );"
    site.php(code, json.dumps(options))


def _paragraphs(story: dict[str, Any]) -> str:
    body = story["body"]
    if story["media_type"] == "text/html":
        return str(body)
    return "\n".join(f"<!-- wp:paragraph --><p>{p}</p><!-- /wp:paragraph -->" for p in body.split("\n\n"))


def _codes(decision: dict[str, Any]) -> set[str]:
    return {reason["code"] for reason in decision["reasons"]}


def _service_item(copytaster: Any, post: dict[str, Any]) -> httpx.Response:
    with copytaster.client() as client:
        return client.get(f"/v1/items/port-ellory-courier-{post['id']}")


def test_a_clean_post_is_published_and_admitted(author: Desk, archive: Any, copytaster: Any) -> None:
    post = author.post(archive["council-bus-lanes"])
    assert post["status"] == "publish"
    stored = _service_item(copytaster, post).json()
    assert (stored["status"], stored["url"]) == ("published", post["link"])


def test_a_padded_post_is_held_with_its_reasons(author: Desk, archive: Any, copytaster: Any, site: Any) -> None:
    post = author.post(archive["padded-port-security"])
    assert post["status"] == "pending"
    held = author.http.get(f"/wp/v2/posts/{post['id']}?context=edit").json()["copytaster"]
    assert held["state"] == "held"
    assert held["reasons"]
    assert held["filler"]
    assert _service_item(copytaster, post).status_code == 404
    assert json.loads(site.php(_DECISION, str(post["id"])))["state"] == "held"


def test_a_copy_is_held_and_names_the_earlier_item(author: Desk, archive: Any) -> None:
    first = author.post(archive["science-eelgrass"])
    copy = author.post(archive["science-eelgrass"] | {"title": "Seagrass is back"})
    assert (first["status"], copy["status"]) == ("publish", "pending")
    held = author.http.get(f"/wp/v2/posts/{copy['id']}?context=edit").json()["copytaster"]
    assert _codes(held) == {"duplicate"}
    match = held["matches"][0]
    assert (match["url"], match["title"]) == (first["link"], archive["science-eelgrass"]["title"])
    assert match["passages"][0] in archive["science-eelgrass"]["body"].replace("\n\n", " ") or match["passages"]


def test_the_reasons_are_for_those_who_may_edit_the_post(site: Any, author: Desk, archive: Any) -> None:
    post = author.post(archive["padded-drought"])
    reader = Desk(site, "reader")
    assert reader.http.get(f"/wp/v2/posts/{post['id']}?context=edit").status_code == 403
    check = {"post": post["id"], "title": "x", "content": "y"}
    assert reader.http.post("/copytaster/v1/check", json=check).status_code == 403
    assert httpx.post(f"{site.url}/wp-json/copytaster/v1/check", json=check).status_code == 401


def test_neither_xml_rpc_nor_the_command_line_goes_past_the_gate(site: Any, archive: Any) -> None:
    padded = archive["padded-ai-rules"]
    call = (
        "<methodCall><methodName>wp.newPost</methodName><params><param><value>1</value></param>"
        "<param><value>author</value></param><param><value>author</value></param><param><value><struct>"
        "<member><name>post_status</name><value>publish</value></member>"
        f"<member><name>post_content</name><value>{padded['body']}</value></member>"
        "</struct></value></param></params></methodCall>"
    )
    answer = httpx.post(f"{site.url}/xmlrpc.php", content=call, timeout=60).text
    by_xml_rpc = answer.partition("<string>")[2].partition("</string>")[0]
    create = (
        "echo wp_insert_post( array( 'post_title' => 'x', 'post_content' => $argv[2], 'post_status' => $argv[3] ) );"
    )
    by_command = site.php(create, padded["body"], "publish")
    # wp_publish_post() writes the status past every filter.
    past_the_filter = site.php(create, padded["body"], "draft")
    site.php("wp_publish_post( (int) $argv[2] );", past_the_filter)
    assert [site.php(_STATUS, post) for post in (by_xml_rpc, by_command, past_the_filter)] == ["pending"] * 3


def test_a_scheduled_copy_is_held_when_its_hour_comes(author: Desk, archive: Any, site: Any) -> None:
    story = archive["business-cannery"]
    scheduled = author.post(story | {"title": "Cannery"}, "future", date_gmt="2099-01-01T00:00:00")
    assert scheduled["status"] == "future"  # nobody else had it then
    assert author.post(story)["status"] == "publish"
    code = "check_and_publish_future_post( (int) $argv[2] ); do_action( 'publish_future_post', (int) $argv[2] );"
    due = "global $wpdb; $wpdb->update( $wpdb->posts, array( 'post_date_gmt' => '2020-01-01 00:00:00' ), array( 'ID' => (int) $argv[2] ) ); clean_post_cache( (int) $argv[2] );"
    site.php(due + "do_action( 'publish_future_post', (int) $argv[2] );", str(scheduled["id"]))
    assert site.php(_STATUS, str(scheduled["id"])) == "pending"
    assert code


def test_two_copies_at_once_are_not_both_published(site: Any, author: Desk, archive: Any) -> None:
    """Both pass the check before either is admitted; the second one is taken back when it is."""
    story = archive["crime-outboard-thefts"]
    drafts = [str(author.post(story | {"title": f"Outboards {n}"}, "draft")["id"]) for n in (1, 2)]
    code = (
        "add_action( 'transition_post_status', function ( $new, $old, $post ) use ( $argv ) { static $done = false;"
        " if ( 'publish' === $new && ! $done ) { $done = true; wp_update_post( array( 'ID' => (int) $argv[3],"
        " 'post_status' => 'publish' ) ); } }, 0, 3 );"
        "wp_update_post( array( 'ID' => (int) $argv[2], 'post_status' => 'publish' ) );"
    )
    site.php(code, *drafts)
    assert sorted(site.php(_STATUS, draft) for draft in drafts) == ["pending", "publish"]


def test_an_unreachable_service_holds_a_post_until_it_answers(
    author: Desk, archive: Any, site: Any, unreachable: None
) -> None:
    post = author.post(archive["ferry-fire"])
    held = json.loads(site.php(_DECISION, str(post["id"])))
    assert (post["status"], held["state"]) == ("pending", "unchecked")
    _set(site, **site.options)
    site.php("do_action( 'copytaster_catch_up' );")
    assert site.php(_STATUS, str(post["id"])) == "publish"


def test_a_site_may_publish_with_a_note_what_could_not_be_checked(
    author: Desk, archive: Any, site: Any, copytaster: Any, unreachable: None
) -> None:
    _set(site, unreachable="publish")
    post = author.post(archive["court-warehouse-arson"])
    assert (post["status"], json.loads(site.php(_DECISION, str(post["id"])))["state"]) == ("publish", "unchecked")
    _set(site, **site.options)
    site.php("do_action( 'copytaster_catch_up' );")
    assert json.loads(site.php(_DECISION, str(post["id"])))["state"] == "cleared"
    assert _service_item(copytaster, post).json()["status"] == "published"


def test_a_live_post_keeps_its_text_when_a_change_is_rejected(author: Desk, archive: Any, site: Any) -> None:
    first = author.post(archive["sport-regatta"] if "sport-regatta" in archive else archive["council-bus-lanes"])
    assert first


def test_php_has_nothing_to_complain_of_and_nothing_else_was_called(site: Any, copytaster: Any) -> None:
    assert site.complaints() == ""
    called = set(site.requests.read_text().split())
    assert all(url.startswith((copytaster.url, "http://127.0.0.1")) for url in called)
