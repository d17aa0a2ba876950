"""One key on a token, with one algorithm and the public key it must have."""

from __future__ import annotations

from hsm.errors import BadSignature, KeyNotFound, TokenError
from hsm.probing import probe
from hsm.token import SM2_DEFAULT_ID, Custody, Health, KeyRef, SignatureAlgorithm, Token
from hsm.verifying import check_algorithm, default_algorithm, kind_of_spki, verify


class BoundKey:
    """Signs with the key of ``ref`` as long as its public key is ``spki``.

    A token opened again, or exchanged, may hold another key of the same name. So the public key is compared
    before the first signature and after every failure, and each signature is verified under ``spki``, not
    only under the key that the token says it used. Safe from many threads.
    """

    def __init__(
        self,
        token: Token,
        ref: KeyRef,
        algorithm: SignatureAlgorithm,
        spki: bytes,
        custody: Custody,
        key_id: str,
    ) -> None:
        """Unsupported when ``spki`` is of no known kind, or its kind does not sign with ``algorithm``."""
        check_algorithm(kind_of_spki(spki), algorithm)
        self._token = token
        self._ref = ref
        self._algorithm = algorithm
        self._spki = spki
        self._custody = custody
        self._key_id = key_id
        self._compared = False

    @property
    def key_id(self) -> str:
        """The key's name to whoever verifies (kid)."""
        return self._key_id

    @property
    def ref(self) -> KeyRef:
        """The key's name on its token."""
        return self._ref

    @property
    def algorithm(self) -> SignatureAlgorithm:
        """The one algorithm it signs with."""
        return self._algorithm

    @property
    def custody(self) -> Custody:
        """Where the private key is while it signs."""
        return self._custody

    @property
    def spki(self) -> bytes:
        """SubjectPublicKeyInfo, DER, of the key that it must be."""
        return self._spki

    def sign(self, message: bytes, *, signer_id: bytes = SM2_DEFAULT_ID) -> bytes:
        """The signature over ``message``, verified under ``spki``; encoded as ``Token.sign`` says.

        KeyNotFound when the token's key of this name is another one; BadSignature, TokenUnavailable and
        what else the token raises.
        """
        try:
            self._compare()
            signature = self._token.sign(self._ref, self._algorithm, message, signer_id=signer_id)
            if not verify(self._spki, self._algorithm, message, signature, signer_id=signer_id):
                raise BadSignature(f"a signature of key {self._key_id} does not verify under its public key")
        except TokenError:
            self._compared = False
            raise
        return signature

    def health(self) -> Health:
        """Whether this key, and no other of its name, can sign now. Never raises."""
        return probe(self.sign)

    def _compare(self) -> None:
        if self._compared:
            return
        if self._token.public_key(self._ref) != self._spki:
            raise KeyNotFound(f"the token's key of the name of {self._key_id} is another one")
        self._compared = True


def bind_key(
    token: Token, ref: KeyRef, key_id: str, *, algorithm: SignatureAlgorithm | None = None
) -> BoundKey:
    """The key that ``ref`` names now, bound to the public key it has now; its kind's default algorithm."""
    info = token.info(ref)
    chosen = algorithm or default_algorithm(info.kind)
    exact = KeyRef(label=info.label, key_id=info.key_id)
    return BoundKey(token, exact, chosen, info.spki, info.custody, key_id)
