"""Choosing notices by mail in a real browser, by keyboard alone, on a telephone and at a desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from bench.hub.accounts import mail
from bench.hub.accounts.roles import Role
from bench.words.catalogue import say
from tests.unit.hub.chromium import chromium as started
from tests.unit.hub.test_in_browser import CHROMIUM, SIZES, Reader
from tests.unit.hub.test_mailing import by, one
from tests.unit.hub.world import PASSWORD, World, serving_pages

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="chromium (Debian's) is not here"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with started() as browser:
        yield browser


@pytest.mark.parametrize("size", SIZES)
def test_notices_are_chosen_at_the_keyboard(own: World, chromium: Browser, size: str) -> None:
    account = own.accounts[Role.SUPERVISOR]
    own.site.accounts.set_password(account.reference, PASSWORD)
    mail.set_server(own.site.accounts, by(1), 0)
    with serving_pages(own.site) as url:
        reader = Reader(chromium, url, size, "light")
        secret = own.secret(Role.SUPERVISOR)
        reader.context.add_cookies([{"name": "etabli", "value": secret, "url": url}])
        page = reader.page
        page.goto("/compte")
        reader.open(say("hub.mail.lead"))
        reader.look()
        reader.type(say("hub.mail.address"), "moi@x.example")
        reader.to(say("hub.mail.kind.late", days=7))
        page.keyboard.press("Space")  # not this one
        reader.type(say("hub.password.old"), PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.get_by_role("status").inner_text() == say("hub.mail.done_asked")
        reader.look()
        (code,) = re.findall(r"\b\d{8}\b", one(own).body)
        reader.type(say("hub.mail.code_typed"), "0")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.get_by_role("alert").inner_text() == say("hub.mail.code_wrong")
        reader.complaints.clear()  # the browser tells of the 400
        reader.look()
        reader.type(say("hub.mail.code_typed"), code)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.get_by_role("status").inner_text() == say("hub.mail.done_kept")
        reader.look()
        reader.context.close()
    known = mail.of(own.site.accounts, account.reference)
    assert known and known.confirmed and known.kinds == ("transfer", "hands", "security")
