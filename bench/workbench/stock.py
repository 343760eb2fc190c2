"""The supervisor's lots, machines and daybook made real: `bench.stock` in the screens' words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.casefile import writing
from bench.casefile.numbers import cents, grams, read_asset
from bench.casefile.reading import file_of, lot_of
from bench.documents import content
from bench.documents.donor_pack import issue_donor_pack
from bench.documents.issue import keep
from bench.documents.logo import logo_of
from bench.documents.parties import signer_of
from bench.errors.failure import Failure
from bench.errors.sentence import as_failure, sentence
from bench.guide.supervision import Action, Ask, DayFinding, Did, FindingKey, Found
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.records.lots import LotName
from bench.setup.settings import Settings
from bench.stock import daybook, donors, leaving, lots
from bench.words.catalogue import for_the_workshop, say
from bench.words.facts import kilograms

_SHOWN_LOTS, _SHOWN_DONORS = 60, 40
_DAY, _NEW = "day", "new"


class StockDesk:
    """What may be done is asked of `bench.stock`; nothing is decided here.

    `operator` gives who has entered the supervisor's mode, "" for nobody; papers are written
    to `folder`.
    """

    def __init__(
        self, log: Log, settings: Settings, folder: Path, operator: Callable[[], str]
    ) -> None:
        self._log, self._settings, self._folder = log, settings, folder
        self._operator = operator
        self._does: dict[str, Callable[[str, tuple[str, ...]], str]] = {
            "register": self._register,
            "open": self._open,
            "collect": self._collect,
            "receive": self._receive,
            "weigh": self._weigh,
            "unpack": self._unpack,
            "add": self._add,
            "close": self._close,
            "reopen": self._reopen,
            "pack": self._pack,
            "destine": self._destine,
            "put_in": self._put_in,
            "hand_over": self._hand_over,
            "take_back": self._take_back,
            "waste": self._waste,
            "hours": self._hours,
            "part": self._part,
        }

    # -- what is shown ----------------------------------------------------------------

    def items(self) -> tuple[DayFinding, ...]:
        known = lots.lots(self._log, ended=True)
        known.sort(key=lambda lot: lot.state == "closed")
        return (
            DayFinding(
                FindingKey(_NEW, ""), say("stock.new"), say("stock.new"), actions=self._opening()
            ),
            *(self._lot(lot) for lot in known[:_SHOWN_LOTS]),
            DayFinding(
                FindingKey(_DAY, ""), say("stock.daybook"), say("stock.daybook"), actions=_noting()
            ),
        )

    def machine(self, code: str) -> Found:
        try:
            device = writing.must_know(self._log, read_asset(code))
        except Failure as failure:
            return Found(text=_upper(sentence(failure)))
        return Found(self._machine(device))

    def _opening(self) -> tuple[Action, ...]:
        known = donors.donors(self._log)[:_SHOWN_DONORS]
        kinds = tuple((kind, say(f"stock.donor_kinds.{kind}")) for kind in donors.KINDS)
        count = Ask(say("stock.ask.promised"), skip=say("stock.ask.unknown"))
        new = Action(
            "register",
            say("stock.new_donor"),
            (
                Ask(say("stock.ask.kind"), kinds),
                Ask(say("stock.ask.donor")),
                Ask(say("stock.ask.siret"), skip=say("stock.ask.unknown")),
                count,
            ),
        )
        if not known:
            return (new,)
        listed = tuple((donor.reference, donor.name) for donor in known)
        old = Action("open", say("stock.known_donor"), (Ask(say("stock.ask.which"), listed), count))
        return (old, new)

    def _lot(self, lot: lots.LotLine) -> DayFinding:
        marks = [say(f"stock.state.{lot.state}"), say("stock.line.machines", count=lot.machines)]
        if lot.weight_g:
            marks.append(kilograms(lot.weight_g))
        if lot.open:
            marks.append(say("stock.line.open", count=lot.open))
        if lot.here:
            marks.append(say("stock.line.here"))
        count = Ask(say("stock.ask.count"))
        pack = Action("pack", say("stock.do.pack"))
        weigh = Action("weigh", say("stock.do.weigh"), (Ask(say("stock.ask.weight")),))
        receive = Action("receive", say("stock.do.receive"), (count,))
        if lot.state == "closed":
            actions: tuple[Action, ...] = (pack, Action("reopen", say("stock.do.reopen")))
        elif lot.state == "received":
            unpack = Action("unpack", say("stock.do.stop" if lot.here else "stock.do.unpack"))
            add = Action("add", say("stock.do.add"), (Ask(say("stock.ask.code")),))
            actions = (unpack, add, weigh, Action("close", say("stock.do.close")), pack)
        else:
            collect = Action("collect", say("stock.do.collect"), (count,))
            actions = (receive, *(() if lot.state == "collected" else (collect,)), weigh)
        return DayFinding(
            key=FindingKey("lot", lot.lot),
            title=f"{lot.lot} : {lot.donor}" if lot.donor else lot.lot,
            subject=lot.lot,
            detail=", ".join(marks),
            actions=actions,
        )

    def _machine(self, device: str) -> DayFinding:
        file = file_of(self._log, device)
        where = say(f"documents.destination.{file.destination}")
        handed = file.row["state"] == "handed_over"
        if handed:
            why = (Ask(say("supervisor.ask.reason")),)
            actions: tuple[Action, ...] = (Action("take_back", say("stock.do.take_back"), why),)
        else:
            places = tuple((p, say(f"documents.destination.{p}")) for p in leaving.DESTINATIONS)
            actions = (
                Action("destine", say("stock.do.destine"), (Ask(say("stock.ask.where"), places),)),
                Action(
                    "hand_over",
                    say("stock.do.hand_over"),
                    (
                        Ask(say("stock.ask.price"), skip=say("stock.ask.free")),
                        Ask(say("stock.ask.recipient"), skip=say("stock.ask.by_hand")),
                    ),
                ),
                *self._putting(),
            )
        state = say("stock.with_owner") if handed else where
        return DayFinding(
            key=FindingKey("machine", device),
            title=str(file.row["asset"]),
            subject=f"{file.row['asset']}  {file.row['maker']} {file.row['model']}".strip(),
            detail=state,
            actions=actions,
        )

    def _putting(self) -> tuple[Action, ...]:
        listed = tuple((lot.lot, f"{lot.lot} : {lot.donor}") for lot in lots.lots(self._log))
        ask = Ask(say("stock.ask.lot"), listed)
        return (Action("put_in", say("stock.do.put_in"), (ask,)),) if listed else ()

    # -- what is done -----------------------------------------------------------------

    def act(self, item: FindingKey, action: str, answers: tuple[str, ...]) -> Did:
        if not self._operator():
            return Did(ok=False, text=say("supervisor.enter_first"))
        do, subject = self._does.get(action), item.subject
        if do is None:
            return Did(ok=False, text=say("supervisor.changed"))
        try:
            return Did(ok=True, text=do(subject, answers))
        except Failure as failure:
            return Did(ok=False, text=_upper(sentence(failure)))
        except RecordsError as error:
            known = as_failure(error)
            return Did(ok=False, text=_upper(sentence(known)) if known else error.code)

    def _register(self, _: str, answers: tuple[str, ...]) -> str:
        kind, name, siret, promised = answers
        count = _whole(promised)
        with self._log.store.transaction():
            donor = donors.register(self._log, kind, name, siret=siret, operator=self._operator())
            return self._promise(donor, name.strip(), count)

    def _open(self, _: str, answers: tuple[str, ...]) -> str:
        donor, promised = answers
        names = {known.reference: known.name for known in donors.donors(self._log)}
        return self._promise(donor, names.get(donor, donor), _whole(promised))

    def _promise(self, donor: str, name: str, count: int) -> str:
        lot = lots.next_name(self._log, self._settings)
        lots.promise(self._log, lot, donor, count=count, operator=self._operator())
        return say("stock.opened", lot=lot, donor=name)

    def _collect(self, lot: str, answers: tuple[str, ...]) -> str:
        count = _whole(answers[0])
        lots.collect(self._log, lot, count, operator=self._operator())
        return say("stock.collected", lot=lot, count=count)

    def _receive(self, lot: str, answers: tuple[str, ...]) -> str:
        count = _whole(answers[0])
        lots.receive(self._log, lot, count, operator=self._operator())
        return say("stock.received", lot=lot, count=count)

    def _weigh(self, lot: str, answers: tuple[str, ...]) -> str:
        weight_g = grams(answers[0])
        lots.weigh(self._log, lot, weight_g, operator=self._operator())
        total = lots.must_know(self._log, lot).weight_g
        return say("stock.weighed", lot=lot, weight=kilograms(weight_g), total=kilograms(total))

    def _unpack(self, lot: str, _: tuple[str, ...]) -> str:
        stop = lots.must_know(self._log, lot).here
        lots.unpack_here(self._log, "" if stop else lot)
        return say("stock.unpacked_none") if stop else say("stock.unpacked", lot=lot)

    def _add(self, lot: str, answers: tuple[str, ...]) -> str:
        return self._move(writing.must_act(self._log, read_asset(answers[0])), lot)

    def _put_in(self, device: str, answers: tuple[str, ...]) -> str:
        return self._move(device, answers[0])

    def _move(self, device: str, lot: str) -> str:
        with for_the_workshop():  # it is kept
            reason = say("stock.reason_put_in", lot=lot)
        moved = lots.put_in(self._log, lot, [device], reason=reason, operator=self._operator())
        return say("stock.put_in", lot=lot, count=moved)

    def _close(self, lot: str, _: tuple[str, ...]) -> str:
        ended = lots.close(self._log, lot, operator=self._operator())
        return lots.closed_text(ended)

    def _reopen(self, lot: str, _: tuple[str, ...]) -> str:
        lots.reopen(self._log, lot, operator=self._operator())
        return say("stock.reopened", lot=lot)

    def _pack(self, lot: str, _: tuple[str, ...]) -> str:
        known = lot_of(self._log, LotName(self._log.workshop, lot))
        if known is None:
            return say("supervisor.changed")
        made = content.donor_pack(self._log, known, self._settings)
        logo = logo_of(self._settings, self._log.store.path.parent)
        pack = issue_donor_pack(made, signer_of(self._log), logo=logo)
        papers = keep(self._log, pack, "donor", self._folder, lot, lot=lot).paths
        return say("stock.paper", path=papers[1])

    def _destine(self, device: str, answers: tuple[str, ...]) -> str:
        leaving.destine(self._log, device, answers[0], operator=self._operator())
        asset = file_of(self._log, device).row["asset"]
        return say("stock.destined", asset=asset, where=say(f"documents.destination.{answers[0]}"))

    def _hand_over(self, device: str, answers: tuple[str, ...]) -> str:
        price, name = answers
        handed = leaving.hand_over(
            self._log,
            device,
            self._settings,
            self._folder,
            price_cents=cents(price or "0"),
            name=name,
            operator=self._operator(),
        )
        return say("stock.paper", path=handed.papers[1])

    def _take_back(self, device: str, answers: tuple[str, ...]) -> str:
        leaving.take_back(self._log, device, reason=answers[0], operator=self._operator())
        return say("stock.taken_back", asset=file_of(self._log, device).row["asset"])

    def _waste(self, _: str, answers: tuple[str, ...]) -> str:
        kind, typed = answers
        weight_g = grams(typed)
        daybook.note_waste(self._log, kind, weight_g, operator=self._operator())
        return say("stock.waste_noted", kind=say(f"stock.waste.{kind}"), weight=kilograms(weight_g))

    def _hours(self, _: str, answers: tuple[str, ...]) -> str:
        step, typed = answers
        minutes = _whole(typed)
        daybook.note_hours(self._log, step, minutes)
        return say("stock.hours_noted", step=say(f"stock.steps.{step}"), minutes=minutes)

    def _part(self, _: str, answers: tuple[str, ...]) -> str:
        code, part = answers
        asset = read_asset(code)
        device = writing.must_act(self._log, asset)
        daybook.note_part(self._log, device, part, operator=self._operator())
        return say("stock.part_noted", part=part, asset=asset)


def _noting() -> tuple[Action, ...]:
    kinds = tuple((kind, say(f"stock.waste.{kind}")) for kind in daybook.WASTE)
    steps = tuple((step, say(f"stock.steps.{step}")) for step in daybook.STEPS)
    return (
        Action(
            "waste",
            say("stock.do.waste"),
            (Ask(say("stock.ask.waste"), kinds), Ask(say("stock.ask.weight"))),
        ),
        Action(
            "hours",
            say("stock.do.hours"),
            (Ask(say("stock.ask.step"), steps), Ask(say("stock.ask.minutes"))),
        ),
        Action(
            "part",
            say("stock.do.part"),
            (Ask(say("stock.ask.code")), Ask(say("stock.ask.part"))),
        ),
    )


def _whole(typed: str) -> int:
    """A count as it was typed; "" is 0, not known. Raises `Failure`."""
    text = typed.strip()
    if text and not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise Failure("stock.count", count=typed[:20])
    return int(text or "0")


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
