"""Packs: what the coordination shares with every bench of its network.

One file each, signed as an event of the log (`pack.published`): grading rules, quirks by model, an
advice sheet, a poster. What is in a file is read here, strictly, before it is shared and again
where it is used."""
