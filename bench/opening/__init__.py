"""What every command is given: the opened log with every job on record, and the machine asked.

The log is opened here alone, so that no command can forget a job nobody recorded.
Imports the erasing room (for its recorder) and what is below it.
"""
