"""One label, or sheets of them: laid out, rendered, encoded, read back, proven."""

from __future__ import annotations

from collections.abc import Sequence

from labels import proof
from labels.content import LabelContent
from labels.drawing import Drawing
from labels.errors import LabelError
from labels.layout import layout
from labels.render.raster import to_image
from labels.sizes import sheet_named, size_named
from labels.targets import resolution, stock, target_named

SHEET_DPI = 300


def make(
    content: LabelContent,
    *,
    size: str | None = None,
    target: str = "png",
    dpi: int | None = None,
    language: str = "fr",
    **options: object,
) -> bytes:
    """The finished bytes of one label, both codes of which have been read back.

    `size` is a name in `labels.sizes.SIZES`, `target` one in `labels.targets.TARGETS`,
    `dpi` the printer's; without them the target's own are taken. `options` go to the
    printer's `encode` (`model`, `die_cut` for ql, `plain` for zpl). For a printer the bytes
    themselves are decoded and read; a PDF or SVG is proven on the picture of the same
    drawing. Raises `LabelError`; then nothing may be printed.
    """
    wanted = target_named(target)
    drawing = layout(content, stock(wanted, size), resolution(wanted, dpi), language)
    code = wanted.code()
    data: bytes = code.encode(drawing, **options)
    decode = getattr(code, "decode", None)
    image = to_image(drawing) if decode is None else decode(data)
    proof.prove(image, drawing.asset, drawing.qr_text)
    return data


def make_drawing(
    content: LabelContent, *, size: str = "62x29", dpi: int = 300, language: str = "fr"
) -> Drawing:
    """The proven drawing, for pages that hold a label beside other things."""
    drawing = layout(content, size_named(size), dpi, language)
    proof.prove(to_image(drawing), drawing.asset, drawing.qr_text)
    return drawing


def sheet(
    identifiers: Sequence[str],
    *,
    sheet: str = "3x7",
    site: str = "",
    qr_prefix: str = "",
    language: str = "fr",
) -> bytes:
    """A4 PDF of pre-numbered intake labels, in reading order, each one proven.

    `identifiers` are texts such as `RC26-004217-H`; `qr_prefix` (an upper-case URL
    ending in "/") stands before the identifier in the QR. Raises `LabelError`.
    """
    contents = [
        LabelContent(asset=asset, state=None, site=site, qr_text=f"{qr_prefix}{asset}")
        for asset in identifiers
    ]
    return sheet_of(contents, sheet=sheet, language=language)


def sheet_of(
    contents: Sequence[LabelContent], *, sheet: str = "3x7", language: str = "fr"
) -> bytes:
    """A4 PDF of any labels; see `sheet`."""
    from labels.render import pdf

    paper = sheet_named(sheet)
    if not contents:
        raise LabelError("sheet_empty")
    drawings = [
        make_drawing(content, size=paper.label.name, dpi=SHEET_DPI, language=language)
        for content in contents
    ]
    return pdf.encode_sheets(drawings, paper)
