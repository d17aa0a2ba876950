"""Signatures checked by the openssl command, which shares no code with the driver's own check."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hsm.token import SM2_DEFAULT_ID, SignatureAlgorithm

_DIGESTS = {
    SignatureAlgorithm.RSA_PKCS1_SHA256: "sha256",
    SignatureAlgorithm.RSA_PKCS1_SHA384: "sha384",
    SignatureAlgorithm.RSA_PKCS1_SHA512: "sha512",
    SignatureAlgorithm.RSA_PSS_SHA256: "sha256",
    SignatureAlgorithm.ECDSA_SHA256: "sha256",
    SignatureAlgorithm.ECDSA_SHA384: "sha384",
    SignatureAlgorithm.SM2_SM3: "sm3",
}


def openssl_verifies(
    folder: Path,
    spki: bytes,
    algorithm: SignatureAlgorithm,
    message: bytes,
    signature: bytes,
    signer_id: bytes = SM2_DEFAULT_ID,
) -> bool:
    """What `openssl` says of it. `folder` takes three files."""
    (folder / "key.der").write_bytes(spki)
    (folder / "message").write_bytes(message)
    (folder / "signature").write_bytes(signature)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.der", "-keyform", "DER", "-rawin"]
    command += ["-in", "message", "-sigfile", "signature"]
    if algorithm in _DIGESTS:
        command += ["-digest", _DIGESTS[algorithm]]
    if algorithm is SignatureAlgorithm.RSA_PSS_SHA256:
        command += ["-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:32"]
    if algorithm is SignatureAlgorithm.SM2_SM3:
        command += ["-pkeyopt", f"hexdistid:{signer_id.hex()}"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30, cwd=folder)
    assert "Verified" in done.stdout or "Verification" in done.stdout, done.stdout + done.stderr
    return done.returncode == 0 and "Signature Verified Successfully" in done.stdout
