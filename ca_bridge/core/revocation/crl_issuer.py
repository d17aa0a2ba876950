"""Which key may sign a CRL about a certificate: RFC 5280 §6.3.3 (f), (g)."""

from __future__ import annotations

from ca_bridge.core.path.candidate import ValidatedPath, WorkingKey
from ca_bridge.core.path.dsa import inherited
from ca_bridge.core.reasons import revocation as reasons
from ca_bridge.core.request import KeyUsageBit
from ca_bridge.core.revocation.crl_scope import designates
from ca_bridge.core.revocation.inquiry import Inquiry
from ca_bridge.core.revocation.statement import told
from ca_bridge.core.revocation.subject import Subject
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.crl import CertificateList


def signing_key(crl: CertificateList, subject: Subject, inquiry: Inquiry) -> WorkingKey | Finding:
    """The key that signed ``crl`` and may speak of ``subject``, or why there is none.

    First the key that signed the certificate itself; else another certificate of the CRL
    issuer's name, valid under the same anchor. Raises BudgetExhausted.
    """
    problems: list[Finding] = []
    if crl.issuer == subject.certificate.issuer:
        key = subject.issuer_key
        problem = _problem(crl, key, inquiry, may_sign=_issuer_may_sign_crls(subject))
        if problem is None:
            return key
        problems.append(problem)
    for certificate in inquiry.certificates_of(crl.issuer):
        inquiry.charge()
        key = _key_of(certificate, subject)
        problem = _problem(crl, key, inquiry, may_sign=may_sign_crls(certificate))
        if problem is None:
            if _stands(certificate, crl, subject, inquiry):
                return key
            problem = told(reasons.CRL_ISSUER_PATH_INVALID, source=f"crl:{crl.fingerprint}")
        problems.append(problem)
    if not problems:
        return told(reasons.CRL_ISSUER_PATH_INVALID, source=f"crl:{crl.fingerprint}")
    return min(problems, key=lambda f: (f.reason.rank, f.reason.code, f.params))


def may_sign_crls(certificate: Certificate) -> bool:
    """Whether its keyUsage has cRLSign (f); without keyUsage only a CA's key may.

    RFC 5280 §4.2.1.3 asks every CRL issuer for keyUsage; an end entity that merely has the
    CA's name must not become one by leaving it out.
    """
    usage, basic = certificate.extensions.key_usage, certificate.extensions.basic_constraints
    if usage is None:
        return basic is not None and basic.ca
    return KeyUsageBit.CRL_SIGN in usage


def _issuer_may_sign_crls(subject: Subject) -> bool:
    """The certificate's own issuer; it issues certificates, so that without keyUsage it may."""
    usage = subject.issuer.extensions.key_usage
    return usage is None or KeyUsageBit.CRL_SIGN in usage


def _problem(crl: CertificateList, key: WorkingKey, inquiry: Inquiry, *, may_sign: bool) -> Finding | None:
    source = f"crl:{crl.fingerprint}"
    problem = inquiry.signature_problem(crl.signed, crl.fingerprint, key)
    if problem is not None:
        return told(reasons.CRL_SIGNATURE_INVALID, source=source, cause=problem.reason.code)
    return None if may_sign else told(reasons.CRL_ISSUER_KEY_USAGE, source=source)


def _key_of(certificate: Certificate, subject: Subject) -> WorkingKey:
    """Its key; DSA parameters it lacks are taken to be those of the asked certificate's issuer."""
    return WorkingKey(certificate.spki, inherited(certificate.spki, subject.issuer_key.dsa_parameters))


def _stands(certificate: Certificate, crl: CertificateList, subject: Subject, inquiry: Inquiry) -> bool:
    """Whether the CRL issuer's certificate is valid under the same anchor and not revoked (f).

    Certificates above ``subject`` stand on its own path, where their status is found as well.
    """
    if certificate in subject.above or certificate == inquiry.anchor.certificate:
        return True
    return any(_is_heard(path, crl, subject, inquiry) for path in inquiry.signer_paths(certificate))


def _is_same_authority(path: ValidatedPath, subject: Subject) -> bool:
    """Whether a signer of the issuer's name, but not its key, is that issuer: not just another of its name.

    The issuer's own key certified it (rollover), or the key that certified the issuer did too. Any CA
    below the anchor can certify a twin of another's name; it must not clear the other's certificates.
    """
    vouching = subject.path.issuer_keys[subject.position : subject.position + 2]
    return path.issuer_keys[0].spki in [key.spki for key in vouching]


def _is_heard(path: ValidatedPath, crl: CertificateList, subject: Subject, inquiry: Inquiry) -> bool:
    """Nobody on the path is under judgement, and nobody is revoked.

    A CRL issuer may be on its own CRL only if its certificate names it as its cRLIssuer: then
    its issuer has decided so. Any other certificate that vouches for itself is not heard.
    """
    signer = path.certificates[0]
    if crl.issuer == subject.certificate.issuer and not _is_same_authority(path, subject):
        return False
    names_itself = signer.fingerprint in inquiry.under_judgement and designates(signer, crl.issuer)
    asked = range(1 if names_itself else 0, len(path.certificates))
    if not inquiry.may_go_deeper(tuple(path.certificates[i] for i in asked)):
        return False
    return all(
        inquiry.accepts(inquiry.standing(Subject(path, i)))
        for i in asked
        if path.certificates[i] not in subject.above
    )
