"""What must be accepted: without these, a gateway that refuses everything would pass."""

from __future__ import annotations

import pki
from case import Group, line, passed
from pki import CERTIFICATES as C
from pki import LEAVES

GROUP = Group("accepted")
add = GROUP.add

ANY = "2.5.29.32.0"
HK_TO_GD_A = [
    C["hk-root-to-bridge-rsa"],
    C["bridge-rsa-to-bridge-sm2"],
    C["bridge-sm2-to-gd-a-sm2"],
]
GD_A_TO_HK = [
    C["gd-a-sm2"],
    C["gd-a-sm2-to-bridge-sm2"],
    C["bridge-sm2-to-bridge-rsa"],
    C["bridge-rsa-to-hk-root"],
    C["hk-ca"],
]
NATIONAL = [C["national-root"]]


def target(label: str) -> bytes:
    return LEAVES[label].certificate


for x in "abc":
    add(
        f"sm2-direct-{x}",
        f"SM2 organisation certificate of Guangdong CA {x.upper()} under the national root",
        f"company <- GD {x.upper()} SM2 <- [TEST ROOTCA SM2]: names chain, SM3withSM2 verifies with the "
        "default user ID (GB/T 32918.2; parameters NULL for A and B, absent for C), RFC 5280 §6.1 holds.",
        line(
            target(f"gd-{x}-sm2-company-sign"),
            chain=[C[f"gd-{x}-sm2"]],
            anchors=NATIONAL,
            purpose="digital_signature",
        ),
        passed(pki.GD_HIGH),
    )
    add(
        f"rsa-direct-{x}",
        f"RSA organisation certificate of Guangdong CA {x.upper()} under its own root",
        f"company <- GD {x.upper()} RSA <- [GD {x.upper()} RSA Root]: the RSA branch of the same CA, "
        "SHA-256 with RSA-2048.",
        line(
            target(f"gd-{x}-rsa-company-sign"),
            chain=[C[f"gd-{x}-rsa"]],
            anchors=[C[f"gd-{x}-rsa-root"]],
            purpose="digital_signature",
        ),
        passed(pki.GD_HIGH),
    )
    add(
        f"sm2-person-{x}",
        f"SM2 personal certificate of Guangdong CA {x.upper()}",
        f"person <- GD {x.upper()} SM2 <- [TEST ROOTCA SM2]: the identity extensions are not critical and "
        "do not bear on RFC 5280 §6.1.",
        line(target(f"gd-{x}-sm2-person-sign"), chain=[C[f"gd-{x}-sm2"]], anchors=NATIONAL),
        passed(pki.GD_MEDIUM),
    )

add(
    "dual-encryption",
    "The encryption certificate of a dual pair, asked for no purpose",
    "company (keyEncipherment, dataEncipherment) <- GD A SM2 <- [TEST ROOTCA SM2]: GB/T 20518 pairs a "
    "signing and an encryption certificate; the second is a valid certificate, only not for signatures.",
    line(target("gd-a-sm2-company-encrypt"), chain=[C["gd-a-sm2"]], anchors=NATIONAL, purpose="any"),
    passed(pki.GD_HIGH),
)
add(
    "dual-key-usage",
    "The encryption certificate asked for keyEncipherment",
    "company (keyEncipherment, dataEncipherment) <- GD A SM2 <- [TEST ROOTCA SM2]: the bit asked for is "
    "set (RFC 5280 §4.2.1.3).",
    line(
        target("gd-a-sm2-company-encrypt"),
        chain=[C["gd-a-sm2"]],
        anchors=NATIONAL,
        key_usage=["key_encipherment"],
    ),
    passed(pki.GD_HIGH),
)
add(
    "event",
    "An event certificate of one day, on its day",
    "event <- GD A SM2 <- [TEST ROOTCA SM2]: both ends of the validity period belong to it (RFC 5280 "
    "§4.1.2.5).",
    line(target("gd-a-sm2-event"), chain=[C["gd-a-sm2"]], anchors=NATIONAL, at=pki.EVENT_PERIOD[1]),
    passed(pki.GD_MEDIUM),
)
for kind, policy, title in (
    ("person", pki.HK_MUTUAL_RECOGNITION, "the mutual-recognition policy of 2.16.344.8.2.2008.810.2"),
    ("company", pki.HK_HIGH, "the CA's own high policy"),
):
    add(
        f"hk-direct-{kind}",
        f"Hong Kong e-Cert ({kind}) with {title}",
        f"{kind} <- HK e-Cert CA <- [HK Root]: every certificate asserts the policy, so it is in the "
        "authorities-constrained set (RFC 5280 §6.1.5 (g)).",
        line(
            target(f"hk-{kind}-sign"),
            chain=[C["hk-ca"]],
            anchors=[C["hk-root"]],
            user_initial_policy_set=[policy],
            initial_explicit_policy=True,
        ),
        passed(policy),
    )
add(
    "mo-direct",
    "Macau qualified certificate under the Macau root",
    "person <- Macau CA <- [Macau Root].",
    line(target("mo-person-sign"), chain=[C["mo-ca"]], anchors=[C["mo-root"]]),
    passed(pki.MO_QUALIFIED),
)
add(
    "bridge-sm2-under-hk",
    "SM2 certificate of Guangdong CA A relied on in Hong Kong, across the bridge",
    "company <- GD A SM2 <- Bridge SM2 <- Bridge RSA <- [HK Root]: an RSA anchor signs an RSA bridge "
    "key, which signs an SM2 bridge key. HK_HIGH -> BRIDGE_HIGH -> GD_HIGH by policyMappings (RFC 5280 "
    "§6.1.4 (b)), so what holds in the words of the anchor's domain is HK_HIGH; C=CN is inside the "
    "permitted subtree.",
    line(
        target("gd-a-sm2-company-sign"),
        chain=HK_TO_GD_A,
        anchors=[C["hk-root"]],
        purpose="digital_signature",
        user_initial_policy_set=[pki.HK_HIGH],
    ),
    passed(pki.HK_HIGH),
)
add(
    "bridge-level-medium",
    "A medium personal certificate maps to the mutual-recognition level",
    "person (GD_MEDIUM) <- GD A SM2 <- Bridge SM2 <- Bridge RSA <- [HK Root]: GD_MEDIUM stands under "
    "BRIDGE_MEDIUM, which is HK_MUTUAL_RECOGNITION to the anchor.",
    line(target("gd-a-sm2-person-sign"), chain=HK_TO_GD_A, anchors=[C["hk-root"]]),
    passed(pki.HK_MUTUAL_RECOGNITION),
)
add(
    "bridge-hk-under-national",
    "Hong Kong e-Cert relied on in Guangdong, across the bridge",
    "person <- HK e-Cert CA <- HK Root <- Bridge RSA <- Bridge SM2 <- GD A SM2 <- [TEST ROOTCA SM2]: the "
    "reverse direction; HK_MUTUAL_RECOGNITION is GD_MEDIUM under the national anchor.",
    line(
        target("hk-person-sign"),
        chain=GD_A_TO_HK,
        anchors=NATIONAL,
        user_initial_policy_set=[pki.GD_MEDIUM],
        initial_explicit_policy=True,
    ),
    passed(pki.GD_MEDIUM),
)
add(
    "bridge-mo-under-hk",
    "Macau certificate relied on in Hong Kong, RSA all the way",
    "person <- Macau CA <- Macau Root <- Bridge RSA <- [HK Root]: MO_QUALIFIED is HK_HIGH.",
    line(
        target("mo-person-sign"),
        chain=[C["hk-root-to-bridge-rsa"], C["bridge-rsa-to-mo-root"], C["mo-ca"]],
        anchors=[C["hk-root"]],
    ),
    passed(pki.HK_HIGH),
)
add(
    "bridge-rsa-under-sm2",
    "RSA certificate of Guangdong CA B under the SM2 anchor of CA A's branch: a mixed path",
    "company (RSA) <- GD B RSA <- GD B RSA Root <- Bridge RSA <- Bridge SM2 <- GD A SM2 <- [TEST ROOTCA "
    "SM2]: SM2 signatures above, RSA below.",
    line(
        target("gd-b-rsa-company-sign"),
        chain=[
            *GD_A_TO_HK[:3],
            C["bridge-rsa-to-gd-b-rsa-root"],
            C["gd-b-rsa"],
        ],
        anchors=NATIONAL,
    ),
    passed(pki.GD_HIGH),
)
add(
    "bridge-whole-pool",
    "The whole pool of CA certificates in no order, both bridges and all dead ends in it",
    "company <- ... <- [HK Root]: RFC 4158 §2.4.2: forward building meets loops through the bridge and "
    "must find the one path all the same.",
    line(
        target("gd-c-sm2-company-sign"),
        chain=[C[key] for key in sorted(C, reverse=True)],
        anchors=[C["hk-root"]],
    ),
    passed(pki.HK_HIGH),
)
add(
    "no-policy-asked",
    "A basic certificate is accepted at home, where any policy will do",
    "person (GD_BASIC) <- GD A SM2 <- [TEST ROOTCA SM2]: user-initial-policy-set is any-policy "
    "(RFC 5280 §6.1.1 (c)).",
    line(target("gd-a-sm2-person-basic"), chain=[C["gd-a-sm2"]], anchors=NATIONAL),
    passed(pki.GD_BASIC),
)
