"""The drive behind both command sets: medium, memory, clock, and erasure that takes time.

`Core` knows nothing of commands. SANITIZE and FORMAT UNIT advance with the clock each
time somebody looks (`advance`), so that progress is real and a test may own the clock.
"""

from __future__ import annotations

import time
import zlib
from typing import Protocol

from tests.vm.drive.media import Media
from tests.vm.drive.profiles import Profile
from tests.vm.drive.sleeps import Sleeps
from tests.vm.drive.state import STATE_BYTES, Keeper, State, power_on

SAVE_EVERY = 20  # progress is kept each time this fraction of the medium is done
DATA_OFFSET = 64 << 10  # the medium begins here; the state comes first
assert DATA_OFFSET >= STATE_BYTES


class Clock(Protocol):
    """Time, as the drive feels it."""

    def now(self) -> float:
        """Seconds that never go back."""

    def sleep(self, seconds: float) -> None:
        """Be busy for a while."""

    def power_losses(self) -> int:
        """How often the machine took the drive's power since it was started: sleeps in S3."""


class RealClock:
    def __init__(self) -> None:
        self._sleeps = Sleeps()

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def power_losses(self) -> int:
        return self._sleeps.count()


class Core:
    """A drive of `profile` in an open file or block device, from `offset` on."""

    def __init__(
        self, descriptor: int, offset: int, name: str, profile: Profile, clock: Clock
    ) -> None:
        self.name = name
        self.profile = profile
        self.clock = clock
        self._keeper = Keeper(descriptor, offset)
        self.state = self._keeper.load() or self._first(profile)
        self._power_losses = clock.power_losses()
        self._power_on()
        self.media = Media(descriptor, offset + DATA_OFFSET, profile, self.state)
        self._work_seen = clock.now()
        self._saved_at = self.state.work_cursor
        self.save()

    def _power_on(self, *, waking: bool = False) -> None:
        """At boot the firmware may freeze the drive; on waking from S3 most firmware does not."""
        profile = self.profile
        freezes = profile.freezes_at_wake or not waking
        power_on(
            self.state,
            frozen=profile.frozen and freezes,
            sanitize_frozen=profile.sanitize_frozen and freezes,
        )

    def power_cycle(self) -> None:
        """Lose the power for a moment: a password that is set locks the drive."""
        self._power_on()
        self.media.lose_power()
        self.save()

    @staticmethod
    def _first(profile: Profile) -> State:
        """The state a drive leaves its factory, or its last owner, with."""
        state = State()
        if profile.foreign_password is not None:
            state.user_password = profile.foreign_password.encode().ljust(32, b"\0").hex()
        hidden = profile.dco_sectors
        if hidden:
            state.configured = profile.sectors - hidden
        if profile.hpa_sectors:
            state.accessible = profile.sectors - hidden - profile.hpa_sectors
        return state

    @property
    def serial(self) -> str:
        given = self.profile.serial
        return given if given is not None else "ETB" + self.name.upper().replace("_", "")[:14]

    @property
    def wwn(self) -> int:
        """An NAA 5 name, made from the drive's name."""
        number = zlib.crc32(self.name.encode())
        return 0x5000_0000_0000_0000 | 0xE7AB1 << 36 | number

    @property
    def native(self) -> int:
        """Sectors up to READ NATIVE MAX: what DCO leaves."""
        configured = self.state.configured
        return self.profile.sectors if configured is None else configured

    @property
    def visible(self) -> int:
        """Sectors the host may address."""
        accessible = self.state.accessible
        return self.native if accessible is None else min(accessible, self.native)

    def save(self) -> None:
        self._keeper.save(self.state)

    # Erasure by the drive itself

    def _really(self, sectors: int) -> int:
        """How far an erasure of `sectors` truly goes: a liar stops early."""
        return sectors * (100 - self.profile.leaves_percent) // 100

    def erase_now(self, *, sectors: int, how: str) -> None:
        """SECURITY ERASE UNIT: the drive is busy until it is done."""
        if not self.profile.instant:
            self.clock.sleep(self.profile.erase_s)
        self.media.erase(0, self._really(sectors), how)
        self.media.flush()

    def begin(self, work: str, mode: str, *, pattern: int, failure_allowed: bool) -> None:
        """Start SANITIZE or FORMAT UNIT."""
        state = self.state
        state.work, state.work_mode, state.work_pattern = work, mode, pattern
        state.work_cursor, self._saved_at = 0, 0
        state.failure_allowed = failure_allowed
        state.sanitize_ok = False
        state.sanitize_failed = False
        self._work_seen = self.clock.now()
        self.save()
        if self.profile.instant:
            self._work_seen -= self.profile.erase_s + 1
            self.advance()

    def advance(self) -> None:
        """Do as much of the running operation as the time that has passed allows."""
        losses = self.clock.power_losses()
        if losses != self._power_losses:
            self._power_losses = losses
            self._power_on(waking=True)
            self.media.lose_power()
            self.save()
        state = self.state
        now = self.clock.now()
        if state.work is None:
            self._work_seen = now
            return
        whole = self.profile.sectors
        steps = int((now - self._work_seen) * whole / max(self.profile.erase_s, 0.001))
        if steps < 1:
            return
        self._work_seen = now
        until = min(whole, state.work_cursor + steps)
        end = min(until, self._really(whole))
        if end > state.work_cursor:
            mode = state.work_mode or "block"
            self.media.erase(state.work_cursor, end - state.work_cursor, mode, state.work_pattern)
        state.work_cursor = until
        if self.profile.sanitize_fails and state.work == "sanitize" and until * 2 >= whole:
            state.work, state.sanitize_failed = None, True
            self.save()
        elif until >= whole:
            self._end_work()
        elif until - self._saved_at >= whole // SAVE_EVERY:
            self._saved_at = until
            self.save()

    def _end_work(self) -> None:
        state = self.state
        self.media.flush()
        state.healed = list(self.profile.unreadable)
        if state.work == "sanitize":
            state.sanitize_ok = True
        state.work = None
        self.save()

    @property
    def progress(self) -> int | None:
        """65536ths of the running operation, or `None`."""
        if self.state.work is None:
            return None
        return min(0xFFFF, self.state.work_cursor * 65536 // self.profile.sectors)

    # Host access to the medium

    def read(self, first: int, count: int) -> bytes:
        if self.profile.read_mib_s is not None:
            self.clock.sleep(count * 512 / (self.profile.read_mib_s * (1 << 20)))
        return self.media.read(first, count)

    def write(self, first: int, data: bytes) -> None:
        """Write as the host asks, at the speed of the profile."""
        count = len(data) // 512
        if self.profile.write_mib_s is not None:
            self.clock.sleep(len(data) / (self.profile.write_mib_s * (1 << 20)))
        if self.media.write(first, data):
            self.save()
        if not self.profile.volatile_cache:
            self.media.flush()
        self.state.written_sectors += count
        after = self.profile.offline_after
        if after is not None and self.state.written_sectors >= after:
            self.state.offline = True
