"""Reads a PDF back as a person would: pages as pictures and as text, and the QR."""

from __future__ import annotations

import zxingcpp
from PIL import Image
from pypdfium2 import PdfDocument


def pages(pdf: bytes, dpi: int = 150) -> list[Image.Image]:
    document = PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72, grayscale=True).to_pil() for page in document]
    finally:
        document.close()


def texts(pdf: bytes) -> list[str]:
    """The text of each page, line ends as spaces."""
    document = PdfDocument(pdf)
    try:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    finally:
        document.close()


def codes(pdf: bytes, dpi: int = 200) -> list[str]:
    """Every QR of the paper, in page order."""
    found = []
    for picture in pages(pdf, dpi):
        found += [code.text for code in zxingcpp.read_barcodes(picture)]
    return found
