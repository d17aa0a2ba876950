"""From a key's URI to an open GM/T 0018 device."""

from __future__ import annotations

from hsm.errors import TokenError, TokenUnavailable, UriError
from hsm.pin import read_pin
from hsm.sdf.driver import SdfToken
from hsm.sdf.library import SdfLibrary, Session
from hsm.token import TokenDescription
from hsm.uri import KeyUri


def open_sdf(uri: KeyUri) -> SdfToken:
    """The device behind ``module-path``, with one session.

    The PIN out of ``pin-source`` is presented when a key first signs. ``token`` and ``model`` (the device's
    name), ``manufacturer`` and ``serial``, where given, must be as the device says. A key is not looked up.
    UriError, TokenUnavailable, PinRefused, Unsupported.
    """
    if uri.scheme != "sdf":
        raise UriError("not an sdf: URI")
    if not uri.module_path:
        raise UriError("an sdf: URI names the device's library in module-path")
    if uri.vendor:
        raise UriError(f"an sdf: URI has no attribute {uri.vendor[0][0]}")
    pin = read_pin(uri.pin_source) if uri.pin_source else None
    session = SdfLibrary(uri.module_path).open_session()
    try:
        return SdfToken(session, _description(uri, session), pin)
    except TokenError:
        session.close()
        raise


def _description(uri: KeyUri, session: Session) -> TokenDescription:
    maker, name, serial, version = session.device_info()
    for attribute, wanted, found in (
        ("token", uri.token, name),
        ("model", uri.model, name),
        ("manufacturer", uri.manufacturer, maker),
        ("serial", uri.serial, serial),
    ):
        if wanted and wanted != found:
            raise TokenUnavailable(f"another device is there: its {attribute} is {found!r}")
    return TokenDescription(
        driver="sdf",
        label=name,
        manufacturer=maker,
        model=name,
        serial=serial,
        library=f"{uri.module_path} (device version 0x{version & 0xFFFFFFFF:08x})",
        in_token_sm2=True,
    )
