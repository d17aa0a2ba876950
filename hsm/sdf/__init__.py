"""SM2 keys in devices that speak GM/T 0018 (密码设备应用接口规范, SDF)."""

from hsm.sdf.driver import SdfToken
from hsm.sdf.opening import open_sdf

__all__ = ["SdfToken", "open_sdf"]
