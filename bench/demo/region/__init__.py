"""A made-up region's year as data: members, lots, machines, requests, alerts, and their chains.

Every name in it says that it is fictitious; `bench.demo.network` plants it into a folder.
Imports the records, the papers' price caps and the labels' numbers.
"""
