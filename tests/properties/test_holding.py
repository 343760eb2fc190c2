"""Who holds a machine: the quick way through the transfers gives what the plain one gives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench.records.fold import holding
from bench.records.kinds import machine as kinds
from bench.records.rules.known import Bench, Known
from bench.records.signed.event import Event
from bench.records.sql.rows import Entry

WORKSHOPS = ("A", "B", "C")
CONTEXT = Known(
    {name.lower(): Bench(name, "bench", times=((0, name),)) for name in WORKSHOPS}
    | {"k": Bench("A", "coordination", times=((0, "A"),))}
)
TOLD = st.tuples(
    st.sampled_from(["sent", "accepted", "withdrawn"]),
    st.sampled_from(["a", "b", "c", "k"]),
    st.sampled_from(["t1", "t2", "t3", "t4", "t5"]),
    st.sampled_from(WORKSHOPS),
)


def entry(number: int, kind: str, bench: str, transfer: str, to: str) -> Entry:
    data: kinds.Data = kinds.TransferAccepted(transfer=transfer, devices=["d"])
    if kind == "sent":
        data = kinds.TransferSent(transfer=transfer, to=to, devices=["d"])
    elif kind == "withdrawn":
        data = kinds.TransferWithdrawn(transfer=transfer, devices=["d"])
    made = Event(
        schema=1, id="", type="", bench=bench, seq=1, tick=1, prev="", at="", device="d", data={}
    )
    return Entry(made, f"{number:064x}", data)


def plain(entries: list[Entry], holder: str) -> str:
    """Again and again the first complete transfer by the holder that nobody took back."""
    waiting: dict[str, list[Entry]] = {}
    for each in entries:
        assert isinstance(
            each.data, (kinds.TransferSent, kinds.TransferAccepted, kinds.TransferWithdrawn)
        )
        waiting.setdefault(each.data.transfer, []).append(each)
    waiting = {name: told for name, told in waiting.items() if not taken_back(told)}
    while True:
        for name, told in waiting.items():
            receiver = next((to for to in receivers(told, holder)), None)
            if receiver:
                holder = receiver
                del waiting[name]
                break
        else:
            return holder


def taken_back(told: list[Entry]) -> bool:
    """The first word that counts about the end of a transfer is that it is off."""
    to = {each.data.to for each in told if isinstance(each.data, kinds.TransferSent)}
    by = {CONTEXT.speaker(each.event) for each in told if isinstance(each.data, kinds.TransferSent)}
    words = [
        isinstance(each.data, kinds.TransferWithdrawn)
        for each in told
        if (isinstance(each.data, kinds.TransferAccepted) and CONTEXT.speaker(each.event) in to)
        or (
            isinstance(each.data, kinds.TransferWithdrawn)
            and (CONTEXT.speaker(each.event) in to | by or each.event.bench == "k")
        )
    ]
    return bool(words) and words[0]


def receivers(told: list[Entry], holder: str) -> list[str]:
    accepted = {
        CONTEXT.speaker(each.event)
        for each in told
        if isinstance(each.data, kinds.TransferAccepted)
    }
    return [
        each.data.to
        for each in told
        if isinstance(each.data, kinds.TransferSent)
        and each.data.to in accepted
        and (CONTEXT.speaker(each.event) == holder or CONTEXT.coordinates(each.event))
    ]


@given(told=st.lists(TOLD, max_size=24))
def test_transfers_lead_to_the_same_holder(told: list[tuple[str, str, str, str]]) -> None:
    arrived = Entry(entry(0, "accepted", "a", "t", "A").event, "0" * 64, kinds.MachineArrived())
    entries = [entry(number, *each) for number, each in enumerate(told, 1)]
    held = holding.follow([arrived, *entries], CONTEXT)
    assert held.holder == plain(entries, "A")
