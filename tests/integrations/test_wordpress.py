"""The WordPress plugin, in a real WordPress that asks a real copytaster."""

from __future__ import annotations

import json
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.integrations import wordpress_site

# The browser asks nobody but the site, and needs no user of its own.
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
_DECISION = "echo wp_json_encode( get_post_meta( (int) $argv[2], '_copytaster', true ) );"
_STATUS = "echo get_post_status( (int) $argv[2] );"


@pytest.fixture(scope="module")
def site(require: Any, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    require(wordpress_site.what_is_missing())
    copytaster = request.getfixturevalue("copytaster")  # which takes a while to start
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


def _calls(site: Any, method: str, path: str) -> list[dict[str, Any]]:
    """What the plugin has asked of the service, the latest last."""
    return [call for call in site.calls() if (call["method"], urlsplit(call["url"]).path) == (method, path)]


def _heard(copytaster: Any, call: dict[str, Any]) -> None:
    """The service did what it was asked, where it has that route."""
    with copytaster.client() as client:
        routes = client.get("/openapi.json").json()["paths"]
    parts = urlsplit(call["url"]).path.split("/")
    fits = [path for path in routes if len(parts) == len(path.split("/")) and path.endswith(parts[-1])]
    if fits or (call["method"] == "DELETE" and any("delete" in verbs for verbs in routes.values())):
        assert call["status"] in (200, 201, 202, 204), call


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
    assert archive["science-eelgrass"]["body"].startswith(match["passages"][0][:80])


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


@contextmanager
def _signed_in(site: Any, name: str) -> Iterator[httpx.Client]:
    """A browser without the block editor: the forms of wp-admin."""
    with httpx.Client(base_url=site.url, timeout=60, follow_redirects=True) as browser:
        browser.get("/wp-login.php")
        browser.post("/wp-login.php", data={"log": name, "pwd": name, "testcookie": "1"})
        yield browser


def test_neither_quick_edit_nor_the_classic_editor_goes_past_the_gate(site: Any, author: Desk, archive: Any) -> None:
    padded = archive["padded-ai-rules"]
    quick, classic, clean = (author.post(padded, status="draft")["id"] for _ in range(3))
    with _signed_in(site, "author") as browser:
        listed = browser.get("/wp-admin/edit.php").text
        nonce = re.search(r'id="_inline_edit"[^>]*value="(\w+)"', listed)
        assert nonce is not None, listed[:2_000]
        fields = {"post_ID": quick, "post_type": "post", "post_title": padded["title"], "_status": "publish"}
        fields |= {"action": "inline-save", "_inline_edit": nonce[1], "screen": "edit-post", "post_view": "list"}
        assert browser.post("/wp-admin/admin-ajax.php", data=fields).status_code == 200
        for post, text in ((classic, padded["body"]), (clean, _CLASSIC)):
            form = browser.get(f"/wp-admin/post.php?post={post}&action=edit").text
            nonce = re.search(r'name="_wpnonce" value="(\w+)"', form)
            assert nonce is not None, form[:2_000]
            fields = {"post_ID": post, "post_type": "post", "post_title": "By the form", "content": text}
            fields |= {
                "action": "editpost",
                "_wpnonce": nonce[1],
                "original_post_status": "draft",
                "publish": "Publish",
            }
            assert browser.post("/wp-admin/post.php", data=fields).status_code == 200
    statuses = [site.php(_STATUS, str(post)) for post in (quick, classic, clean)]
    assert statuses == ["pending", "pending", "publish"]


_CLASSIC = (
    "The fog signal at Marrow Point was switched off on Friday after 104 years. Its keeper, Lena Holt, said the 12 ton"
    " compressor goes to the museum at Ostrey, which paid 900 crowns for it."
)


def test_a_scheduled_copy_is_held_when_its_hour_comes(author: Desk, archive: Any, site: Any) -> None:
    story = archive["business-cannery"]
    scheduled = author.post(story | {"title": "Cannery"}, "future", date_gmt="2099-01-01T00:00:00")
    assert scheduled["status"] == "future"  # nobody else had it then
    assert author.post(story)["status"] == "publish"
    code = (
        "global $wpdb; $id = (int) $argv[2];"
        "$wpdb->update( $wpdb->posts, array( 'post_date_gmt' => '2020-01-01 00:00:00' ), array( 'ID' => $id ) );"
        "clean_post_cache( $id ); do_action( 'publish_future_post', $id );"
    )
    site.php(code, str(scheduled["id"]))
    assert site.php(_STATUS, str(scheduled["id"])) == "pending"


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
    (held,) = (draft for draft in drafts if site.php(_STATUS, draft) == "pending")
    path = f"/v1/items/port-ellory-courier-{held}"
    assert _calls(site, "POST", f"{path}/retract") == [], "readers never had it"
    author.http.delete(f"/wp/v2/posts/{held}?force=true")
    assert _calls(site, "DELETE", path)[-1]["status"] == 204, "the service had stored it, if not as published"


def test_a_live_post_is_not_taken_from_its_readers_when_the_service_refuses_its_change(
    site: Any, author: Desk, archive: Any
) -> None:
    """The other post with these words is admitted after the change was checked and before it is."""
    live = author.post(archive["es-incendio"])
    other = author.post(archive["it-frana"] | {"title": "Un altro"}, "draft")
    assert live["status"] == "publish"
    code = (
        "add_action( 'transition_post_status', function ( $new, $old, $post ) use ( $argv ) { static $done = false;"
        " if ( ! $done ) { $done = true; wp_update_post( array( 'ID' => (int) $argv[3],"
        " 'post_status' => 'publish' ) ); } }, 0, 3 );"
        "$change = array( 'ID' => (int) $argv[2], 'post_title' => $argv[4], 'post_content' => $argv[5] );"
        "wp_update_post( wp_slash( $change ) );"
    )
    change = archive["it-frana"]
    site.php(code, str(live["id"]), str(other["id"]), change["title"], _paragraphs(change))
    assert [site.php(_STATUS, str(post["id"])) for post in (live, other)] == ["publish", "publish"]
    assert json.loads(site.php(_DECISION, str(live["id"])))["state"] == "noted"


_HIDDEN = (
    "The lightship at Marrow Bank was towed to the yard at Ostrey on Tuesday, 61 years after it was moored there. Its"
    " owner, the pilots' guild, paid 74,000 crowns for the tow, said its secretary, Ines Toller. Four cracked ribs will"
    " be replaced until 9 October, and the lamp goes to the museum of Aldwick, which lent the guild 12,000 crowns."
)


_LEADS = (
    "Bakers at Port Ellory voted 31 to 4 on Monday to open at 5 am from June, said their guild's clerk, Max Orr.",
    "A lorry with 18 tons of gravel overturned near Holm on Wednesday; its driver, Sue Lant, broke an arm.",
    "The school at Wexley won 40,000 crowns in a lottery and will buy 22 violins, headmaster Karl Budd said.",
    "Rain of 63 millimetres fell at Dunmere on Sunday, the most in May since 1971, the weather office reported.",
    "Mayor Ida Moss resigned on Thursday after 12 years; her deputy, Tom Reed, takes over until the vote in July.",
    "Two foxes from the zoo at Farrow were caught on the golf course on Friday, 9 days after a gate was left open.",
    "The paper mill in Averland lays off 140 of 600 workers by autumn, its owner told unions on Tuesday evening.",
    "Police found 26 stolen bicycles in a barn at Kettle Hill on Saturday and arrested a man of 44 from Ostrey.",
)


def test_a_copy_hides_neither_in_a_shortcode_nor_in_a_reusable_block(site: Any, author: Desk, editor: Desk) -> None:
    def block(content: str) -> int:
        fields = {"title": "A block", "content": content, "status": "publish"}
        return int(editor.send("/wp/v2/blocks", **fields)["id"])

    inner = block(f"<!-- wp:paragraph --><p>{_HIDDEN}</p><!-- /wp:paragraph -->")
    nested = inner
    for _ in range(4):
        nested = block(f'<!-- wp:block {{"ref":{nested}}} /-->')
    empty = block("<!-- wp:paragraph --><p>In short</p><!-- /wp:paragraph -->")
    assert author.send("/wp/v2/posts", title="Lightship", content=f"<p>{_HIDDEN}</p>", status="publish")
    caption = f'[caption width="9"]{_HIDDEN}[/caption]'
    ways = [
        caption,
        f'<!-- wp:shortcode -->[caption width="300"]{caption}[/caption]<!-- /wp:shortcode -->',
        f'<!-- wp:block {{"ref":{inner}}} /-->',
        f'<!-- wp:block {{"ref":{inner},"content":{{}}}} /-->',
        f'<!--  wp:core/block {{"ref":{inner}}}  /-->',
        f'<!-- wp:block {{"ref":{inner}}} --><!-- /wp:block -->',
        f'<!-- wp:block {{"ref":{nested}}} /-->',
        f'<!-- wp:block {{"ref":{empty},"content":{{"Line":{{"content":"{_HIDDEN}"}}}}}} /-->',
    ]
    found = {}
    for lead, way in zip(_LEADS, ways, strict=True):  # else it would be held for having no text at all
        content = f"<!-- wp:paragraph --><p>{lead}</p><!-- /wp:paragraph -->{way}"
        found[way] = author.send("/wp/v2/posts", title=lead[:24], content=content, status="publish")["status"]
    assert found == dict.fromkeys(ways, "pending")


def test_a_published_page_that_becomes_a_post_is_checked(site: Any, archive: Any) -> None:
    create = (
        "echo wp_insert_post( array( 'post_type' => 'page', 'post_title' => 'x', 'post_content' => $argv[2],"
        " 'post_status' => 'publish' ) );"
    )
    page = site.php(create, archive["padded-drought"]["body"])
    assert site.php(_STATUS, page) == "publish"
    site.php("wp_update_post( array( 'ID' => (int) $argv[2], 'post_type' => 'post' ) );", page)
    assert site.php(_STATUS, page) == "pending"


_LOSE = (  # the answers to what is sent to this path, which is heard
    "add_filter( 'http_response', function ( $answer, $args, $url ) use ( $argv ) { return substr( $url, -strlen("
    " $argv[3] ) ) === $argv[3] ? new WP_Error( 'lost', 'the answer was lost' ) : $answer; }, 10, 3 );"
)
_SET_STATUS = "wp_update_post( array( 'ID' => (int) $argv[2], 'post_status' => $argv[4] ) );"
_OWED = "echo count( Copytaster\\Ledger::owed() );"


def test_a_post_whose_admission_was_heard_but_not_answered_is_retracted_when_it_goes(
    site: Any, author: Desk, copytaster: Any
) -> None:
    content = (
        "<p>The tide gauge at Marrow Point read 4.31 metres on Friday, its highest since 1953, said Ola Finch.</p>"
    )
    post = author.send("/wp/v2/posts", title="Tide gauge", content=content, status="draft")
    site.php(_LOSE + _SET_STATUS, str(post["id"]), "/v1/items", "publish")
    assert _service_item(copytaster, post).json()["status"] == "published"
    site.php(_SET_STATUS, str(post["id"]), "", "draft")
    assert _service_item(copytaster, post).json()["status"] == "retracted"
    assert site.php(_OWED) == "0"


def test_what_is_owed_survives_a_wrong_key_and_a_request_at_the_same_time(
    site: Any, editor: Desk, copytaster: Any
) -> None:
    content = "<p>Sluice {0} at Aldwick opened {0} minutes late on Sunday because a chain of {0} links broke.</p>"
    posts = [
        editor.send("/wp/v2/posts", title=f"Sluice {n}", content=content.format(n), status="publish") for n in (17, 58)
    ]
    assert [post["status"] for post in posts] == ["publish"] * 2
    denied = (
        "add_filter( 'http_response', function ( $answer ) { $answer['response']['code'] = 401; return $answer; } );"
    )
    site.php(denied + "wp_delete_post( (int) $argv[2], true );", str(posts[0]["id"]))
    assert site.php(_OWED) == "1"
    # While that is said again, another request owes something else.
    meanwhile = (
        "add_action( 'http_api_debug', function () use ( $argv ) { static $done = false; if ( $done ) { return; }"
        " $done = true; $call = array( PHP_BINARY, '-r', $argv[3], $argv[1], $argv[2] );"
        " exec( implode( ' ', array_map( 'escapeshellarg', $call ) ) ); } );"
        "do_action( 'copytaster_catch_up' );"
    )
    other = "require $argv[1] . '/wp-load.php'; Copytaster\\Ledger::unchecked( get_post( (int) $argv[2] ) );"
    site.php(meanwhile, str(posts[1]["id"]), other)
    assert _service_item(copytaster, posts[0]).status_code == 404
    assert site.php(_OWED) == "1"
    site.php("do_action( 'copytaster_catch_up' );")
    assert site.php(_OWED) == "0"


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


def test_a_live_post_keeps_its_text_when_a_change_of_it_is_rejected(author: Desk, archive: Any, site: Any) -> None:
    other = archive["de-hafenmauer"]
    author.post(other)
    live = author.post(archive["fr-pont-ferme"])
    assert live["status"] == "publish"
    change = {"title": other["title"], "content": _paragraphs(other)}
    refused = author.http.post(f"/wp/v2/posts/{live['id']}", json=change)
    assert (refused.status_code, refused.json()["code"]) == (422, "copytaster_held")
    assert other["title"] in refused.json()["message"]
    # Where nobody can be told, what was written is kept as a revision.
    code = "wp_update_post( array( 'ID' => (int) $argv[2], 'post_title' => $argv[3], 'post_content' => $argv[4] ) );"
    site.php(code, str(live["id"]), change["title"], change["content"])
    now = author.http.get(f"/wp/v2/posts/{live['id']}?context=edit").json()
    assert (now["status"], now["title"]["raw"]) == ("publish", archive["fr-pont-ferme"]["title"])
    revisions = author.http.get(f"/wp/v2/posts/{live['id']}/revisions").json()
    assert other["title"] in {revision["title"]["rendered"] for revision in revisions}


def test_an_editor_publishes_anyway_with_a_note_and_an_author_does_not(
    author: Desk, editor: Desk, archive: Any, site: Any, copytaster: Any
) -> None:
    padded = archive["padded-rail-talks"]
    note = "The minister asked us to print it word for word"
    assert author.post(padded, copytaster_override=note)["status"] == "pending"
    assert editor.post(padded | {"title": "Rail"})["status"] == "pending"  # it takes a note
    post = editor.post(padded | {"title": "Rail talks"}, copytaster_override=note)
    decision = editor.http.get(f"/wp/v2/posts/{post['id']}?context=edit").json()["copytaster"]
    assert (post["status"], decision["state"], decision["note"]) == ("publish", "overridden", note)
    told = _calls(site, "POST", "/v1/decisions")[-1]
    assert (told["body"]["item_id"], told["body"]["why"]) == (f"port-ellory-courier-{post['id']}", note)
    _heard(copytaster, told)


def test_what_leaves_the_site_is_retracted_and_what_is_deleted_is_erased(
    editor: Desk, archive: Any, site: Any, copytaster: Any
) -> None:
    post = editor.post(archive["wire-rate-decision"])
    path = f"/v1/items/port-ellory-courier-{post['id']}"
    editor.send(f"/wp/v2/posts/{post['id']}", status="draft")
    _heard(copytaster, _calls(site, "POST", f"{path}/retract")[-1])
    assert _service_item(copytaster, post).json()["status"] == "retracted"
    editor.send(f"/wp/v2/posts/{post['id']}", status="publish")
    assert _service_item(copytaster, post).json()["status"] == "published", "it is there again, with the same words"
    editor.http.delete(f"/wp/v2/posts/{post['id']}?force=true")
    _heard(copytaster, _calls(site, "DELETE", path)[-1])


def test_a_change_of_a_live_post_is_a_new_version(editor: Desk, archive: Any, site: Any, copytaster: Any) -> None:
    post = editor.post(archive["ferry-fire-update"])
    path = f"/v1/items/port-ellory-courier-{post['id']}"
    editor.send(f"/wp/v2/posts/{post['id']}", tags=[], sticky=True)
    assert not _calls(site, "PUT", path)  # the words are the same
    editor.send(f"/wp/v2/posts/{post['id']}", title="Ferry fire: what we know")
    put = _calls(site, "PUT", path)[-1]
    assert (put["status"], put["body"]["title"]) == (200, "Ferry fire: what we know")
    assert _service_item(copytaster, post).json()["version"] == "2"


def test_the_panel_shows_why_before_the_author_publishes(
    site: Any, author: Desk, archive: Any, copytaster: Any, require: Any
) -> None:
    chromium = shutil.which("chromium")
    require("" if chromium and find_spec("playwright") else "needs Debian's chromium and pip install -e '.[cms]'")
    from playwright.sync_api import sync_playwright

    story = archive["museum-acquisition"]
    with copytaster.client() as client:
        assert client.post("/v1/items", json=story).json()["status"] == "published"
    draft = author.post(story | {"title": "Arson at the warehouse"}, "draft")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        page = browser.new_page()
        page.goto(f"{site.url}/wp-login.php")
        page.fill("#user_login", "author")
        page.fill("#user_pass", "author")
        page.click("#wp-submit")
        page.goto(f"{site.url}/wp-admin/post.php?post={draft['id']}&action=edit")
        page.click(".components-modal__header button")  # the guide that WordPress greets its new users with
        page.click(".editor-post-publish-panel__toggle")
        evidence = page.wait_for_selector(".copytaster-before .copytaster-evidence").inner_text()
        assert "should not be published" in evidence
        assert story["body"][:60] in evidence
        link = page.get_by_role("link", name=story["title"])
        assert link.get_attribute("href")
        page.click(".editor-post-publish-panel .editor-post-publish-button")
        page.wait_for_selector("text=Not published; the post is pending")
        browser.close()


def test_the_list_shows_what_was_held_and_why(site: Any, author: Desk, archive: Any) -> None:
    post = author.post(archive["padded-port-security"] | {"title": "Port & <b>security</b>"})
    with httpx.Client(base_url=site.url, follow_redirects=True, timeout=60) as browser:
        browser.get("/wp-login.php")
        browser.post("/wp-login.php", data={"log": "editor", "pwd": "editor", "testcookie": "1"})
        page = browser.get("/wp-admin/edit.php?post_status=pending&orderby=date&order=desc").text
    row = page.partition(f'id="post-{post["id"]}"')[2].partition("</tr>")[0]
    assert "<strong>Held</strong>" in row
    assert "<b>security</b>" not in row


def test_php_has_nothing_to_complain_of_and_nothing_else_was_called(site: Any, copytaster: Any) -> None:
    assert site.complaints() == ""
    assert {urlsplit(call["url"]).hostname for call in site.calls()} == {"127.0.0.1"}
