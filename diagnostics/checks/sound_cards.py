"""Which sound device speaks and which listens, from `/proc/asound/pcm`. Pure but for `read`."""

from __future__ import annotations

import re

import msgspec

from diagnostics.command import Runner

PATH = "/proc/asound/pcm"
_LINE = re.compile(r"^(\d{2})-(\d{2}): (.{0,200}?)\s*$")
_DIGITAL = re.compile(r"hdmi|displayport|spdif|iec958|digital", re.IGNORECASE)


class Pcm(msgspec.Struct, frozen=True):
    """One sound device: card and device number, name, directions."""

    card: int
    device: int
    name: str
    playback: bool
    capture: bool

    @property
    def alsa(self) -> str:
        """As ALSA tools want it; "plug" converts rate and channels."""
        return f"plughw:{self.card},{self.device}"

    @property
    def digital(self) -> bool:
        """A screen's or a digital socket: not the machine's own speakers."""
        return _DIGITAL.search(self.name) is not None


def parse(text: str) -> tuple[Pcm, ...]:
    """Devices of "00-00: ALC257 Analog : ALC257 Analog : playback 1 : capture 1"."""
    found = []
    for line in text.splitlines()[:64]:
        matched = _LINE.match(line)
        if matched is None:
            continue
        parts = [part.strip() for part in matched[3].split(" : ")]
        found.append(
            Pcm(
                card=int(matched[1]),
                device=int(matched[2]),
                name=parts[0],
                playback=any(part.startswith("playback") for part in parts[1:]),
                capture=any(part.startswith("capture") for part in parts[1:]),
            )
        )
    return tuple(found)


def speaker(found: tuple[Pcm, ...]) -> Pcm | None:
    """The device that should be heard: an analogue one."""
    return next((card for card in found if card.playback and not card.digital), None)


def microphone(found: tuple[Pcm, ...]) -> Pcm | None:
    """The device that listens; a digital microphone array ("DMIC") before the analogue input."""
    ears = [card for card in found if card.capture]
    array = [ear for ear in ears if "dmic" in ear.name.lower()]
    return next(iter(array or ears), None)


def read(runner: Runner) -> tuple[Pcm, ...] | None:
    """All devices; `None` when the kernel shows no list at all."""
    content = runner.read(PATH)
    return None if content.text is None else parse(content.text)
