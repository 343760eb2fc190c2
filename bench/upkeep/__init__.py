"""Looking after the bench itself: the doctor, backups, and what must be sent soon.

Nothing here touches a machine in hand.
Imports the opened log and what is below it.
"""
