"""SM2 verification on gmssl, in pure Python: slow, and there when libcrypto is not."""

from __future__ import annotations

from importlib.metadata import version

from gmssl.sm2 import CryptSM2

from ca_bridge.core.algorithms.sm2 import is_on_curve


class GmsslSm2:
    """An Sm2Verifier on gmssl, with what gmssl leaves out: the point is checked, infinity is no answer."""

    name = "gmssl"

    def __init__(self) -> None:
        self.version = version("gmssl")

    def verify_digest(self, point: bytes, digest: bytes, r: int, s: int) -> bool:
        """See Sm2Verifier."""
        if not is_on_curve(point):
            return False
        engine = CryptSM2(private_key="", public_key="")
        # Past the constructor, which takes "04" off an X that happens to begin with these digits.
        engine.public_key = point.hex()
        try:
            return bool(engine.verify(f"{r:064x}{s:064x}", digest))
        except TypeError:
            # The sum of both products is infinity, for which gmssl has no value: not a signature.
            return False
