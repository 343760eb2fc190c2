"""Every page can be read, in every theme, on every terminal; and who chooses the theme."""

from __future__ import annotations

import pytest
from rich.style import Style

from bench.console.themes import THEMES, choose
from tests.screens.contrast import LEAST
from tests.screens.driver import bench
from tests.screens.shades import as_written, contrast, in_256, on_console, on_console_512
from tests.screens.themes import SCENES, worst

# One of each make of page; the others are long. In the theme of the console every page that any
# test of the screens comes to is measured (`Bench.can_be_read`).
QUICK = (
    "dead pixels",
    "erasing",
    "supervising",
    "FailedPage",
    "LookPage",
    "MachinePage",
    "TrayPage",
)


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in SCENES],
)
async def test_every_page_can_be_read_in_every_theme(name: str) -> None:
    found = await worst(SCENES[name])
    assert {theme for theme, _ in found} == (set(THEMES) if name != "dead pixels" else set())
    for (theme, kind), seen in found.items():
        assert seen.ratio >= LEAST[kind], f"{theme}, {kind}: {seen}"


@pytest.mark.long
@pytest.mark.parametrize(
    ("style", "colour", "why"),
    [
        ("background", "ansi_default", "on default"),
        ("color", "ansi_default", "default on"),
        ("color", "#777777", "text"),
        ("text_style", "italic", "on a console"),
    ],
)
async def test_what_cannot_be_read_is_found(style: str, colour: str, why: str) -> None:
    async with bench() as b:
        b.can_be_read()
        setattr(b.app.screen.query_one("#words").styles, style, colour)
        await b.heard()
        with pytest.raises(AssertionError, match=why):
            b.can_be_read()


@pytest.mark.parametrize(
    ("style", "shown", "ratio"),
    [
        ("#ffff00 on #ffffff", as_written, 1.07),  # the notices there were, on a white terminal
        ("bold black on cyan", on_console, 2.6),  # the choices there were before
        ("bold reverse", on_console, 3.21),  # the same without colours
        ("bold reverse", on_console_512, 9.04),
        ("black on cyan", on_console, 7.33),
        ("bold white on blue", on_console, 13.3),
        ("bold white on blue", on_console_512, 5.72),
        ("#ffffff on #0000aa", on_console, 13.3),
        ("#000000 on #ffffff", on_console, 9.04),  # no ground is bright
        ("#000000 on #ffff00", on_console, 4.0),  # yellow is brown there
        ("#aaaaaa on #000000", in_256, 8.83),
        ("", as_written, 9.04),
        ("reverse", as_written, 9.04),
    ],
)
def test_a_style_is_seen_as_a_terminal_shows_it(style: str, shown: object, ratio: float) -> None:
    assert callable(shown)
    assert contrast(*shown(Style.parse(style))) == pytest.approx(ratio, abs=0.05)


@pytest.mark.parametrize(
    ("wanted", "environment", "theme"),
    [
        (None, {"TERM": "linux"}, "console"),
        (None, {"TERM": "xterm-256color"}, "console"),
        (None, {}, "console"),
        ("light", {"TERM": "linux"}, "light"),
        ("contrast", {"TERM": "xterm-256color", "NO_COLOR": ""}, "contrast"),
        ("contrast", {"TERM": "xterm-256color", "NO_COLOR": "1"}, "mono"),
        (None, {"TERM": "linux", "NO_COLOR": "1"}, "mono"),
        ("light", {"TERM": "vt100"}, "mono"),
        (None, {"TERM": "vt220"}, "mono"),
        (None, {"TERM": "dumb"}, "mono"),
        (None, {"TERM": "linux-m"}, "mono"),
        ("mono", {"TERM": "linux"}, "mono"),
    ],
)
def test_the_terminal_and_the_settings_choose(
    wanted: object, environment: dict[str, str], theme: str
) -> None:
    assert choose(wanted, environment) == theme  # type: ignore[arg-type]
