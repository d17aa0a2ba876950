"""XAdES-B of trust lists (TS 119 612 §5.7), by signxml: one signature, by a pinned signer, over all of it.

Trust comes from the pins alone. What KeyInfo holds is only looked up by its SHA-256; and what is read
afterwards is the tree that signxml rebuilt from the signed bytes, never the file.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier

from ca_bridge.adapters.trust_list_xml_parse import strict_parser
from ca_bridge.adapters.trust_list_xml_tags import DS, ROOT, SIGNATURE, XADES
from ca_bridge.services.trust_list_exchange.errors import ExchangeCode, TrustListRefused, signature_invalid

_METHODS = frozenset(
    {
        SignatureMethod.RSA_SHA256,
        SignatureMethod.RSA_SHA384,
        SignatureMethod.RSA_SHA512,
        SignatureMethod.SHA256_RSA_MGF1,
        SignatureMethod.SHA384_RSA_MGF1,
        SignatureMethod.SHA512_RSA_MGF1,
        SignatureMethod.ECDSA_SHA256,
        SignatureMethod.ECDSA_SHA384,
        SignatureMethod.ECDSA_SHA512,
    }
)
_DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_CANONICAL = frozenset(
    {
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11",
    }
)
_SIGNED_PROPERTIES_TYPE = "http://uri.etsi.org/01903#SignedProperties"
_MAX_REFERENCES = 8
_MAX_CERTIFICATES = 16
_UNUSABLE = (
    SignXMLException,
    etree.LxmlError,
    UnsupportedAlgorithm,
    NotImplementedError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
)


@dataclass(frozen=True, slots=True)
class SignedList:
    """The tree that was signed, without its signature, and the SHA-256 of who signed it."""

    root: etree._Element
    signer: str


def verify_signature(root: etree._Element, signers: Collection[str], now: datetime) -> SignedList:
    """What one of ``signers`` (SHA-256 of certificates) signed in ``root``, parsed within bounds before.

    The signer's certificate must be in its validity at ``now``. TrustListRefused: SIGNATURE_INVALID,
    SIGNER_NOT_PINNED.
    """
    signature = _only_signature(root)
    references = _references(root, signature)
    certificate = _pinned_certificate(signature, signers)
    config = XAdESSignatureConfiguration(
        location="./",
        expect_references=references,
        signature_methods=_METHODS,
        digest_algorithms=_DIGESTS,
        verification_time=now,
    )
    try:
        results = XAdESVerifier().verify(
            root, x509_cert=certificate, expect_config=config, parser=strict_parser()
        )
    except _UNUSABLE as error:
        raise signature_invalid(str(error) or type(error).__name__) from error
    signed = [result.signed_xml for result in results if result.signed_xml is not None]
    lists = [element for element in signed if element.tag == ROOT]
    if len(lists) != 1:
        raise signature_invalid("it covers another list as well")
    return SignedList(lists[0], sha256(certificate.public_bytes(Encoding.DER)).hexdigest())


def _only_signature(root: etree._Element) -> etree._Element:
    found = list(root.iter(SIGNATURE))
    if len(found) != 1:
        raise signature_invalid(f"{len(found)} signatures, one is asked")
    if found[0].getparent() is not root:
        raise signature_invalid("the signature is not a child of the list")
    return found[0]


def _references(root: etree._Element, signature: etree._Element) -> int:
    """How many references there are, each of a form that is understood whole."""
    references = signature.findall(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    if not 0 < len(references) <= _MAX_REFERENCES:
        raise signature_invalid(f"{len(references)} references")
    whole = {""} | ({f"#{root.get('Id')}"} if root.get("Id") else set())
    lists = [reference for reference in references if reference.get("URI") in whole]
    if len(lists) != 1:
        raise signature_invalid("not one reference to the whole list")
    for reference in references:
        _check_reference(reference, enveloped=reference is lists[0])
    _check_properties(signature, references)
    return len(references)


def _check_properties(signature: etree._Element, references: list[etree._Element]) -> None:
    """One SignedProperties, of this signature and referenced as what it is (EN 319 132-1 §4.3)."""
    qualifying = signature.findall(f"{{{DS}}}Object/{{{XADES}}}QualifyingProperties")
    if [element.get("Target") for element in qualifying] != [f"#{signature.get('Id')}"]:
        raise signature_invalid("its properties are not about this signature")
    properties = qualifying[0].findall(f"{{{XADES}}}SignedProperties")
    typed = [r.get("URI") for r in references if r.get("Type") == _SIGNED_PROPERTIES_TYPE]
    if len(properties) != 1 or typed != [f"#{properties[0].get('Id')}"]:
        raise signature_invalid("the signed properties are not referenced")


def _check_reference(reference: etree._Element, *, enveloped: bool) -> None:
    uri = reference.get("URI")
    if uri is None or (uri and not uri.startswith("#")) or uri.startswith("#xpointer"):
        raise signature_invalid("a reference leads outside the list")
    algorithms = [t.get("Algorithm") for t in reference.findall(f"{{{DS}}}Transforms/{{{DS}}}Transform")]
    canonical = algorithms[1:] if enveloped else algorithms
    if enveloped and algorithms[:1] != [_ENVELOPED]:
        raise signature_invalid("the list's reference is not enveloped")
    if len(canonical) > 1 or not _CANONICAL.issuperset(canonical):
        raise signature_invalid("a transform is not allowed")


def _pinned_certificate(signature: etree._Element, signers: Collection[str]) -> x509.Certificate:
    """The first certificate in KeyInfo whose SHA-256 is pinned."""
    found = signature.findall(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate")
    for element in found[:_MAX_CERTIFICATES]:
        try:
            der = b64decode("".join((element.text or "").split()), validate=True)
        except (binascii.Error, ValueError):
            continue
        if sha256(der).hexdigest() in signers:
            return _loaded(der)
    raise TrustListRefused(ExchangeCode.SIGNER_NOT_PINNED)


def _loaded(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError as error:
        raise signature_invalid(f"the signer's certificate cannot be used: {error}") from error
