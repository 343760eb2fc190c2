"""Which driver does which check of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from diagnostics.checks import (
    bluetooth,
    camera,
    clock,
    ethernet,
    heat,
    keyboard_watch,
    lid,
    memory,
    picture_out,
    pointer,
    power,
    removable,
    sound,
    touch,
    usb_ports,
    wifi,
)
from diagnostics.checks.context import Driver

# "screen" has none: the screens show the colours themselves and ask for the count.
DRIVERS: Mapping[str, Driver] = {
    "keyboard": keyboard_watch.run,
    "pointer": pointer.run,
    "touch": touch.run,
    "backlight": picture_out.run_backlight,
    "video": picture_out.run_video,
    "sound": sound.run_sound,
    "microphone": sound.run_microphone,
    "headphone": sound.run_headphone,
    "camera": camera.run,
    "wifi": wifi.run,
    "bluetooth": bluetooth.run,
    "ethernet": ethernet.run,
    "usb": usb_ports.run,
    "optical": removable.run_optical,
    "card_reader": removable.run_card_reader,
    "lid": lid.run,
    "charger": power.run_charger,
    "battery": power.run_battery,
    "clock": clock.run,
    "cpu": heat.run_cpu,
    "cooling": heat.run_cooling,
    "memory": memory.run,
}
