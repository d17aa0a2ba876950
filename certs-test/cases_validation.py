"""One case per reason of path validation (RFC 5280 §6.1, RFC 5937) and of the target's fitness."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import der
import extensions as ext
import pki
import small
import x509
from case import Group, passed, refused
from small import CA, CA_2, POLICY_1, POLICY_2, POLICY_3, Made, ask, leaf_made, policies

GROUP = Group("validation")
add = GROUP.add

GENERAL, CONSTRAINTS = "CERTIFICATE_CHAIN_GENERAL_FAILURE", "CHAIN_CONSTRAINTS_FAILURE"
ANY = ext.ANY_POLICY
PAST = (datetime(2018, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))
FUTURE = (datetime(2027, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
UNKNOWN_CRITICAL = ext.extension("2.999.9.1", der.null(), critical=True)


def intermediate(*more: bytes, **fields: object) -> Made:
    return Made(more=more, **fields)  # type: ignore[arg-type]


add(
    "usual",
    "The usual small path",
    "leaf <- CA <- [root]: what every case below bends in one place.",
    ask(),
    passed(ANY),
)

# Validity, §6.1.3 (a)(2).
add(
    "target-expired",
    "The target's validity is over",
    "leaf* <- CA <- [root]: notAfter lies before the time of validation (RFC 5280 §6.1.3 (a)(2)).",
    ask(leaf_as=leaf_made(period=PAST)),
    refused("EXPIRED", "TARGET_EXPIRED", 0),
)
add(
    "target-expired-by-a-second",
    "One second after notAfter",
    "leaf* <- CA <- [root]: notAfter itself still belongs to the period, the next second does not "
    "(RFC 5280 §4.1.2.5).",
    ask(at="2030-07-01T00:00:01Z"),
    refused("EXPIRED", "TARGET_EXPIRED", 0),
)
add(
    "target-not-yet-valid",
    "The target's validity has not begun",
    "leaf* <- CA <- [root]: notBefore lies after the time of validation (RFC 5280 §6.1.3 (a)(2)).",
    ask(leaf_as=leaf_made(period=FUTURE)),
    refused("NOT_YET_VALID", "TARGET_NOT_YET_VALID", 0),
)
add(
    "ca-expired",
    "The CA's validity is over",
    "leaf <- CA* <- [root]: §6.1.3 (a)(2) holds for every certificate of the path.",
    ask(ca_as=intermediate(period=PAST)),
    refused(GENERAL, "CA_EXPIRED", 1),
)
add(
    "ca-not-yet-valid",
    "The CA's validity has not begun",
    "leaf <- CA* <- [root]: §6.1.3 (a)(2) holds for every certificate of the path.",
    ask(ca_as=intermediate(period=FUTURE)),
    refused(GENERAL, "CA_NOT_YET_VALID", 1),
)
add(
    "anchor-expired",
    "The anchor's own validity is over",
    "leaf <- CA <- [root*]: an anchor given as a certificate is judged by its validity period too (RFC "
    "5937 §2).",
    ask(root_as=intermediate(period=PAST)),
    refused(GENERAL, "ANCHOR_EXPIRED", 2),
)
add(
    "anchor-not-yet-valid",
    "The anchor's own validity has not begun",
    "leaf <- CA <- [root*]: an anchor given as a certificate is judged by its validity period too (RFC "
    "5937 §2).",
    ask(root_as=intermediate(period=FUTURE)),
    refused(GENERAL, "ANCHOR_NOT_YET_VALID", 2),
)

# What a CA must be, §6.1.4 (k)-(n).
add(
    "ca-version",
    "A version 1 certificate in the place of a CA",
    "leaf <- CA* <- [root]: without extensions nothing says it is a CA (RFC 5280 §6.1.4 (k)).",
    ask(ca_as=intermediate(shape=x509.Shape(version=b"", no_extensions=True))),
    refused(CONSTRAINTS, "CA_NOT_VERSION_3", 1),
)
add(
    "ca-without-basic-constraints",
    "A CA without basicConstraints",
    "leaf <- CA* <- [root]: a v3 CA certificate must say so (RFC 5280 §6.1.4 (k)).",
    ask(ca_as=intermediate(basic=b"")),
    refused(CONSTRAINTS, "ISSUER_WITHOUT_BASIC_CONSTRAINTS", 1),
)
add(
    "leaf-as-ca",
    "An end entity issues a certificate",
    "leaf <- another leaf* <- [root]: cA is FALSE (RFC 5280 §6.1.4 (k); CVE-2015-1793).",
    ask(ca_as=intermediate(basic=ext.basic_constraints(ca=False))),
    refused(CONSTRAINTS, "ISSUER_NOT_A_CA", 1),
)
add(
    "ca-key-usage",
    "A CA whose keyUsage lacks keyCertSign",
    "leaf <- CA* <- [root]: RFC 5280 §6.1.4 (n).",
    ask(ca_as=intermediate(usage=ext.key_usage("digital_signature", "crl_sign"))),
    refused(CONSTRAINTS, "CA_MAY_NOT_SIGN_CERTIFICATES", 1),
)
_CHAIN_OF_TWO = [
    small.authority(intermediate(basic=ext.basic_constraints(path_length=0))),
    small.authority(subject=CA_2, issuer=CA),
]
add(
    "path-length",
    "One CA too many below pathLenConstraint 0",
    "leaf <- CA 2 <- CA (pathLen 0)* <- [root]: max_path_length is used up (RFC 5280 §6.1.4 (l), (m)).",
    ask(chain=_CHAIN_OF_TWO, target=small.leaf(issuer=CA_2)),
    refused(CONSTRAINTS, "PATH_LENGTH_EXCEEDED", 1),
)
add(
    "path-length-asked",
    "One CA too many for the caller's limit",
    "leaf <- CA* <- [root]: max_path_length is an input too (RFC 5280 §6.1.2 (k)).",
    ask(max_path_length=0),
    refused(CONSTRAINTS, "REQUESTED_PATH_LENGTH_EXCEEDED", 1),
)
add(
    "path-length-of-anchor",
    "One CA too many for the anchor's own pathLenConstraint",
    "leaf <- CA* <- [root (pathLen 0)]: the anchor's constraints hold (RFC 5937 §3.2).",
    ask(root_as=intermediate(basic=ext.basic_constraints(path_length=0))),
    refused(CONSTRAINTS, "PATH_LENGTH_EXCEEDED", 1),
)
_ROLLOVER = replace(CA, label="small ca new", key=CA_2.key)
add(
    "path-length-self-issued",
    "A self-issued rollover certificate does not count",
    "leaf <- CA (new key, self-issued) <- CA (pathLen 0) <- [root]: only certificates that are not "
    "self-issued count (RFC 5280 §6.1.4 (l)).",
    ask(
        chain=[_CHAIN_OF_TWO[0], small.authority(subject=_ROLLOVER, issuer=CA)],
        target=small.leaf(issuer=_ROLLOVER),
    ),
    passed(ANY),
)

# Unknown critical extensions, §6.1.4 (o), §6.1.5 (f).
add(
    "unknown-critical-target",
    "A critical extension nobody knows in the target",
    "leaf* <- CA <- [root]: RFC 5280 §6.1.5 (f).",
    ask(leaf_as=leaf_made(UNKNOWN_CRITICAL)),
    refused(CONSTRAINTS, "TARGET_UNKNOWN_CRITICAL_EXTENSION", 0),
)
add(
    "unknown-critical-ca",
    "A critical extension nobody knows in a CA certificate",
    "leaf <- CA* <- [root]: RFC 5280 §6.1.4 (o).",
    ask(ca_as=intermediate(UNKNOWN_CRITICAL)),
    refused(CONSTRAINTS, "CA_UNKNOWN_CRITICAL_EXTENSION", 1),
)
add(
    "unknown-critical-anchor",
    "A critical extension nobody knows in the anchor",
    "leaf <- CA <- [root*]: a constraint that cannot be processed cannot be kept (RFC 5937 §3).",
    ask(root_as=intermediate(UNKNOWN_CRITICAL)),
    refused(CONSTRAINTS, "ANCHOR_UNKNOWN_CRITICAL_EXTENSION", 2),
)

# What the anchor's own certificate says, RFC 5937 §3.2.
add(
    "anchor-not-a-ca",
    "An end entity's certificate is the anchor",
    "leaf <- CA <- [root (cA FALSE)*]: an anchor given as a certificate is judged by its constraints "
    "(RFC 5937 §3.2).",
    ask(root_as=intermediate(basic=ext.basic_constraints(ca=False))),
    refused(CONSTRAINTS, "ANCHOR_NOT_A_CA", 2),
)
add(
    "anchor-key-usage",
    "The anchor's key usage lacks keyCertSign",
    "leaf <- CA <- [root*]: an anchor given as a certificate is judged by its constraints (RFC 5937 §3.2).",
    ask(root_as=intermediate(usage=ext.key_usage("crl_sign"))),
    refused(CONSTRAINTS, "ANCHOR_MAY_NOT_SIGN_CERTIFICATES", 2),
)
add(
    "anchor-purpose",
    "The anchor is for e-mail only",
    "leaf (serverAuth) <- CA <- [root (emailProtection)*]: the anchor's extendedKeyUsage limits what is "
    "below.",
    ask(
        root_as=intermediate(ext.extended_key_usage(ext.EMAIL_PROTECTION)),
        leaf_as=leaf_made(ext.extended_key_usage(ext.SERVER_AUTH)),
        purpose="server_auth",
    ),
    refused(CONSTRAINTS, "ANCHOR_PURPOSE_FORBIDDEN", 2),
)

# Policies, §6.1.2-§6.1.5 with the graph of RFC 9618.
add(
    "explicit-policy",
    "An explicit policy is asked for and the target has none",
    "leaf (no policies)* <- CA (any) <- [root]: explicit_policy is 0 and the graph is empty "
    "(RFC 5280 §6.1.5 (g), RFC 9618 §5.5).",
    ask(leaf_as=leaf_made(policy=b""), initial_explicit_policy=True),
    refused(CONSTRAINTS, "EXPLICIT_POLICY_LOST", 0),
)
add(
    "explicit-policy-by-ca",
    "The CA requires an explicit policy and the target has none",
    "leaf (no policies)* <- CA (requireExplicitPolicy 0) <- [root]: RFC 5280 §6.1.4 (i)(1).",
    ask(
        ca_as=intermediate(ext.policy_constraints(require_explicit=0)),
        leaf_as=leaf_made(policy=b""),
    ),
    refused(CONSTRAINTS, "EXPLICIT_POLICY_LOST", 0),
)
add(
    "policy-not-asserted",
    "The path is valid under a policy the caller did not name",
    "leaf (P1) <- CA (any) <- [root], asked for P2: the user-constrained set is empty (RFC 5280 §6.1.5 (g)).",
    ask(
        leaf_as=leaf_made(policy=policies(POLICY_1)),
        user_initial_policy_set=[POLICY_2],
        initial_explicit_policy=True,
    ),
    refused(CONSTRAINTS, "POLICY_NOT_ACCEPTED", 0),
)
add(
    "policy-broken-in-the-middle",
    "CA and target have no policy in common",
    "leaf (P1) <- CA (P2) <- [root]: no node of depth 2 has a parent (RFC 5280 §6.1.3 (d)(1)).",
    ask(
        ca_as=intermediate(policy=policies(POLICY_2)),
        leaf_as=leaf_made(policy=policies(POLICY_1)),
        initial_explicit_policy=True,
    ),
    refused(CONSTRAINTS, "EXPLICIT_POLICY_LOST", 0),
)
add(
    "any-policy-inhibited",
    "The caller forbids any-policy",
    "leaf (P1) <- CA (any)* <- [root]: with initial_any_policy_inhibit the CA's any-policy carries nothing "
    "(RFC 5280 §6.1.3 (d)(2)).",
    ask(
        leaf_as=leaf_made(policy=policies(POLICY_1)),
        initial_any_policy_inhibit=True,
        initial_explicit_policy=True,
    ),
    refused(CONSTRAINTS, "EXPLICIT_POLICY_LOST", 1),
)
_MAPPING = ext.policy_mappings((POLICY_1, POLICY_2))
add(
    "policy-mapped",
    "P1 of the anchor's domain is P2 below",
    "leaf (P2) <- CA (P1, P1 -> P2) <- [root], asked for P1: RFC 5280 §6.1.4 (b)(1).",
    ask(
        ca_as=intermediate(_MAPPING, policy=policies(POLICY_1)),
        leaf_as=leaf_made(policy=policies(POLICY_2)),
        user_initial_policy_set=[POLICY_1],
        initial_explicit_policy=True,
    ),
    passed(POLICY_1),
)
add(
    "policy-mapping-inhibited",
    "The caller forbids policy mapping",
    "leaf (P2) <- CA (P1, P1 -> P2)* <- [root]: with policy_mapping 0 the mapped policy is deleted "
    "(RFC 5280 §6.1.4 (b)(2)).",
    ask(
        ca_as=intermediate(_MAPPING, policy=policies(POLICY_1)),
        leaf_as=leaf_made(policy=policies(POLICY_2)),
        initial_policy_mapping_inhibit=True,
        initial_explicit_policy=True,
    ),
    refused(CONSTRAINTS, "EXPLICIT_POLICY_LOST", 0),
)
for side, pair in (("from", (ANY, POLICY_1)), ("to", (POLICY_1, ANY))):
    add(
        f"policy-mapping-{side}-any",
        f"A mapping {side} any-policy",
        "leaf <- CA (policyMappings with anyPolicy)* <- [root]: never allowed (RFC 5280 §6.1.4 (a)).",
        ask(ca_as=intermediate(ext.policy_mappings(pair))),
        refused(CONSTRAINTS, "POLICY_MAPPING_OF_ANY_POLICY", 1),
    )
add(
    "level-not-mapped",
    "A basic certificate does not reach a level in Hong Kong",
    "person (GD_BASIC)* <- GD A SM2 <- Bridge SM2 <- Bridge RSA <- [HK Root]: BRIDGE_BASIC is no policy "
    "of Hong Kong's cross-certificate, which requires an explicit one (RFC 5280 §6.1.5 (g)).",
    small.line(
        pki.LEAVES["gd-a-sm2-person-basic"].certificate,
        chain=[
            pki.CERTIFICATES["hk-root-to-bridge-rsa"],
            pki.CERTIFICATES["bridge-rsa-to-bridge-sm2"],
            pki.CERTIFICATES["bridge-sm2-to-gd-a-sm2"],
        ],
        anchors=[pki.CERTIFICATES["hk-root"]],
    ),
    refused(CONSTRAINTS, "EXPLICIT_POLICY_LOST", 0),
)
add(
    "policy-of-anchor",
    "The anchor limits the policies below it",
    "leaf (P1) <- CA (any) <- [root (P3)]: the anchor's certificatePolicies bound the initial set "
    "(RFC 5937 §3.2).",
    ask(
        root_as=intermediate(policy=policies(POLICY_3)),
        leaf_as=leaf_made(policy=policies(POLICY_1)),
        user_initial_policy_set=[POLICY_1],
        initial_explicit_policy=True,
    ),
    refused(CONSTRAINTS, "POLICY_NOT_ACCEPTED", 0),
)

# Name constraints, §6.1.3 (b), (c), for every name form.
FORMS = (
    ("directory", ext.directory(x509.name("C=CN")), ext.directory(x509.name("C=HK, O=Test"))),
    ("dns", ext.dns("test-pki.example"), ext.dns("www.other.example")),
    ("email", ext.rfc822("test-pki.example"), ext.rfc822("a@other.example")),
    ("uri", ext.uri(".test-pki.example"), ext.uri("http://www.other.example/")),
    ("ip", ext.ip(bytes([192, 0, 2, 0, 255, 255, 255, 0])), ext.ip(bytes([198, 51, 100, 1]))),
)
_INSIDE = {
    "directory": ext.directory(x509.name("C=CN, O=Test")),
    "dns": ext.dns("www.test-pki.example"),
    "email": ext.rfc822("a@test-pki.example"),
    "uri": ext.uri("http://www.test-pki.example/"),
    "ip": ext.ip(bytes([192, 0, 2, 7])),
}
for form, subtree, outside in FORMS:
    add(
        f"name-not-permitted-{form}",
        f"A {form} name outside the permitted subtree",
        f"leaf ({form} name)* <- CA (permitted) <- [root]: RFC 5280 §6.1.3 (b).",
        ask(
            ca_as=intermediate(ext.name_constraints(permitted=[subtree])),
            leaf_as=leaf_made(ext.subject_alt_name(outside)),
        ),
        refused(CONSTRAINTS, "NAME_NOT_PERMITTED", 0),
    )
    add(
        f"name-excluded-{form}",
        f"A {form} name inside the excluded subtree",
        f"leaf ({form} name)* <- CA (excluded) <- [root]: RFC 5280 §6.1.3 (c).",
        ask(
            ca_as=intermediate(ext.name_constraints(excluded=[subtree])),
            leaf_as=leaf_made(
                ext.subject_alt_name(_INSIDE[form]),
                subject=x509.name("C=MO, O=Test") if form == "directory" else small.LEAF_NAME,
            ),
        ),
        refused(CONSTRAINTS, "NAME_EXCLUDED", 0),
    )
    add(
        f"name-permitted-{form}",
        f"A {form} name inside the permitted subtree",
        f"leaf ({form} name) <- CA (permitted) <- [root]: RFC 5280 §6.1.3 (b).",
        ask(
            ca_as=intermediate(ext.name_constraints(permitted=[subtree])),
            leaf_as=leaf_made(ext.subject_alt_name(_INSIDE[form])),
        ),
        passed(ANY),
    )
add(
    "name-excluded-wildcard",
    "A wildcard that covers an excluded name",
    "leaf (*.test-pki.example)* <- CA (excluded secret.test-pki.example) <- [root]: the wildcard stands "
    "for the excluded name too (CVE-2025-61727).",
    ask(
        ca_as=intermediate(ext.name_constraints(excluded=[ext.dns("secret.test-pki.example")])),
        leaf_as=leaf_made(ext.subject_alt_name(ext.dns("*.test-pki.example"))),
    ),
    refused(CONSTRAINTS, "NAME_EXCLUDED", 0),
)
add(
    "name-constraint-unsupported",
    "A constraint on a name form that is not processed",
    "leaf (registeredID)* <- CA (permitted registeredID) <- [root]: a critical constraint on a form that "
    "appears and is not processed means no (RFC 5280 §4.2.1.10).",
    ask(
        ca_as=intermediate(ext.name_constraints(permitted=[ext.other_name("2.999.8", der.utf8("x"))])),
        leaf_as=leaf_made(ext.subject_alt_name(ext.other_name("2.999.8", der.utf8("x")))),
    ),
    refused(CONSTRAINTS, "NAME_FORM_NOT_PROCESSED", 0),
)
add(
    "name-bridge",
    "A Guangdong CA issues for a Hong Kong name",
    "leaf (C=HK)* <- GD A SM2 <- Bridge SM2 <- Bridge RSA <- [HK Root]: the bridge's cross-certificate "
    "permits C=CN only (RFC 5280 §6.1.3 (b)).",
    small.line(
        pki.leaf(
            pki.GD_SM2["a"], "strayed", "C=HK, O=Test, CN=TEST STRAYED", small.LEAF_KEY, pki.GD_HIGH
        ).certificate,
        chain=[
            pki.CERTIFICATES["hk-root-to-bridge-rsa"],
            pki.CERTIFICATES["bridge-rsa-to-bridge-sm2"],
            pki.CERTIFICATES["bridge-sm2-to-gd-a-sm2"],
        ],
        anchors=[pki.CERTIFICATES["hk-root"]],
    ),
    refused(CONSTRAINTS, "NAME_NOT_PERMITTED", 0),
)

add(
    "name-malformed",
    "An alternative name that is no host name, under a dNSName constraint",
    "leaf (dNSName ..)* <- CA (excluded) <- [root]: what cannot be read cannot be compared, so it is not "
    "allowed (RFC 5280 §4.2.1.6; CVE-2026-27138).",
    ask(
        ca_as=intermediate(ext.name_constraints(excluded=[ext.dns("test-pki.example")])),
        leaf_as=leaf_made(ext.subject_alt_name(ext.dns("a..b"))),
    ),
    refused(CONSTRAINTS, "CONSTRAINED_NAME_MALFORMED", 0),
)
add(
    "name-constraints-malformed",
    "A host constraint that is no host name",
    "leaf <- CA (permitted a..b)* <- [root]: what the CA meant cannot be told (RFC 5280 §4.2.1.10).",
    ask(ca_as=intermediate(ext.name_constraints(permitted=[ext.dns("a..b")]))),
    refused(CONSTRAINTS, "NAME_CONSTRAINTS_MALFORMED", 1),
)

# What RFC 5280 §4.2 requires of any certificate.
add(
    "must-not-be-critical",
    "subjectKeyIdentifier marked critical",
    "leaf* <- CA <- [root]: conforming CAs mark it non-critical (RFC 5280 §4.2.1.2).",
    ask(
        leaf_as=leaf_made(
            ext.extension("2.5.29.14", der.octets(ext.key_identifier(small.LEAF_KEY.spki)), critical=True)
        )
    ),
    refused(CONSTRAINTS, "EXTENSION_MUST_NOT_BE_CRITICAL", 0),
)
add(
    "must-be-critical",
    "policyConstraints not marked critical",
    "leaf <- CA* <- [root]: a constraint others may ignore (RFC 5280 §4.2.1.11).",
    ask(ca_as=intermediate(ext.policy_constraints(require_explicit=9, critical=False))),
    refused(CONSTRAINTS, "EXTENSION_MUST_BE_CRITICAL", 1),
)
add(
    "cert-sign-without-ca",
    "An end entity with keyCertSign",
    "leaf (keyCertSign)* <- CA <- [root]: without cA the bit must not be set (RFC 5280 §4.2.1.9).",
    ask(leaf_as=leaf_made(usage=ext.key_usage("digital_signature", "key_cert_sign"))),
    refused(CONSTRAINTS, "CERT_SIGN_WITHOUT_CA", 0),
)
add(
    "name-constraints-without-ca",
    "An end entity with nameConstraints",
    "leaf (nameConstraints)* <- CA <- [root]: for CA certificates only (RFC 5280 §4.2.1.10).",
    ask(leaf_as=leaf_made(pki.MAINLAND_ONLY)),
    refused(CONSTRAINTS, "NAME_CONSTRAINTS_WITHOUT_CA", 0),
)
_NAMELESS = der.seq()
add(
    "ca-without-subject",
    "A CA without a name",
    "CA (empty subject)* <- CA <- [root]: nobody could name it as issuer (RFC 5280 §4.1.2.6).",
    ask(target=small.authority(subject=replace(CA_2, name=_NAMELESS), issuer=CA)),
    refused(CONSTRAINTS, "CA_WITHOUT_SUBJECT", 0),
)
add(
    "target-without-name",
    "A certificate that names nobody",
    "leaf (empty subject, no alternative name)* <- CA <- [root]: RFC 5280 §4.1.2.6.",
    ask(leaf_as=leaf_made(subject=_NAMELESS)),
    refused(CONSTRAINTS, "TARGET_WITHOUT_NAME", 0),
)
add(
    "alternative-name-not-critical",
    "No subject, and the alternative name is not critical",
    "leaf (empty subject)* <- CA <- [root]: then subjectAltName must be critical (RFC 5280 §4.1.2.6).",
    ask(leaf_as=leaf_made(ext.subject_alt_name(ext.dns("www.test-pki.example")), subject=_NAMELESS)),
    refused(CONSTRAINTS, "ALTERNATIVE_NAME_MUST_BE_CRITICAL", 0),
)
add(
    "alternative-name-critical",
    "No subject, and a critical alternative name",
    "leaf (empty subject) <- CA <- [root]: RFC 5280 §4.1.2.6 allows it.",
    ask(
        leaf_as=leaf_made(
            ext.subject_alt_name(ext.dns("www.test-pki.example"), critical=True), subject=_NAMELESS
        )
    ),
    passed(ANY),
)

# Is the target fit for what it is asked for?
_COMPANY_ENCRYPT = pki.LEAVES["gd-a-sm2-company-encrypt"].certificate
add(
    "encryption-certificate",
    "The encryption certificate is asked for a digital signature",
    "company (keyEncipherment, dataEncipherment)* <- GD A SM2 <- [TEST ROOTCA SM2]: the other "
    "certificate of the pair signs (GB/T 20518; RFC 5280 §4.2.1.3).",
    small.line(
        _COMPANY_ENCRYPT,
        chain=[pki.CERTIFICATES["gd-a-sm2"]],
        anchors=[pki.CERTIFICATES["national-root"]],
        purpose="digital_signature",
    ),
    refused(CONSTRAINTS, "ENCRYPTION_CERTIFICATE_FOR_SIGNATURE", 0),
)
add(
    "signature-usage",
    "A key-agreement certificate is asked for a digital signature",
    "leaf (keyAgreement)* <- CA <- [root]: neither digitalSignature nor nonRepudiation (RFC 5280 §4.2.1.3).",
    ask(leaf_as=leaf_made(usage=ext.key_usage("key_agreement")), purpose="digital_signature"),
    refused(CONSTRAINTS, "KEY_USAGE_FORBIDS_PURPOSE", 0),
)
add(
    "key-usage-asked",
    "A key usage is asked for that the target does not have",
    "leaf (digitalSignature, nonRepudiation)* <- CA <- [root]: keyAgreement is not set (RFC 5280 §4.2.1.3).",
    ask(key_usage=["key_agreement"]),
    refused(CONSTRAINTS, "KEY_USAGE_NOT_ALLOWED", 0),
)
add(
    "extended-key-usage",
    "A server certificate is asked for code signing",
    "leaf (serverAuth)* <- CA <- [root]: the purpose is not in the list (RFC 5280 §4.2.1.12).",
    ask(leaf_as=leaf_made(ext.extended_key_usage(ext.SERVER_AUTH)), purpose="code_signing"),
    refused(CONSTRAINTS, "PURPOSE_NOT_ALLOWED", 0),
)
add(
    "extended-key-usage-of-ca",
    "A CA limited to e-mail issues a server certificate",
    "leaf (serverAuth) <- CA (emailProtection)* <- [root]: extendedKeyUsage along the path limits what "
    "is below.",
    ask(
        ca_as=intermediate(ext.extended_key_usage(ext.EMAIL_PROTECTION)),
        leaf_as=leaf_made(ext.extended_key_usage(ext.SERVER_AUTH)),
        purpose="server_auth",
    ),
    refused(CONSTRAINTS, "CA_PURPOSE_FORBIDDEN", 1),
)
_SERVER = leaf_made(
    ext.extended_key_usage(ext.SERVER_AUTH), ext.subject_alt_name(ext.dns("www.test-pki.example"))
)
add(
    "dns-name",
    "The server's name is another",
    "leaf (www.test-pki.example)* <- CA <- [root], asked as www.other.example (RFC 9525 §6).",
    ask(leaf_as=_SERVER, purpose="server_auth", dns_name="www.other.example"),
    refused(CONSTRAINTS, "HOST_NAME_MISMATCH", 0),
)
add(
    "dns-name-accepted",
    "The server's name is in the certificate",
    "leaf (www.test-pki.example) <- CA <- [root] (RFC 9525 §6).",
    ask(leaf_as=_SERVER, purpose="server_auth", dns_name="www.test-pki.example"),
    passed(ANY),
)
add(
    "host-name-unreadable",
    "The asked name is no host name",
    "leaf <- CA <- [root], asked as a host name with a path behind it: no certificate can match (RFC "
    "9525 §6.2).",
    ask(leaf_as=_SERVER, purpose="server_auth", dns_name="192.0.2.300"),
    refused(CONSTRAINTS, "HOST_NAME_UNREADABLE", 0),
)
add(
    "purpose-not-stated",
    "A certificate without extendedKeyUsage is asked for time stamping",
    "leaf* <- CA <- [root]: time stamping must be stated (RFC 3161 §2.3).",
    ask(purpose="time_stamping"),
    refused(CONSTRAINTS, "PURPOSE_NOT_STATED", 0),
)
add(
    "time-stamping-not-exclusive",
    "Time stamping beside another purpose",
    "leaf (timeStamping, codeSigning)* <- CA <- [root]: one purpose, and critical (RFC 3161 §2.3).",
    ask(
        leaf_as=leaf_made(ext.extended_key_usage(ext.TIME_STAMPING, ext.CODE_SIGNING, critical=True)),
        purpose="time_stamping",
    ),
    refused(CONSTRAINTS, "TIME_STAMPING_NOT_EXCLUSIVE", 0),
)
add(
    "time-stamping-accepted",
    "A time-stamping certificate",
    "leaf (timeStamping, critical) <- CA <- [root]: RFC 3161 §2.3.",
    ask(leaf_as=leaf_made(ext.extended_key_usage(ext.TIME_STAMPING, critical=True)), purpose="time_stamping"),
    passed(ANY),
)
