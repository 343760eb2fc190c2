"""The colours a person sees of a style: as written, in 256 colours, on a Linux console.

The console is imitated from its source (drivers/tty/vt/vt.c of Linux 6, `csi_m`, `build_attr`):
16 colours for letters and 8 for grounds; a bright letter is a bold one; reverse swaps the two
colours, and bold makes the letter bright after that. With a font of 512 glyphs bold does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.color import Color, ColorSystem
from rich.style import Style

RGB = tuple[int, int, int]
Show = Callable[[Style], tuple[RGB, RGB]]
# What the kernel starts with (`default_red`, `default_grn`, `default_blu`): a VGA card's.
VGA: tuple[RGB, ...] = (
    *((0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0)),
    *((0, 0, 170), (170, 0, 170), (0, 170, 170), (170, 170, 170)),
    *((85, 85, 85), (255, 85, 85), (85, 255, 85), (255, 255, 85)),
    *((85, 85, 255), (255, 85, 255), (85, 255, 255), (255, 255, 255)),
)
INK, GROUND = 7, 0  # where no colour is told
BRIGHT = 8
HARD = ("dim", "italic", "underline", "blink", "strike")  # a console shows them in other colours


def told(colour: Color | None) -> bool:
    """False for a colour that is left to the terminal."""
    return colour is not None and not colour.is_default


def as_written(style: Style) -> tuple[RGB, RGB]:
    """Letter and ground on a terminal that shows any colour."""
    return _swapped(style, lambda colour: colour)


def in_256(style: Style) -> tuple[RGB, RGB]:
    """On a terminal of 256 colours."""
    return _swapped(style, lambda colour: colour.downgrade(ColorSystem.EIGHT_BIT))


def _swapped(style: Style, of: Callable[[Color], Color]) -> tuple[RGB, RGB]:
    def rgb(colour: Color | None, untold: int) -> RGB:
        if colour is None or not told(colour):
            return VGA[untold]
        red, green, blue = of(colour).get_truecolor()
        return red, green, blue

    ink, ground = rgb(style.color, INK), rgb(style.bgcolor, GROUND)
    return (ground, ink) if style.reverse else (ink, ground)


def on_console(style: Style) -> tuple[RGB, RGB]:
    """On a Linux console whose font has 256 glyphs, as the stick's has."""
    ink, ground, bright = _console(style)
    return VGA[ink + BRIGHT if bright else ink], VGA[ground]


def on_console_512(style: Style) -> tuple[RGB, RGB]:
    """On a Linux console whose font has 512 glyphs: no letter is bright."""
    ink, ground, _ = _console(style)
    return VGA[ink], VGA[ground]


SHOWS: Mapping[str, Show] = {
    "as written": as_written,
    "256 colours": in_256,
    "console": on_console,
    "console, 512 glyphs": on_console_512,
}


def _console(style: Style) -> tuple[int, int, bool]:
    """Letter, ground (0 to 7), and whether the letter is bright."""
    assert not any(getattr(style, name) for name in HARD), f"{style} on a console"
    ink, ground = _of_16(style.color, INK), _of_16(style.bgcolor, GROUND)
    bright = bool(style.bold) or ink >= BRIGHT
    ink, ground = ink % BRIGHT, ground % BRIGHT  # no ground is bright: 107 is 47 there
    return (ground, ink, bright) if style.reverse else (ink, ground, bright)


def _of_16(colour: Color | None, untold: int) -> int:
    if colour is None or not told(colour):
        return untold
    number = colour.downgrade(ColorSystem.STANDARD).number
    assert number is not None
    return number


def contrast(one: RGB, other: RGB) -> float:
    """WCAG 2.2's contrast ratio, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: RGB) -> float:
    """WCAG 2.2's relative luminance, 0 to 1."""
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
