"""What can go wrong with a token. Texts name keys and causes, never a PIN or a key."""

from __future__ import annotations


class TokenError(Exception):
    """Root of this package's errors."""


class UriError(TokenError):
    """A key's URI cannot be read, or asks for what is refused (RFC 7512)."""


class TokenUnavailable(TokenError):
    """The token cannot be used now: it is gone, hangs, or failed; another try may find it back."""


class PinRefused(TokenError):
    """The PIN was refused. It is not tried again: a token locks after a few. Somebody has to act."""


class KeyNotFound(TokenError):
    """No key of this name."""


class KeyAmbiguous(TokenError):
    """More than one key of this name."""


class KeyExists(TokenError):
    """The label or identifier is taken: neither is ever used twice."""


class Unsupported(TokenError):
    """The token, or its driver, cannot do this; nothing else is done in its place."""


class BadSignature(TokenError):
    """The token returned something that does not verify; it was thrown away."""


class RefusedInProduction(TokenError):
    """Keys in software are for development."""
