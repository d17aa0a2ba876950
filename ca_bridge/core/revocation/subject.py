"""The certificate whose status is asked, where it stands on its path."""

from __future__ import annotations

from dataclasses import dataclass

from ca_bridge.core.path.candidate import ValidatedPath, WorkingKey
from ca_bridge.core.x509.certificate import Certificate


@dataclass(frozen=True, slots=True)
class Subject:
    """Certificate ``position`` of ``path``; what is above it says who may speak of it."""

    path: ValidatedPath
    position: int

    @property
    def certificate(self) -> Certificate:
        """The certificate itself."""
        return self.path.certificates[self.position]

    @property
    def issuer_key(self) -> WorkingKey:
        """The key that signed it."""
        return self.path.issuer_keys[self.position]

    @property
    def issuer(self) -> Certificate:
        """Certificate of its issuer on the path, the anchor's at the top."""
        return self.above[0] if self.above else self.path.anchor.certificate

    @property
    def above(self) -> tuple[Certificate, ...]:
        """Certificates between it and the anchor, its issuer's first."""
        return self.path.certificates[self.position + 1 :]
