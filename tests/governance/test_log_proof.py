"""A tlog-proof shows offline that a record is in the log, to us and to whoever has only bash and openssl."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.log_key import LogKey, new_log_key
from governance.log_proof import LogProof, ProofRefused, read_proof, verify_proof
from governance.merkle import inclusion_proof, leaf_hash, root_of
from governance.signed_note import sign_checkpoint, write_base64

KEY = new_log_key("example.com/log")
SIZE = 11
DATA = [f"record {n}".encode() for n in range(SIZE)]


def proof_of(index: int, key: LogKey = KEY, extra: bytes | None = None) -> str:
    """The proof that `DATA[index]` stands in a log of all DATA."""
    leaves = [leaf_hash(d) for d in DATA]
    note = sign_checkpoint(SIZE, root_of(leaves), key).note
    return str(LogProof(index, inclusion_proof(leaves, index), note, extra))


def shown_by_script(project: Path, folder: Path, proof: str | bytes, leaf: bytes, vkey: str = KEY.vkey) -> bool:
    """Whether templates/verify.sh shows it; fails the test if the script itself fails."""
    (folder / "proof").write_bytes(proof.encode() if isinstance(proof, str) else proof)
    (folder / "leaf").write_bytes(leaf)
    script = [str(project / "templates" / "verify.sh"), vkey, str(folder / "proof"), str(folder / "leaf")]
    run = subprocess.run(["bash", *script], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"}, check=False)
    said = (run.returncode, run.stdout.partition(":")[0], run.stderr.partition(":")[0])
    assert said in ((0, "SHOWN", ""), (1, "", "NOT SHOWN")), run
    return run.returncode == 0


def test_a_proof_is_written_as_the_format_has_it() -> None:
    a, b = leaf_hash(b"a"), leaf_hash(b"b")
    assert str(LogProof(41, (a, b), "origin\n60\nroot\n\n— origin sig\n", b"x")) == (
        f"c2sp.org/tlog-proof@v1\nextra eA==\nindex 41\n{write_base64(a)}\n{write_base64(b)}\n\n"
        "origin\n60\nroot\n\n— origin sig\n"
    )


@pytest.mark.parametrize("extra", [None, b"for the reader"])
@pytest.mark.parametrize("index", range(SIZE))
def test_a_proof_shows_its_record_and_no_other(index: int, extra: bytes | None) -> None:
    text = proof_of(index, extra=extra)
    assert str(read_proof(text)) == text
    assert read_proof(text).extra == extra
    assert verify_proof(text, DATA[index], KEY.vkey).size == SIZE
    for other in {*DATA, b"", DATA[index] + b"\n"} - {DATA[index]}:
        with pytest.raises(ProofRefused, match="is not entry"):
            verify_proof(text, other, KEY.vkey)


def test_the_only_record_of_a_log_needs_no_hashes() -> None:
    note = sign_checkpoint(1, leaf_hash(b"x"), KEY).note
    assert verify_proof(f"c2sp.org/tlog-proof@v1\nindex 0\n\n{note}", b"x", KEY.vkey).size == 1


@given(st.integers(0, SIZE - 1), st.data())
def test_no_letter_of_a_proof_can_be_replaced_put_in_or_left_out(index: int, data: st.DataObject) -> None:
    text = proof_of(index)
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("aA0129+/= \n—\r\x00") | st.characters(exclude_categories=["Cs"]))
    changed = {text[:at] + letter + text[at + 1 :], text[:at] + letter + text[at:], text[:at] + text[at + 1 :]}
    for proof in changed - {text}:
        with pytest.raises(ProofRefused):
            verify_proof(proof, DATA[index], KEY.vkey)


def test_no_line_of_a_proof_can_be_left_out_doubled_or_exchanged() -> None:
    for index in range(SIZE):
        lines = proof_of(index).splitlines(keepends=True)
        for at in range(len(lines)):
            without = [*lines[:at], *lines[at + 1 :]]
            swapped = [*lines[:at], *reversed(lines[at : at + 2]), *lines[at + 2 :]]
            doubled = [*lines[: at + 1], *lines[at:]]
            for changed in (without, swapped, doubled):
                if changed != lines:
                    with pytest.raises(ProofRefused):
                        verify_proof("".join(changed), DATA[index], KEY.vkey)


def test_a_proof_by_another_key_of_the_same_name_is_refused() -> None:
    with pytest.raises(ProofRefused, match="no signature by a trusted key"):
        verify_proof(proof_of(3, new_log_key(KEY.name)), DATA[3], KEY.vkey)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v1\n\n",
        "c2sp.org/tlog-proof@v2\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 00\n\nx",
        "c2sp.org/tlog-proof@v1\nindex -1\n\nx",
        "c2sp.org/tlog-proof@v1\nextra \nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\nextra eA\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\nextra eA==\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 0\nextra eA==\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 0\n" + (write_base64(bytes(32)) + "\n") * 64 + "\nx",
        "x" * 1_000_001,
    ],
)
def test_a_text_in_another_form_is_no_proof(text: str) -> None:
    with pytest.raises(ProofRefused):
        read_proof(text)


def test_a_bad_verifier_key_shows_nothing() -> None:
    with pytest.raises(ProofRefused):
        verify_proof(proof_of(0), DATA[0], "example.com/log")


@pytest.mark.parametrize("index", [0, 4, 8, 10])
def test_a_verifier_in_bash_and_openssl_agrees(index: int, project: Path, tmp_path: Path) -> None:
    assert shown_by_script(project, tmp_path, proof_of(index), DATA[index])
    assert not shown_by_script(project, tmp_path, proof_of(index), DATA[index] + b"\n")


def test_the_verifier_in_bash_reads_an_extra_line_and_ignores_other_signatures(project: Path, tmp_path: Path) -> None:
    proof = proof_of(2, extra=bytes(range(256))) + "— witness.example AAAAAAAA\n"
    assert shown_by_script(project, tmp_path, proof, DATA[2])
    assert verify_proof(proof, DATA[2], KEY.vkey).size == SIZE


def test_the_verifier_in_bash_hashes_a_record_byte_for_byte(project: Path, tmp_path: Path) -> None:
    """Zero bytes, blanks and last newlines are what a shell loses first."""
    data = b"\x00 \xff\n%s\\x41\n\n"
    proof = f"c2sp.org/tlog-proof@v1\nindex 0\n\n{sign_checkpoint(1, leaf_hash(data), KEY).note}"
    assert shown_by_script(project, tmp_path, proof, data)
    assert not shown_by_script(project, tmp_path, proof, data[1:])
    assert not shown_by_script(project, tmp_path, proof, data[:-1])


def some_changes(text: str) -> list[str]:
    """One change to every line of a proof, and one of every other sort."""
    lines = text.splitlines(keepends=True)
    first = [
        "".join([*lines[:at], ("B" if line[0] != "B" else "C") + line[1:], *lines[at + 1 :]])
        for at, line in enumerate(lines)
    ]
    cut = ["".join([*lines[:at], *lines[at + 1 :]]) for at in range(len(lines))]
    return [*first, *cut, text + "\n", text[:-1], text.replace("\n", "\r\n"), text + lines[-1], "", "\n\n"]


def test_the_verifier_in_bash_refuses_every_change_that_we_refuse(project: Path, tmp_path: Path) -> None:
    changes = some_changes(proof_of(9))
    assert len(changes) > 20
    for changed in changes:
        with pytest.raises(ProofRefused):
            verify_proof(changed, DATA[9], KEY.vkey)
        assert not shown_by_script(project, tmp_path, changed, DATA[9]), changed
    zero = proof_of(9).encode().replace(b"index", b"in\x00dex")
    assert not shown_by_script(project, tmp_path, zero, DATA[9])


def test_the_verifier_in_bash_refuses_another_key(project: Path, tmp_path: Path) -> None:
    keys = [new_log_key(KEY.name).vkey, new_log_key("example.com/other").vkey, KEY.vkey[:-4], KEY.name, ""]
    for vkey in [*keys, KEY.vkey.replace("+", "+0", 1)]:
        assert not shown_by_script(project, tmp_path, proof_of(1), DATA[1], vkey), vkey


@pytest.mark.exhaustive
@pytest.mark.parametrize("index", range(SIZE))
def test_the_verifier_in_bash_refuses_every_letter_replaced(index: int, project: Path, tmp_path: Path) -> None:
    text = proof_of(index)
    for at in range(index, len(text), SIZE):
        changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
        assert not shown_by_script(project, tmp_path, changed, DATA[index]), changed
