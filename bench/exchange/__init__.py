"""Bags between benches, workshops and the region: sealed, read, pushed, taken in.

Everything that comes from outside is hostile until it was checked here.
Imports the record and the words of its failures; the network is `bench.hub`'s.
"""
