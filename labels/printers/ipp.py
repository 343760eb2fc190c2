"""A small IPP client for A4 pages: Print-Job, Get-Printer-Attributes, Get-Job-Attributes.

Source: RFC 8010 (encoding), RFC 8011 (operations and status codes), PWG 5100.13
(print-scaling). Written here: CUPS with two drivers would cost 106 packages.
"""

from __future__ import annotations

import struct
import urllib.parse
from http.client import HTTPConnection, HTTPException

import msgspec

from labels.errors import LabelError
from labels.printers.destination import Ipp

PRINT_JOB, GET_JOB, GET_PRINTER = 0x0002, 0x0009, 0x000B
OPERATION, JOB, END = 0x01, 0x02, 0x03
INTEGER, BOOLEAN, ENUM, NAME, KEYWORD, URI, CHARSET, LANGUAGE, MIME = (
    0x21,
    0x22,
    0x23,
    0x42,
    0x44,
    0x45,
    0x47,
    0x48,
    0x49,
)
BUSY = frozenset({0x0507})  # server-error-busy
NOT_NOW = frozenset({0x0502, 0x0503, 0x0504, 0x0506})  # unavailable, device error, stopped
MAX_ANSWER_BYTES = 1_000_000

Value = int | str | bytes | bool


class IppAnswer(msgspec.Struct, frozen=True):
    """What a printer answered: status code and attributes, each a tuple of values."""

    status: int
    attributes: dict[str, tuple[Value, ...]]

    def number(self, name: str) -> int | None:
        values = self.attributes.get(name, ())
        return values[0] if values and type(values[0]) is int else None

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(value for value in self.attributes.get(name, ()) if isinstance(value, str))


def print_job(
    data: bytes, printer: Ipp, *, media_type: str, title: str, timeout_s: float = 20.0
) -> int:
    """Print A4 pages at their true size; the printer's job number.

    Raises `LabelError`: `printer_off`, `printer_busy`, `printer_refused`, and
    `printer_gone` when the answer to the sent pages never came.
    """
    request = b"".join(
        (
            _head(PRINT_JOB, printer.printer_uri),
            _attribute(NAME, "requesting-user-name", "etabli"),
            _attribute(NAME, "job-name", title),
            _attribute(MIME, "document-format", media_type),
            bytes((JOB,)),
            _attribute(KEYWORD, "media", "iso_a4_210x297mm"),
            _attribute(KEYWORD, "print-scaling", "none"),
            bytes((END,)),
        )
    )
    answer = _exchange(printer, request, data, timeout_s)
    if answer.status in BUSY:
        raise LabelError("printer_busy", address=printer.url)
    if answer.status >= 0x0100:
        why = "not now" if answer.status in NOT_NOW else f"IPP status {answer.status:#06x}"
        raise LabelError("printer_refused", address=printer.url, why=why)
    return answer.number("job-id") or 0


def job_state(printer: Ipp, job: int, timeout_s: float = 5.0) -> int | None:
    """RFC 8011 job-state: 3 pending, 5 processing, 7 cancelled, 8 aborted, 9 completed."""
    request = b"".join(
        (
            _head(GET_JOB, printer.printer_uri),
            _attribute(INTEGER, "job-id", job),
            bytes((END,)),
        )
    )
    return _exchange(printer, request, b"", timeout_s).number("job-state")


def printer_answer(printer: Ipp, timeout_s: float = 5.0) -> IppAnswer:
    """The printer's attributes; `labels.printers.status.from_ipp` reads them."""
    request = _head(GET_PRINTER, printer.printer_uri) + bytes((END,))
    return _exchange(printer, request, b"", timeout_s)


def _head(operation: int, printer_uri: str) -> bytes:
    """Version 2.0, the operation, request 1, and the three attributes always first."""
    return b"".join(
        (
            struct.pack(">BBHIB", 2, 0, operation, 1, OPERATION),
            _attribute(CHARSET, "attributes-charset", "utf-8"),
            _attribute(LANGUAGE, "attributes-natural-language", "fr"),
            _attribute(URI, "printer-uri", printer_uri),
        )
    )


def _attribute(tag: int, name: str, value: str | int) -> bytes:
    raw = struct.pack(">i", value) if isinstance(value, int) else value.encode()[:255]
    key = name.encode()
    return struct.pack(">BH", tag, len(key)) + key + struct.pack(">H", len(raw)) + raw


def _exchange(printer: Ipp, request: bytes, data: bytes, timeout_s: float) -> IppAnswer:
    body = request + data
    parts = urllib.parse.urlsplit(printer.url)
    # http.client rather than urllib: it tells "never connected" from "lost on the way".
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        connection.connect()
    except OSError as error:
        raise LabelError("printer_off", address=printer.url, why=str(error)) from None
    try:
        connection.request("POST", parts.path, body, {"Content-Type": "application/ipp"})
        response = connection.getresponse()
        received, http_status = response.read(MAX_ANSWER_BYTES), response.status
    except (OSError, HTTPException):
        raise _gone(printer, body) from None
    finally:
        connection.close()
    if http_status != 200:
        raise LabelError("printer_refused", address=printer.url, why=f"HTTP {http_status}")
    answer = parse_answer(received)
    if answer is None:
        raise _gone(printer, body)
    return answer


def _gone(printer: Ipp, body: bytes) -> LabelError:
    return LabelError(
        "printer_gone", address=printer.url, sent_bytes=len(body), total_bytes=len(body)
    )


def parse_answer(body: bytes) -> IppAnswer | None:
    """RFC 8010 response -> status and attributes; `None` for anything else. Never raises."""
    try:
        _, _, status, _ = struct.unpack_from(">BBHI", body)
        attributes: dict[str, tuple[Value, ...]] = {}
        at, name = 8, ""
        while body[at] != END:
            tag = body[at]
            at += 1
            if tag < 0x10:  # the beginning of a group of attributes
                continue
            key, at = _field(body, at)
            raw, at = _field(body, at)
            name = key.decode("utf-8") or name
            attributes[name] = (*attributes.get(name, ()), _value(tag, raw))
    except (struct.error, IndexError, UnicodeDecodeError, ValueError):
        return None
    return IppAnswer(status, attributes)


def _field(body: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from(">H", body, at)
    end = at + 2 + length
    if end > len(body):
        raise ValueError("cut short")
    return body[at + 2 : end], end


def _value(tag: int, raw: bytes) -> Value:
    if tag in (INTEGER, ENUM):
        return int(struct.unpack(">i", raw)[0])
    if tag == BOOLEAN:
        return raw == b"\x01"
    if 0x41 <= tag <= 0x49:
        return raw.decode("utf-8")
    return raw
