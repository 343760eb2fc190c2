"""What is seen of disks and machine, right now: topology, names, holders, presence, power.

Reading only; what cannot be read is said to be unknown.
Imports the model and the runner.
"""
