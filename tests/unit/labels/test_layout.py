"""Where things stand on a label: whole dots, quiet zones, nothing outside."""

import datetime
import itertools

import msgspec
import pytest

from labels import codes
from labels.content import LabelContent, LabelState
from labels.drawing import Drawing, runs
from labels.errors import LabelError
from labels.font import load, writable
from labels.layout import layout, smallest_module
from labels.sizes import SIZES, Size, size_named, to_dots

FULL = LabelContent(
    asset="RC26-004217-H",
    state=LabelState.REFURBISHED,
    title="Dell Latitude 7490",
    lines=("Intel Core i5-8350U", "16 Go DDR4", "SSD NVMe 256 Go"),
    grade="A",
    erased_on=datetime.date(2026, 11, 12),
    erased_method="Purge (NVMe sanitize)",
    site="Atelier Roubaix",
    qr_text="HTTPS://ETABLI.EXAMPLE/RC26-004217-H",
    all_functions_tested=True,
    data_removed=True,
)
BARE = LabelContent(asset="RC26-004217-H", state=None)
LONG = msgspec.structs.replace(
    FULL, title="Ordinateur " * 30, lines=("Processeur " * 20,) * 6, site="Atelier " * 20
)
# 64 bytes of signature and 40 of payload in base 45, behind an address.
SIGNED = msgspec.structs.replace(FULL, qr_text="HTTPS://E.EXAMPLE/S/" + "A1B2C3D4E5" * 15 + "ABCDE")
CASES = {"full": FULL, "bare": BARE, "long": LONG, "signed": SIGNED}


@pytest.fixture(params=list(itertools.product(CASES, SIZES, (203, 300, 600))), ids=str)
def drawing(request: pytest.FixtureRequest) -> Drawing:
    case, size, dpi = request.param
    return layout(CASES[case], SIZES[size], dpi)


def test_bars_and_their_quiet_zone(drawing: Drawing) -> None:
    bars, dpi = drawing.bars, drawing.dpi
    assert bars.module >= smallest_module(dpi)
    quiet = max(10 * bars.module, to_dots(2.54, dpi))
    zone = (bars.x - quiet, bars.y, bars.x + bars.width + quiet, bars.y + bars.height)
    assert zone[0] >= 0
    assert zone[2] <= drawing.width
    assert bars.height >= to_dots(6.35, dpi)
    for x0, y0, x1, y1 in _inked(drawing, without_bars=True):
        assert x1 <= zone[0] or x0 >= zone[2] or y1 <= zone[1] or y0 >= zone[3]


def test_matrix_and_its_quiet_zone(drawing: Drawing) -> None:
    matrix = drawing.matrix
    assert matrix.module >= smallest_module(drawing.dpi)
    quiet = 4 * matrix.module
    left, top = matrix.x - quiet, matrix.y - quiet
    right, bottom = matrix.x + matrix.width + quiet, matrix.y + matrix.width + quiet
    assert left >= 0
    assert top >= 0
    assert right <= drawing.width
    assert bottom <= drawing.bars.y
    for x0, y0, x1, y1 in _inked(drawing, without_bars=False):
        assert x1 <= left or x0 >= right or y1 <= top or y0 >= bottom


def _inked(drawing: Drawing, *, without_bars: bool) -> list[tuple[int, int, int, int]]:
    found = [(b.x, b.y, b.x + b.width, b.y + b.height) for b in drawing.boxes]
    for text in drawing.texts:
        if not text.white:
            ink = load(text.face, text.size).getbbox(text.text, anchor="ls")
            up, down = int(ink[1]), int(ink[3])
            found.append((text.x, text.baseline + up, text.x + text.width, text.baseline + down))
    if not without_bars:
        bars = drawing.bars
        found.append((bars.x, bars.y, bars.x + bars.width, bars.y + bars.height))
    return found


def test_everything_stays_where_every_printer_reaches(drawing: Drawing) -> None:
    size = SIZES[drawing.size_name]
    left, top = size.margin_x_mm * drawing.dpi / 25.4, size.margin_y_mm * drawing.dpi / 25.4
    inked = [*_inked(drawing, without_bars=False)]
    matrix = drawing.matrix
    inked.append((matrix.x, matrix.y, matrix.x + matrix.width, matrix.y + matrix.width))
    for x0, y0, x1, y1 in inked:
        assert x0 >= left
        assert y0 >= top - 1
        assert x1 <= drawing.width - left
        assert y1 <= drawing.height - top + 1


def test_rows_do_not_overlap(drawing: Drawing) -> None:
    rows = [t for t in drawing.texts if not t.white and t.field != "caption"]
    for above, below in itertools.pairwise(sorted(rows, key=lambda text: text.baseline)):
        # From the baseline to the capitals of the next row, with room for "g" and "É".
        assert below.baseline - round(below.size * 0.73) >= above.baseline + round(
            above.size * 0.12
        )


def test_identifier_and_state_are_whole_and_the_largest(drawing: Drawing) -> None:
    texts = {text.field: text for text in drawing.texts}
    assert texts["asset"].text == drawing.asset
    assert texts["asset"].size == max(t.size for t in drawing.texts if t.field != "grade")
    state = " ".join(text.text for text in drawing.texts if text.field == "state")
    assert state in ("Reconditionné", "")


def test_nothing_is_smaller_than_thermal_paper_holds(drawing: Drawing) -> None:
    for text in drawing.texts:
        assert text.size >= to_dots(1.75, drawing.dpi) or text.field in ("caption", "grade")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dpi", [203, 300])
def test_the_grade_is_shown_large(size: str, dpi: int) -> None:
    drawing = layout(FULL, SIZES[size], dpi)
    (grade,) = [text for text in drawing.texts if text.field == "grade"]
    (box,) = drawing.boxes
    assert grade.text == "A"
    assert grade.white
    assert grade.size >= to_dots(4, dpi)
    assert box.x <= grade.x
    assert grade.x + grade.width <= box.x + box.width


def test_the_longest_erased_wording_is_whole_on_the_smallest_label() -> None:
    content = msgspec.structs.replace(LONG, state=LabelState.ERASED)
    for dpi in (203, 300):
        drawing = layout(content, SIZES["50x25"], dpi)
        state = " ".join(text.text for text in drawing.texts if text.field == "state")
        assert state == "Données effacées le 12/11/2026"


def test_other_scripts_leave_a_visible_mark() -> None:
    content = msgspec.structs.replace(
        FULL, title="联想 ThinkPad", lines=("Łódź", "Őr", "Здравствуй")
    )
    drawing = layout(content, SIZES["89x36"], 300)
    printed = " ".join(text.text for text in drawing.texts)
    assert "[…] ThinkPad" in printed
    assert "Łódź" in printed
    assert "Őr" in printed
    assert "Здравствуй" in printed


def test_french_is_written_in_full() -> None:
    french = "éèêëàâîïôöùûüçœæÿ ÉÈÊËÀÂÎÏÔÖÙÛÜÇŒÆŸ € … « » – — ’ · ° ² × µ"
    assert writable(french) == french


@pytest.mark.parametrize(
    ("content", "size", "code"),
    [
        (LabelContent(asset="A" * 24), "50x25", "asset_too_wide"),
        (LabelContent(asset="A1", qr_text="x" * 5000), "62x29", "qr_too_long"),
        (LabelContent(asset="A1", qr_text="x" * 700), "62x29", "qr_too_long"),
    ],
)
def test_what_cannot_be_read_is_refused(content: LabelContent, size: str, code: str) -> None:
    with pytest.raises(LabelError) as caught:
        layout(content, SIZES[size], 300)
    assert caught.value.code == code


def test_a_stock_too_small_is_refused() -> None:
    with pytest.raises(LabelError) as caught:
        layout(FULL, Size("60x16", 60, 16, 1, 1), 300)
    assert caught.value.code in ("qr_too_long", "too_small")


def test_unknown_size() -> None:
    with pytest.raises(LabelError) as caught:
        size_named("10x10")
    assert caught.value.code == "unknown_size"


def test_runs() -> None:
    assert runs("0110001") == [(1, 2), (6, 1)]
    assert runs("") == []
    assert runs("111") == [(0, 3)]


def test_a_series_shares_its_mask_whatever_was_printed_before() -> None:
    codes.matrix.cache_clear()
    codes._series_mask.cache_clear()
    alone = codes.matrix("HTTPS://ETABLI.EXAMPLE/RC26-004217-H")
    codes.matrix.cache_clear()
    codes._series_mask.cache_clear()
    for number in range(20):
        codes.matrix(f"HTTPS://ETABLI.EXAMPLE/RC26-{number:06d}-H")
    assert codes.matrix("HTTPS://ETABLI.EXAMPLE/RC26-004217-H") == alone
