"""Who may look at the hub's pages: accounts, their passwords and second factors, open sessions.

Kept in `hub.db` beside the record, never in it: names are personal data, apart and erasable.
Imports the record's errors, and nothing of the pages.
"""
