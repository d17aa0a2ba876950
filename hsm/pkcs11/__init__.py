"""Keys behind any PKCS #11 module, 2.40 or 3.x. Importing this loads no module; opening a token does."""

from hsm.pkcs11.token import Pkcs11Token, open_pkcs11

__all__ = ["Pkcs11Token", "open_pkcs11"]
