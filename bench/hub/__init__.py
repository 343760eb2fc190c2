"""The workshop's and the region's server, where benches push their bags.

Uploads are spooled, checked by `bench.exchange` and answered with a receipt; requests to join
wait there for a person. Imports exchange and the record.
"""
