"""Other tools' lists of machines, as anybody may hand them over: sheets and GLPI's documents.

Bytes to what they say; nothing is known here of the record. Imports the errors of the record.
"""
