"""What is drawn: words from the catalogue alone, in the reader's language, with nothing inline."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.hub import overview
from bench.hub.accounts.roles import Role
from bench.hub.pages import draw
from bench.hub.pages.routes import PAGES
from bench.records.signed import keys
from bench.words.catalogue import asked_in, find, say
from tests import forge
from tests.unit.hub.world import NORTH, NOW, SOUTH, World, browser

PAGES_FOLDER = Path(draw.__file__).parent
TOKENS = ('name="form" value="{{ visitor.form_token }}"', "{{ m.token(visitor) }}")
TEMPLATES = sorted((PAGES_FOLDER / "templates").glob("*.html"))


def own_words(template: str) -> list[str]:
    """Letters that a reader would see, or hear, and that no catalogue holds."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", template, flags=re.DOTALL)
    told = re.findall(r"(?:alt|title|placeholder|aria-label)=\"([^\"]*)\"", text)
    parts = [part.strip() for part in (*re.split(r"<[^>]*>", text), *told)]
    return [part for part in parts if re.search(r"\w", part)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_have_no_words_and_nothing_inline(path: Path) -> None:
    text = path.read_text("utf-8")
    assert own_words(text) == []
    inline = r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:|https?://|\|\s*safe\b"
    assert not re.search(inline, text)
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL):
        assert any(token in form for token in TOKENS)


def test_a_word_in_a_template_is_seen() -> None:
    assert own_words('<p>{{ say("x") }} Bonjour</p><img alt="image">') == ["Bonjour", "image"]


def test_the_style_sheet_asks_for_nothing_from_elsewhere() -> None:
    for path in (PAGES_FOLDER / "static").iterdir():
        assert not re.search(r"@import|url\(|https?:", path.read_text("utf-8"))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def palettes() -> Iterator[dict[str, str]]:
    sheet = (PAGES_FOLDER / "static" / "hub.css").read_text("utf-8")
    for block in re.findall(r":root \{(.*?)\}", sheet, re.DOTALL):
        yield dict(re.findall(r"--([\w-]+): (#\w{6})", block))


def test_text_stands_out_in_both_lights() -> None:
    pairs = [(ink, on) for ink in ("ink", "link", "bad", "good") for on in ("ground", "soft")]
    pairs += [("on-act", "act"), ("on-mark", "mark")]
    found = list(palettes())
    assert len(found) == 2
    for palette in found:
        for ink, on in pairs:
            light, dark = sorted((luminance(palette[ink]), luminance(palette[on])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 7, (ink, on, palette)
        line = sorted((luminance(palette["line"]), luminance(palette["ground"])), reverse=True)
        assert (line[0] + 0.05) / (line[1] + 0.05) >= 3  # the border of a field


def test_every_page_of_the_menu_has_its_word() -> None:
    for page in PAGES:
        assert not page.menu or find(f"hub.menu.{page.name}")


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("", "fr"),
        ("en-GB,en;q=0.9", "en"),
        ("de, en;q=0.3, fr;q=0.7", "fr"),
        ("uk", "fr"),
        ("en;q=x", "fr"),
        ("," * 5000, "fr"),
    ],
)
def test_the_browser_says_the_language(url: str, wanted: str, language: str) -> None:
    with browser(url) as client:
        page = client.get("/entrer", headers={"Accept-Language": wanted})
    assert f'<html lang="{language}">' in page.text


def test_a_link_chooses_the_language_and_comes_back(world: World, url: str) -> None:
    with browser(url, world.secret(Role.AUDITOR)) as client:
        answer = client.get("/langue/en", params={"retour": "/parc"})
        assert answer.headers["location"] == "/parc"
        told = answer.headers["set-cookie"]
        assert "etabli-langue=en" in told and "HttpOnly" in told
        with asked_in("en"):
            assert say("hub.benches.title") in client.get("/parc").text
        assert client.get("/langue/xx").status_code == 404


def test_two_readers_at_once_each_read_their_own(url: str) -> None:
    seen: dict[str, set[str]] = {"fr": set(), "en": set()}

    def read(language: str) -> None:
        with browser(url, **{"Accept-Language": language}) as client:
            for _ in range(25):
                seen[language].add(re.findall(r"<h1>(.*?)</h1>", client.get("/entrer").text)[0])

    threads = [threading.Thread(target=read, args=(code,)) for code in ("fr", "en") * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {"fr": {"Entrer"}, "en": {"Sign in"}}


def test_what_needs_a_hand_is_found_and_no_more(world: World) -> None:
    north = keys.key_id(world.workshops[NORTH].public)
    with world.site.reading() as log:
        everything = overview.hands(log.store)
        own = overview.hands(log.store, north)
        members = overview.members(log.store, overview.monday(NOW), north)
    assert everything.counts == {"contested": 2, "forks": 2, "holes": 2, "revoked": 2}
    assert own.counts == {"contested": 1, "forks": 1, "holes": 1, "revoked": 1}
    assert [(hole.first, hole.missing) for hole in own.holes] == [(6, 1)]
    assert [(fork.first, fork.count) for fork in own.forks] == [(7, 1)]
    assert [(one.name, one.arrived, one.last_bag) for one in members] == [(NORTH, 3, "")]
    assert SOUTH not in str(own) and SOUTH not in str(members)


def test_holes_are_followed_as_events_come(own: World) -> None:
    def told() -> dict[str, tuple[int, int]]:
        found = overview.hands(log.store).holes
        return {hole.bench: (hole.first, hole.missing) for hole in found}

    late = forge.Bench("late", own.workshops[NORTH])
    first, second = late.opened()
    third = late.make("note.added", {"text": "x"}, device=late.device())
    with own.site.log() as log:
        before = told()
        log.store.add([third])
        assert told() == before | {late.key.id: (1, 2)}
        log.store.add([first])
        assert told() == before | {late.key.id: (2, 1)}
        log.store.add([second])
        assert told() == before
