"""How each kind of drive is erased: ATA, NVMe, SCSI, MMC, Opal, overwriting.

One module a command set, in the words of its standard.
Imports the surface and what is below it.
"""
