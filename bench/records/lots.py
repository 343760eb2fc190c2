"""A lot by its name: which workshop's, where several gave one name to a lot each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bench.records.errors import RecordsError

if TYPE_CHECKING:
    from bench.records.store import Store

_SHOWN = 12  # digits of a workshop's name in an address
_MOST = 100
# What `LotName` gives to a query, in this order: the machines, the lot's own row.
MACHINES = "lot_of = ? AND lot = ?"
ROW = "lot.workshop = ? AND lot.lot = ?"


def donor_of(lot: str) -> str:
    """The condition that joins `donor` to a lot's row: as a coordination registered who gave, else
    as the lot's own workshop did."""
    return (
        f"donor.donor = {lot}.donor AND donor.workshop = (SELECT min(said.workshop) FROM donor AS"
        f" said WHERE said.donor = {lot}.donor AND said.workshop IN ('', {lot}.workshop))"
    )


class LotName(NamedTuple):
    """What a lot is, everywhere: a workshop names its own."""

    workshop: str
    lot: str

    @property
    def address(self) -> str:
        """The name with its workshop's beginning, as commands and pages take it."""
        return f"{self.lot}@{self.workshop[:_SHOWN]}"


def lot_named(store: Store, text: str, own: str = "") -> LotName:
    """The lot a person means by `NAME`, or by `NAME@` and the beginning of a workshop's name.

    Of several lots of one name it is that of the workshop `own`. Raises `RecordsError`:
    `lot_unknown`, `lot_several` (its `lots` are the addresses to choose from).
    """
    # An address before a name: somebody may name a lot as another's is addressed.
    name, _, start = text.rpartition("@")
    found = [each for each in _all(store, name) if start and each.workshop.startswith(start)]
    found = found or _all(store, text)
    if not found:
        raise RecordsError("lot_unknown", lot=text[:64])
    if len(found) == 1:
        return found[0]
    mine = [each for each in found if each.workshop == own]
    if len(mine) == 1:
        return mine[0]
    raise RecordsError(
        "lot_several", lot=text[:64], lots=", ".join(each.address for each in found[:9])
    )


def _all(store: Store, name: str) -> list[LotName]:
    rows = store.query(
        "SELECT workshop, lot FROM lot WHERE lot = ?1 AND ?1 <> ''"
        " UNION SELECT lot_of, lot FROM machine WHERE lot = ?1 AND ?1 <> ''"
        f" ORDER BY 1 LIMIT {_MOST}",
        (name,),
    )
    return [LotName(*row) for row in rows]
