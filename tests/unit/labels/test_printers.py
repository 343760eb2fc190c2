"""Printer languages: the exact bytes, turned back into a picture."""

import base64
import binascii
import datetime
import random
import zlib

import msgspec
import pytest
from PIL import Image, ImageChops

from labels import proof
from labels.content import LabelContent, LabelState
from labels.drawing import Drawing
from labels.errors import LabelError
from labels.layout import layout
from labels.make import make
from labels.printers import brother_pt, brother_ql, dymo, epl, escpos, zpl
from labels.render.raster import to_image
from labels.sizes import SIZES, TAPES
from labels.targets import TARGETS, Target, stock

ASSET = "RC26-004217-H"
CONTENT = LabelContent(
    asset=ASSET,
    state=LabelState.ERASED,
    title="HP EliteBook 840 G5",
    lines=("i5-8350U", "16 Go", "SSD 256 Go"),
    grade="B",
    erased_on=datetime.date(2026, 11, 12),
    erased_method="Purge",
    qr_text=f"HTTPS://ETABLI.EXAMPLE/{ASSET}",
)
PRINTERS = [pytest.param(t, id=t.name) for t in TARGETS.values() if t.printer]
CASES = [
    pytest.param(target, dpi, size, id=f"{target.name}-{dpi}-{size}")
    for target in TARGETS.values()
    if target.printer
    for dpi in target.dpis
    for size in (TAPES if target.tape else SIZES)
    if (target.name, size) != ("dymo", "50x25")  # its bars do not fit, see below
]


def drawn(target: str, size: str | None = None, dpi: int | None = None) -> Drawing:
    wanted = TARGETS[target]
    return layout(CONTENT, stock(wanted, size), dpi or wanted.dpis[0])


def ink(image: Image.Image) -> Image.Image:
    """The inked part alone, upright or turned as it is."""
    inverted = ImageChops.invert(image.convert("L"))
    return inverted.crop(inverted.getbbox())


@pytest.mark.parametrize(("target", "dpi", "size"), CASES)
def test_every_dot_of_ink_comes_back(target: Target, dpi: int, size: str) -> None:
    name = target.name
    drawing = drawn(name, size, dpi)
    code = TARGETS[name].code()
    back = code.decode(code.encode(drawing))
    sent = ink(to_image(drawing))
    got = ink(back)
    if got.size != sent.size:
        got = got.transpose(Image.Transpose.ROTATE_270)
    assert got.size == sent.size
    assert ImageChops.difference(got, sent).getbbox() is None
    assert proof.read_codes(back) == ((ASSET,), (CONTENT.qr_text,))


@pytest.mark.parametrize("target", PRINTERS)
def test_make_takes_the_target_s_own_size_and_resolution(target: Target) -> None:
    name = target.name
    assert make(CONTENT, target=name)


@pytest.mark.parametrize("target", PRINTERS)
def test_damaged_bytes_are_refused_never_a_traceback(target: Target) -> None:
    name = target.name
    code = TARGETS[name].code()
    data = code.encode(drawn(name))
    chance = random.Random(7)
    spoilt = [b"", b"\x00", b"\xff" * 99, data[: len(data) // 2], data[:-9], data * 2, bytes(4000)]
    for _ in range(60):
        at = chance.randrange(min(len(data), 700))
        spoilt.append(data[:at] + bytes((chance.randrange(256),)) + data[at + 1 :])
        spoilt.append(data[:at] + data[at + chance.randrange(1, 9) :])
    for bad in spoilt:
        try:
            image = code.decode(bad)
        except LabelError as error:
            assert error.code == "bytes_unreadable"
        else:
            assert image.width * image.height < 50_000_000


@pytest.mark.parametrize("target", PRINTERS)
def test_bars_broken_on_the_way_are_seen_in_the_bytes(target: Target) -> None:
    drawing = drawn(target.name)
    bars = drawing.bars
    modules = bars.modules[:30] + "111111" + bars.modules[36:]
    blot = msgspec.structs.replace(bars, modules=modules)
    spoilt = msgspec.structs.replace(drawing, bars=blot)
    image = target.code().decode(target.code().encode(spoilt))
    with pytest.raises(LabelError) as caught:
        proof.prove(image, drawing.asset, drawing.qr_text)
    assert caught.value.code == "proof_failed"


# Brother QL ---------------------------------------------------------------------------


@pytest.mark.parametrize("model", brother_ql.MODELS)
def test_ql_every_model(model: str) -> None:
    data = brother_ql.encode(drawn("ql", "62x29"), model=model)
    image = brother_ql.decode(data)
    assert proof.read_codes(image)[0] == (ASSET,)
    assert image.width == 696
    assert image.height >= brother_ql.MODELS[model].least_rows
    row_bytes = 162 if "-1" in model else 90
    assert data.count(b"g\x00" + bytes((row_bytes,))) >= image.height


def test_ql_1100_gets_its_301_rows() -> None:
    assert brother_ql.decode(brother_ql.encode(drawn("ql"), model="QL-1100")).height == 301


def test_ql_die_cut_is_exactly_the_printable_part() -> None:
    data = brother_ql.encode(drawn("ql"), die_cut=True)
    assert brother_ql.decode(data).size == (696, 271)
    # Print information: kind, width and length valid; die-cut, 62 mm, 29 mm, 271 rows.
    assert bytes.fromhex("1b697a ce 0b 3e 1d 0f010000 0000") in data


def test_ql_continuous_leaves_the_length_open() -> None:
    data = brother_ql.encode(drawn("ql"))
    assert bytes.fromhex("1b697a c6 0a 3e 00") in data
    rows = brother_ql.decode(data).height
    assert 28.5 <= (rows + 2 * 35) / 300 * 25.4 <= 29.5  # with the printer's own feed


@pytest.mark.parametrize(
    ("options", "size", "code"),
    [
        ({"model": "QL-9999"}, "62x29", "unknown_target"),
        ({"die_cut": True}, "50x25", "unknown_size"),
    ],
)
def test_ql_refusals(options: dict[str, object], size: str, code: str) -> None:
    with pytest.raises(LabelError) as caught:
        make(CONTENT, target="ql", size=size, **options)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_ql_ink_beside_the_tape_is_seen() -> None:
    data = bytearray(brother_ql.encode(drawn("ql")))
    first_row = data.index(b"g\x00\x5a") + 3
    data[first_row] |= 0x80  # pin 1, right of the tape
    with pytest.raises(LabelError, match="beside the tape"):
        brother_ql.decode(bytes(data))


# ZPL ----------------------------------------------------------------------------------


def test_zpl_packed_and_plain_show_the_same() -> None:
    drawing = drawn("zpl")
    packed, plain = zpl.encode(drawing), zpl.encode(drawing, plain=True)
    assert len(packed) < len(plain) / 5
    assert ImageChops.difference(zpl.decode(packed), zpl.decode(plain)).getbbox() is None


def test_zpl_check_sum_is_the_published_one() -> None:
    # CRC-16-CCITT with start 0 (XMODEM): the catalogue's check value.
    assert binascii.crc_hqx(b"123456789", 0) == 0x31C3


def test_zpl_a_small_text_holding_a_huge_picture_is_refused() -> None:
    text = base64.b64encode(zlib.compress(bytes(50_000_000)))
    crc = f"{binascii.crc_hqx(text, 0):04X}"
    bomb = f"^XA^PW400^LL200^LH0,0^FO0,0^GFA,10000,10000,50,:Z64:{text.decode()}:{crc}^FS^PQ1^XZ"
    with pytest.raises(LabelError, match="of 10000 bytes"):
        zpl.decode(bomb.encode())


# EPL, DYMO, ESC/POS -------------------------------------------------------------------


def test_epl_black_is_zero() -> None:
    drawing = drawn("epl")
    data = epl.encode(drawing)
    picture = data[data.index(b"GW") :].split(b",", 4)[4]
    assert picture[0] == 0xFF  # the label's corner is blank


def test_dymo_leaves_out_what_is_past_the_head() -> None:
    image = dymo.decode(dymo.encode(drawn("dymo")))
    assert image.height == 1051 - 2 * 73
    assert image.width == 432


def test_dymo_label_without_room_for_its_bars_is_refused() -> None:
    with pytest.raises(LabelError) as caught:
        make(CONTENT, target="dymo", size="50x25")
    assert caught.value.code == "asset_too_wide"


def test_dymo_starts_by_waking_a_printer_stuck_in_a_row() -> None:
    assert dymo.encode(drawn("dymo")).startswith(b"\x1b" * 85)


def test_escpos_turns_what_is_wider_than_the_paper() -> None:
    upright = escpos.decode(escpos.encode(drawn("escpos", "62x29")))
    turned = escpos.decode(escpos.encode(drawn("escpos", "89x36")))
    assert upright.width > upright.height
    assert turned.height > turned.width


def test_size_of_a_stock_is_kept_on_paper() -> None:
    image = escpos.decode(escpos.encode(drawn("escpos", "62x29")))
    width, height = SIZES["62x29"].dots(203)
    assert (image.width - width) in range(8)
    assert image.height == height


def test_p_touch_prints_the_128_dots_of_its_tape() -> None:
    data = brother_pt.encode(drawn("pt"))
    assert b"\x1biz" + bytes((0x86, 1, 24, 0)) + (638).to_bytes(4, "little") in data
    rows = data[-638 * 19 - 1 : -1]
    assert {rows[at : at + 3] for at in range(0, len(rows), 19)} == {b"G\x10\x00"}
    assert data[data.index(b"M\x00") + 2 :] == rows + b"\x1a"
    assert brother_pt.decode(data).size == (638, 170)


def test_tape_and_labels_are_not_mixed_up() -> None:
    for target, size in (("pt", "62x29"), ("ql", "90x24")):
        with pytest.raises(LabelError, match="label_too_wide"):
            make(CONTENT, target=target, size=size)
