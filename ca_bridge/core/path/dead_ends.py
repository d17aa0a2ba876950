"""Why no path could be built: one walk up from the target until something is missing."""

from __future__ import annotations

from collections.abc import Sequence

from ca_bridge.core.path.dsa import lacks_parameters
from ca_bridge.core.path.graph import Node, NodeKey, is_wrong_key, make_nodes, node_key
from ca_bridge.core.path.rejections import placed, reject
from ca_bridge.core.path.shown import shown_name
from ca_bridge.core.path.surroundings import Surroundings
from ca_bridge.core.reasons import building as reasons
from ca_bridge.core.reasons.algorithms import SIGNATURE_ALGORITHM_KEY_MISMATCH, SIGNATURE_DOES_NOT_VERIFY
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate

_MAX_KEYS = 8
"""Keys of one issuer name that are tried to explain a refusal."""


def explain_dead_end(start: tuple[Certificate, ...], around: Surroundings) -> None:
    """Go on from the end of ``start`` towards an anchor; reject that path, and say where it ends.

    Costs at most one signature check per certificate on it and key of its issuer (8 keys); the
    way is the same whatever order the input came in.
    """
    path, visited = list(start), set(map(node_key, start))
    finding: Finding | None = None
    while finding is None and len(path) < around.context.budget.limits.path_depth:
        issuer = _issuer(path, visited, around)
        if isinstance(issuer, Finding):
            finding = issuer
        else:
            certificate = _certificate(issuer, around)
            path.append(certificate)
            visited.add(node_key(certificate))
    if finding is None:
        finding = Finding(reason=reasons.NO_PATH_TO_TRUST_ANCHOR)
    reject(around.context, tuple(path), (finding,))


def _certificate(node: Node, around: Surroundings) -> Certificate:
    """Of a node's certificates the one nearest to an anchor, or a self-issued one."""
    ways = around.supplied.ways_up(node)
    return ways[0][1] if ways else node.certificates[0]


def _issuer(path: list[Certificate], visited: set[NodeKey], around: Surroundings) -> Node | Finding:
    """The node to go on with from the end of ``path``, or why there is none."""
    top, position = path[-1], len(path) - 1
    own = around.supplied.node(node_key(top)) or make_nodes([top])[node_key(top)]
    nodes = around.possible_issuers(top)
    if top.self_issued and own not in nodes:
        nodes = (*nodes, own)
    if not nodes:
        return _finding(reasons.NO_ISSUER_FOUND, top, position)
    problems = {node: _problem(top, node, around) for node in nodes[:_MAX_KEYS]}
    signers = [node for node, problem in problems.items() if problem is None]
    ahead = [n for n in signers if node_key(n.certificates[0]) not in visited]
    if ahead:
        return ahead[0]
    if own in signers:
        return _finding(reasons.UNTRUSTED_ROOT, top, position)
    if signers:
        return _finding(reasons.PATH_LOOP, top, position)
    found = [placed(p, position) for p in problems.values() if p is not None]
    return _unsigned(top, position, nodes, found)


def _problem(certificate: Certificate, node: Node, around: Surroundings) -> Finding | None:
    """Under a key that has yet to inherit its parameters nothing can be said: not a problem."""
    return None if lacks_parameters(node.spki) else around.signature_problem(certificate, node)


def _unsigned(top: Certificate, position: int, nodes: Sequence[Node], problems: Sequence[Finding]) -> Finding:
    """No known key of the issuer signed ``top`` acceptably.

    The key that did may be weak, or missing; only then nobody of that name signed it. Where all
    keys say the same precise thing of the target's signature, that is told.
    """
    unacceptable = next((p for p in problems if not is_wrong_key(p)), None)
    if unacceptable is not None:
        return unacceptable
    authority = top.extensions.authority_key_identifier
    wanted = authority.key_identifier if authority is not None else None
    if wanted is not None and all(n.key_identifiers and wanted not in n.key_identifiers for n in nodes):
        return _finding(reasons.ISSUER_KEY_NOT_FOUND, top, position, key_identifier=wanted.hex())
    if len(nodes) > _MAX_KEYS:
        return Finding(reason=reasons.NO_PATH_TO_TRUST_ANCHOR)
    if _is_precise(problems, position):
        return problems[0]
    return unsigned_finding(top, position, problems[0])


def unsigned_finding(certificate: Certificate, position: int, problem: Finding) -> Finding:
    """What to say of ``certificate`` when a check of its signature says ``problem``."""
    if not is_wrong_key(problem):
        return placed(problem, position)
    reason = reasons.CA_SIGNATURE_INVALID if position else reasons.SIGNATURE_INVALID
    return _finding(reason, certificate, position)


def _is_precise(problems: Sequence[Finding], position: int) -> bool:
    """Whether the checks agree on more than that the signature does not verify."""
    said = {p.reason for p in problems}
    if said == {SIGNATURE_ALGORITHM_KEY_MISMATCH}:
        return True
    return position == 0 and len(said) == 1 and SIGNATURE_DOES_NOT_VERIFY not in said


def _finding(reason: Reason, top: Certificate, position: int, **params: str) -> Finding:
    shown = {"issuer": shown_name(top.issuer), "subject": shown_name(top.subject), **params}
    return Finding(
        reason=reason,
        position=position,
        params=tuple(sorted((name, shown[name]) for name in reason.params)),
    )
