"""What several workshops see and decide together: the shared stock, requests, and who gives what.

Reads the record and proposes; whatever is decided is written by `bench.stock`.
"""
