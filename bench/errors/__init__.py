"""What can go wrong, as a code with its exit code, and the sentence a person reads.

Raise `Failure` from any room above; print it with `sentence` alone.
Imports the words.
"""
