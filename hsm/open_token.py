"""From a URI to a token: the one place that knows which driver serves which scheme."""

from __future__ import annotations

from hsm.token import Token
from hsm.uri import KeyUri


def open_token(uri: KeyUri, *, production: bool) -> Token:
    """The token that ``uri`` names, logged in; a key that it names too is not looked up.

    A driver is imported when its scheme is asked for, and its module loaded then: call this after any
    fork. UriError for what the driver does not take; RefusedInProduction for keys in software;
    PinRefused, TokenUnavailable.
    """
    token = uri.without_key()
    if uri.scheme == "pkcs11":
        from hsm.pkcs11 import open_pkcs11  # noqa: PLC0415 - a driver nobody asked for is not loaded

        return open_pkcs11(token)
    if uri.scheme == "sdf":
        from hsm.sdf import open_sdf  # noqa: PLC0415 - as above

        return open_sdf(token)
    from hsm.softkey import open_softkey  # noqa: PLC0415 - as above

    return open_softkey(token, production=production)
