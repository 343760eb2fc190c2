"""PNG, PDF and SVG of a label: read back from the finished files."""

import datetime
import io
from xml.etree import ElementTree

import msgspec
import pypdfium2
import pytest
from PIL import Image, ImageDraw

from labels import proof
from labels.blocks import Block, identifiers
from labels.content import LabelContent, LabelState
from labels.drawing import Drawing
from labels.errors import LabelError
from labels.layout import layout
from labels.make import make, sheet
from labels.render import svg
from labels.render.raster import to_image
from labels.sizes import SHEETS, SIZES

ASSET = "RC26-004217-H"
URL = f"HTTPS://ETABLI.EXAMPLE/{ASSET}"
CONTENT = LabelContent(
    asset=ASSET,
    state=LabelState.ERASED,
    title="HP EliteBook 840 G5 – châssis « œuvre »",
    lines=("i5-8350U", "16 Go", "SSD 256 Go"),
    grade="B",
    erased_on=datetime.date(2026, 11, 12),
    erased_method="Purge <NVMe> & co",
    site="Ressourcerie d’Étaples",
    qr_text=URL,
)


@pytest.mark.parametrize("size", SIZES)
def test_png_reads_back_and_knows_its_size(size: str) -> None:
    image = Image.open(io.BytesIO(make(CONTENT, size=size, target="png")))
    assert proof.read_codes(image) == ((ASSET,), (URL,))
    assert round(image.info["dpi"][0]) == 300
    assert image.size == SIZES[size].dots(300)


@pytest.mark.parametrize("size", SIZES)
def test_pdf_reads_back_as_picture_and_as_text(size: str) -> None:
    data = make(CONTENT, size=size, target="pdf")
    page = pypdfium2.PdfDocument(data)[0]
    width_mm, height_mm = (points / 72 * 25.4 for points in page.get_size())
    assert width_mm == pytest.approx(SIZES[size].width_mm, abs=0.1)
    assert height_mm == pytest.approx(SIZES[size].height_mm, abs=0.1)
    image = page.render(scale=600 / 72).to_pil()
    assert proof.read_codes(image) == ((ASSET,), (URL,))
    text = page.get_textpage().get_text_range()
    assert ASSET in text
    assert "Données effacées" in text
    assert "œuvre" in text or "…" in text


def test_pdf_bytes_are_the_same_for_the_same_label() -> None:
    assert make(CONTENT, target="pdf") == make(CONTENT, target="pdf")


def test_pdf_and_png_show_the_same_picture() -> None:
    page = pypdfium2.PdfDocument(make(CONTENT, target="pdf"))[0]
    rendered = page.render(scale=300 / 72).to_pil().convert("L")
    png = Image.open(io.BytesIO(make(CONTENT, target="png"))).convert("L")
    rendered = rendered.resize(png.size)
    different = sum(
        abs(a - b) > 128 for a, b in zip(rendered.tobytes(), png.tobytes(), strict=True)
    )
    # Only the edges of letters, which each renderer smooths its own way.
    assert different / (png.width * png.height) < 0.02


def test_svg_reads_back() -> None:
    drawing = layout(CONTENT, SIZES["62x29"], 300)
    root = ElementTree.fromstring(svg.encode(drawing))
    assert root.get("width") == "61.976mm"
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert ASSET in texts
    assert any("<NVMe> & co" in (text or "") for text in texts)
    assert proof.read_codes(_svg_codes(root)) == ((ASSET,), (URL,))


def _svg_codes(root: ElementTree.Element) -> Image.Image:
    """The code rectangles of our SVG, drawn from its path commands."""
    _, _, width, height = map(int, str(root.get("viewBox")).split())
    image = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(image)
    path = root.find("{http://www.w3.org/2000/svg}path")
    assert path is not None
    for rectangle in str(path.get("d")).split("z")[:-1]:
        place, rest = rectangle[1:].split("h", 1)
        x, y = map(int, place.split())
        wide, rest = rest.split("v", 1)
        high = rest.split("h")[0]
        draw.rectangle((x, y, x + int(wide) - 1, y + int(high) - 1), fill=0)
    return image


@pytest.mark.parametrize("stock", SHEETS)
def test_sheet_of_intake_labels(stock: str) -> None:
    count = SHEETS[stock].count + 2
    codes = [str(identifier) for identifier in identifiers(Block("R", 26, 1, count))]
    document = pypdfium2.PdfDocument(
        sheet(codes, sheet=stock, site="Roubaix", qr_prefix="HTTPS://E.FR/")
    )
    assert len(document) == 2
    read_bars: set[str] = set()
    read_matrices: set[str] = set()
    for page in document:
        assert page.get_size() == pytest.approx((595.28, 841.89), abs=0.1)
        bars, matrices = proof.read_codes(page.render(scale=300 / 72).to_pil())
        assert len(bars) == len(set(bars))
        read_bars.update(bars)
        read_matrices.update(matrices)
    assert read_bars == set(codes)
    assert read_matrices == {f"HTTPS://E.FR/{code}" for code in codes}


def test_sheet_labels_stand_where_the_paper_is_cut() -> None:
    stock = SHEETS["3x7"]
    codes = [str(identifier) for identifier in identifiers(Block("R", 26, 1, stock.count))]
    page = pypdfium2.PdfDocument(sheet(codes))[0]
    image = page.render(scale=254 / 72).to_pil().convert("L")  # 10 dots a millimetre
    for column in range(stock.columns):
        for row in range(stock.rows):
            left = (stock.left_mm + column * stock.pitch_x_mm) * 10
            top = (stock.top_mm + row * stock.pitch_y_mm) * 10
            cell = image.crop((int(left), int(top), int(left + 635), int(top + 381)))
            code = codes[row * stock.columns + column]
            assert proof.read_codes(cell)[0] == (code,)


def test_an_empty_sheet_is_refused() -> None:
    with pytest.raises(LabelError) as caught:
        sheet([])
    assert caught.value.code == "sheet_empty"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"target": "fax"}, "unknown_target"),
        ({"size": "1x1"}, "unknown_size"),
        ({"target": "png", "dpi": 72}, "unknown_dpi"),
        ({"language": "xx"}, "unknown_language"),
    ],
)
def test_unknown_names_are_values(options: dict[str, object], code: str) -> None:
    with pytest.raises(LabelError) as caught:
        make(CONTENT, **options)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_proof_refuses_a_damaged_bar() -> None:
    drawing = layout(CONTENT, SIZES["62x29"], 300)
    image = to_image(drawing)
    proof.prove(image, drawing.asset, drawing.qr_text)
    bars = drawing.bars
    ImageDraw.Draw(image).rectangle(
        (bars.x + 60, bars.y, bars.x + 75, bars.y + bars.height), fill=0
    )
    assert _refused(image, drawing) == "bars"


def test_proof_refuses_a_damaged_matrix() -> None:
    drawing = layout(CONTENT, SIZES["62x29"], 300)
    image = to_image(drawing)
    matrix = drawing.matrix
    ImageDraw.Draw(image).rectangle(
        (matrix.x, matrix.y, matrix.x + matrix.width // 2, matrix.y + matrix.width), fill=0
    )
    assert _refused(image, drawing) == "qr"


def test_proof_refuses_another_machines_label() -> None:
    drawing = layout(CONTENT, SIZES["62x29"], 300)
    other = layout(msgspec.structs.replace(CONTENT, asset="RC26-004218-F"), SIZES["62x29"], 300)
    assert _refused(to_image(drawing), other) == "bars"


def test_proof_refuses_blank_paper() -> None:
    drawing = layout(CONTENT, SIZES["62x29"], 300)
    assert _refused(Image.new("1", (732, 342), 255), drawing) == "bars"


def _refused(image: Image.Image, drawing: Drawing) -> object:
    with pytest.raises(LabelError) as caught:
        proof.prove(image, drawing.asset, drawing.qr_text)
    assert caught.value.code == "proof_failed"
    return caught.value.values["which"]
