"""Notices by mail: what is worth one, how it reads, and how it is handed to a mail server.

Counts and links, no names. Reads the record and `hub.db`; `bench.hub.mailing` says when.
"""
