"""The network, by F4: what is plugged in, the Wi-Fi in reach, and joining one."""

from __future__ import annotations

from msgspec.structs import replace

from bench.guide.network import MOST_BARS, Lock, Networking, NetworkView, Wifi
from bench.guide.scan import Scan, Typed
from bench.guide.supervision import Did
from bench.screens.kit.desk import Desk
from bench.screens.kit.lane import Lane
from bench.screens.kit.page import LATE_ENTER_S, Page
from bench.screens.kit.view import Choice, Field, Tone, View
from bench.words.catalogue import say

_A_PAGE = 5  # networks; their numbers stay while the page is read


class NetworkPage(Page):
    """A list that changes only when it is asked to."""

    help = "network"

    def __init__(self, desk: Desk, networking: Networking | None = None) -> None:
        super().__init__(desk)
        self._networking = networking
        self.seen: NetworkView | None = None
        self.first = 0  # of the networks on the screen
        self.looks = 0
        self._lane: Lane | None = None

    def view(self) -> View:
        return replace(super().view(), area=say("network.area"))

    def opened(self) -> None:
        if self._networking is None:
            self.desk.call(self.desk.port.networking, self._got)
        else:
            self.look(search=True)

    def _got(self, networking: Networking | None) -> None:
        if networking is None:
            self.desk.drop()
            return
        self._networking = networking
        self.look(search=True)

    @property
    def networking(self) -> Networking:
        assert self._networking is not None, "opened() asks for it"
        return self._networking

    @property
    def lane(self) -> Lane:
        """Apart from the bench's: joining may take half a minute."""
        if self._lane is None:
            self._lane = self.desk.own_lane("network")
        return self._lane

    def look(self, *, search: bool) -> None:
        """Read everything anew."""
        networking = self.networking
        self.seen, self.first, self.at = None, 0, 0
        self.looks += 1
        self.desk.call(lambda: networking.look(search=search), self._looked, self.say, self.lane)

    def _looked(self, seen: NetworkView) -> None:
        self.seen = seen

    def draw(self) -> View:
        seen = self.seen
        if seen is None:
            return View(title=say("network.title"), lines=(say("network.looking"),))
        joined = next((network.name for network in seen.networks if network.joined), "")
        if not seen.wifi:
            wifi = say("network.no_wifi")
        elif not joined:
            wifi = say("network.not_joined")
        else:
            told = "network.here" if seen.address else "network.waiting"
            wifi = say(told, name=joined, address=seen.address)
        cable = say("network.cable_at", address=seen.cable) if seen.cable else say("network.none")
        shown = seen.networks[self.first : self.first + _A_PAGE]
        more = len(seen.networks) > _A_PAGE
        return View(
            title=say("network.title"),
            facts=((say("network.cable"), cable), (say("network.wifi"), wifi)),
            choices=(
                *(Choice(network.key, _line(network)) for network in shown),
                *((Choice("more", say("network.more")),) if more else ()),
                Choice("again", say("network.again")),
            ),
            compact=True,
            face=f"{self.looks}.{self.first}",  # other networks, other numbers: both asked for
        )

    def choose(self, key: str) -> None:
        if self.seen is None:
            return
        if key == "again":
            self.look(search=True)
        elif key == "more":
            following = self.first + _A_PAGE
            self.first = following if following < len(self.seen.networks) else 0
            self.at = 0
        else:
            self._open(next(network for network in self.seen.networks if network.key == key))

    def _open(self, network: Wifi) -> None:
        if network.joined:
            self.say(say("network.already"))
        elif network.lock is Lock.OTHER:
            self.say(say("network.other"), Tone.DANGER)
        else:
            self.desk.put(JoinPage(self.desk, self, network))

    def back(self) -> None:
        self.desk.drop()


class JoinPage(Page):
    """One network: its passphrase where it wants one, then what became of it."""

    help = "network"

    def __init__(self, desk: Desk, over: NetworkPage, network: Wifi) -> None:
        super().__init__(desk)
        self.over, self.network = over, network
        self.joining = False

    def view(self) -> View:
        return replace(super().view(), area=say("network.area"))

    def opened(self) -> None:
        if self.network.known or self.network.lock is Lock.OPEN:
            self._join("")

    def draw(self) -> View:
        facts = ((say("network.name"), self.network.name),)
        if self.joining:
            lines = (say("network.joining"),)
            return View(title=say("network.join"), facts=facts, lines=lines, picture="network")
        if self.network.lock is Lock.OPEN:
            choices = (Choice("try", say("screens.trouble.retry")),)
            return View(title=say("network.join"), facts=facts, choices=choices, picture="network")
        return View(
            title=say("network.join"),
            facts=facts,
            lines=(say("network.passphrase_how"),),
            picture="network",
            field=Field(say("network.passphrase"), self.text),
        )

    def as_typed(self, character: str) -> str:
        return character

    def special(self, name: str) -> bool:
        """Space is one of its characters."""
        if name == "space" and not self.joining and self.network.lock is not Lock.OPEN:
            self._type(Typed(name, " "))
            return True
        return False

    def take_scan(self, scan: Scan, now: float) -> None:
        self._deaf_until = now + LATE_ENTER_S
        self.say(say("screens.scan.unexpected"))

    def submit(self, text: str) -> None:
        self._join(text)

    def choose(self, key: str) -> None:
        self._join("")

    def _join(self, passphrase: str) -> None:
        if self.joining:
            return
        self.joining = True
        networking, key = self.over.networking, self.network.key
        self.desk.call(
            lambda: networking.join(key, passphrase), self._joined, self._failed, self.over.lane
        )

    def _joined(self, did: Did) -> None:
        if not did.ok:
            self._failed(did.text)
        elif self.desk.page is self:
            self.desk.drop()
            self.over.look(search=False)
            self.over.say(did.text, Tone.GOOD)

    def _failed(self, text: str) -> None:
        self.joining = False
        self.network = replace(self.network, known=False)  # the next try asks for it
        self.say(text, Tone.DANGER)

    def back(self) -> None:
        self.desk.drop()


def _line(network: Wifi) -> str:
    """Bars, name, and in words what it asks for: `████  Atelier  (mot de passe)`."""
    state = (
        "joined" if network.joined else "known" if network.known else f"lock_{network.lock.value}"
    )
    bars = "█" * network.bars + "░" * (MOST_BARS - network.bars)
    return f"{bars}  {network.name}  ({say(f'network.{state}')})"
