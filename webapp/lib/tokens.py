"""Secrets that travel in links: shown once, kept only as a digest."""

import hashlib
import secrets


def new_token() -> str:
    """A fresh secret of 256 bits that fits into a URL."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What the database keeps of a token: SHA-256, in hex. A fast hash is enough for a random secret."""
    return hashlib.sha256(token.encode()).hexdigest()
