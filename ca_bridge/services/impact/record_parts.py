"""Findings, statuses, names and extensions of stored requests as plain data, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from ca_bridge.core.budget import Resource
from ca_bridge.core.reasons import CATALOGUE
from ca_bridge.core.recognition.replay.recorded import PathStatus, StatusGround
from ca_bridge.core.request import KeyUsageBit, RevocationRule
from ca_bridge.core.verdict import CertificateStatus, Finding, RejectedPath, RevocationStatus, TrustModel
from ca_bridge.core.x509.algorithm_identifier import decode_subject_public_key_info
from ca_bridge.core.x509.certificate import SubjectPublicKeyInfo
from ca_bridge.core.x509.extensions import (
    AccessDescription,
    AuthorityKeyIdentifier,
    BasicConstraints,
    CertificateExtensions,
    DistributionPoint,
    NameConstraints,
    PolicyConstraints,
    PolicyInformation,
    PolicyMapping,
)
from ca_bridge.core.x509.name_parser import decode_name
from ca_bridge.core.x509.names import GeneralName, GeneralNameType, Name

Data = Mapping[str, Any]
_HIDDEN_DIRECTORY = Name(b"", (), (b"hidden:",))


def finding_data(finding: Finding) -> list[Any]:
    """[code, position, parameters]."""
    return [finding.reason.code, finding.position, [list(pair) for pair in finding.params]]


def read_finding(data: list[Any]) -> Finding:
    """The finding; KeyError for a reason that is not in the catalogue."""
    code, position, params = data
    return Finding(reason=CATALOGUE[code], position=position, params=tuple((n, v) for n, v in params))


def findings_data(findings: Iterable[Finding]) -> list[Any]:
    """Each as ``finding_data``."""
    return [finding_data(finding) for finding in findings]


def read_findings(data: Iterable[list[Any]]) -> tuple[Finding, ...]:
    """Each as ``read_finding``."""
    return tuple(read_finding(item) for item in data)


def unread_data(rejected: Iterable[RejectedPath]) -> list[Any]:
    """[fingerprint, findings] of each thing that could not be read."""
    return [[r.certificates[0], findings_data(r.findings)] for r in rejected]


def read_unread(data: Iterable[list[Any]]) -> tuple[RejectedPath, ...]:
    """The rejections of ``unread_data``."""
    return tuple(
        RejectedPath(certificates=(name,), trust_anchor=None, findings=read_findings(findings))
        for name, findings in data
    )


def statuses_data(statuses: Iterable[PathStatus]) -> list[Any]:
    """[model, path, anchor, rule, statuses, findings] of each path."""
    return [
        [
            s.model.value,
            list(s.path),
            s.trust_anchor,
            s.rule.value,
            [
                [c.position, c.status.value, c.source, None if c.issued is None else c.issued.isoformat()]
                for c in s.statuses
            ],
            findings_data(s.findings),
        ]
        for s in statuses
    ]


def read_statuses(data: Iterable[list[Any]]) -> tuple[PathStatus, ...]:
    """The statuses of ``statuses_data``."""
    return tuple(
        PathStatus(
            model=TrustModel(model),
            path=tuple(path),
            trust_anchor=anchor,
            rule=RevocationRule(rule),
            statuses=tuple(_read_status(*status) for status in statuses),
            findings=read_findings(findings),
        )
        for model, path, anchor, rule, statuses, findings in data
    )


def grounds_data(grounds: Iterable[StatusGround]) -> list[Any]:
    """[model, signers, known, accepted, SM2 user IDs, spent] of each trust model."""
    return [
        [
            g.model.value,
            list(g.signers),
            g.known,
            g.accepted,
            [i.hex() for i in g.sm2_user_ids],
            {resource.value: amount for resource, amount in g.spent.items()},
        ]
        for g in grounds
    ]


def read_grounds(data: Iterable[list[Any]]) -> tuple[StatusGround, ...]:
    """The grounds of ``grounds_data``."""
    return tuple(
        StatusGround(
            model=TrustModel(model),
            signers=tuple(signers),
            known=known,
            accepted=accepted,
            sm2_user_ids=tuple(map(bytes.fromhex, user_ids)),
            spent={Resource(resource): int(amount) for resource, amount in spent.items()},
        )
        for model, signers, known, accepted, user_ids, spent in data
    )


def _read_status(position: int, status: str, source: str, issued: str | None) -> CertificateStatus:
    return CertificateStatus(
        position=position,
        status=RevocationStatus(status),
        source=source,
        issued=None if issued is None else datetime.fromisoformat(issued).astimezone(UTC),
    )


@lru_cache(maxsize=1024)
def read_name(encoded: str) -> Name:
    """A Name from its DER in hexadecimal; Malformed or ValueError."""
    der = bytes.fromhex(encoded)
    return decode_name(der, 0, len(der))[0]


def read_spki(encoded: str) -> SubjectPublicKeyInfo:
    """A SubjectPublicKeyInfo from its DER in hexadecimal; Malformed or ValueError."""
    der = bytes.fromhex(encoded)
    return decode_subject_public_key_info(der, 0, len(der))[0]


def extensions_data(extensions: CertificateExtensions) -> dict[str, Any]:
    """The extensions of an end entity's record, absent ones left out."""
    basic, authority = extensions.basic_constraints, extensions.authority_key_identifier
    limits, names = extensions.policy_constraints, extensions.name_constraints
    policies, mappings = extensions.certificate_policies, extensions.policy_mappings
    found: dict[str, Any] = {
        "basic": None if basic is None else [basic.ca, basic.path_length],
        "key_usage": _sorted(extensions.key_usage),
        "extended_key_usage": _sorted(extensions.extended_key_usage),
        "names": [_name_data(name) for name in extensions.subject_alt_name],
        "authority_key": None if authority is None else (authority.key_identifier or b"").hex(),
        "policies": None if policies is None else [p.policy for p in policies],
        "mappings": None
        if mappings is None
        else [[m.issuer_domain_policy, m.subject_domain_policy] for m in mappings],
        "policy_constraints": None
        if limits is None
        else [limits.require_explicit_policy, limits.inhibit_policy_mapping],
        "inhibit_any_policy": extensions.inhibit_any_policy,
        "constrains_names": names is not None,
        "crl": bool(extensions.crl_distribution_points),
        "freshest_crl": bool(extensions.freshest_crl),
        "access": [a.method for a in extensions.authority_info_access],
        "ocsp_nocheck": extensions.ocsp_nocheck,
        "no_rev_avail": extensions.no_rev_avail,
        "critical": _sorted(extensions.critical),
        "unknown_critical": list(extensions.unknown_critical),
    }
    return {name: value for name, value in found.items() if value is not None and value is not False}


def read_extensions(data: Data) -> CertificateExtensions:
    """The extensions of ``extensions_data``."""
    somewhere = (DistributionPoint(),)
    return CertificateExtensions(
        basic_constraints=BasicConstraints(*data["basic"]) if "basic" in data else None,
        key_usage=_usage(data.get("key_usage")),
        extended_key_usage=frozenset(data["extended_key_usage"]) if "extended_key_usage" in data else None,
        subject_alt_name=tuple(_read_name(*name) for name in data.get("names", ())),
        authority_key_identifier=_authority(data.get("authority_key")),
        certificate_policies=_policies(data),
        policy_mappings=tuple(PolicyMapping(*m) for m in data["mappings"]) if "mappings" in data else None,
        policy_constraints=PolicyConstraints(*data["policy_constraints"])
        if "policy_constraints" in data
        else None,
        inhibit_any_policy=data.get("inhibit_any_policy"),
        name_constraints=NameConstraints((), ()) if "constrains_names" in data else None,
        crl_distribution_points=somewhere if "crl" in data else (),
        freshest_crl=somewhere if "freshest_crl" in data else (),
        authority_info_access=tuple(
            AccessDescription(method, GeneralName(GeneralNameType.URI)) for method in data.get("access", ())
        ),
        ocsp_nocheck=data.get("ocsp_nocheck", False),
        no_rev_avail=data.get("no_rev_avail", False),
        critical=frozenset(data.get("critical", ())),
        unknown_critical=tuple(data.get("unknown_critical", ())),
    )


def _sorted(values: frozenset[Any] | None) -> list[str] | None:
    return None if values is None else sorted(values)


def _usage(values: list[str] | None) -> frozenset[KeyUsageBit] | None:
    return None if values is None else frozenset(map(KeyUsageBit, values))


def _authority(key: str | None) -> AuthorityKeyIdentifier | None:
    return None if key is None else AuthorityKeyIdentifier(bytes.fromhex(key) or None, (), None)


def _policies(data: Data) -> tuple[PolicyInformation, ...] | None:
    return tuple(map(PolicyInformation, data["policies"])) if "policies" in data else None


def _name_data(name: GeneralName) -> list[Any]:
    return [name.kind.value, name.text, name.octets.hex(), name.type_id]


def _read_name(kind: str, text: str, octets: str, type_id: str) -> GeneralName:
    form = GeneralNameType(kind)
    directory = _HIDDEN_DIRECTORY if form is GeneralNameType.DIRECTORY_NAME else None
    return GeneralName(form, text=text, octets=bytes.fromhex(octets), type_id=type_id, name=directory)
