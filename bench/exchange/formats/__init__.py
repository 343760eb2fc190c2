"""What other programs read: sheets, GLPI, Snipe-IT, EPCIS, the network's own.

One module a format, all fed by `source`.
Imports the record and its dossiers; a format knows no other.
"""
