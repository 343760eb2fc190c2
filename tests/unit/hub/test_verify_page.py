"""The page that checks papers, as people use it: in Chromium, over the real server, offline too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FilePayload, Page

from bench.hub.accounts.roles import Role
from bench.words.catalogue import say
from tests.unit.documents.papers import KEY
from tests.unit.hub import signed_papers
from tests.unit.hub import world as made
from tests.unit.hub.chromium import WIDTHS, chromium, opened
from tests.unit.hub.signed_papers import SHOP, Bed, hostile

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Bed:
    return signed_papers.make(tmp_path_factory.mktemp("papers") / "data")


@pytest.fixture(scope="module")
def url(bed: Bed) -> Iterator[str]:
    with made.serving_pages(bed.world.site) as address:
        yield f"{address}/verifier"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """The page, loaded; then the network is cut."""
    with opened(browser, url) as page:
        page.wait_for_selector("form[data-ready]")
        page.context.set_offline(True)
        yield page


def answered(page: Page) -> tuple[str, str]:
    """The class of the one answer, and all that it says."""
    page.wait_for_selector("#answers[aria-busy=false] article")
    (article,) = page.query_selector_all("article.answer")
    return str(article.get_attribute("class")).removeprefix("answer "), article.inner_text()


def chosen(page: Page, data: bytes, name: str = "attestation.json") -> tuple[str, str]:
    file: FilePayload = {"name": name, "mimeType": "application/json", "buffer": data}
    page.set_input_files("#file", files=[file])
    return answered(page)


def pasted(page: Page, text: str) -> tuple[str, str]:
    page.fill("#text", text)
    page.click("form button")
    return answered(page)


def test_a_good_attestation_with_the_network_cut(bed: Bed, page: Page) -> None:
    answer, text = chosen(page, bed.papers["bench"].json)
    assert answer == "known" and say("hub.verify.word.known") in text
    assert SHOP in text and KEY.fingerprint in text and "S3Y9NB0K123456A" in text


def test_nothing_is_sent(bed: Bed, browser: Browser, url: str) -> None:
    """With the network there, nothing leaves once the page is loaded."""
    sent: list[str] = []
    with opened(browser, url) as page:
        page.wait_for_selector("form[data-ready]")
        page.on("request", lambda request: sent.append(request.url))
        assert chosen(page, bed.papers["bench"].json)[0] == "known"
        assert pasted(page, bed.papers["bench"].code)[0] == "known"
        assert not sent


def test_one_byte(bed: Bed, page: Page) -> None:
    paper = bytearray(bed.papers["bench"].json)
    paper[paper.index(b"S3Y9NB0K")] ^= 1
    answer, text = chosen(page, bytes(paper))
    assert answer == "bad" and say("verify.finding.signature_wrong") in text
    assert SHOP not in text and KEY.fingerprint not in text


@pytest.mark.parametrize("who", ["stranger", "bare"])
def test_somebody_nobody_knows(bed: Bed, page: Page, who: str) -> None:
    answer, text = chosen(page, bed.papers[who].json)
    assert answer == "unknown" and say("hub.verify.finding.signer_unknown") in text
    assert say("hub.verify.said.claims") in text


@pytest.mark.parametrize(("who", "answer"), [("after", "bad"), ("before", "unknown")])
def test_a_revoked_bench_is_never_known(bed: Bed, page: Page, who: str, answer: str) -> None:
    told, text = chosen(page, bed.papers[who].json)
    assert told == answer and "RÉVOQUÉ" in text and SHOP not in text


def test_the_text_of_a_code(bed: Bed, page: Page) -> None:
    """Pasted, or typed by a scanner that ends with Enter."""
    answer, text = pasted(page, bed.papers["bench"].code)
    assert answer == "known" and SHOP in text
    page.fill("#text", "")
    page.focus("#text")
    page.keyboard.insert_text(bed.papers["stranger"].code)
    page.keyboard.press("Enter")
    page.wait_for_selector("article.unknown")
    assert say("hub.verify.said.voice_file") in answered(page)[1]


def test_the_text_of_a_file(bed: Bed, page: Page) -> None:
    assert pasted(page, bed.papers["bench"].json.decode().strip())[0] == "known"
    answer, text = pasted(page, "RC26-004217-7")
    assert answer == "bad" and say("hub.verify.finding.not_a_code") in text


def test_a_file_of_five_mebibytes(page: Page) -> None:
    answer, text = chosen(page, b"x" * (5 << 20))
    assert answer == "bad" and say("verify.finding.too_big") in text
    assert answer == "bad" and say("verify.finding.too_big") not in chosen(page, b" " * 9000)[1]


@pytest.mark.parametrize(("start", "key"), [(b"%PDF-1.7", "pdf"), (b"PK\3\4", "bag")])
def test_files_that_are_checked_elsewhere(page: Page, start: bytes, key: str) -> None:
    """Nothing bad is said of a true paper's PDF: a donor would believe it false."""
    answer, text = chosen(page, start + b"x" * 100, "paper")
    assert answer == "other" and say(f"hub.verify.said.{key}") in text
    assert "MAUVAIS" not in text


HTML = [
    "<img src=x onerror=document.title='in'><script>document.title='in'</script>",
    "</li></ul><h1>BON</h1>",
    "{what}{who}${1}",
]


@pytest.mark.parametrize("text", HTML)
def test_markup_in_every_field_stays_text(page: Page, text: str) -> None:
    title = page.title()
    answer, told = chosen(page, hostile(text), f"{text}.json")
    assert answer == "unknown" and told.count(text) >= 5
    inside = page.evaluate("[...document.querySelectorAll('#answers *')].map((e) => e.tagName)")
    assert set(inside) <= {"ARTICLE", "H2", "P", "UL", "LI", "CODE"}
    assert page.title() == title


def test_several_files_dropped_anywhere(bed: Bed, page: Page) -> None:
    papers = [bed.papers[name].json.decode() for name in ("bench", "stranger", "after")]
    drop = """(papers) => {
      const data = new DataTransfer();
      papers.forEach((paper, at) => data.items.add(new File([paper], `${at}.json`)));
      document.querySelector("h1").dispatchEvent(
        new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
    }"""
    page.evaluate(drop, papers)
    page.wait_for_selector("article >> nth=2")
    found = page.evaluate("[...document.querySelectorAll('article')].map((e) => e.className)")
    assert found == ["answer known", "answer unknown", "answer bad"]


def test_by_keyboard(bed: Bed, page: Page, tmp_path: Path) -> None:
    """Tab leads to file, text and button in this order; the answer is told where it appears."""
    page.focus("#file")
    seen = []
    for _ in range(3):
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.type"))
        page.keyboard.press("Tab")
    assert seen == ["file", "text", "submit"]
    page.focus("#text")
    page.keyboard.insert_text(bed.papers["bench"].code)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert answered(page)[0] == "known"
    assert page.get_attribute("#answers", "role") == "status"


def test_a_browser_without_the_signature(browser: Browser, url: str) -> None:
    """It says so and names the command, and takes nothing."""
    context = browser.new_context()
    context.add_init_script(
        "crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))"
    )
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("#unable:visible")
    assert "etabli verify" in page.inner_text("#unable") and not page.is_visible("#verify")
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", [False, True])
def test_axe_and_width(bed: Bed, browser: Browser, url: str, width: str, dark: bool) -> None:
    secret = bed.world.secret(Role.COORDINATION)
    with opened(browser, url, secret=secret, width=width, dark=dark) as page:
        page.wait_for_selector("form[data-ready]")
        files: list[FilePayload] = [
            {"name": f"{name}.json", "mimeType": "", "buffer": bed.papers[name].json}
            for name in ("bench", "stranger", "after")
        ]
        page.set_input_files("#file", files=files)
        page.wait_for_selector("article >> nth=2")
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
        sideways = "document.documentElement.scrollWidth <= innerWidth"
        assert page.evaluate(sideways)
