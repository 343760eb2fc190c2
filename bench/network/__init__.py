"""What several workshops see and decide together: the shared stock, requests, who gives what, and
the counters of the yearly report.

Reads the record and proposes; whatever is decided is written by `bench.stock`.
"""
