"""What can go wrong with the record, as a code and values; the sentence is in the words."""

from __future__ import annotations


class RecordsError(Exception):
    """A refusal or a failure of the record.

    `code` names the sentence (`records.errors.<code>` or `exchange.errors.<code>`),
    `values` fill its placeholders. Nothing was written when it is raised.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code if not values else f"{code} {values}")
        self.code = code
        self.values = values
