"""The port of the screens made real: bench, checks, disks, jobs, looks, label, review.

Each module answers a part of `bench.guide.port` or `supervision` from the rooms below.
Never imports a screen; the commands hand it to the console.
"""
