"""Plays a tone through ALSA's own tools, and listens to it: speakers, headphones, microphone."""

from __future__ import annotations

import re
import threading

from diagnostics.checks import sound_cards, tone
from diagnostics.checks.context import CheckContext, failed, untestable, untested
from diagnostics.checks.model import CheckReason, CheckResult
from diagnostics.checks.sound_cards import Pcm
from diagnostics.command import Completed, Problem, Runner

PLAYED_S = 2 * tone.TONE_S + tone.GAP_S
RECORD_S = 4  # whole seconds: arecord takes no others
LIMIT_S = 12.0
# What must be open for a sound to come out or go in; a codec has some of these, none has all.
_OUTPUTS = ("Master", "Speaker", "Headphone", "PCM", "Front", "Line Out", "Bass Speaker")
_INPUTS = ("Capture", "Mic", "Internal Mic", "Digital", "Dmic0", "Mic Boost")
_JACK = re.compile(r"iface=CARD,name='((?:Headphone|Front Headphone)[^']*Jack)'")


def open_mixer(runner: Runner, card: int) -> None:
    """Unmute and turn up; machines start muted. A control that is not there is no matter."""
    for name in _OUTPUTS:
        runner.run(["amixer", "-q", "-c", str(card), "sset", name, "80%", "unmute"], timeout_s=3)
    for name in _INPUTS:
        level = "0%" if name.endswith("Boost") else "80%"
        runner.run(["amixer", "-q", "-c", str(card), "sset", name, level, "cap"], timeout_s=3)


def play(runner: Runner, device: Pcm) -> Completed:
    """Play the two tones once."""
    argv = ["aplay", "-q", "-D", device.alsa, "-"]
    return runner.run(argv, timeout_s=LIMIT_S, stdin=tone.stereo())


def record(runner: Runner, device: Pcm) -> Completed:
    """Record `RECORD_S` seconds, one channel."""
    argv = ["arecord", "-q", "-D", device.alsa, "-f", "S16_LE", "-c", "1", "-t", "raw"]
    return runner.run([*argv, "-r", str(tone.RATE_HZ), "-d", str(RECORD_S)], timeout_s=LIMIT_S)


def loop(runner: Runner, out: Pcm, into: Pcm) -> tuple[Completed, Completed]:
    """Play and record at the same time."""
    heard: list[Completed] = []
    tone.stereo()  # made now: seconds of work on a slow machine, while the recording runs
    listening = threading.Thread(
        target=lambda: heard.append(record(runner, into)), name="listen", daemon=True
    )
    listening.start()
    played = play(runner, out)
    listening.join(LIMIT_S + 2)
    silent = Completed((), None, b"", b"", 0.0, Problem.TIMEOUT)
    return played, heard[0] if heard else silent


def _refused(check_id: str, context: CheckContext) -> CheckResult | None:
    """Why this check cannot be done at all here, or `None`."""
    if not context.live:
        return untestable(check_id, CheckReason.UNRECORDED)
    if not (context.runner.has("aplay") and context.runner.has("arecord")):
        return untestable(check_id, CheckReason.NO_TOOL)
    return None


def run_microphone(context: CheckContext) -> CheckResult:
    """Play through the speakers, record with the microphone, find the tones again."""
    if (refused := _refused("microphone", context)) is not None:
        return refused
    found = sound_cards.read(context.runner) or ()
    out, into = sound_cards.speaker(found), sound_cards.microphone(found)
    if into is None:
        return untestable("microphone", CheckReason.UNREADABLE)
    if out is None:
        return untestable("microphone", CheckReason.NOT_PLAYED)
    for card in sorted({out.card, into.card}):
        open_mixer(context.runner, card)
    played, heard = loop(context.runner, out, into)
    if played.exit_code != 0:
        return untestable("microphone", CheckReason.NOT_PLAYED, _error(played))
    if heard.problem is Problem.TIMEOUT and not heard.stdout:
        # The device was opened and gave not one sample in three times the time.
        return failed("microphone", CheckReason.SILENCE, {"recorded_bytes": 0})
    if heard.exit_code != 0 and not heard.stdout:
        return untestable("microphone", CheckReason.UNREADABLE, _error(heard))
    return tone.judge(tone.hear(tone.raw(heard.stdout)))


def run_sound(context: CheckContext) -> CheckResult:
    """Play left then right; only ears can tell whether it came out."""
    return _play_for_ears("sound", context)


def run_headphone(context: CheckContext) -> CheckResult:
    """The same through the plugged headphones; whether the socket noticed is evidence."""
    return _play_for_ears("headphone", context)


def _play_for_ears(check_id: str, context: CheckContext) -> CheckResult:
    if (refused := _refused(check_id, context)) is not None:
        return refused
    out = sound_cards.speaker(sound_cards.read(context.runner) or ())
    if out is None:
        return untestable(check_id, CheckReason.NOT_PLAYED)
    open_mixer(context.runner, out.card)
    evidence: dict[str, int | str] = {"device": out.alsa}
    plugged = jack(context.runner, out.card)
    if plugged is not None:
        evidence["jack"] = "plugged" if plugged else "empty"
    played = play(context.runner, out)
    if played.exit_code != 0:
        return untestable(check_id, CheckReason.NOT_PLAYED, {**evidence, **_error(played)})
    return untested(check_id, CheckReason.OK, evidence)


def jack(runner: Runner, card: int) -> bool | None:
    """Whether headphones are in, by the codec's sense; `None` where it has none."""
    return parse_jack(runner.run(["amixer", "-c", str(card), "contents"], timeout_s=3).text)


def parse_jack(contents: str) -> bool | None:
    """The headphone jack in `amixer contents`: its value stands two lines below its name."""
    lines = contents.splitlines()
    states = [
        found[1] == "on"
        for number, line in enumerate(lines)
        if _JACK.search(line)
        for below in lines[number + 1 : number + 4]
        if (found := re.search(r": values=(on|off)\b", below))
    ]
    return any(states) if states else None


def _error(done: Completed) -> dict[str, int | str]:
    line = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return {"error": line[-1][:120]} if line else {"error": str(done.problem)}
