"""What a job writes down, chained line by line, and what is read out of it afterwards.

The journal is the evidence: durable before what it speaks of, read with mistrust.
Imports the decisions, what was seen and the model.
"""
