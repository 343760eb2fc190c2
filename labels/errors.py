"""The one exception of this package: a code and values, no sentence.

Sentences for people are in `bench/words/<language>/label.toml` under
`error.<code>`; this package knows no sibling and so says only what happened.
"""

from __future__ import annotations

# Each code with the values it carries.
ERRORS: dict[str, tuple[str, ...]] = {
    # The content. Nothing was made.
    "asset_invalid": ("asset",),  # empty, too long, or not capitals, digits and ./+-
    "asset_too_wide": ("asset", "size"),  # its bars would be thinner than scanners read
    "qr_too_long": ("size",),  # its modules would be smaller than 0.25 mm
    "too_small": ("size", "field"),  # identifier or state do not fit whole
    "forbidden_words": ("words",),  # the law forbids them on a refurbished machine
    "refurbished_not_allowed": ("asset",),  # the record does not allow the word
    "erased_on_missing": ("asset",),  # "Données effacées le" without a date
    # The wish. Nothing was made.
    "unknown_size": ("size", "known"),
    "unknown_target": ("target", "known"),
    "unknown_destination": ("address",),
    "unknown_dpi": ("target", "dpi", "known"),
    "unknown_language": ("language", "known"),
    "label_too_wide": ("size", "target"),  # the printer's head is narrower
    "sheet_empty": (),
    # The proof. Nothing was printed.
    "proof_failed": ("which", "expected", "read"),  # which: bars, qr
    "bytes_unreadable": ("target", "why"),
    # The printer. Nothing was printed, but for `printer_gone`: perhaps.
    "printer_off": ("address", "why"),
    "printer_busy": ("address",),
    "printer_refused": ("address", "why"),
    "printer_not_ready": ("address", "state"),  # its own word: labels.printers.status.PrinterState
    "wrong_roll": ("wanted", "loaded"),  # the label was made for another roll
    "printer_gone": ("address", "sent_bytes", "total_bytes"),
    "file_not_written": ("path", "why"),
    # The queue.
    "queue_damaged": ("path",),  # a job file that is not what was written
    "job_state": ("job", "state", "wanted"),
}


class LabelError(Exception):
    """A label could not be made or sent; see `ERRORS` for what that means for paper.

    `code` is one of `ERRORS`; `values` fill the placeholders of its sentence.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    def __str__(self) -> str:
        return " ".join([self.code, *(f"{key}={value!r}" for key, value in self.values.items())])
