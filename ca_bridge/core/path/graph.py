"""The CA graph: every CA certificate known to a trust snapshot, indexed once, never changed."""

from __future__ import annotations

from collections.abc import Iterable

from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.names import Name


class CaGraph:
    """CA certificates by subject name."""

    __slots__ = ("_by_subject", "_certificates")

    def __init__(self, certificates: tuple[Certificate, ...]) -> None:
        """Use ``build`` or ``empty``."""
        self._certificates = certificates
        self._by_subject: dict[Name, list[Certificate]] = {}
        for certificate in certificates:
            self._by_subject.setdefault(certificate.subject, []).append(certificate)

    @classmethod
    def build(
        cls,
        certificates: Iterable[Certificate],
        signatures: SignatureChecker,  # noqa: ARG003
        sm2_user_ids: tuple[bytes, ...],  # noqa: ARG003
    ) -> CaGraph:
        """Index ``certificates``; their order never matters."""
        return cls(tuple(sorted(set(certificates), key=lambda c: c.fingerprint)))

    @classmethod
    def empty(cls) -> CaGraph:
        """A graph of no certificates."""
        return cls(())

    def named(self, name: Name) -> tuple[Certificate, ...]:
        """Certificates whose subject is ``name``."""
        return tuple(self._by_subject.get(name, ()))
