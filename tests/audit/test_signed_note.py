"""Signed notes and checkpoints: the published examples, and no text that is read in two ways."""

from __future__ import annotations

import base64
import re
from hashlib import sha256

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.core.merkle.checkpoint import (
    MAX_CHECKPOINT_BYTES,
    MAX_EXTENSIONS,
    Checkpoint,
    parse_checkpoint,
)
from ca_bridge.core.merkle.compact_range import MAX_SIZE
from ca_bridge.core.merkle.errors import UnreadableNote
from ca_bridge.core.merkle.hashing import EMPTY_ROOT
from ca_bridge.core.merkle.signed_note import (
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    SM2_TYPE,
    NoteAlgorithm,
    NoteCheck,
    NoteSignature,
    check_note,
    note_key_id,
    parse_signed_note,
    signed_note_text,
)

# The examples of C2SP signed-note and tlog-checkpoint.
POEM = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99"
    "ihAQwaqP3ZekRwNtIc=\n"
)
SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9n"
    "To+zyWE+xeMcTOAYQ8=\n"
)
# The example of golang.org/x/mod/sumdb/note: a text, its signature, and the key that verifies it.
GO_TEXT = (
    b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    f"{GO_TEXT.decode()}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf"
    "qdngotpRZb6KE6RyyBwJnAM=\n"
)
# A public log's ECDSA key as verifiers are given it: type 0x02, SubjectPublicKeyInfo; and its identifier.
REKOR_KEY = (
    "AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNhtmPtrWm3U1eQXBogSMdGvXwBcK5AW5i0hrZLOC96l+smGNM7nwZ4QvFK/4sueRoVj"
    "//QP22Ni4Qt9DPfkWLc="
)
REKOR_KEY_ID = "c0d23d6a"
SIGNATURE = NoteSignature(name="a", key_id=bytes(4), signature=b"s")
LINE = SIGNATURE.line
CHECKPOINT = Checkpoint("example.com/log", 7, bytes(range(32)))


@pytest.mark.parametrize("note", [POEM, SOFA, GO_NOTE])
def test_the_published_notes(note: str) -> None:
    read = parse_signed_note(note)
    assert read.text == note
    assert parse_signed_note(note.encode()) == read
    assert len(read.signatures) == 1
    assert len(read.signatures[0].signature) == 64


def test_a_text_may_have_empty_lines() -> None:
    read = parse_signed_note(POEM)
    assert read.body.decode() == POEM.rpartition("\n\n")[0] + "\n"
    assert read.signatures[0].name == "quasimodo.example/salvatore"


def test_the_signature_of_the_published_note() -> None:
    name, key_id, key = GO_KEY.split("+", 2)
    raw = base64.b64decode(key)
    spki = bytes.fromhex("302a300506032b6570032100") + raw[1:]
    assert note_key_id(name, NoteAlgorithm.ED25519, spki).hex() == key_id
    public = Ed25519PublicKey.from_public_bytes(raw[1:])

    def check(signature: NoteSignature, body: bytes) -> bool | None:
        if (signature.name, signature.key_id.hex()) != (name, key_id):
            return None
        try:
            public.verify(signature.signature, body)
        except InvalidSignature:
            return False
        return True

    read = parse_signed_note(GO_NOTE)
    assert read.body == GO_TEXT
    assert check_note(read, check).trusted
    other = parse_signed_note(GO_NOTE.replace("cryptography", "Cryptography"))
    assert check_note(other, check) == NoteCheck(held=(), refused=other.signatures, unknown=())
    assert not check_note(other, check).trusted


def test_what_signatures_are_worth() -> None:
    names = ("good", "bad", "new")
    signatures = tuple(NoteSignature(name=name, key_id=bytes(4), signature=b"x") for name in names)
    worth = {"good": True, "bad": False, "new": None}

    def checked(*chosen: int) -> NoteCheck:
        text = signed_note_text(b"t\n", [signatures[n] for n in chosen])
        return check_note(parse_signed_note(text), lambda one, _: worth[one.name])

    assert checked(0, 1, 2) == NoteCheck(held=signatures[:1], refused=signatures[1:2], unknown=signatures[2:])
    assert [checked(*chosen).trusted for chosen in ((0,), (0, 2), (0, 1), (2,), (1,))] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_identifiers_of_keys() -> None:
    spki = bytes.fromhex("302a300506032b6570032100") + bytes(32)
    name = "example.com/log"
    assert (
        note_key_id(name, NoteAlgorithm.ED25519, spki)
        == sha256(name.encode() + b"\n\x01" + bytes(32)).digest()[:4]
    )
    rekor = base64.b64decode(REKOR_KEY)[1:]
    assert note_key_id("rekor.sigstore.dev", NoteAlgorithm.ECDSA_SHA256, rekor).hex() == REKOR_KEY_ID
    assert note_key_id(name, NoteAlgorithm.ECDSA_SHA256, b"spki") == sha256(b"spki").digest()[:4]
    expected = sha256(name.encode() + b"\n\xff" + SM2_TYPE[1:] + b"spki").digest()[:4]
    assert note_key_id(name, NoteAlgorithm.SM2_SM3, b"spki") == expected
    for bad in (b"", spki[:-1], spki + b"\0"):
        with pytest.raises(UnreadableNote, match="Ed25519"):
            note_key_id(name, NoteAlgorithm.ED25519, bad)
    with pytest.raises(UnreadableNote, match="name"):
        note_key_id("a b", NoteAlgorithm.SM2_SM3, b"spki")


@pytest.mark.parametrize(
    ("note", "why"),
    [
        ("", "no text"),
        ("t\n", "no text"),
        ("t\n\n", "no signature"),
        (f"t\n{LINE}", "no text"),
        (f"t\n\n{LINE}\n", "no signature"),
        (f"t\n\n{LINE}"[:-1], "no text"),
        (f"t\n\n{LINE}x", "no text"),
        (f"t\n\nx{LINE}", "line of signature"),
        (f"t\n\n{LINE.replace('—', '-')}", "line of signature"),
        (f"t\n\n{LINE.replace('— ', '—')}", "line of signature"),
        ("t\n\n— a\n", "line of signature"),
        ("t\n\n— \n", "line of signature"),
        ("t\n\n—  AAAAAHM=\n", "name"),
        ("t\n\n— a AAAAAHM= x\n", "base64"),
        ("t\n\n— a  AAAAAHM=\n", "base64"),
        ("t\n\n— a AAAAAHM\n", "base64"),
        ("t\n\n— a AAAAAHN=\n", "canonical"),
        ("t\n\n— a AAAA_HM=\n", "base64"),
        ("t\n\n— a é\n", "base64"),
        ("t\n\n— a AAAAAA==\n", "not a signature"),
        ("t\n\n— a AAAA\n", "not a signature"),
        ("t\n\n— a \n", "not a signature"),
        ("t\n\n— a+b AAAAAHM=\n", "name"),
        ("t\n\n— a\u00a0b AAAAAHM=\n", "name"),
        (f"t\n\n— {'a' * 256} AAAAAHM=\n", "name"),
        (f"t\r\n\n{LINE}", "control"),
        (f"t\t\n\n{LINE}", "control"),
        (f"t\0\n\n{LINE}", "control"),
        (f"t\ud800\n\n{LINE}", "UTF-8"),
        (f"t\n\n{LINE}".encode().replace(b"t", b"\xff"), "UTF-8"),
        (f"t\n\n{LINE * (MAX_SIGNATURES + 1)}", "too many"),
        (f"{'t' * MAX_NOTE_BYTES}\n\n{LINE}", "too long"),
    ],
)
def test_what_is_no_note(note: str | bytes, why: str) -> None:
    with pytest.raises(UnreadableNote, match=re.escape(why)):
        parse_signed_note(note)


def test_as_many_signatures_as_there_may_be() -> None:
    assert len(parse_signed_note(f"t\n\n{LINE * MAX_SIGNATURES}").signatures) == MAX_SIGNATURES


@pytest.mark.parametrize("body", [b"", b"t", b"\xff\n", b"t\n\nx", f"t\n\n{LINE[:-1]}".encode()])
def test_bodies_that_cannot_be_signed(body: bytes) -> None:
    with pytest.raises(UnreadableNote):
        signed_note_text(body, [SIGNATURE])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b", "\ud800", "x" * 256])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(UnreadableNote, match="name"):
        NoteSignature(name=name, key_id=bytes(4), signature=b"s")


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_a_note_or_none(text: str) -> None:
    for tried in (text, f"{text}\n{LINE}", f"t\n\n— {text}\n", f"t\n\n— a {text}\n"):
        try:
            read = parse_signed_note(tried)
        except UnreadableNote:
            continue
        assert read.text == tried


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_any_octets_are_a_note_or_none(octets: bytes) -> None:
    for tried in (octets, octets + b"\n\n" + LINE.encode()):
        try:
            read = parse_signed_note(tried)
        except UnreadableNote:
            continue
        assert read.text.encode() == tried


def test_the_published_checkpoint() -> None:
    read = parse_checkpoint(parse_signed_note(SOFA).body)
    assert (read.origin, read.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert read.root == base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    assert read.body == parse_signed_note(SOFA).body


def test_further_lines() -> None:
    made = Checkpoint("o", 1, bytes(32), ("time 2026-01-15T12:00:00Z", "node n1", "前"))
    assert made.body == "o\n1\n{}=\ntime 2026-01-15T12:00:00Z\nnode n1\n前\n".format("A" * 43).encode()
    assert parse_checkpoint(made.body) == made


ROOT = "A" * 43 + "="
EMPTY_TREE = base64.b64encode(EMPTY_ROOT).decode()


def test_the_empty_and_the_largest_tree() -> None:
    assert parse_checkpoint(f"o\n0\n{EMPTY_TREE}\n".encode()) == Checkpoint("o", 0, EMPTY_ROOT)
    assert parse_checkpoint(f"o\n{MAX_SIZE}\n{ROOT}\n".encode()).size == MAX_SIZE


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n",
        "o\n",
        "o\n1\n",
        f"o\n1\n{ROOT}",
        f"o\n1\n{ROOT}\n\n",
        f"o\n1\n{ROOT}\nx\n\n",
        f"o\n1\n{ROOT}\n\nx\n",
        f"\n1\n{ROOT}\n",
        f"o\n\n{ROOT}\n",
        f"o\n01\n{ROOT}\n",
        f"o\n00\n{ROOT}\n",
        f"o\n+1\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n 1\n{ROOT}\n",
        f"o\n1 \n{ROOT}\n",
        f"o\n1_0\n{ROOT}\n",
        f"o\n1.0\n{ROOT}\n",
        f"o\n１\n{ROOT}\n",
        f"o\n٣\n{ROOT}\n",
        f"o\n{MAX_SIZE + 1}\n{ROOT}\n",
        f"o\n{'9' * 4000}\n{ROOT}\n",
        f"o\n0\n{ROOT}\n",
        f"o\n1\n{ROOT[:-1]}\n",
        f"o\n1\n{ROOT[:-2]}B=\n",
        f"o\n1\n{ROOT[:-4]}\n",
        f"o\n1\n{ROOT} \n",
        f"o\n1\n{'A' * 48}\n",
        f"o\r\n1\r\n{ROOT}\r\n",
        f"o\x01\n1\n{ROOT}\n",
        f"o\n1\n{ROOT}\n" + "x\n" * (MAX_EXTENSIONS + 1),
        f"o\n1\n{ROOT}\n" + "x" * MAX_CHECKPOINT_BYTES + "\n",
        b"\xff\n1\n%s\n" % ROOT.encode(),
    ],
)
def test_what_is_no_checkpoint(body: str | bytes) -> None:
    with pytest.raises(UnreadableNote):
        parse_checkpoint(body if isinstance(body, bytes) else body.encode())


@pytest.mark.parametrize(
    "fields",
    [
        ("", 1, bytes(32)),
        ("a\nb", 1, bytes(32)),
        ("\ud800", 1, bytes(32)),
        ("o", -1, bytes(32)),
        ("o", MAX_SIZE + 1, bytes(32)),
        ("o", 1, bytes(31)),
        ("o", 0, bytes(32)),
        ("o", 1, bytes(32), ("",)),
        ("o", 1, bytes(32), ("x\ny",)),
        ("o", 1, bytes(32), ("x" * MAX_CHECKPOINT_BYTES,)),
    ],
)
def test_what_cannot_be_a_checkpoint(fields: tuple[object, ...]) -> None:
    with pytest.raises(UnreadableNote):
        Checkpoint(*fields)  # type: ignore[arg-type]


@settings(deadline=None)
@given(st.data())
def test_a_checkpoint_is_read_in_one_way(data: st.DataObject) -> None:
    """A body with one octet changed, added or taken away is another checkpoint, or none."""
    body = CHECKPOINT.body
    at = data.draw(st.integers(0, len(body) - 1))
    octet = bytes([data.draw(st.integers(0, 255))])
    for tried in (
        body[:at] + octet + body[at + 1 :],
        body[:at] + octet + body[at:],
        body[:at] + body[at + 1 :],
    ):
        try:
            read = parse_checkpoint(tried)
        except UnreadableNote:
            continue
        assert read.body == tried
        assert (read == CHECKPOINT) is (tried == body)
