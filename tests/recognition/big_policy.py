"""Policies built in code: a clean bridge scheme of any size, and the parts to spoil one with."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

from ca_bridge.core.recognition.agreement import (
    Agreement,
    AgreementKind,
    Conditions,
    KeyAlgorithm,
    PolicyMapping,
    RecognitionStatus,
)
from ca_bridge.core.recognition.domain import AssuranceScale, Licence, PkiDomain, PolicyLevel, PrincipalCa
from ca_bridge.core.recognition.policy import RecognitionPolicy

AT = datetime(2026, 6, 1, tzinfo=UTC)
SINCE = datetime(2025, 1, 1, tzinfo=UTC)
UNTIL = datetime(2030, 1, 1, tzinfo=UTC)
LEVELS = ("low", "medium", "high")
_ARC = "2.999.7"


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def authority(identifier: str, **changes: object) -> PrincipalCa:
    fields: dict[str, object] = {
        "identifier": identifier,
        "title_zh": identifier,
        "title_en": identifier,
        "keys": (digest(f"key {identifier}"),),
        "certificates": (digest(f"certificate {identifier}"),),
        "licence": Licence(number=f"L-{identifier}", not_before=SINCE, not_after=UNTIL),
    }
    return PrincipalCa(**{**fields, **changes})  # type: ignore[arg-type]


def domain(
    name: str, policies: dict[str, str], authorities: tuple[PrincipalCa, ...] | None = None, scale: str = ""
) -> PkiDomain:
    """``policies``: level by policy; the scale is the domain's own unless named."""
    return PkiDomain(
        name=name,
        title_zh=name,
        title_en=name,
        jurisdiction="CN-44",
        scale=AssuranceScale(name=scale or f"scale of {name}", levels=LEVELS),
        policies=tuple(PolicyLevel(policy=p, level=level) for p, level in policies.items()),
        authorities=(authority(f"{name}-ca"),) if authorities is None else authorities,
    )


def mapping(issuer: str, subject: str, level: str) -> PolicyMapping:
    return PolicyMapping(issuer_domain_policy=issuer, subject_domain_policy=subject, level=level)


def agreement(
    identifier: str,
    issuer: str,
    subject: str,
    mappings: tuple[PolicyMapping, ...],
    reverse: tuple[PolicyMapping, ...] | None = None,
    **changes: object,
) -> Agreement:
    """In force at AT; mutual when ``reverse`` is given."""
    fields: dict[str, object] = {
        "identifier": identifier,
        "title_zh": identifier,
        "title_en": identifier,
        "kind": AgreementKind.UNILATERAL if reverse is None else AgreementKind.MUTUAL,
        "issuer_domain": issuer,
        "subject_domain": subject,
        "status": RecognitionStatus.ACTIVE,
        "effective_from": SINCE,
        "effective_until": UNTIL,
        "mappings": mappings,
        "reverse_mappings": reverse or (),
    }
    return Agreement(**{**fields, **changes})  # type: ignore[arg-type]


def oid(name: str, level: str, kind: str = "rsa") -> str:
    """A policy of a domain: one for each level and kind of key."""
    number = int(digest(name)[:8], 16)
    return f"{_ARC}.{number}.{LEVELS.index(level) + 1}.{1 if kind == 'rsa' else 2}"


def member(name: str, authorities: int = 1) -> PkiDomain:
    policies = {oid(name, level, kind): level for level in LEVELS for kind in ("rsa", "sm2")}
    return domain(name, policies, tuple(authority(f"{name}-ca{i}") for i in range(authorities)))


def pairs(
    issuer: str, subject: str, kind: str, levels: tuple[str, ...] = LEVELS
) -> tuple[PolicyMapping, ...]:
    return tuple(mapping(oid(issuer, v, kind), oid(subject, v, kind), v) for v in levels)


def joined(name: str, bridge: str, kind: str, levels: tuple[str, ...] = LEVELS) -> Agreement:
    """A mutual agreement of a member with the bridge, for one kind of keys."""
    algorithm = KeyAlgorithm.RSA if kind == "rsa" else KeyAlgorithm.SM2
    return agreement(
        f"{name}-{bridge}-{kind}",
        name,
        bridge,
        pairs(name, bridge, kind, levels),
        pairs(bridge, name, kind, levels),
        conditions=Conditions(key_algorithms=frozenset({algorithm})),
    )


def bridge_scheme(
    members: tuple[str, ...] = ("guangdong", "hong-kong", "macau", "shenzhen"),
) -> RecognitionPolicy:
    """A bridge and its members, RSA and SM2 each with its policies: clean with BRIDGES."""
    return RecognitionPolicy(
        domains=(member("bridge"), *(member(name) for name in members)),
        agreements=tuple(joined(name, "bridge", kind) for name in members for kind in ("rsa", "sm2")),
    )


BRIDGES = frozenset({"bridge"})


def big_policy(authorities: int = 500, agreements: int = 2000, mappings: int = 5000) -> RecognitionPolicy:
    """Clean with BIG_BRIDGES: member domains of two CAs around bridges, each agreement a direction.

    Members and bridges rely on each other, and bridges on bridges; agreements beyond that renew earlier ones.
    """
    count = authorities // 2 - len(BIG_BRIDGES) // 2
    names = tuple(f"member-{i:03}" for i in range(count))
    bridges = tuple(sorted(BIG_BRIDGES))
    between = [(b, c) for b in bridges for c in bridges if b != c]
    ways = (between + [way for b in bridges for n in names for way in ((n, b), (b, n))])[:agreements]
    renewed = agreements - len(ways)
    ways += ways[:renewed]
    each, more = divmod(mappings, len(ways))
    order = tuple((level, kind) for kind in ("rsa", "sm2") for level in reversed(LEVELS))
    made = []
    for i, (issuer, subject) in enumerate(ways):
        chosen = order[: each + (i < more)]
        maps = tuple(mapping(oid(issuer, v, k), oid(subject, v, k), v) for v, k in chosen)
        since = UNTIL if i >= agreements - renewed else SINCE
        made.append(
            agreement(
                f"agreement-{i:04}",
                issuer,
                subject,
                maps,
                effective_from=since,
                effective_until=None if since == UNTIL else UNTIL,
            )
        )
    return RecognitionPolicy(
        domains=(*(member(b) for b in bridges), *(member(n, 2) for n in names)), agreements=tuple(made)
    )


BIG_BRIDGES = frozenset({"bridge-1", "bridge-2", "bridge-3", "bridge-4"})
