"""The pages of the erasure: one disk, many disks, confirming, stopping, trouble.

What may be done is decided by `bench.guide.flow_erase`; a page asks and shows.
Imports the steps and the kit.
"""
