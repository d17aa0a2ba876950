"""The repository: stable names, right content, and whole files at every moment."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs7

from ca_bridge.adapters import repository_folder
from ca_bridge.adapters.repository_folder import publish_folder
from ca_bridge.core.x509.crl_parser import parse_crl
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.issue_cross_certificate.errors import BridgeRefused
from tests.bridge_ca import house as h
from tests.bridge_ca.conftest import OpenHouse

STRANGE = (
    "",
    "/",
    "../bridge-sm2.cer",
    "bridge-sm2.cer\n",
    "BRIDGE-SM2.cer",
    "x" * 5000,
    "bridge-sm2-member-.p7c",
)


def serials(cms: bytes) -> set[int]:
    return {c.serial_number for c in pkcs7.load_der_pkcs7_certificates(cms)}


def published(house: h.House, name: str) -> bytes:
    found = house.repository.published(name)
    assert found is not None
    return found[0]


def test_names_and_content(open_house: OpenHouse) -> None:
    to_bridge = h.HK.certify(h.BRIDGES["rsa"])
    house = open_house(h.issuer("sm2"), h.issuer("rsa", issued_to=(to_bridge,)))
    assert house.repository.names() == tuple(
        f"bridge-{kind}{end}"
        for kind in ("sm2", "rsa")
        for end in (".cer", "-issued-to.p7c", "-issued-by.p7c")
    )
    assert published(house, "bridge-sm2-issued-by.p7c") == h_empty()
    one, two = house.issue(label="bridge-sm2"), house.issue("bridge-hk", h.HK_ROOT, label="bridge-sm2")
    house.crl(label="bridge-sm2")
    member = f"bridge-sm2-member-{h.key_hash_of(h.HK_ROOT)[:16]}.p7c"
    types = {name: (house.repository.published(name) or (b"", ""))[1] for name in house.repository.names()}
    assert types == {
        f"bridge-sm2-member-{h.key_hash_of(h.GD_ROOT)[:16]}.p7c": "application/pkcs7-mime",
        member: "application/pkcs7-mime",
        "bridge-sm2.cer": "application/pkix-cert",
        "bridge-sm2-issued-to.p7c": "application/pkcs7-mime",
        "bridge-sm2-issued-by.p7c": "application/pkcs7-mime",
        "bridge-sm2.crl": "application/pkix-crl",
        "bridge-sm2-delta.crl": "application/pkix-crl",
        "bridge-rsa.cer": "application/pkix-cert",
        "bridge-rsa-issued-to.p7c": "application/pkcs7-mime",
        "bridge-rsa-issued-by.p7c": "application/pkcs7-mime",
    }
    numbers = {int(row.reservation.serial, 16) for row in (one, two)}
    assert serials(published(house, "bridge-sm2-issued-by.p7c")) == numbers
    assert serials(published(house, member)) == {int(two.reservation.serial, 16)}
    assert published(house, "bridge-rsa.cer") == h.ROOTS["rsa"]
    assert serials(published(house, "bridge-rsa-issued-to.p7c")) == {
        x509.load_der_x509_certificate(der).serial_number for der in (h.ROOTS["rsa"], to_bridge)
    }
    crls = [parse_crl(published(house, f"bridge-sm2{end}")) for end in (".crl", "-delta.crl")]
    assert [crl.extensions.crl_number for crl in crls] == [1, 1]
    assert [
        house.repository.published(name) for name in (*STRANGE, "bridge-ecdsa.cer", "bridge-rsa.crl")
    ] == [None] * (len(STRANGE) + 2)


def h_empty() -> bytes:
    return bytes.fromhex("302306092a864886f70d010702a01630140201013100300b06092a864886f70d0107013100")


def test_what_is_revoked_or_over_is_left_out(open_house: OpenHouse) -> None:
    house = open_house()
    one, two = house.issue(), house.issue("bridge-hk", h.HK_ROOT)
    member = f"bridge-sm2-member-{h.key_hash_of(h.GD_ROOT)[:16]}.p7c"
    house.revoke(one.reservation.serial)
    assert serials(published(house, "bridge-sm2-issued-by.p7c")) == {int(two.reservation.serial, 16)}
    assert house.repository.published(member) is None
    house.time = h.NOW + timedelta(days=365)
    assert published(house, "bridge-sm2-issued-by.p7c") == h_empty()


def test_a_folder(open_house: OpenHouse, tmp_path: Path) -> None:
    house, folder = open_house(), tmp_path / "deep" / "pki"
    issued = house.issue()
    house.crl()
    names = house.repository.names()
    assert publish_folder(house.repository, folder) == names
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {
        name: published(house, name) for name in names
    }
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o644}
    assert publish_folder(house.repository, folder) == ()
    (folder / "index.html").write_text("not ours")
    house.revoke(issued.reservation.serial)
    house.crl(complete=False)
    assert publish_folder(house.repository, folder) == ("bridge-sm2-issued-by.p7c", "bridge-sm2-delta.crl")
    assert sorted(file.name for file in folder.iterdir()) == sorted(
        ["index.html", *(name for name in names if "-member-" not in name)]
    )


def test_files_of_others_stay(open_house: OpenHouse, tmp_path: Path) -> None:
    """Only names that a member of these issuers may have are removed."""
    ours = "bridge-sm2-member-0123456789abcdef.p7c"
    others = (
        "other-member-0123456789abcdef.p7c",
        "staff-member-list.cer",
        "bridge-sm2-member-list.p7c",
        "bridge-sm2-member-0123456789abcdef.cer",
        "bridge-sm2-member-0123456789abcdefa.p7c",
    )
    pki = tmp_path / "pki"
    pki.mkdir()
    for name in (ours, *others):
        (pki / name).write_bytes(b"whatever")
    written = publish_folder(open_house().repository, pki)
    assert {file.name for file in pki.iterdir()} == {*others, *written}


def test_a_label_that_ends_like_the_names_of_members(open_house: OpenHouse) -> None:
    house = open_house(h.issuer("sm2", label="a"), h.issuer("rsa", label="a-member"))
    house.issue(label="a-member")
    key = h.key_hash_of(h.GD_ROOT)[:16]
    assert published(house, "a-member-issued-to.p7c")
    assert published(house, f"a-member-member-{key}.p7c")
    assert house.repository.published(f"a-member-{key}.p7c") is None


def test_an_old_register_does_not_replace_what_is_published(
    open_house: OpenHouse, sqlite_url: str, tmp_path: Path
) -> None:
    """A backup is restored: its CRLs know nothing of a revocation that everybody has heard of."""
    file, pki = Path(sqlite_url.removeprefix("sqlite:///")), tmp_path / "pki"
    house = open_house()
    serial = house.issue().reservation.serial
    house.crl()
    house.database.close()
    before = file.read_bytes()
    house = open_house()
    house.time += timedelta(hours=1)
    house.revoke(serial)
    house.crl()
    publish_folder(house.repository, pki)
    now = {one.name: one.read_bytes() for one in pki.iterdir()}
    house.database.close()
    file.write_bytes(before)

    old = open_house()
    old.time += timedelta(hours=2)
    for number in (1, 2):  # lower; and the same once more, which says something else
        with pytest.raises(BridgeRefused, match="PUBLISHED_CRL_NOT_OLDER") as caught:
            publish_folder(old.repository, pki)
        assert caught.value.params == {"name": "bridge-sm2.crl", "number": str(number), "published": "2"}
        assert {one.name: one.read_bytes() for one in pki.iterdir()} == now
        old.crl()
    old.revoke(serial)
    old.crl()
    written = publish_folder(old.repository, pki)
    assert {"bridge-sm2.crl", "bridge-sm2-delta.crl"} <= set(written)
    crl = parse_crl((pki / "bridge-sm2.crl").read_bytes())
    assert (crl.extensions.crl_number, len(crl.revoked)) == (4, 1)


@pytest.mark.parametrize("damaged", [b"", b"no CRL", h.GD.crl(extensions=())])
def test_what_is_no_crl_of_a_number_is_replaced(
    open_house: OpenHouse, tmp_path: Path, damaged: bytes
) -> None:
    house = open_house()
    house.crl()
    publish_folder(house.repository, tmp_path)
    (tmp_path / "bridge-sm2.crl").write_bytes(damaged)
    assert publish_folder(house.repository, tmp_path) == ("bridge-sm2.crl",)


def test_a_reader_sees_whole_files(open_house: OpenHouse, tmp_path: Path) -> None:
    house = open_house(h.issuer("ecdsa"))
    house.crl()
    publish_folder(house.repository, tmp_path)
    stop, seen = Event(), set[int]()

    def read() -> None:
        while not stop.is_set():
            for end in (".crl", "-delta.crl"):
                seen.add(parse_crl((tmp_path / f"bridge-ecdsa{end}").read_bytes()).extensions.crl_number or 0)

    reader = Thread(target=read)
    reader.start()
    try:
        for _ in range(10):
            house.crl()
            publish_folder(house.repository, tmp_path)
    finally:
        stop.set()
        reader.join(60)
    assert seen <= set(range(1, 23))
    assert len(seen) > 2


def test_a_folder_that_cannot_be_written(open_house: OpenHouse, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="目录无法写入"):
        publish_folder(open_house().repository, tmp_path / "file")


def test_a_disk_that_is_full(open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigurationError, match="No space left"):
        publish_folder(open_house().repository, tmp_path / "pki")
    assert list((tmp_path / "pki").iterdir()) == []


def test_a_member_that_goes_while_files_are_written(open_house: OpenHouse, tmp_path: Path) -> None:
    house = open_house()
    issued = house.issue()

    class Revoking(type(house.repository)):  # type: ignore[misc]
        def names(self) -> tuple[str, ...]:
            found = super().names()
            house.revoke(issued.reservation.serial)
            return found

    repository = Revoking(issuers=house.issuers, store=house.store, now=lambda: h.NOW)
    written = repository_folder.publish_folder(repository, tmp_path)
    assert [name for name in written if "-member-" in name] == []
