"""Looking after the bench itself: the doctor, and the backups that are due.

Nothing here touches a machine in hand.
Imports the opened log and what is below it.
"""
