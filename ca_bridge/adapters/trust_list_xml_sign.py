"""XAdES-B over a trust list's tree, by signxml: enveloped, with the signer's certificate."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.xades.xades import XAdESSigner

from ca_bridge.adapters.trust_list_xml_tags import DS, XADES
from ca_bridge.core.x509.times import time_text

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class _Signer(XAdESSigner):
    """XAdESSigner as TS 119 612 §5.7.1 asks: exclusive canonicalization, said in every reference.

    SigningTime is the publisher's time and not the machine's.
    """

    def __init__(self, method: SignatureMethod, signing_time: datetime) -> None:
        super().__init__(
            signature_algorithm=method,
            digest_algorithm=DigestAlgorithm.SHA256,
            c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
        )
        self._text = time_text(signing_time)
        annotators = self.signed_signature_properties_annotators
        annotators[annotators.index(self.add_signing_time)] = self._add_time

    def _add_time(self, signed_signature_properties: Any, sig_root: Any, signing_settings: Any) -> None:
        """SigningTime (EN 319 132-1 §5.2.1)."""
        del sig_root, signing_settings
        properties = signed_signature_properties
        etree.SubElement(properties, f"{{{XADES}}}SigningTime", nsmap=self.namespaces).text = self._text

    def _add_reference_to_signed_info(self, sig_root: Any, node_to_reference: Any, **attrs: str) -> None:
        """The library's own reference says no transform, which means inclusive canonicalization."""
        add: Any = super()._add_reference_to_signed_info
        add(sig_root, node_to_reference, **attrs)
        reference = sig_root.findall(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")[-1]
        transforms = etree.Element(f"{{{DS}}}Transforms", nsmap=self.namespaces)
        etree.SubElement(transforms, f"{{{DS}}}Transform", Algorithm=self.c14n_alg.value)
        reference.insert(0, transforms)


def sign_tree(root: etree._Element, key: SigningKey, certificate: x509.Certificate, now: datetime) -> bytes:
    """The list in UTF-8, signed at ``now`` with ``key`` (RSA or ECDSA, SHA-256) of ``certificate``."""
    ecdsa = isinstance(key, ec.EllipticCurvePrivateKey)
    signer = _Signer(SignatureMethod.ECDSA_SHA256 if ecdsa else SignatureMethod.RSA_SHA256, now)
    signed = signer.sign(root, key=key, cert=[certificate], always_add_key_value=False)
    return etree.tostring(signed, xml_declaration=True, encoding="UTF-8")
