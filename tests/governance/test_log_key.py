"""The log key lies in a file that only its owner can read, and is never overwritten."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from governance.log_key import KeyRefused, load_log_key, new_log_key, save_log_key
from governance.signed_note import open_note, read_vkey, sign_note


def test_a_saved_key_is_read_back_and_signs_as_before(tmp_path: Path) -> None:
    key = new_log_key("example.com/log")
    save_log_key(key, tmp_path / "log.pem")
    again = load_log_key(tmp_path / "log.pem", "example.com/log")
    assert again == key
    assert open_note(sign_note("text\n", again), [read_vkey(key.vkey)])


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.pem"
    save_log_key(new_log_key("example.com/log"), path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(KeyRefused, match="read by others"):
        load_log_key(path, "example.com/log")


def test_with_a_passphrase_the_file_is_encrypted_and_opens_only_with_it(tmp_path: Path) -> None:
    path = tmp_path / "log.pem"
    key = new_log_key("example.com/log")
    save_log_key(key, path, "correct horse")
    assert path.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert load_log_key(path, "example.com/log", "correct horse").vkey == key.vkey
    with pytest.raises(KeyRefused, match="does not open"):
        load_log_key(path, "example.com/log", "wrong")
    with pytest.raises(KeyRefused, match="needs a passphrase"):
        load_log_key(path, "example.com/log")


def test_a_passphrase_for_an_open_file_is_refused(tmp_path: Path) -> None:
    """Whoever gives a passphrase believes that the file is protected."""
    save_log_key(new_log_key("example.com/log"), tmp_path / "log.pem")
    with pytest.raises(KeyRefused, match="is not encrypted"):
        load_log_key(tmp_path / "log.pem", "example.com/log", "secret")


def test_an_empty_passphrase_is_not_taken_for_none(tmp_path: Path) -> None:
    with pytest.raises(KeyRefused, match="empty"):
        save_log_key(new_log_key("example.com/log"), tmp_path / "log.pem", "")
    assert not (tmp_path / "log.pem").exists()


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "log.pem"
    save_log_key(new_log_key("example.com/log"), path)
    before = path.read_bytes()
    with pytest.raises(KeyRefused, match="cannot write"):
        save_log_key(new_log_key("example.com/log"), path)
    assert path.read_bytes() == before


def test_what_is_no_ed25519_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.pem"
    with pytest.raises(KeyRefused, match="cannot read"):
        load_log_key(path, "example.com/log")
    path.touch(0o600)
    with pytest.raises(KeyRefused, match="not a PEM"):
        load_log_key(path, "example.com/log")
    other = generate_private_key(SECP256R1())
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(KeyRefused, match="not an Ed25519 key"):
        load_log_key(path, "example.com/log")


def test_the_key_does_not_show_its_secret() -> None:
    key = new_log_key("example.com/log")
    assert repr(key) == f"LogKey(name='example.com/log', public={key.public!r})"


def test_openssl_reads_the_file_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "log.pem"
    key = new_log_key("example.com/log")
    save_log_key(key, path)
    told = subprocess.run(
        ["openssl", "pkey", "-in", str(path), "-pubout", "-outform", "DER"],
        check=True,
        capture_output=True,
    )
    assert told.stdout[-32:] == key.public
