"""New objects that nobody gives another name, where the module knows such ones.

A key under another name could not be found when it is to be destroyed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hsm.pkcs11.attributes import Template
from hsm.pkcs11.constants import CKA_MODIFIABLE
from hsm.pkcs11.return_values import TEMPLATE_REFUSED, Returned

T = TypeVar("T")
UNCHANGEABLE: Template = {CKA_MODIFIABLE: False}


def made_unchangeable(make: Callable[[Template], T]) -> T:
    """What ``make`` gives for the attributes that say so; for none when the module does not take them."""
    try:
        return make(UNCHANGEABLE)
    except Returned as returned:
        if returned.value not in TEMPLATE_REFUSED:
            raise
    return make({})
