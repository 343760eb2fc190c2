"""The test a drive makes of itself: started, followed, judged.

`start` asks one drive, `watch` follows all of a machine.
Imports the sources that read SMART.
"""
