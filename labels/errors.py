"""The one exception of this package: a code and values, no sentence.

Sentences for people are in `bench/words/<language>/label.toml` under
`error.<code>`; this package knows no sibling and so says only what happened.
"""

from __future__ import annotations

ERRORS = (
    "asset_invalid",  # asset: empty, too long for Code 128 here, or not plain ASCII
    "asset_too_wide",  # asset, size: the bars would be thinner than scanners read
    "qr_too_long",  # size: the QR modules would be smaller than 0.25 mm
    "too_small",  # size, field: what must be printed whole does not fit
    "forbidden_words",  # words: the law forbids them on a refurbished machine
    "refurbished_not_allowed",  # the record does not allow the word
    "erased_on_missing",  # "Données effacées le" without a date
    "unknown_size",  # size, known
    "unknown_target",  # target, known
    "unknown_dpi",  # target, dpi, known
    "unknown_language",  # language, known
    "label_too_wide",  # size, target: the printer's head is narrower
    "proof_failed",  # which (bars, qr), expected, read: nothing is printed
    "bytes_unreadable",  # target, why: printer bytes that cannot be read back
    "sheet_empty",  # a sheet of no identifiers
    "printer_off",  # address, why: no connection, no device file
    "printer_busy",  # address: somebody else holds it
    "printer_gone",  # address, sent_bytes, total_bytes: stopped in the middle
    "printer_refused",  # address, why: it answered no
    "file_not_written",  # path, why
    "queue_damaged",  # path: a job file that is not one of ours
    "job_state",  # job, state, wanted: this job cannot be handled so now
)


class LabelError(Exception):
    """A label could not be made or sent; nothing was printed unless `code` says so.

    `code` is one of `ERRORS`; `values` fill the placeholders of its sentence.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    def __str__(self) -> str:
        return " ".join([self.code, *(f"{key}={value!r}" for key, value in self.values.items())])
