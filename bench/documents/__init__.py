"""The papers: attestation, fiche machine, bon de remise, dossier donateur, labels of lots.

`content` says what a paper says, the module of its name how it looks, `signed` and `shortcode`
how it is proved. Imports the casefile and what is below it; never the screens or a job.
"""
