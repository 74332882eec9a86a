"""A news site as docs/integrations/wagtail/README.md has it."""

from copytaster_wagtail.pages import CheckedPage
from copytaster_wagtail.panels import CopytasterPanel
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page


class NewsPage(CheckedPage, Page):
    body = RichTextField()
    content_panels = [*Page.content_panels, FieldPanel("body"), CopytasterPanel()]  # noqa: RUF012
