"""Where a page says that it stands: its canonical address, absolute, http or https, nothing else."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from detector.clean.blocks import Page

_MAX_CHARACTERS = 2048
_UNSAFE = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}]")


def read_canonical(page: Page, meta: dict[str, str], url: str | None) -> str | None:
    """The address in ``rel=canonical``, else in ``og:url``, joined with the page's own where it is relative."""
    for stated in (page.head.canonical, meta.get("og:url", "")):
        address = _absolute(stated, url)
        if address is not None:
            return address
    return None


def _absolute(stated: str, url: str | None) -> str | None:
    stated = stated.strip()
    if not stated or len(stated) > _MAX_CHARACTERS or _UNSAFE.search(stated):
        return None
    try:
        address = urljoin(url or "", stated)
        parts = urlsplit(address)
        named = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    except ValueError:  # a bracket or a port that no address has
        return None
    return address if named and len(address) <= _MAX_CHARACTERS else None
