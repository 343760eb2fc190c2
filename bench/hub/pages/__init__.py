"""The hub's pages: one module a page, with its route, who may come, and what is drawn.

`routes` gathers them, `app` answers with them, `draw` fills their templates. Reads the record;
writes to it only by what `bench.exchange` and the log offer.
"""
