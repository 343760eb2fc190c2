"""The bytes of a disk: streams written, read back, sampled, paced, and their troubles.

A read-back is one unbroken look from 0.
Imports the journal, the decisions, what was seen and the model.
"""
