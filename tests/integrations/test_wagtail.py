"""The Wagtail app, in a real Wagtail that asks a real copytaster."""

from __future__ import annotations

import os
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

_APP = Path(__file__).parents[2] / "docs" / "integrations" / "wagtail"


@pytest.fixture(scope="module")
def wagtail(require: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Django set up with Wagtail, the app and an empty database; gives its settings."""
    require("" if find_spec("wagtail") else "needs Wagtail: pip install -e '.[cms]'")
    sys.path[:0] = [str(_APP), str(Path(__file__).parent)]
    os.environ["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Django's and Wagtail's own, while they load
        import django
        from django.conf import settings
        from django.core.management import call_command
        from django.test.utils import setup_test_environment

        settings.COPYTASTER_URL = request.getfixturevalue("copytaster").url
        django.setup()
        setup_test_environment()
        call_command("migrate", run_syncdb=True, verbosity=0)
        _first_pages()
    yield settings
    del sys.path[:2]


def _first_pages() -> None:
    from django.contrib.auth.models import Group, Permission, User
    from wagtail.models import GroupPagePermission, Locale, Page, Site

    Locale.objects.create(language_code="en")
    root = Page.add_root(title="Root", slug="root")
    home = root.add_child(instance=Page(title="Port Ellory Courier", slug="courier"))
    Site.objects.create(hostname="127.0.0.1", root_page=home, is_default_site=True)
    User.objects.create_superuser("chief", password="chief")
    group = Group.objects.create(name="Reporters")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for codename in ("add_page", "change_page", "publish_page"):
        may = Permission.objects.get(content_type__app_label="wagtailcore", codename=codename)
        GroupPagePermission.objects.create(group=group, page=home, permission=may)
    User.objects.create_user("reporter", password="reporter").groups.add(group)


class Newsroom:
    """Wagtail's admin, as one user."""

    def __init__(self, user: str) -> None:
        from django.test import Client

        self.client = Client()
        assert self.client.login(username=user, password=user)

    def publish(self, story: dict[str, Any], **fields: str) -> tuple[Any, list[str]]:
        """Fill in the form of a new page and press Publish: the page, and what is said."""
        from newsroom.models import NewsPage
        from wagtail.models import Page

        form = _form(story) | fields | {"action-publish": "action-publish"}
        home = Page.objects.get(slug="courier")
        self.client.post(f"/admin/pages/add/newsroom/newspage/{home.pk}/", form)
        page = NewsPage.objects.latest("pk")
        return page, self.said(page)

    def change(self, page: Any, story: dict[str, Any], **fields: str) -> list[str]:
        form = _form(story) | {"slug": page.slug} | fields | {"action-publish": "action-publish"}
        self.client.post(f"/admin/pages/{page.pk}/edit/", form)
        page.refresh_from_db()
        return self.said(page)

    def said(self, page: Any) -> list[str]:
        answer = self.client.get(f"/admin/pages/{page.pk}/edit/")
        assert answer.status_code == 200
        self.editor = answer.content.decode()
        return [str(message) for message in answer.context["messages"]]


_count = iter(range(1000))


def _form(story: dict[str, Any]) -> dict[str, str]:
    from wagtail.admin.rich_text import get_rich_text_editor_widget

    html = "".join(f"<p>{paragraph}</p>" for paragraph in story["body"].split("\n\n"))
    body = get_rich_text_editor_widget().format_value(html)
    comments = {f"comments-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}
    return {"title": story["title"], "slug": f"story-{next(_count)}", "body": body} | comments


def _latest(page: Any) -> Any:
    from copytaster_wagtail.models import Decision

    return Decision.objects.filter(page_id=page.pk).first()


def _item(copytaster: Any, page: Any) -> Any:
    with copytaster.client() as client:
        return client.get(f"/v1/items/port-ellory-courier-{page.pk}")


@pytest.fixture
def reporter(wagtail: Any) -> Newsroom:
    return Newsroom("reporter")


@pytest.fixture
def chief(wagtail: Any) -> Newsroom:
    return Newsroom("chief")


@pytest.fixture
def unreachable(wagtail: Any, copytaster: Any) -> Iterator[None]:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        wagtail.COPYTASTER_URL = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        yield
    wagtail.COPYTASTER_URL = copytaster.url
    wagtail.COPYTASTER_UNREACHABLE = "hold"


def test_a_clean_page_is_published_and_admitted(reporter: Newsroom, archive: Any, copytaster: Any) -> None:
    page, _ = reporter.publish(archive["council-bus-lanes"])
    assert page.live
    assert _item(copytaster, page).json()["status"] == "published"


def test_a_padded_page_is_held_with_its_reasons(reporter: Newsroom, archive: Any, copytaster: Any) -> None:
    page, said = reporter.publish(archive["padded-port-security"])
    assert not page.live
    assert "was not published" in said[0]
    assert _latest(page).filler[0] in reporter.editor
    assert _item(copytaster, page).status_code == 404


def test_a_copy_is_held_and_names_the_earlier_page(reporter: Newsroom, archive: Any) -> None:
    story = archive["science-eelgrass"]
    first, _ = reporter.publish(story)
    copy, said = reporter.publish(story | {"title": "Seagrass is back"})
    assert (first.live, copy.live) == (True, False)
    assert story["title"] in said[0]
    assert first.full_url in reporter.editor


def test_a_scheduled_copy_is_held_when_its_hour_comes(reporter: Newsroom, archive: Any) -> None:
    from copytaster_wagtail.models import Decision
    from django.core.management import call_command
    from django.utils import timezone

    story = archive["business-cannery"]
    hour = (timezone.now() + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M")
    scheduled, _ = reporter.publish(story | {"title": "Cannery"}, go_live_at=hour)
    assert scheduled.latest_revision.approved_go_live_at is not None
    other, _ = reporter.publish(story)
    assert other.live
    Decision.objects.update(made=timezone.now() - timedelta(hours=1))
    due = timezone.now() - timedelta(minutes=1)
    revision = scheduled.latest_revision
    revision.content["go_live_at"] = due.isoformat()
    revision.approved_go_live_at = due
    revision.save()
    call_command("publish_scheduled")
    scheduled.refresh_from_db()
    assert not scheduled.live
    assert _latest(scheduled).state == "held"
    assert scheduled.latest_revision.approved_go_live_at is None


def test_neither_code_nor_bulk_actions_go_past_the_gate(chief: Newsroom, archive: Any) -> None:
    from newsroom.models import NewsPage
    from wagtail.models import Page

    padded = archive["padded-drought"]
    home = Page.objects.get(slug="courier")
    page = home.add_child(instance=NewsPage(title="Drought", slug="drought", body=padded["body"], live=True))
    page.save_revision().publish()
    chief.client.post(f"/admin/bulk/wagtailcore/page/publish/?id={page.pk}&next=/admin/", {"include_descendants": ""})
    page.refresh_from_db()
    assert not page.live
    assert any("was not published" in message for message in chief.said(page))


def test_a_live_page_keeps_its_text_when_a_change_of_it_is_rejected(reporter: Newsroom, archive: Any) -> None:
    other = archive["de-hafenmauer"]
    reporter.publish(other)
    page, _ = reporter.publish(archive["fr-pont-ferme"])
    said = reporter.change(page, other)
    assert "was not published" in said[0]
    assert page.live
    assert page.title == archive["fr-pont-ferme"]["title"]
    assert page.get_latest_revision_as_object().title == other["title"]


def test_who_may_override_publishes_with_a_note_and_others_do_not(
    reporter: Newsroom, chief: Newsroom, archive: Any
) -> None:
    padded = archive["padded-rail-talks"]
    note = "The minister asked us to print it word for word"
    page, _ = reporter.publish(padded, copytaster_note=note)
    assert not page.live
    assert 'name="copytaster_note"' not in reporter.editor
    chief.change(page, padded)
    assert not page.live  # it takes a note
    chief.change(page, padded, copytaster_note=note)
    decision = _latest(page)
    assert (page.live, decision.state, decision.note, decision.user.username) == (True, "overridden", note, "chief")


def test_an_unreachable_service_holds_a_page_and_says_so(reporter: Newsroom, archive: Any, unreachable: None) -> None:
    page, said = reporter.publish(archive["ferry-fire"])
    assert (page.live, _latest(page).state) == (False, "unchecked")
    assert "could not be reached" in said[0]


def test_a_site_may_publish_what_could_not_be_checked_and_check_it_later(
    reporter: Newsroom, archive: Any, wagtail: Any, copytaster: Any, unreachable: None
) -> None:
    from django.core.management import call_command

    wagtail.COPYTASTER_UNREACHABLE = "publish"
    page, _ = reporter.publish(archive["court-warehouse-arson"])
    assert (page.live, _latest(page).state) == (True, "unchecked")
    wagtail.COPYTASTER_URL = copytaster.url
    call_command("copytaster_catch_up")
    assert _latest(page).state == "cleared"
    assert _item(copytaster, page).json()["status"] == "published"


def test_a_page_that_comes_back_is_published_in_the_service_again(
    reporter: Newsroom, archive: Any, copytaster: Any
) -> None:
    page, _ = reporter.publish(archive["wire-rate-decision"])
    page.unpublish()
    assert _item(copytaster, page).json()["status"] == "retracted"
    page.refresh_from_db()
    page.save_revision().publish()
    page.refresh_from_db()
    assert page.live
    assert _item(copytaster, page).json()["status"] == "published"


def test_a_change_of_a_live_page_is_a_new_version(reporter: Newsroom, archive: Any, copytaster: Any) -> None:
    page, _ = reporter.publish(archive["museum-acquisition"])
    reporter.change(page, archive["museum-acquisition"] | {"title": "The museum: what we know"})
    stored = _item(copytaster, page).json()
    assert (stored["version"], stored["title"], stored["status"]) == ("2", "The museum: what we know", "published")


def test_a_live_page_stays_when_the_service_refuses_its_change_and_a_new_one_does_not(
    reporter: Newsroom, archive: Any, copytaster: Any
) -> None:
    """Somebody else's item with these words is admitted after they were checked and before they are."""
    from copytaster_wagtail import client

    story = archive["crime-outboard-thefts"]
    live, _ = reporter.publish(archive["es-incendio"])
    draft, _ = reporter.publish(archive["padded-drought"])
    assert (live.live, draft.live) == (True, False)
    for page in (live, draft):
        page.title, page.body = f"Outboards {page.pk}", f"<p>{story['body']}</p>"
    checked = {page.pk: client.check(page.copytaster_item())["action"] for page in (live, draft)}
    assert set(checked.values()) == {"publish"}
    for page in (live, draft):
        _decide_cleared(page)
    with copytaster.client() as other:
        assert other.post("/v1/items", json=story).json()["status"] == "published"
    for page in (live, draft):
        page.save_revision().publish()
        page.refresh_from_db()
    assert (live.live, _latest(live).state) == (True, "noted")
    assert (draft.live, _latest(draft).state) == (False, "held")


def _decide_cleared(page: Any) -> None:
    from copytaster_wagtail import gate
    from copytaster_wagtail.models import Decision, State

    Decision.objects.create(
        page_id=page.pk, digest=gate.digest(page.copytaster_item()), state=State.CLEARED, passes=True
    )


def test_what_the_service_does_not_take_is_logged_and_owed_while_the_key_is_wrong(
    reporter: Newsroom, archive: Any, copytaster: Any, wagtail: Any, caplog: pytest.LogCaptureFixture
) -> None:
    from copytaster_wagtail.models import Owed
    from django.core.management import call_command

    page, _ = reporter.publish(archive["it-frana"])
    with _who_asks_for_a_key() as url:
        wagtail.COPYTASTER_URL = url
        page.unpublish()
    wagtail.COPYTASTER_URL = copytaster.url
    assert "401" in caplog.text
    assert [owed.word for owed in Owed.objects.all()] == ["retract"]
    call_command("copytaster_catch_up")
    assert _item(copytaster, page).json()["status"] == "retracted"
    assert not Owed.objects.exists()


@contextmanager
def _who_asks_for_a_key() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(401)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_word_that_comes_while_another_is_said_again_stays_owed(
    reporter: Newsroom, archive: Any, wagtail: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from copytaster_wagtail import client, ledger
    from copytaster_wagtail.models import Owed

    page, _ = reporter.publish(archive["fr-pont-ferme"])
    retract = client.retract

    def meanwhile(item_id: str, reason: str) -> None:
        Owed.objects.update_or_create(item_id=item_id, defaults={"word": "erase", "page_id": page.pk})
        retract(item_id, reason)

    Owed.objects.create(item_id=f"port-ellory-courier-{page.pk}", word="retract", page_id=page.pk)
    monkeypatch.setattr(client, "retract", meanwhile)
    assert ledger.catch_up() == 1
    assert ledger.catch_up() == 0


def test_the_migration_makes_the_tables_of_the_models(wagtail: Any) -> None:
    from django.core.management import call_command
    from django.test.utils import override_settings

    with override_settings(MIGRATION_MODULES={"newsroom": None}), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        call_command("makemigrations", "copytaster_wagtail", check=True, dry_run=True, verbosity=0)
