"""Whether the target certificate fits what it is to be used for.

Apart from path validation, because CRL issuers and OCSP responders are targets of paths with
purposes of their own.
"""

from __future__ import annotations

from types import MappingProxyType

from ca_bridge.core.path.host_names import check_host_name
from ca_bridge.core.path.purposes import ANY_EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_OF
from ca_bridge.core.reasons import target as reasons
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.request import KeyUsageBit, Parameters, Purpose
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate

_EXTENDED_KEY_USAGE = "2.5.29.37"
_SIGNATURE = frozenset({KeyUsageBit.DIGITAL_SIGNATURE, KeyUsageBit.CONTENT_COMMITMENT})
_ENCRYPTION = frozenset({KeyUsageBit.KEY_ENCIPHERMENT, KeyUsageBit.DATA_ENCIPHERMENT})
_KEY_EXCHANGE = frozenset({KeyUsageBit.KEY_ENCIPHERMENT, KeyUsageBit.KEY_AGREEMENT})
_CONSISTENT_KEY_USAGE = MappingProxyType(
    {
        Purpose.DIGITAL_SIGNATURE: _SIGNATURE,
        Purpose.CONTRACT_SIGNING: frozenset({KeyUsageBit.CONTENT_COMMITMENT}),
        Purpose.SERVER_AUTH: _KEY_EXCHANGE | {KeyUsageBit.DIGITAL_SIGNATURE},
        Purpose.CLIENT_AUTH: frozenset({KeyUsageBit.DIGITAL_SIGNATURE, KeyUsageBit.KEY_AGREEMENT}),
        Purpose.CODE_SIGNING: frozenset({KeyUsageBit.DIGITAL_SIGNATURE}),
        Purpose.EMAIL_PROTECTION: _SIGNATURE | _KEY_EXCHANGE,
        Purpose.TIME_STAMPING: _SIGNATURE,
        Purpose.OCSP_SIGNING: _SIGNATURE,
    }
)
"""Any one of these bits makes key usage fit the purpose (RFC 5280 §4.2.1.12)."""
_SESSION = frozenset({Purpose.SERVER_AUTH, Purpose.CLIENT_AUTH})
_STATED = frozenset({Purpose.TIME_STAMPING, Purpose.OCSP_SIGNING})


def check_target(certificate: Certificate, parameters: Parameters) -> tuple[Finding, ...]:
    """What keeps the target from the purpose, key usage and host name asked; () when nothing does.

    ``any`` asks nothing. Absent extensions restrict nothing, except that time stamping and
    OCSP signing must be stated. All findings have position 0.
    """
    purpose, host = parameters.purpose, parameters.dns_name
    found = (
        _check_purpose(certificate, purpose),
        _check_extended_key_usage(certificate, purpose),
        _check_key_usage(certificate, parameters),
        check_host_name(certificate.extensions.subject_alt_name, host) if host is not None else None,
    )
    return tuple(dict.fromkeys(finding for finding in found if finding is not None))


def _check_purpose(certificate: Certificate, purpose: Purpose) -> Finding | None:
    consistent, usage = _CONSISTENT_KEY_USAGE.get(purpose), certificate.extensions.key_usage
    if consistent is None or usage is None or not usage.isdisjoint(consistent):
        return None
    if _is_session_of_a_ca(certificate, purpose):
        return None
    return _unfit_key_usage(usage, purpose, consistent)


def _is_session_of_a_ca(certificate: Certificate, purpose: Purpose) -> bool:
    """A CA certificate presented in TLS: its key usage speaks of issuing, the handshake checks the rest."""
    basic = certificate.extensions.basic_constraints
    return purpose in _SESSION and basic is not None and basic.ca


def _unfit_key_usage(
    usage: frozenset[KeyUsageBit], purpose: Purpose, consistent: frozenset[KeyUsageBit]
) -> Finding:
    """An encryption certificate where a signature is meant (GB/T 20518 pairs), or some other misfit."""
    if consistent <= _SIGNATURE and _is_for_encryption(usage):
        return Finding(reason=reasons.ENCRYPTION_CERTIFICATE_FOR_SIGNATURE, position=0)
    params = (("key_usage", _listed(usage) or "-"), ("purpose", purpose.value))
    return Finding(reason=reasons.KEY_USAGE_FORBIDS_PURPOSE, position=0, params=params)


def _is_for_encryption(usage: frozenset[KeyUsageBit]) -> bool:
    return usage.isdisjoint(_SIGNATURE) and not usage.isdisjoint(_ENCRYPTION)


def _listed(usage: frozenset[KeyUsageBit]) -> str:
    return ", ".join(bit.value for bit in KeyUsageBit if bit in usage)


def _check_extended_key_usage(certificate: Certificate, purpose: Purpose) -> Finding | None:
    wanted, usages = EXTENDED_KEY_USAGE_OF.get(purpose), certificate.extensions.extended_key_usage
    if wanted is None:
        return None
    if usages is None:
        return _of_purpose(reasons.PURPOSE_NOT_STATED, purpose) if purpose in _STATED else None
    if wanted not in usages and (purpose in _STATED or ANY_EXTENDED_KEY_USAGE not in usages):
        return _of_purpose(reasons.PURPOSE_NOT_ALLOWED, purpose)
    if purpose is Purpose.TIME_STAMPING and (
        len(usages) > 1 or _EXTENDED_KEY_USAGE not in certificate.extensions.critical
    ):
        return Finding(reason=reasons.TIME_STAMPING_NOT_EXCLUSIVE, position=0)
    return None


def _of_purpose(reason: Reason, purpose: Purpose) -> Finding:
    return Finding(reason=reason, position=0, params=(("purpose", purpose.value),))


def _check_key_usage(certificate: Certificate, parameters: Parameters) -> Finding | None:
    """Every bit asked is there; a certificate without key usage allows all (RFC 5280 §4.2.1.3)."""
    usage = certificate.extensions.key_usage
    if usage is None or parameters.key_usage <= usage:
        return None
    missing = parameters.key_usage - usage
    if missing <= _SIGNATURE and _is_for_encryption(usage):
        return Finding(reason=reasons.ENCRYPTION_CERTIFICATE_FOR_SIGNATURE, position=0)
    params = (("missing", _listed(missing)),)
    return Finding(reason=reasons.KEY_USAGE_NOT_ALLOWED, position=0, params=params)
