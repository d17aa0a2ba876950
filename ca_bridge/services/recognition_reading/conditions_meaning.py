"""What a schema cannot say of the conditions of an acceptance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ca_bridge.services.policy_report import DocumentProblem
from ca_bridge.services.recognition_reading.places import Place
from ca_bridge.services.recognition_reading.scalars import UnusableValue, subtree_of


def condition_problems(place: Place, holder: Mapping[str, Any]) -> Iterator[DocumentProblem]:
    """Name subtrees that cannot be compared, and evidence limited in age that is not asked for at all."""
    limits = holder.get("conditions", {})
    for key in ("permitted_names", "excluded_names"):
        for index, row in enumerate(limits.get(key, ())):
            try:
                subtree_of(row)
            except UnusableValue as error:
                yield place.at("conditions", key, index, "value").problem(error.en, error.zh)
    if "max_status_age_s" in limits and limits.get("revocation") == "none":
        yield place.at("conditions", "max_status_age_s").problem(
            "an age is asked of revocation evidence that revocation: none does not ask for",
            "revocation: none 不要求撤销证据，却限制了其时效",
        )
