"""A record key is made once, whole, for its owner's eyes only, and opens with its passphrase alone."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from governance.record_key import KEY_FILE, ROOT_FILE, create_record_key, load_record_key
from rules.problem import BadInput

AT = datetime(2026, 11, 20, 16, 5, 9, tzinfo=UTC)


def test_a_key_that_was_stored_is_the_key_that_was_made(tmp_path: Path) -> None:
    made = create_record_key(tmp_path, "Ådne 山田", AT, "correct horse")
    loaded = load_record_key(tmp_path, "correct horse")
    assert loaded.certificate == made.certificate
    assert loaded.root == made.root
    assert loaded.private.private_numbers() == made.private.private_numbers()
    assert loaded.owner == "Ådne 山田"


def test_only_their_owner_may_read_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    create_record_key(folder, "Ana", AT, None)
    assert {p.name: stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()} == {KEY_FILE: 0o600, ROOT_FILE: 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_exported_root_is_the_one_to_pin(tmp_path: Path) -> None:
    key = create_record_key(tmp_path, "Ana", AT, None)
    assert (tmp_path / ROOT_FILE).read_bytes() == key.root_pem
    key.certificate.verify_directly_issued_by(key.root)


def test_the_leaf_may_sign_and_certify_nothing(tmp_path: Path) -> None:
    key = create_record_key(tmp_path, "Ana", AT, None)
    usage = key.certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    basic = key.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (usage.digital_signature, usage.content_commitment, usage.key_cert_sign, basic.ca) == (
        True,
        True,
        False,
        False,
    )
    assert isinstance(key.private.curve, ec.SECP256R1)


def test_the_roots_private_key_is_nowhere(tmp_path: Path) -> None:
    key = create_record_key(tmp_path, "Ana", AT, None)
    assert key.private.public_key() == key.certificate.public_key() != key.root.public_key()


def test_its_years_begin_when_it_is_told(tmp_path: Path) -> None:
    key = create_record_key(tmp_path, "Ana", AT, None)
    assert (key.certificate.not_valid_before_utc, key.certificate.not_valid_after_utc.year) == (AT, 2036)


@pytest.mark.parametrize("tried", [None, "", "correct  horse"])
def test_another_passphrase_does_not_open_it(tmp_path: Path, tried: str | None) -> None:
    create_record_key(tmp_path, "Ana", AT, "correct horse")
    with pytest.raises(BadInput, match="the record key does not open with"):
        load_record_key(tmp_path, tried)


def test_the_stored_key_is_not_readable_without_its_passphrase(tmp_path: Path) -> None:
    key = create_record_key(tmp_path, "Ana", AT, "correct horse")
    secret = key.private.private_numbers().private_value.to_bytes(32, "big")
    assert secret not in (tmp_path / KEY_FILE).read_bytes()
    open_key = create_record_key(tmp_path / "open", "Ana", AT, None)
    assert (
        open_key.private.private_numbers().private_value.to_bytes(32, "big")
        in (tmp_path / "open" / KEY_FILE).read_bytes()
    )


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    first = create_record_key(tmp_path, "Ana", AT, None)
    with pytest.raises(BadInput) as refusal:
        create_record_key(tmp_path, "Bo", AT, None)
    assert len(refusal.value.problems) == 2
    assert load_record_key(tmp_path, None).certificate == first.certificate


def test_everything_wrong_is_said_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refusal:
        create_record_key(tmp_path / "keys", " ", AT, "")
    assert [problem.message for problem in refusal.value.problems] == [
        "the owner of a record key needs a name",
        "the passphrase is empty",
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_name_longer_than_a_certificate_takes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="1 to 64 characters"):
        create_record_key(tmp_path, "x" * 65, AT, None)


def test_a_half_made_key_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).symlink_to(tmp_path / "nowhere" / "key")
    with pytest.raises(OSError, match="File exists"):
        create_record_key(tmp_path, "Ana", AT, None)
    assert not (tmp_path / ROOT_FILE).exists()


def test_a_time_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        create_record_key(tmp_path, "Ana", AT.replace(tzinfo=None), None)


def test_no_key_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no record key\n  hint: `merestone init` makes one"):
        load_record_key(tmp_path, None)


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x30\x82\x01"])
def test_a_damaged_file_is_a_problem(tmp_path: Path, content: bytes) -> None:
    (tmp_path / KEY_FILE).write_bytes(content)
    (tmp_path / KEY_FILE).chmod(0o600)
    with pytest.raises(BadInput, match="does not open"):
        load_record_key(tmp_path, None)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    create_record_key(tmp_path, "Example Instruments", AT, None)
    (tmp_path / KEY_FILE).chmod(0o640)
    with pytest.raises(BadInput, match="the record key can be read by others; found `0640`; expected 0600"):
        load_record_key(tmp_path, None)
