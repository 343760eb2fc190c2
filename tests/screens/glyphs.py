"""What the bench console can show: glyphs checked in Debian's Lat15 Terminus fonts.

Read from the Unicode tables of console-setup-linux 1.221 (Lat15-Terminus16,
-32x16, -Bold32x16; identical). There, double box lines have the same glyph as single
ones, `●` is a small bullet, `▲▼` are arrows, `☑☐✗` are letters: no meaning may hang
on those differences, so the first three are avoided and the last are not listed.
"""

from __future__ import annotations

ASCII = frozenset(chr(code) for code in range(32, 127))
FRENCH = frozenset("àâäæçéèêëîïôöœùûüÿÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸ«»°·’…€")
DRAWING = frozenset("─│┌┐└┘├┤┬┴┼═║█░▒■×←↑→↓")
SAFE = ASCII | FRENCH | DRAWING
# Lat15 has these as well; Ukrainian's are in our own font alone (bench/words/letters.py).
SPANISH = frozenset("áéíóúüñÁÉÍÓÚÜÑ¿¡ªº")
PORTUGUESE = frozenset("áâãàçéêíóôõúÁÂÃÀÇÉÊÍÓÔÕÚªº")
UKRAINIAN = frozenset("абвгґдеєжзиіїйклмнопрстуфхцчшщьюяАБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯ")
LETTERS = {"fr": SAFE, "en": SAFE, "es": SAFE | SPANISH, "pt": SAFE | PORTUGUESE}
LETTERS["uk"] = SAFE | UKRAINIAN
# The languages' own names stand on Bonjour and on F2's page, whatever is spoken there.
NAMES = SPANISH | PORTUGUESE | UKRAINIAN
