"""The development driver: keys in files, signing in this process. It warns, and production refuses it."""

from __future__ import annotations

import os
import warnings

from cryptography import __version__ as library_version

from hsm import softkey_crypto
from hsm.errors import BadSignature, RefusedInProduction, TokenUnavailable, Unsupported, UriError
from hsm.naming import is_named, only_one
from hsm.probing import probe
from hsm.softkey_store import Entry, Stamp, Store
from hsm.token import (
    SM2_DEFAULT_ID,
    Custody,
    Health,
    KeyInfo,
    KeyRef,
    KeySpec,
    SignatureAlgorithm,
    Token,
    TokenDescription,
)
from hsm.uri import KeyUri, check_path
from hsm.verifying import check_algorithm, default_algorithm, verify

MAX_LABEL_BYTES = 255
MAX_ID_BYTES = 64
"""An identifier names a file too, in hexadecimal."""

_CLAIMS = (("extractable", "true"), ("sensitive", "false"), ("local", "false"))


class SoftKeyWarning(UserWarning):
    """Private keys lie in files and in this process's memory."""


def open_softkey(uri: KeyUri, *, production: bool) -> Token:
    """The keys in the folder that ``x-store`` of ``uri`` names, made beforehand with mode 0700.

    RefusedInProduction; UriError when the URI has more than a folder and a key; TokenUnavailable when the
    folder is not there. Warns SoftKeyWarning each time.
    """
    if production:
        raise RefusedInProduction("softkey: keeps private keys in files; production takes pkcs11: or sdf:")
    folder = _folder_of(uri)
    warnings.warn(f"keys in {folder!r} are in files, for development only", SoftKeyWarning, stacklevel=3)
    token = SoftKeyToken(folder)
    token.keys()
    return token


class SoftKeyToken:
    """A Token over a folder. A key whose file is gone does not sign, although it may still be in memory."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._store = Store(folder)
        self._loaded: dict[str, tuple[Stamp, softkey_crypto.SoftPrivateKey]] = {}
        self._process = os.getpid()
        self._closed = False

    def describe(self) -> TokenDescription:
        """See Token: the folder's name stands for a label."""
        self._check_open()
        return TokenDescription(
            driver="softkey",
            label=os.path.basename(self._folder),  # noqa: PTH119 - a string is wanted
            manufacturer="",
            model="files, for development only",
            serial="",
            library=f"cryptography {library_version}",
            in_token_sm2=False,
        )

    def keys(self) -> tuple[KeyInfo, ...]:
        """See Token."""
        return tuple(sorted(map(_info, self._entries()), key=lambda info: (info.label, info.key_id)))

    def generate(self, spec: KeySpec) -> KeyInfo:
        """See Token; Unsupported for ``sealed``, and for a label or identifier that is empty or too long."""
        _check_spec(spec)
        self._check_open()
        self._store.check_unused(spec)
        pem, spki = softkey_crypto.generate(spec.kind)
        return _info(self._store.add(spec, pem, spki))

    def info(self, ref: KeyRef) -> KeyInfo:
        """See Token."""
        return _info(self._find(ref))

    def public_key(self, ref: KeyRef) -> bytes:
        """See Token."""
        return self._find(ref).spki

    def sign(
        self,
        ref: KeyRef,
        algorithm: SignatureAlgorithm,
        message: bytes,
        *,
        signer_id: bytes = SM2_DEFAULT_ID,
    ) -> bytes:
        """See Token; Unsupported when the key's kind does not sign with ``algorithm``."""
        entry = self._find(ref)
        check_algorithm(entry.kind, algorithm)
        signature = softkey_crypto.sign(self._private(entry), algorithm, message, signer_id)
        if not verify(entry.spki, algorithm, message, signature, signer_id=signer_id):
            raise BadSignature(f"the signature of key {entry.label!r} does not verify")
        return signature

    def health(self, ref: KeyRef) -> Health:
        """See Token."""
        return probe(lambda text: self.sign(ref, default_algorithm(self._find(ref).kind), text))

    def attest(self, ref: KeyRef, nonce: bytes) -> bytes | None:  # noqa: ARG002 - of the protocol
        """None: nothing can be proven of a key in a file."""
        self._find(ref)
        return None

    def destroy(self, ref: KeyRef) -> None:
        """See Token; the names stay used. Copies of the file elsewhere are out of reach."""
        entry = self._find(ref)
        self._loaded.pop(entry.file, None)
        self._store.remove(entry)

    def close(self) -> None:
        """See Token."""
        self._closed = True
        self._loaded.clear()

    def _check_open(self) -> None:
        if self._closed:
            raise TokenUnavailable("the token is closed")
        if self._process != os.getpid():
            raise TokenUnavailable("the token was opened before a fork, by another process")

    def _entries(self) -> tuple[Entry, ...]:
        self._check_open()
        return self._store.index().keys

    def _find(self, ref: KeyRef) -> Entry:
        return only_one(ref, [one for one in self._entries() if is_named(ref, one.label, one.key_id)])

    def _private(self, entry: Entry) -> softkey_crypto.SoftPrivateKey:
        """The key as its file is now."""
        kept = self._loaded.get(entry.file)
        if kept and kept[0] == self._store.stamp(entry):
            return kept[1]
        pem, stamp = self._store.pem(entry)
        key = softkey_crypto.load(pem, entry.kind)
        if key.spki != entry.spki:
            raise TokenUnavailable(f"the file of key {entry.label!r} holds another key than the index says")
        self._loaded[entry.file] = stamp, key
        return key


def _folder_of(uri: KeyUri) -> str:
    if uri.without_key() != KeyUri(scheme="softkey", vendor=uri.vendor):
        raise UriError("a softkey: URI has a key's object and id, and x-store, and nothing else")
    if [name for name, _ in uri.vendor] != ["x-store"] or not uri.vendor_value("x-store"):
        raise UriError("a softkey: URI names its folder in x-store, and has no other x- attribute")
    check_path("x-store", uri.vendor_value("x-store"))
    return uri.vendor_value("x-store")


def _check_spec(spec: KeySpec) -> None:
    if spec.sealed:
        raise Unsupported("softkey has no token to seal a key under")
    if not spec.label.isprintable() or not 0 < len(spec.label.encode()) <= MAX_LABEL_BYTES:
        raise Unsupported(f"a label is printable and has 1 to {MAX_LABEL_BYTES} bytes")
    if not 0 < len(spec.key_id) <= MAX_ID_BYTES:
        raise Unsupported(f"an identifier has 1 to {MAX_ID_BYTES} bytes")


def _info(entry: Entry) -> KeyInfo:
    return KeyInfo(
        label=entry.label,
        key_id=entry.key_id,
        kind=entry.kind,
        custody=Custody.PROCESS,
        spki=entry.spki,
        claims=_CLAIMS,
    )
