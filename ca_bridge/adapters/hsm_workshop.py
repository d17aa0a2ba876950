"""Where keys are made and destroyed: a token, opened for one act and closed after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import datetime

from ca_bridge.adapters.hsm_keys import SOFTKEY, HsmKeys, HsmSigningKey, is_kept_inside
from ca_bridge.adapters.key_certificates import name_of, request, self_signed
from ca_bridge.services.key_management.errors import (
    KEY_DIFFERS,
    PLACE_TAKEN,
    SOFTKEY_IN_PRODUCTION,
    TOKEN_CANNOT,
    TOKEN_UNUSABLE,
    URI_UNUSABLE,
)
from ca_bridge.services.key_management.model import (
    ALGORITHM_OF_KIND,
    KeyPlace,
    KeyWish,
    OutputForm,
    RegisteredKey,
)
from ca_bridge.services.key_management.ports import KeyHealth, MadeKey
from ca_bridge.services.key_management.refusal import KeyRefused
from hsm.errors import (
    BadSignature,
    KeyExists,
    KeyNotFound,
    RefusedInProduction,
    TokenError,
    TokenUnavailable,
    Unsupported,
    UriError,
)
from hsm.open_token import open_token
from hsm.signing_key import BoundKey
from hsm.token import KeyInfo, KeyKind, KeyRef, KeySpec, SignatureAlgorithm, Token
from hsm.uri import KeyUri, parse_key_uri
from hsm.verifying import kind_of_spki

_TEST = b"ca-bridge key ceremony test: this text is no statement of any protocol\n"
_SDF, _PKCS11 = "sdf", "pkcs11"


class HsmWorkshop:
    """KeyWorkshop (services/key_management/ports.py) over this machine's tokens."""

    def __init__(self, keys: HsmKeys, *, production: bool) -> None:
        self._keys = keys
        self._production = production

    def place(self, uri: str) -> KeyPlace:
        """What ``uri`` names: a token, and the label and identifier that a new key needs on it."""
        with _refusing():
            parsed = parse_key_uri(uri)
        if parsed.scheme == SOFTKEY and self._production:
            raise KeyRefused(SOFTKEY_IN_PRODUCTION)
        store = parsed.vendor_value("x-store")
        device = parsed.token or parsed.serial or store or parsed.module_path
        if not parsed.key_id or (not parsed.label and parsed.scheme != _SDF):
            raise KeyRefused(URI_UNUSABLE, cause="object, id")
        return KeyPlace(
            uri=parsed.text,
            device=f"{parsed.scheme}:{device}",
            label=parsed.label,
            identifier=parsed.key_id.hex(),
        )

    def check(self, wish: KeyWish) -> None:
        """PLAN_UNUSABLE when the subject is no name."""
        if wish.output.subject:
            name_of(wish.output.subject)

    @contextmanager
    def bench(self, uri: str) -> Iterator[HsmBench]:
        """The token of ``uri``, logged in until the block ends."""
        with _refusing():
            parsed = parse_key_uri(uri)
            with self._keys.opening(parsed):
                token = open_token(parsed, production=self._production)
        try:
            yield HsmBench(token, parsed, lambda: self._keys.attempt(parsed))
        finally:
            with suppress(TokenError):  # what was done is done
                token.close()

    def key(self, registered: RegisteredKey) -> HsmSigningKey:
        """The key, to sign with; SignerUnavailable unless it is current."""
        return self._keys.key(registered)

    def health(self, registered: RegisteredKey) -> KeyHealth:
        """One signature made and verified; never raises."""
        return self._keys.health(registered)

    def present(self, uri: str) -> bool | None:
        """Whether the token has a key of the label or identifier in ``uri``; None = not known."""
        try:
            with self.bench(uri) as bench:
                bench.check_free()
        except KeyRefused as refused:
            return True if refused.refusal is PLACE_TAKEN else None
        return False


class HsmBench:
    """KeyBench over one token that is open, and the key of ``uri``."""

    def __init__(
        self, token: Token, uri: KeyUri, attempt: Callable[[], AbstractContextManager[None]]
    ) -> None:
        """``attempt`` is entered around what signs: some tokens take the PIN then."""
        self._token = token
        self._uri = uri
        self._attempt = attempt

    def check_free(self) -> None:
        """PLACE_TAKEN when the token has a key of this label or identifier."""
        with _refusing():
            found = self._token.keys()
        for info in found:
            if (self._uri.label and info.label == self._uri.label) or info.key_id == self._uri.key_id:
                raise KeyRefused(PLACE_TAKEN, name=info.label or info.key_id.hex(), ceremony="-")

    def make(self, wish: KeyWish, at: datetime, nonce: bytes) -> MadeKey:
        """The key: generated, its public key read back, a test signature verified, its papers written.

        A key that was generated and then failed is destroyed again, as far as the token lets it.
        """
        with _refusing(), self._attempt():
            kind = KeyKind(wish.kind)
            if wish.existing:
                return self._taken_up(self._found(), wish, at, nonce)
            spec = KeySpec(label=self._uri.label, key_id=self._uri.key_id, kind=kind, sealed=wish.sealed)
            info = self._token.generate(spec)
            with ExitStack() as unless_taken_up:
                unless_taken_up.callback(self._give_up, info.spki)
                made = self._taken_up(info, wish, at, nonce)
                unless_taken_up.pop_all()
            return made

    def _found(self) -> KeyInfo:
        """The key that the device's own tool made; Unsupported for one that may be elsewhere too."""
        info = self._token.info(self._uri.ref)
        if self._uri.scheme == _PKCS11 and not is_kept_inside(info):
            raise Unsupported(
                "the key may have been outside the token: the module does not say that it is sensitive, made "
                "there, and was never extractable"
            )
        return info

    def _taken_up(self, info: KeyInfo, wish: KeyWish, at: datetime, nonce: bytes) -> MadeKey:
        spki = self._token.public_key(self._uri.ref)
        _check_read_back(info, spki, KeyKind(wish.kind))
        key = BoundKey(
            self._token, self._uri.ref, SignatureAlgorithm(wish.algorithm), spki, info.custody, "new"
        )
        key.sign(_TEST)
        certificate, csr = _papers(wish, key, at)
        return MadeKey(
            spki=spki,
            kind=info.kind.value,
            algorithm=wish.algorithm,
            custody=info.custody.value,
            claims=tuple(sorted(info.claims)),
            attestation=self._token.attest(self._uri.ref, nonce),
            certificate=certificate,
            csr=csr,
        )

    def _give_up(self, spki: bytes) -> None:
        """The key just made is gone again; if not, `keys doctor` finds it."""
        with suppress(KeyRefused):
            self.destroy(spki)

    def sign(self, spki: bytes, message: bytes) -> bytes:
        """A signature of the key, verified under ``spki``."""
        with _refusing(), self._attempt():
            return self._bound(spki).sign(message)

    def destroy(self, spki: bytes) -> bool:
        """The key is gone from the token, under whatever name: False when it was not there any more."""
        with _refusing():
            self._check_name(spki)
            found = self._named(spki)
            for ref in found:
                with suppress(KeyNotFound):
                    self._token.destroy(ref)
            if self._named(spki):
                raise TokenUnavailable("the key was destroyed, and is on the token still")
        return bool(found)

    def _check_name(self, spki: bytes) -> None:
        """KEY_DIFFERS when another key has the name."""
        with suppress(KeyNotFound):
            if self._token.public_key(self._uri.ref) != spki:
                raise KeyRefused(KEY_DIFFERS, key=self._uri.label or self._uri.key_id.hex())

    def _named(self, spki: bytes) -> tuple[KeyRef, ...]:
        """The names under which the token has this key: somebody may have renamed or copied it."""
        found = self._token.keys()
        named = [KeyRef(label=info.label, key_id=info.key_id) for info in found if info.spki == spki]
        if not named and self._public_key() == spki:
            return (self._uri.ref,)  # not every token lists all that it has
        return tuple(named)

    def _public_key(self) -> bytes:
        with suppress(KeyNotFound):
            return self._token.public_key(self._uri.ref)
        return b""

    def _bound(self, spki: bytes) -> BoundKey:
        info = self._token.info(self._uri.ref)
        algorithm = SignatureAlgorithm(ALGORITHM_OF_KIND[info.kind.value])
        return BoundKey(self._token, self._uri.ref, algorithm, spki, info.custody, "new")


def _check_read_back(info: KeyInfo, spki: bytes, kind: KeyKind) -> None:
    if spki != info.spki or kind_of_spki(spki) is not kind or info.kind is not kind:
        raise BadSignature("the key that is read back is not the one that was made")


def _papers(wish: KeyWish, key: BoundKey, at: datetime) -> tuple[bytes | None, bytes | None]:
    """The certificate and the request, each if the plan wants it."""
    output = wish.output
    if output.form is OutputForm.SELF_SIGNED:
        return (
            self_signed(
                use=wish.use,
                subject=output.subject,
                spki=key.spki,
                algorithm=wish.algorithm,
                at=at,
                days=output.days,
                sign=key.sign,
            ),
            None,
        )
    if output.form is OutputForm.CSR:
        made = request(
            use=wish.use, subject=output.subject, spki=key.spki, algorithm=wish.algorithm, sign=key.sign
        )
        return None, made
    return None, None


@contextmanager
def _refusing() -> Iterator[None]:
    """Errors of tokens as refusals."""
    try:
        yield
    except UriError as error:
        raise KeyRefused(URI_UNUSABLE, cause=str(error)) from error
    except RefusedInProduction as error:
        raise KeyRefused(SOFTKEY_IN_PRODUCTION) from error
    except KeyExists as error:
        raise KeyRefused(PLACE_TAKEN, name=str(error), ceremony="-") from error
    except Unsupported as error:
        raise KeyRefused(TOKEN_CANNOT, cause=str(error)) from error
    except KeyNotFound as error:
        raise KeyRefused(TOKEN_UNUSABLE, cause=str(error)) from error
    except TokenError as error:
        raise KeyRefused(TOKEN_UNUSABLE, cause=f"{type(error).__name__}: {error}") from error
