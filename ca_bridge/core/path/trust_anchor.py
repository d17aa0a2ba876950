"""Trust anchors and the constraints they carry (RFC 5280 §6.1.1 (d), RFC 5937)."""

from __future__ import annotations

from dataclasses import dataclass, field

from ca_bridge.core.request import ANY_POLICY, Parameters
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.names import Name

_ANY = frozenset({ANY_POLICY})


@dataclass(frozen=True, slots=True)
class PathInputs:
    """The inputs of RFC 5280 §6.1.1 (c), (e)-(g) and the largest path length, from one source.

    The counters are the certificates that may follow before the rule holds, as in
    policyConstraints; 0 is the flag set, None is nothing asked.
    """

    user_initial_policy_set: frozenset[str] = _ANY
    explicit_policy: int | None = None
    policy_mapping: int | None = None
    inhibit_any_policy: int | None = None
    max_path_length: int | None = None


_UNCONSTRAINED = PathInputs()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrustAnchor:
    """A name and key trusted by decision, with the certificate it was pinned by.

    ``enforce_validity`` and ``enforce_constraints``: judged by its own validity period and
    extensions too (RFC 5937), unless a domain says otherwise. ``inputs``: what it constrains.
    """

    certificate: Certificate
    enforce_validity: bool = True
    enforce_constraints: bool = True
    inputs: PathInputs = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Read the constraints once, not for every path."""
        object.__setattr__(self, "inputs", inputs_of_anchor(self))

    @property
    def name(self) -> Name:
        """Subject name of the anchor."""
        return self.certificate.subject

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate it was pinned by, lower-case hex."""
        return self.certificate.fingerprint


def inputs_of_parameters(parameters: Parameters) -> PathInputs:
    """What the caller asks."""
    return PathInputs(
        parameters.user_initial_policy_set,
        0 if parameters.initial_explicit_policy else None,
        0 if parameters.initial_policy_mapping_inhibit else None,
        0 if parameters.initial_any_policy_inhibit else None,
        parameters.max_path_length,
    )


def inputs_of_anchor(anchor: TrustAnchor) -> PathInputs:
    """What the anchor's own certificate constrains (RFC 5937 §3.2), as if it were certificate zero."""
    extensions = anchor.certificate.extensions
    basic, policies = extensions.basic_constraints, extensions.certificate_policies
    constraints = extensions.policy_constraints
    if not anchor.enforce_constraints:
        return _UNCONSTRAINED
    inputs = PathInputs(
        frozenset(p.policy for p in policies) if policies else _ANY,
        constraints.require_explicit_policy if constraints is not None else None,
        constraints.inhibit_policy_mapping if constraints is not None else None,
        extensions.inhibit_any_policy,
        basic.path_length if basic is not None else None,
    )
    return _UNCONSTRAINED if inputs == _UNCONSTRAINED else inputs


def merge_inputs(first: PathInputs, second: PathInputs) -> PathInputs:
    """The inputs that satisfy both: never looser than either, the same in any order."""
    if second is _UNCONSTRAINED:
        return first
    return PathInputs(
        _both_policies(first.user_initial_policy_set, second.user_initial_policy_set),
        _stricter(first.explicit_policy, second.explicit_policy),
        _stricter(first.policy_mapping, second.policy_mapping),
        _stricter(first.inhibit_any_policy, second.inhibit_any_policy),
        _stricter(first.max_path_length, second.max_path_length),
    )


def _both_policies(first: frozenset[str], second: frozenset[str]) -> frozenset[str]:
    if ANY_POLICY in first:
        return second
    return first if ANY_POLICY in second else first & second


def _stricter(first: int | None, second: int | None) -> int | None:
    if first is None or second is None:
        return second if first is None else first
    return min(first, second)
