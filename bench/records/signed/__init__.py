"""What makes an event unchangeable: canonical JSON, keys, seals, the event itself.

RFC 8785 and Ed25519; a byte changed is a signature broken.
Imports nothing but the errors.
"""
