"""A refusal leads back to where one was, and nowhere that is not for who reads it."""

from __future__ import annotations

import re

import pytest

from bench.hub.accounts.roles import Role
from bench.hub.pages.app import page_above
from bench.hub.pages.routes import PAGES
from tests.unit.hub.world import World, browser, token_in

ABOVE = {
    ("POST", "/demandes"): "/demandes",
    ("POST", "/demandes/R1/fermer"): "/demandes/R1",
    ("POST", "/compte/mot-de-passe"): "/compte",
    ("GET", "/demandes/none"): "/demandes",
    ("GET", "/none"): "",
    ("GET", "//elsewhere.example/x"): "",
    ("POST", "/"): "",
    ("GET", '/demandes/a"><script>/x'): "/demandes/a%22%3E%3Cscript%3E",
}


@pytest.mark.parametrize("asked", ABOVE)
def test_what_lies_above_is_read_from_the_addresses(asked: tuple[str, str]) -> None:
    assert page_above(PAGES, Role.COORDINATION, *asked) == ABOVE[asked]


def test_nobody_is_led_to_a_page_that_is_not_theirs() -> None:
    for page in PAGES:
        for role in Role:
            path = re.sub(r"\{\w+\}", "x", page.path)
            above = page_above(PAGES, role, page.method, path)
            fits = [
                each
                for each in PAGES
                if each.method == "GET"
                and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each.path), above)
            ]
            assert not above or any(role in each.roles for each in fits), (page.path, role)


def test_a_refused_form_leads_back_to_its_page(world: World, url: str) -> None:
    with browser(url, world.secret(Role.COORDINATION)) as client:
        wrong = {"form": token_in(client.get("/demandes")), "nombre": "0"}
        told = client.post("/demandes", data=wrong)
        assert told.status_code == 400 and '<a href="/demandes">' in told.text


def test_nobody_on_a_page_is_sent_to_a_command(world: World, url: str) -> None:
    with browser(url, world.secret(Role.COORDINATION)) as client:
        for path in ("/demandes/none", "/machines/none", "/lots/none", "/transferts/none"):
            told = client.get(path)
            assert told.status_code == 404 and "etabli " not in told.text, path
        assert "aucune demande none." in client.get("/demandes/none").text.lower()
