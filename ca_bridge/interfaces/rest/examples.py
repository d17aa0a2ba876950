"""Examples that work when sent as they are."""

from __future__ import annotations

from typing import Any

SM2_CERTIFICATE = (
    "MIIC5zCCAougAwIBAgIQSRj7ABtUaRFoUf+zn1XjDTAMBggqgRzPVQGDdQUAMF4xCzAJBgNVBAYTAkNOMQ8wDQYDVQQIDAbl"
    "ub/kuJwxHDAaBgNVBAoME1Rlc3QgR3Vhbmdkb25nIENBIEExIDAeBgNVBAMMF1Rlc3QgR3Vhbmdkb25nIENBIEEgU00yMB4X"
    "DTI1MDcwMTAwMDAwMFoXDTMwMDcwMTAwMDAwMFowezELMAkGA1UEBhMCQ04xDzANBgNVBAgMBuW5v+S4nDEPMA0GA1UEBwwG"
    "5bm/5beeMSQwIgYDVQQKDBvmtYvor5XkvIHkuJrkuIDmnInpmZDlhazlj7gxJDAiBgNVBAMMG+a1i+ivleS8geS4muS4gOac"
    "iemZkOWFrOWPuDBZMBMGByqGSM49AgEGCCqBHM9VAYItA0IABKOrxqZHF1SDJGPwrSaVTmcgTO/5WUzDKabCoTKazUs/RnJ8"
    "b5b5oLOgqtlf71YpGNkfy+Acb8K7vXkeog5pdzyjggEKMIIBBjAOBgNVHQ8BAf8EBAMCBsAwHQYDVR0OBBYEFDk/x/NnjRKq"
    "w/Wx8dLXdH+7oN8cMBIGA1UdIAQLMAkwBwYFiDcsAQMwOQYDVR0fBDIwMDAuoCygKoYoaHR0cDovL2NybC50ZXN0LXBraS5l"
    "eGFtcGxlL2dkLWEtc20yLmNybDAgBggqgRzQFAQBBAQUExI5MTQ0MDAwMFRFNVQwMDAxNlEwIQYJKlYLB4PM6iMBBBQTEjkx"
    "NDQwMDAwVEU1VDAwMDE2UTAgBgUqVhUBAwQXDBVURVNULVRSVVNUSUQtVEU1VDAwMDEwHwYDVR0jBBgwFoAUSpKONejcwXGw"
    "bhaYqGOJUkrQN68wDAYIKoEcz1UBg3UFAANIADBFAiEAmGMHRwVPf2geU/Gj4RymV1qDvF0AtF32Wh+Ed+s0Qx4CIGlOlhKe"
    "iDXDaOoya5sn8UXkxHNthKlBM4zhA2C+KURZ"
)
"""certs-test/demo/accepted.cer: an SM2 certificate of the test PKI, which no shipped domain trusts."""


def question() -> dict[str, Any]:
    """A question to validate."""
    return {
        "certificate": SM2_CERTIFICATE,
        "purpose": "digital_signature",
        "validation_time": "2026-01-15T08:00:00Z",
    }


def question_batch() -> dict[str, Any]:
    """Two questions, the second of which cannot be judged."""
    return {
        "items": [
            {"id": "first", "certificate": SM2_CERTIFICATE},
            {"id": "second", "certificate": "not a certificate"},
        ]
    }


def material() -> dict[str, Any]:
    """Something to look into."""
    return {"material": SM2_CERTIFICATE}
