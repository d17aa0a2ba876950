"""The next issue of a list in the form that is asked, signed and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from ca_bridge.adapters.trust_list_json import publish_json
from ca_bridge.adapters.trust_list_shelf import TrustListShelf
from ca_bridge.adapters.trust_list_xml import publish_xml
from ca_bridge.adapters.trust_list_xml_sign import SigningKey
from ca_bridge.adapters.trust_list_xml_write import CertificateOf
from ca_bridge.core.recognition.trust_list import TrustList
from ca_bridge.services.trust_list_csv import write_page
from ca_bridge.services.trust_list_exchange.publishing import SchemePublisher, next_issue


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustListPress:
    """Who publishes, with which key, how long an issue lasts, and where the last ones are kept."""

    publisher: SchemePublisher
    key: SigningKey
    certificate: x509.Certificate
    certificate_of: CertificateOf
    shelf: TrustListShelf
    period: timedelta
    now: Callable[[], datetime]

    def publish(self, trust_list: TrustList, form: str) -> bytes:
        """The issue as "xml" or "json", signed, or as "csv"; kept once its bytes exist.

        TrustListRefused: MALFORMED, NOT_EXPRESSIBLE for what the form cannot say.
        """
        issue = next_issue(trust_list, self.shelf.last(trust_list.identifier), self.now(), self.period)
        if form == "xml":
            raw = publish_xml(issue, self.publisher, self.certificate_of, self.key, self.certificate)
        elif form == "json":
            raw = publish_json(issue, self.key, self.certificate)
        else:
            raw = write_page(issue.entries)
        self.shelf.keep(issue)
        return raw
