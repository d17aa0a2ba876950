"""Path building, RFC 4158: forward from the target to a trust anchor, every simple path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ca_bridge.core.budget import Resource
from ca_bridge.core.path.candidate import CandidatePath
from ca_bridge.core.path.context import Context
from ca_bridge.core.reasons import building as reasons
from ca_bridge.core.reasons.model import SubIndication
from ca_bridge.core.verdict import Finding, RejectedPath
from ca_bridge.core.x509.certificate import Certificate, SubjectPublicKeyInfo

_DSA = "1.2.840.10040.4.1"
_NULL = b"\x05\x00"


def _lacks_parameters(key: SubjectPublicKeyInfo) -> bool:
    return key.algorithm.oid == _DSA and key.algorithm.parameters in (None, _NULL)


class _Builder:
    def __init__(self, context: Context) -> None:
        self.context = context
        self.supplied = sorted(set(context.supplied), key=lambda c: c.fingerprint)
        self.found = False
        self.named_issuer = False

    def edge(self, child: Certificate, key: SubjectPublicKeyInfo, dsa: bytes | None = None) -> Finding | None:
        self.context.budget.spend(Resource.SIGNATURES)
        p = self.context.parameters
        return self.context.trust.signatures.verify(
            child.signed,
            key,
            profile=p.algorithm_profile,
            at=p.validation_time,
            sm2_user_ids=p.sm2_user_ids,
            dsa_parameters=dsa,
        )

    def reject(self, path: tuple[Certificate, ...], finding: Finding) -> None:
        self.context.rejected.append(
            RejectedPath(
                certificates=tuple(c.fingerprint for c in path), trust_anchor=None, findings=(finding,)
            )
        )

    def deferred_ok(self, path: tuple[Certificate, ...], key: SubjectPublicKeyInfo) -> bool:
        parameters = None
        for certificate in reversed(path):
            if key.algorithm.oid == _DSA:
                if _lacks_parameters(key):
                    if self.edge(certificate, key, parameters) is not None:
                        return False
                else:
                    parameters = key.algorithm.parameters
            else:
                parameters = None
            key = certificate.spki
        return True

    def walk(self, path: tuple[Certificate, ...]) -> Iterator[CandidatePath]:
        self.context.budget.spend(Resource.BUILD_STEPS)
        top = path[-1]
        verified = named = False
        entities = {(c.subject, c.spki.der) for c in path[1:]}
        failure: Finding | None = None
        for anchor in sorted(self.context.trust.anchors, key=lambda a: a.fingerprint):
            if anchor.name != top.issuer or (anchor.name, anchor.spki.der) in entities:
                continue
            named = True
            failure = None if _lacks_parameters(anchor.spki) else self.edge(top, anchor.spki)
            if failure is None:
                verified = True
                if self.deferred_ok(path, anchor.spki):
                    self.found = True
                    yield CandidatePath(certificates=path, anchor=anchor)
        if len(path) >= self.context.budget.limits.path_depth:
            limit = (("limit", str(self.context.budget.limits.path_depth)),)
            self.reject(path, Finding(reason=reasons.PATH_TOO_LONG, params=limit))
            return
        entities.add((path[0].subject, path[0].spki.der))
        for issuer in sorted(
            {*self.context.trust.graph.named(top.issuer), *(c for c in self.supplied if c.subject == top.issuer)},
            key=lambda c: c.fingerprint,
        ):
            named = True
            if (issuer.subject, issuer.spki.der) in entities:
                continue
            problem = None if _lacks_parameters(issuer.spki) else self.edge(top, issuer.spki)
            if problem is None:
                verified = True
                yield from self.walk((*path, issuer))
            else:
                failure = problem
        self.explain(path, failure, verified=verified, named=named)

    def explain(
        self, path: tuple[Certificate, ...], failure: Finding | None, *, verified: bool, named: bool
    ) -> None:
        if verified:
            return
        position, top = len(path) - 1, path[-1]
        issuer, subject = top.issuer.der.hex(), top.subject.der.hex()
        if not named:
            finding = Finding(
                reason=reasons.NO_ISSUER_FOUND, position=position, params=(("issuer", issuer),)
            )
        elif failure is None:
            finding = Finding(reason=reasons.PATH_LOOP, position=position, params=(("subject", subject),))
        elif failure.reason.sub_indication is not SubIndication.SIG_CRYPTO_FAILURE:
            finding = replace(failure, position=position)
        elif position == 0:
            finding = Finding(reason=reasons.SIGNATURE_INVALID, position=0, params=(("issuer", issuer),))
        else:
            finding = Finding(
                reason=reasons.CA_SIGNATURE_INVALID,
                position=position,
                params=(("issuer", issuer), ("subject", subject)),
            )
        self.reject(path, finding)


def candidate_paths(target: Certificate, context: Context) -> Iterator[CandidatePath]:
    """Every simple path from ``target`` to a trust anchor, signatures verified, lazily.

    What could not be built is appended to ``context.rejected``; spends ``context.budget``
    (raises BudgetExhausted). The order of input never changes the answer.
    """
    builder = _Builder(context)
    yield from builder.walk((target,))
    if not builder.found:
        if any(a.fingerprint == target.fingerprint for a in context.trust.anchors):
            builder.reject((target,), Finding(reason=reasons.TARGET_IS_TRUST_ANCHOR))
        elif not context.rejected:
            builder.reject((target,), Finding(reason=reasons.NO_PATH_TO_TRUST_ANCHOR))
