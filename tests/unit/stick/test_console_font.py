"""The fonts of the stick's console: all that the screens draw, in 256 shapes, at every size."""

from __future__ import annotations

import gzip
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from live import font
from tests.screens.glyphs import LETTERS
from tests.vm import glass
from tests.vm.stick import DEBIANS

ROOT = Path(__file__).resolve().parents[3]
ASCII = "".join(map(chr, range(0x20, 0x7F)))


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, font.Font]:
    """As the build makes them, read again as a console reads them."""
    if not DEBIANS.is_dir():
        pytest.skip("needs Debian's package console-setup-linux")
    out = tmp_path_factory.mktemp("fonts")
    argv = [sys.executable, str(ROOT / "live/font.py"), str(DEBIANS), str(out)]
    subprocess.run(argv, check=True, timeout=60)
    return {path.name.removeprefix("etabli-"): font.read(path) for path in sorted(out.iterdir())}


def test_every_size_has_all_that_the_screens_draw(fonts: dict[str, font.Font]) -> None:
    wide = [f"{size}x8" if "x" not in size else size for size in font.SIZES]
    doubled = ["48x24", "56x28", "64x32"]
    assert sorted(fonts) == sorted(f"{size}.psf.gz" for size in (*wide, *doubled))
    for name, found in fonts.items():
        assert not set().union(*LETTERS.values()) - found.shapes.keys(), name


def test_no_font_costs_the_bright_letters(fonts: dict[str, font.Font], tmp_path: Path) -> None:
    draws, letters = font.wanted()
    for found in fonts.values():
        assert len(font.placed(found, draws, letters)) == font.MOST
    plain = font.read(DEBIANS / "Uni2-Terminus16.psf.gz")
    more = "".join(c for c in plain.shapes if ord(c) > 127 and c not in draws)
    with pytest.raises(ValueError, match="no place for"):
        font.placed(plain, draws, more)
    with pytest.raises(ValueError, match="no shape for ✓"):
        font.placed(plain, "✓", "")


def test_ascii_lies_where_the_kernel_clears_with_it(fonts: dict[str, font.Font]) -> None:
    draws, letters = font.wanted()
    for found in fonts.values():
        places = font.placed(found, draws, letters)
        for character in ASCII:
            shape, characters = places[ord(character)]
            assert characters[0] == character and shape == found.shapes[character]
        joined = [places[code][1] for code in range(0xC0, 0xE0)]
        # Two shapes may be one (double lines look like single ones); all joined, none elsewhere.
        assert set("".join(joined)) >= set(draws)


def test_a_doubled_font_is_each_dot_four_times(fonts: dict[str, font.Font], tmp_path: Path) -> None:
    for small, large in (("24x12", "48x24"), ("28x14", "56x28"), ("32x16", "64x32")):
        plain, twice = fonts[f"{small}.psf.gz"], fonts[f"{large}.psf.gz"]
        for character in "Aé─щ█":
            dots = _dots(plain, character)
            assert _dots(twice, character) == [
                [dot for dot in row for _ in range(2)] for row in dots for _ in range(2)
            ]


def _dots(of: font.Font, character: str) -> list[list[int]]:
    row = (of.wide + 7) // 8
    shape = of.shapes[character]
    return [
        [shape[y * row + x // 8] >> (7 - x % 8) & 1 for x in range(of.wide)] for y in range(of.high)
    ]


def test_the_build_gives_the_same_bytes_and_refuses_what_is_no_font(tmp_path: Path) -> None:
    if not DEBIANS.is_dir():
        pytest.skip("needs Debian's package console-setup-linux")
    for out in ("one", "two"):
        font.main(DEBIANS, tmp_path / out)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    assert glass.load(tmp_path / "one" / "etabli-16x8.psf.gz").high == 16
    other = tmp_path / "other.gz"
    other.write_bytes(gzip.compress(struct.pack("<8I", *range(8))))
    with pytest.raises(ValueError, match="no console font"):
        font.read(other)
