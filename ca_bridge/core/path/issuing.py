"""Whether a certificate can issue at all, by its own word, whatever path it stands on."""

from __future__ import annotations

from datetime import datetime

from ca_bridge.core.path.purposes import issuer_allows
from ca_bridge.core.request import KeyUsageBit, Parameters
from ca_bridge.core.x509.certificate import Certificate


def can_issue(certificate: Certificate, parameters: Parameters) -> bool:
    """False if path validation is sure to refuse ``certificate`` as an intermediate.

    RFC 5280 §6.1.3 (a)(2), §6.1.4 (k), (n), (o), and its extended key usage. A hint for the
    order of search: what it sets back is still tried in the end, so that the cause is told.
    """
    extensions = certificate.extensions
    basic, usage = extensions.basic_constraints, extensions.key_usage
    return (
        basic is not None
        and basic.ca
        and _in_period(certificate, parameters.validation_time)
        and (usage is None or KeyUsageBit.KEY_CERT_SIGN in usage)
        and not extensions.unknown_critical
        and issuer_allows(extensions.extended_key_usage, parameters.purpose)
    )


def _in_period(certificate: Certificate, time: datetime) -> bool:
    end = certificate.not_after
    return certificate.not_before <= time and (time <= end or time.replace(microsecond=0) <= end)
