"""Why other engines answer differently, one rule for one cause; what no rule explains is a defect.

A difference is first brought down to one path. Where this engine accepts, the other one is asked again
with nothing but that path to choose from; where it refuses, it is asked about the very path the other
one took, and every finding on that path needs a rule of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.differential.engines import Answer, Ask
from tests.differential.pki import Cert, Pki

OPENSSL, COMMAND, CERTVALIDATOR = "openssl", "openssl command", "certvalidator"
OPENSSLS = frozenset({OPENSSL, COMMAND})
ALL = OPENSSLS | {CERTVALIDATOR}


@dataclass(frozen=True, kw_only=True)
class TheyRefuse:
    """This engine accepts ``path``; an engine of ``engines`` refuses it with ``error``."""

    name: str
    engines: frozenset[str]
    error: str
    holds: Callable[[Pki, Answer], bool]
    sentence: str
    clause: str


@dataclass(frozen=True, kw_only=True)
class TheyAccept:
    """An engine of ``engines`` accepts a path on which this one finds a code of ``codes``.

    ``holds`` is asked with the PKI of this path alone, the path (anchor last) and the position.
    """

    name: str
    engines: frozenset[str]
    codes: frozenset[str]
    holds: Callable[[Pki, tuple[Cert, ...], int | None], bool]
    sentence: str
    clause: str


ONE_PATH_TRIED = "one-path-tried"
"""The other engine accepts our path when it has no other to choose from: it did not go back on a choice
of issuer (RFC 4158 §2.4, §3.5; OpenSSL builds one chain and validates only that)."""


def _ends_at_validation_time(_pki: Pki, ours: Answer) -> bool:
    return any(cert.period == "ends_now" for cert in ours.path)


def _says_any_purpose(pki: Pki, ours: Answer) -> bool:
    return any(
        cert.purposes is not None and "any" in cert.purposes and pki.question.purpose not in cert.purposes
        for cert in ours.path
    )


def _lone_rollover(_pki: Pki, ours: Answer) -> bool:
    return any(c.self_issued and c.issuer_key != c.subject_key and not c.key_identifiers for c in ours.path)


def _lone_rollover_anchor(_pki: Pki, ours: Answer) -> bool:
    anchor = ours.path[-1]
    return anchor.self_issued and anchor.issuer_key != anchor.subject_key and not anchor.key_identifiers


def _several_crl_keys(pki: Pki, issuer_dn: str) -> bool:
    return len({crl.key for crl in pki.crls if crl.issuer_dn == issuer_dn}) > 1


def _crls_of_a_rollover(pki: Pki, ours: Answer) -> bool:
    return any(_has_crl_of_another_key(pki, cert) for cert in ours.path[:-1])


def _has_crl_of_another_key(pki: Pki, cert: Cert) -> bool:
    return any(crl.issuer_dn == cert.issuer_dn and crl.key != cert.issuer_key for crl in pki.crls)


def _issuer_known_by_name_alone(_pki: Pki, ours: Answer) -> bool:
    """The path holds a second key of an issuer's name, and no key identifiers tell it from the right one."""

    def silent(cert: Cert) -> bool:
        return cert.version_1 or not cert.key_identifiers

    return any(
        other.dn == cert.issuer_dn
        and other.subject_key != cert.issuer_key
        and (silent(cert) or silent(other))
        for cert in ours.path[:-1]
        for other in ours.path[1:]
    )


def _listed_by_another_key(pki: Pki, path: tuple[Cert, ...], position: int | None) -> bool:
    return position is not None and _several_crl_keys(pki, path[position].issuer_dn)


def _is_for_encrypted_mail(pki: Pki, ours: Answer) -> bool:
    usage = ours.path[0].usage
    return (
        pki.question.purpose == "email_protection" and usage is not None and "digital_signature" not in usage
    )


def _anchor_names_policies(_pki: Pki, ours: Answer) -> bool:
    return ours.path[-1].policies is not None


THEY_REFUSE = (
    TheyRefuse(
        name="last-second",
        engines=frozenset({COMMAND}),
        error="certificate has expired",
        holds=_ends_at_validation_time,
        sentence="OpenSSL 3.0 takes a certificate as expired in the very second that notAfter names.",
        clause="RFC 5280 §4.1.2.5: the period runs from notBefore through notAfter, inclusive",
    ),
    TheyRefuse(
        name="self-issued-is-not-self-signed",
        engines=OPENSSLS,
        error="self-signed certificate in certificate chain",
        holds=_lone_rollover,
        sentence="OpenSSL takes a self-issued certificate without key identifiers for self-signed.",
        clause="RFC 5280 §3.2",
    ),
    TheyRefuse(
        name="self-issued-anchor-is-not-self-signed",
        engines=OPENSSLS,
        error="certificate signature failure",
        holds=_lone_rollover_anchor,
        sentence="OpenSSL verifies a self-issued anchor without key identifiers under its own key.",
        clause="RFC 5280 §3.2, §6.1: the anchor is no part of the path",
    ),
    TheyRefuse(
        name="issuer-by-name-alone",
        engines=OPENSSLS,
        error="certificate signature failure",
        holds=_issuer_known_by_name_alone,
        sentence="Without key identifiers OpenSSL takes the first issuer of the right name, no other.",
        clause="RFC 4158 §3.5.12",
    ),
    TheyRefuse(
        name="crl-signer-by-name",
        engines=OPENSSLS,
        error="CRL signature failure",
        holds=_crls_of_a_rollover,
        sentence="OpenSSL takes the first CRL and the first signer of the right name; of a CA with two keys "
        "it may pair the CRL of one with the certificate of the other.",
        clause="RFC 5280 §6.3.3 (f), (g)",
    ),
    TheyRefuse(
        name="any-purpose",
        engines=ALL,
        error="purpose",
        holds=_says_any_purpose,
        sentence="Others do not take anyExtendedKeyUsage for a purpose; here it stands for every purpose "
        "that need not be stated.",
        clause="RFC 5280 §4.2.1.12",
    ),
    TheyRefuse(
        name="mail-may-be-for-encryption",
        engines=OPENSSLS,
        error="unsuitable certificate purpose",
        holds=_is_for_encrypted_mail,
        sentence="OpenSSL is asked about signed mail; here e-mail protection is signing or encryption.",
        clause="RFC 5280 §4.2.1.12",
    ),
    TheyRefuse(
        name="anchor-policies-not-explicit",
        engines=frozenset({CERTVALIDATOR}),
        error="no valid set of policies",
        holds=_anchor_names_policies,
        sentence="certvalidator requires an explicit policy when the anchor's certificate lists policies; "
        "here they limit the initial policy set and require nothing.",
        clause="RFC 5937 §3.2",
    ),
)


def _revocation_of_a_ca(pki: Pki, _path: tuple[Cert, ...], position: int | None) -> bool:
    return pki.question.revocation == "require_target" and bool(position)


def _crl_signer_beside(pki: Pki, path: tuple[Cert, ...], position: int | None) -> bool:
    """A key that signs a CRL is certified by the issuer of the certificate in question."""
    if position is None:
        return False
    signers = {(crl.issuer_dn, crl.key) for crl in pki.crls}
    return any(
        (cert.dn, cert.subject_key) in signers and cert.issuer_dn == path[position].issuer_dn
        for cert in (*pki.pool, *path)
    )


def _crl_of_the_other_key(pki: Pki, path: tuple[Cert, ...], position: int | None) -> bool:
    return position is not None and _has_crl_of_another_key(pki, path[position])


def _anchor_has_policies(pki: Pki, path: tuple[Cert, ...], _position: int | None) -> bool:
    anchor = path[-1]
    limits = (anchor.require_explicit, anchor.inhibit_mapping, anchor.inhibit_any)
    return anchor.policies is not None or any(limit is not None for limit in limits)


THEY_ACCEPT = (
    TheyAccept(
        name="ca-status-when-evidence-is-there",
        engines=ALL,
        codes=frozenset(
            {
                "CA_REVOKED",
                "CA_ON_HOLD",
                "CRL_STALE",
                "CRL_NOT_YET_VALID",
                "CRL_SIGNATURE_INVALID",
                "CRL_ISSUER_PATH_INVALID",
            }
        ),
        holds=_revocation_of_a_ca,
        sentence="Asked for the target's status only, others do not look at CRLs about CAs; here evidence "
        "that was sent is used for every certificate.",
        clause="RFC 5280 §6.1.3 (a)(3)",
    ),
    TheyAccept(
        name="every-crl-counts",
        engines=OPENSSLS,
        codes=frozenset({"TARGET_REVOKED", "TARGET_ON_HOLD", "CA_REVOKED", "CA_ON_HOLD"}),
        holds=_listed_by_another_key,
        sentence="OpenSSL is content with one CRL of a CA; here each CRL of the CA counts, of both keys.",
        clause="RFC 5280 §6.3.3: revoked by any CRL is revoked",
    ),
    TheyAccept(
        name="crl-signer-has-a-status",
        engines=ALL,
        codes=frozenset({"CRL_ISSUER_PATH_INVALID"}),
        holds=_crl_of_the_other_key,
        sentence="Others take a CRL of the CA's other key without asking for that key's own status.",
        clause="RFC 5280 §6.3.3 (f): the path of the CRL issuer is validated, and (a)(3) is a part of that",
    ),
    TheyAccept(
        name="crl-signer-not-verified",
        engines=frozenset({CERTVALIDATOR}),
        codes=frozenset(
            {"CRL_SIGNATURE_INVALID", "CRL_STALE", "CRL_NOT_YET_VALID", "REVOCATION_EVIDENCE_MISSING"}
        ),
        holds=_crl_signer_beside,
        sentence="While certvalidator validates a CRL signer that has the same issuer as the certificate in "
        "question, it takes that signer's CRL without its name being the issuer's and without verifying it.",
        clause="RFC 5280 §6.3.3 (b)(1), (g)",
    ),
    TheyAccept(
        name="anchor-policy-constraints",
        engines=ALL,
        codes=frozenset({"EXPLICIT_POLICY_LOST", "POLICY_NOT_ACCEPTED"}),
        holds=_anchor_has_policies,
        sentence="OpenSSL leaves the anchor's certificate out of policy processing, and certvalidator reads "
        "its policies but not its policy constraints.",
        clause="RFC 5937 §3.2",
    ),
    TheyAccept(
        name="key-usage-fits-purpose",
        engines=frozenset({CERTVALIDATOR}),
        codes=frozenset({"KEY_USAGE_FORBIDS_PURPOSE"}),
        holds=lambda _pki, path, position: position == 0 and path[0].usage is not None,
        sentence="certvalidator checks key usage only as told, not against the purpose.",
        clause="RFC 5280 §4.2.1.12: both extensions must be consistent with the purpose",
    ),
    TheyAccept(
        name="purpose-of-cas",
        engines=frozenset({CERTVALIDATOR}),
        codes=frozenset({"CA_PURPOSE_FORBIDDEN", "ANCHOR_PURPOSE_FORBIDDEN"}),
        holds=lambda pki, path, position: (
            position is not None
            and path[position].purposes is not None
            and pki.question.purpose not in path[position].purposes
        ),
        sentence="certvalidator does not look at the extended key usage of CAs.",
        clause="RFC 5280 §4.2.1.12; docs/divergences.md",
    ),
)


def explain(engine: str, ask: Ask, ask_ours: Ask, pki: Pki, ours: Answer, theirs: Answer) -> set[str]:
    """Names of the rules that explain why the answers differ; none when something is left unexplained."""
    if ours.accepted:
        return _why_they_refuse(engine, ask, pki, ours, theirs)
    return _why_they_accept(engine, ask_ours, pki, theirs)


def _why_they_refuse(engine: str, ask: Ask, pki: Pki, ours: Answer, theirs: Answer) -> set[str]:
    path, anchor = ours.path[:-1], ours.path[-1]
    for narrowed in (pki.only_with_signers(path, anchor), pki.only(path, anchor)):
        again = ask(narrowed)
        if again is not None and again.accepted:
            return {ONE_PATH_TRIED}
        theirs = again or theirs
    found = [
        rule.name
        for rule in THEY_REFUSE
        if engine in rule.engines and rule.error in theirs.error and rule.holds(pki, ours)
    ]
    return set(found[:1])


def _why_they_accept(engine: str, ask_ours: Ask, pki: Pki, theirs: Answer) -> set[str]:
    path = theirs.path
    if not path:
        return set()
    for narrowed in (pki.only_with_signers(path[:-1], path[-1]), pki.only(path[:-1], path[-1])):
        ours = ask_ours(narrowed)
        if ours is None or ours.accepted:
            return set()
        names = [_rule_for(engine, narrowed, path, code) for code in ours.codes]
        if all(names):
            return {name for name in names if name}
    return set()


def _rule_for(engine: str, pki: Pki, path: tuple[Cert, ...], code: tuple[str, int | None]) -> str | None:
    for rule in THEY_ACCEPT:
        if engine in rule.engines and code[0] in rule.codes and rule.holds(pki, path, code[1]):
            return rule.name
    return None
