"""Debian's Chromium over the real server, for the tests of pages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from playwright.sync_api import Browser, Page, sync_playwright

WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; no network beyond the loopback is needed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def opened(
    browser: Browser, url: str, *, secret: str = "", width: str = "desk", dark: bool = False
) -> Iterator[Page]:
    """A page in a profile of its own, whose every console error and failed script is one here."""
    size = {"width": WIDTHS[width][0], "height": WIDTHS[width][1]}
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        color_scheme="dark" if dark else "light",
        locale="fr-FR",
    )
    if secret:
        context.add_cookies([{"name": "etabli", "value": secret, "url": url}])
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    try:
        page.goto(url)
        yield page
        assert not errors, errors
    finally:
        context.close()
