"""Whether a CRL speaks of a certificate, and for which reasons: RFC 5280 §6.3.3 (b), (d)."""

from __future__ import annotations

from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.crl import CertificateList
from ca_bridge.core.x509.extensions import DistributionPoint, IssuingDistributionPoint, ReasonFlags
from ca_bridge.core.x509.names import GeneralName, GeneralNameType, Name

_Key = tuple[object, ...]
_NOTHING: frozenset[str] = frozenset()


def crl_issuer_names(certificate: Certificate) -> frozenset[Name]:
    """Names under which CRLs about ``certificate`` may be issued: its issuer's, and each cRLIssuer."""
    named = (g for point in certificate.extensions.crl_distribution_points for g in point.crl_issuer)
    return frozenset((certificate.issuer, *(g.name for g in named if g.name is not None)))


def reasons_in_scope(crl: CertificateList, certificate: Certificate) -> frozenset[str] | None:
    """Union of interim_reasons_mask over the distribution points that ``crl`` answers; None = out of scope.

    Beside the certificate's own points stands the one of §6.3.3's last paragraph: its issuer's
    name, all reasons. Empty: the certificate names no point and the CRL is its issuer's for one
    particular point; not being on it means nothing, but being on it does.
    """
    idp = crl.extensions.issuing_distribution_point
    if idp is not None and not _right_kind(idp, certificate):
        return None
    points = certificate.extensions.crl_distribution_points
    own = None if idp is None else _point_names(idp.full_name, idp.relative_name, (crl.issuer,))
    asked = (*points, _implied_point(certificate))
    masks = [_mask(p, idp) for p in asked if _answers(crl, own, p, certificate)]
    if masks:
        return _NOTHING.union(*masks)
    return _NOTHING if not points and crl.issuer == certificate.issuer else None


def names_to_compare(crl: CertificateList, certificate: Certificate) -> int:
    """How many names ``reasons_in_scope`` looks at: both sides are the work of strangers."""
    idp = crl.extensions.issuing_distribution_point
    points = certificate.extensions.crl_distribution_points
    named = sum(len(point.full_name) + len(point.crl_issuer) for point in points)
    return 1 + len(points) + named + (0 if idp is None else len(idp.full_name))


def designates(certificate: Certificate, crl_issuer: Name) -> bool:
    """Whether a distribution point of ``certificate`` names ``crl_issuer`` as its cRLIssuer."""
    points = certificate.extensions.crl_distribution_points
    return any(g.name == crl_issuer for point in points for g in point.crl_issuer)


def same_scope(first: CertificateList, second: CertificateList) -> bool:
    """§6.3.3 (c)(1), (2): same issuer, and the same issuingDistributionPoint or none in both."""
    one, other = (c.extensions.issuing_distribution_point for c in (first, second))
    if first.issuer != second.issuer or (one is None) is not (other is None):
        return False
    return one is None or other is None or _identity(one, first.issuer) == _identity(other, second.issuer)


def _implied_point(certificate: Certificate) -> DistributionPoint:
    name = GeneralName(GeneralNameType.DIRECTORY_NAME, name=certificate.issuer)
    return DistributionPoint(full_name=(name,))


def _right_kind(idp: IssuingDistributionPoint, certificate: Certificate) -> bool:
    """(b)(2)(ii)-(iv): user or CA certificates only; attribute certificates are never ours."""
    basic = certificate.extensions.basic_constraints
    is_ca = basic is not None and basic.ca
    return not (
        idp.only_attribute_certs or (idp.only_user_certs and is_ca) or (idp.only_ca_certs and not is_ca)
    )


def _answers(
    crl: CertificateList, own: frozenset[_Key] | None, point: DistributionPoint, certificate: Certificate
) -> bool:
    """(b)(1) and (b)(2)(i): the issuer fits the point, and so do the names of the CRL's ``own``, if any."""
    idp = crl.extensions.issuing_distribution_point
    if point.crl_issuer:
        if idp is None or not idp.indirect_crl or crl.issuer not in {g.name for g in point.crl_issuer}:
            return False
    elif crl.issuer != certificate.issuer:
        return False
    return not own or not own.isdisjoint(_names_of(point, certificate))


def _names_of(point: DistributionPoint, certificate: Certificate) -> frozenset[_Key]:
    """Names of the point; those of its cRLIssuer when it has no name itself (b)(2)(i)."""
    if not (point.full_name or point.relative_name):
        return frozenset(_key(g) for g in point.crl_issuer)
    issuers = tuple(g.name for g in point.crl_issuer if g.name is not None)
    return _point_names(point.full_name, point.relative_name, issuers or (certificate.issuer,))


def _point_names(
    full_name: tuple[GeneralName, ...], relative_name: bytes | None, issuers: tuple[Name, ...]
) -> frozenset[_Key]:
    """Comparable names; nameRelativeToCRLIssuer is one RDN below the issuer's name (§4.2.1.13)."""
    keys = [_key(g) for g in full_name]
    if relative_name is not None:
        kind = GeneralNameType.DIRECTORY_NAME
        keys += [(kind, (*issuer.normalized, relative_name)) for issuer in issuers]
    return frozenset(keys)


def _key(name: GeneralName) -> _Key:
    if name.name is not None:
        return name.kind, name.name.normalized
    if name.kind is GeneralNameType.URI:
        return name.kind, _lower_authority(name.text)
    return name.kind, name.text, name.octets, name.type_id


def _lower_authority(uri: str) -> str:
    """Scheme and host in lower case, the rest as it is (RFC 5280 §7.4)."""
    scheme, separator, rest = uri.partition("://")
    if not separator:
        return uri
    authority, slash, path = rest.partition("/")
    return f"{scheme.lower()}{separator}{authority.lower()}{slash}{path}"


def _mask(point: DistributionPoint, idp: IssuingDistributionPoint | None) -> frozenset[str]:
    """(d): reasons of the point and reasons of the CRL, all where not said."""
    some = idp.only_some_reasons if idp is not None else None
    return (ReasonFlags.ALL if point.reasons is None else point.reasons) & (
        ReasonFlags.ALL if some is None else some
    )


def _identity(idp: IssuingDistributionPoint, issuer: Name) -> tuple[object, ...]:
    return (
        _point_names(idp.full_name, idp.relative_name, (issuer,)),
        (idp.only_user_certs, idp.only_ca_certs, idp.only_attribute_certs, idp.indirect_crl),
        idp.only_some_reasons,
    )
