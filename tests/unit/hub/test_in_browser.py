"""The pages in a real browser: by keyboard alone, on a telephone and at a desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FileChooser, Page, sync_playwright

from bench.demo.network import plant
from bench.hub.accounts import sessions
from bench.hub.accounts.roles import Role
from bench.hub.pages.page import Site
from bench.hub.pages.routes import PAGES
from bench.hub.starting import demo_accounts, site_of
from bench.opening.context import Context
from bench.setup.datafolder import DataFolder
from bench.words.catalogue import say
from tests.unit.hub.test_deposit import bag_for
from tests.unit.hub.world import PASSWORD, World, serving_pages

CHROMIUM = "/usr/bin/chromium"
SIZES = {"telephone": (390, 844), "desk": (1280, 800)}
MOST_TABS = 60
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="chromium (Debian's) is not here"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Reader:
    """Somebody at a keyboard, who also listens for what the browser complains of."""

    def __init__(self, browser: Browser, url: str, size: str, light: str) -> None:
        width, height = SIZES[size]
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if light == "dark" else "light",
            locale="fr-FR",
            base_url=url,
            bypass_csp=False,
        )
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self._complain(said.type, said.text))
        self.page.on("pageerror", lambda error: self._complain("error", str(error)))
        self.page.on("requestfailed", lambda lost: self._complain("error", lost.url))

        # Asked for from the start: a chooser that opens before the browser was told goes unseen.
        self.choosers: list[FileChooser] = []
        self.page.on("filechooser", self._chooses)

    def _chooses(self, opened: FileChooser) -> None:
        self.choosers.append(opened)

    def _complain(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def to(self, wanted: str) -> None:
        """By Tab to what has this name, from the top of the page."""
        self.page.evaluate("document.activeElement.blur()")
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            name = self.page.evaluate(
                "() => { const e = document.activeElement;"
                " return (e.labels && e.labels.length ? e.labels[0] : e).textContent.trim(); }"
            )
            if name == wanted:
                assert self.focus_is_seen(), wanted
                return
        raise AssertionError(f"no Tab leads to {wanted}")

    def focus_is_seen(self) -> bool:
        """Whether what has the focus is drawn so, and lies inside the window."""
        seen = self.page.evaluate(
            "() => { const e = document.activeElement, s = getComputedStyle(e),"
            " r = e.getBoundingClientRect();"
            " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 &&"
            " r.left >= 0 && r.right <= innerWidth + 1 && r.bottom > 0 && r.top < innerHeight; }"
        )
        return bool(seen)

    def open(self, wanted: str) -> None:
        self.to(wanted)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def type(self, field: str, words: str) -> None:
        self.to(field)
        self.page.keyboard.type(words)

    def look(self) -> None:
        """Nothing wider than the window, no complaint, no barrier that axe knows."""
        wide = self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, self.page.url
        assert self.complaints == []
        assert serious(self.page) == [], self.page.url
        # Its own script was evaluated: what the page's policy forbids stays forbidden.
        self.complaints.clear()


def serious(page: Page) -> list[str]:
    """What axe finds. Of a long table the first rows: it takes a second for each hundred."""
    page.evaluate(
        "document.querySelectorAll('tbody tr:nth-child(n+6)').forEach(row => row.remove())"
    )
    rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "wcag2aaa", "best-practice"]
    found: dict[str, Any] = Axe().run(page, options={"runOnly": rules}).response
    assert found["passes"]
    return [
        f"{each['id']}: {[node['html'][:120] for node in each['nodes']]}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_a_day_at_the_keyboard(
    own: World, chromium: Browser, tmp_path: Path, size: str, light: str
) -> None:
    account = own.accounts[Role.COORDINATION]
    bag = bag_for(own, tmp_path)
    token = own.site.accounts.link(account.reference)
    with serving_pages(own.site) as url:
        reader = Reader(chromium, url, size, light)
        page = reader.page
        page.goto(f"/lien/{token}")
        reader.look()
        reader.type(say("hub.password.new"), PASSWORD)
        reader.type(say("hub.password.again"), PASSWORD)
        reader.open(say("hub.password.keep"))
        reader.look()
        reader.type(say("hub.signin.name"), account.name)
        reader.type(say("hub.signin.password"), PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url == f"{url}/"
        reader.look()
        for each in sorted(PAGES, key=lambda each: each.menu):
            if each.menu:
                reader.open(say(f"hub.menu.{each.name}"))
                assert page.url == f"{url}{each.path}"
                reader.look()
        deposit(reader, bag)
        reader.open(account.name)
        reader.open(say("hub.account.offer"))
        assert page.locator("img.qr").evaluate("e => e.naturalWidth") > 100
        reader.look()
        reader.open("English")
        assert page.locator("html").get_attribute("lang") == "en"
        reader.look()
        reader.open("Sign out")
        assert page.url.startswith(f"{url}/entrer")
        page.go_back()
        page.goto("/parc")
        assert "/entrer" in page.url
        reader.context.close()


def deposit(reader: Reader, bag: Path) -> None:
    """A bag, by the keyboard but for the system's own window."""
    reader.open(say("hub.menu.deposit"))
    reader.to(say("hub.deposit.file"))
    with reader.page.expect_event("filechooser"):
        reader.page.keyboard.press("Enter")
    reader.choosers.pop().set_files(bag)
    reader.open(say("hub.deposit.send"))
    assert reader.page.get_by_role("status").inner_text() == "bag.zip : 6 fiches nouvelles."
    reader.look()


def test_the_policy_stops_what_gets_in(own: World, chromium: Browser) -> None:
    """Were a script let in by a fault of ours, the browser would not run it."""
    with serving_pages(own.site) as url:
        reader = Reader(chromium, url, "desk", "light")
        reader.page.goto("/entrer")
        reader.page.evaluate(
            "() => { const s = document.createElement('script');"
            " s.textContent = 'window.ran = 1'; document.body.append(s);"
            " document.body.style = ''; }"
        )
        assert reader.page.evaluate("window.ran") is None
        assert any("Content Security Policy" in told for told in reader.complaints)
        reader.context.close()


def test_a_search_answers_as_one_types(invented: Site, chromium: Browser) -> None:
    """The list follows the letters; the field keeps what is typed, and its focus."""
    account = invented.accounts.named(Role.COORDINATION)
    with serving_pages(invented) as url:
        reader = Reader(chromium, url, "desk", "light")
        secret = sessions.begin(invented.accounts, account.reference)
        reader.context.add_cookies([{"name": "etabli", "value": secret, "url": url}])
        page = reader.page
        page.goto("/stock")
        said, rows = page.get_by_role("status"), page.locator("#answers tbody tr")
        all_of_them = said.inner_text()
        model = rows.first.locator("td").nth(1).inner_text()
        letters = model.split()[-1]
        reader.type(say("hub.stock.text"), letters)
        page.wait_for_function("before => found.textContent !== before", arg=all_of_them)
        page.wait_for_url(f"{url}/stock?texte={letters}&*")
        assert letters in rows.first.inner_text()
        assert page.evaluate("document.activeElement.value") == letters
        typed = said.inner_text()
        page.keyboard.type(" nobodyhasthis")
        page.wait_for_function("before => found.textContent !== before", arg=typed)
        assert rows.count() == 0
        page.wait_for_url("**nobodyhasthis**")
        page.reload()  # the address says what is looked for
        assert said.inner_text() != typed and rows.count() == 0
        reader.look()
        # A number that was handed over is no "0": it is among all states.
        gone = "SELECT asset FROM machine WHERE state = 'handed_over' LIMIT 1"
        with invented.reading() as log:
            ((asset,),) = log.store.query(gone)
        page.goto(f"/stock?texte={asset}&etat=free")
        assert rows.count() == 0
        reader.open(say("hub.stock.elsewhere", count=1))
        assert asset in rows.first.inner_text()
        # The counts are those of the workshop that is chosen, as the list is.
        page.goto("/stock")
        counts = page.locator("#counts").inner_text()
        page.locator("#atelier").select_option(index=2)
        page.wait_for_function("before => counts.textContent !== before", arg=counts)
        assert page.locator("#counts").inner_text() != counts
        # Signed out in another window: the next letter leads to where one signs in.
        sessions.end(invented.accounts, secret)
        reader.type(say("hub.stock.text"), "x")
        page.wait_for_url(f"{url}/entrer?*")
        reader.context.close()


def reachable(page: Page, url: str) -> set[str]:
    """Where the links of a page lead, on this site, each kind of page once."""
    found = page.eval_on_selector_all("main a[href]:not([download])", "all => all.map(a => a.href)")
    return {link.removeprefix(url) for link in found if link.startswith(f"{url}/")}


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A network after a year, with an account a role: pages as full as they come."""
    folder = tmp_path_factory.mktemp("invented") / "data"
    plant(folder)
    site = site_of(Context(DataFolder(folder, "option")), demo=True)
    demo_accounts(site)
    return site


@pytest.mark.parametrize(
    ("size", "role"),
    [
        ("telephone", Role.COORDINATION),
        ("desk", Role.SUPERVISOR),
        ("telephone", Role.PRESCRIBER),
        ("desk", Role.DONOR),
        ("desk", Role.AUDITOR),
    ],
)
def test_every_page_of_a_full_network(
    invented: Site, chromium: Browser, size: str, role: Role
) -> None:
    """Each page of the menu, and one of each kind that a link of it leads to."""
    account = invented.accounts.named(role)
    with serving_pages(invented) as url:
        reader = Reader(chromium, url, size, "light" if size == "desk" else "dark")
        secret = sessions.begin(invented.accounts, account.reference)
        reader.context.add_cookies([{"name": "etabli", "value": secret, "url": url}])
        waiting = [each.path for each in PAGES if each.menu and role in each.roles]
        seen: set[str] = set()
        while waiting:
            path = waiting.pop()
            answer = reader.page.goto(path)
            assert answer and answer.status == 200, path
            links = sorted(reachable(reader.page, url))
            reader.look()
            assert reader.page.locator(".demo").is_visible()
            for link in links:
                kind = "/".join(link.partition("?")[0].split("/")[:2])
                if kind not in seen and link.count("/") < 3:  # deeper ones are papers
                    seen.add(kind)
                    waiting.append(link)
        reader.context.close()
