"""A note is believed only if a trusted key signed exactly this text; and it has one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.log_key import LogKey, new_log_key
from governance.merkle import EMPTY_ROOT, leaf_hash
from governance.signed_note import (
    NoteRefused,
    VerifierKey,
    open_checkpoint,
    open_note,
    read_base64,
    read_checkpoint,
    read_number,
    read_vkey,
    sign_checkpoint,
    sign_note,
    write_base64,
)

# The example of Go's golang.org/x/mod/sumdb/note, the format's first implementation.
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
GO_NOTE = f"{GO_TEXT}\n{GO_LINE}"


@pytest.fixture(scope="module")
def key() -> LogKey:
    return new_log_key("example.com/log")


def verifier(key: LogKey) -> VerifierKey:
    return VerifierKey(key.name, key.public)


def line(note: str) -> str:
    """The signature lines of a note."""
    return note.rpartition("\n\n")[2]


def test_the_example_note_of_the_go_implementation_opens() -> None:
    peter = read_vkey(GO_VKEY)
    assert str(peter) == GO_VKEY
    assert open_note(GO_NOTE, [peter]) == (GO_TEXT, (peter,))


def test_the_example_checkpoint_of_the_specification_reads() -> None:
    """c2sp.org/tlog-checkpoint; its key is not published, so only its form can be checked."""
    checkpoint = read_checkpoint(
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo"
        "+zyWE+xeMcTOAYQ8=\n"
    )
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.root.hex() == "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"


def test_a_signed_note_opens_with_its_key(key: LogKey) -> None:
    text = "ein Text\n\nmit leerer Zeile, 日本語\n"
    assert open_note(sign_note(text, key), [verifier(key)]) == (text, (verifier(key),))


@given(st.integers(0, len(GO_NOTE) - 1), st.sampled_from("aA0+/= \n—\tx\u2028"))
def test_no_letter_of_a_note_can_be_replaced_put_in_or_left_out(at: int, letter: str) -> None:
    peter = read_vkey(GO_VKEY)
    changed = {GO_NOTE[:at] + letter + GO_NOTE[at + 1 :], GO_NOTE[:at] + letter + GO_NOTE[at:]}
    changed.add(GO_NOTE[:at] + GO_NOTE[at + 1 :])
    for note in changed - {GO_NOTE}:
        with pytest.raises(NoteRefused):
            open_note(note, [peter])


def test_signatures_by_unknown_keys_are_ignored(key: LogKey) -> None:
    """By an unknown name, and by an unknown key of the same name."""
    peter = read_vkey(GO_VKEY)
    namesake = line(sign_note(GO_TEXT, new_log_key("PeterNeumann")))
    stranger = line(sign_note("something else\n", key))
    assert open_note(f"{GO_TEXT}\n{namesake}{stranger}{GO_LINE}", [peter]) == (GO_TEXT, (peter,))


def test_a_note_without_a_trusted_signature_is_refused(key: LogKey) -> None:
    with pytest.raises(NoteRefused, match="no signature by a trusted key"):
        open_note(GO_NOTE, [verifier(key)])
    with pytest.raises(NoteRefused, match="no signature by a trusted key"):
        open_note(GO_NOTE, [])


def test_one_bad_signature_by_a_known_key_fails_the_note_though_another_is_good(key: LogKey) -> None:
    bad = line(sign_note("something else\n", key))
    peter = read_vkey(GO_VKEY)
    with pytest.raises(NoteRefused, match="does not fit"):
        open_note(GO_NOTE + bad, [peter, verifier(key)])


def test_a_known_key_signs_once() -> None:
    with pytest.raises(NoteRefused, match="two signatures"):
        open_note(GO_NOTE + GO_LINE, [read_vkey(GO_VKEY)])


def test_two_known_keys_that_signed_are_both_named(key: LogKey) -> None:
    peter = read_vkey(GO_VKEY)
    note = GO_NOTE + line(sign_note(GO_TEXT, key))
    assert open_note(note, [verifier(key), peter])[1] == (peter, verifier(key))


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        GO_TEXT,
        GO_NOTE.removesuffix("\n"),
        GO_NOTE + "\n",
        GO_NOTE.replace("\n", "\r\n"),
        f"{GO_TEXT}\n{GO_LINE.replace('—', '-')}",
        f"{GO_TEXT}\n— PeterNeumann\n{GO_LINE}",
        f"{GO_TEXT}\n— Peter+Neumann x08goA==\n{GO_LINE}",
        f"{GO_TEXT}\n— other x08g\n{GO_LINE}",
        GO_NOTE + GO_LINE.replace("PeterNeumann", "other") * 64,
    ],
)
def test_what_is_no_note_is_refused_though_it_holds_a_good_signature(note: str) -> None:
    with pytest.raises(NoteRefused):
        open_note(note, [read_vkey(GO_VKEY)])


def test_a_note_longer_than_a_million_letters_is_refused_unread(key: LogKey) -> None:
    assert open_note(sign_note("a" * 900_000 + "\n", key), [verifier(key)])
    with pytest.raises(NoteRefused, match="longer than"):
        open_note(sign_note("a" * 1_000_000 + "\n", key), [verifier(key)])


@pytest.mark.parametrize("text", ["no end", "tab\there\n", "null\0\n", "half \ud800\n"])
def test_a_text_that_no_note_can_hold_is_not_signed(text: str, key: LogKey) -> None:
    with pytest.raises(NoteRefused):
        sign_note(text, key)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\u2003b", "\x7f"])
def test_a_name_with_a_blank_plus_or_control_character_names_no_key(name: str) -> None:
    with pytest.raises(NoteRefused):
        new_log_key(name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        GO_VKEY.replace("c74f20a3", "c74f20a4"),
        GO_VKEY.replace("c74f20a3", "C74F20A3"),
        GO_VKEY.replace("PeterNeumann", "PeterNeuman"),
        GO_VKEY[:-1],
        GO_VKEY.replace("+ARpc", "+Ahpc"),
        GO_VKEY.replace("+ARpc", "+BRpc"),
    ],
)
def test_a_misspelt_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        read_vkey(text)


def test_a_checkpoint_says_origin_size_and_root_and_opens_with_its_key(key: LogKey) -> None:
    root = leaf_hash(b"x")
    checkpoint = sign_checkpoint(1, root, key)
    assert checkpoint.note.startswith(f"example.com/log\n1\n{write_base64(root)}\n\n— example.com/log ")
    assert open_checkpoint(checkpoint.note, verifier(key)) == checkpoint


def test_a_checkpoint_of_another_log_is_refused_though_the_key_signed_it(key: LogKey) -> None:
    note = sign_note(f"example.com/other\n0\n{write_base64(EMPTY_ROOT)}\n", key)
    with pytest.raises(NoteRefused, match="not of `example"):
        open_checkpoint(note, verifier(key))


def test_lines_after_the_root_are_allowed_and_ignored(key: LogKey) -> None:
    note = sign_note(f"example.com/log\n0\n{write_base64(EMPTY_ROOT)}\nextension\n", key)
    assert open_checkpoint(note, verifier(key)).size == 0


@pytest.mark.parametrize(
    "text",
    [
        "example.com/log\n1\n",
        "example.com/log\n\n1\nAAAA\n",
        "example.com/log\n01\n" + write_base64(EMPTY_ROOT) + "\n",
        "example.com/log\n-1\n" + write_base64(EMPTY_ROOT) + "\n",
        "example.com/log\n1\nAAAA\n",
        "example.com/log\n1\n" + write_base64(EMPTY_ROOT) + "\n\n",
    ],
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(text: str, key: LogKey) -> None:
    with pytest.raises(NoteRefused):
        open_checkpoint(sign_note(text, key), verifier(key))


@pytest.mark.parametrize("text", ["", "00", "01", "+1", "1 ", "1_0", "١", "9223372036854775808", "1" * 5000])
def test_a_count_has_one_spelling(text: str) -> None:
    with pytest.raises(NoteRefused):
        read_number(text)


def test_counts_reach_to_the_largest_of_63_bits() -> None:
    assert [read_number(t) for t in ("0", "10", "9223372036854775807")] == [0, 10, 2**63 - 1]


@pytest.mark.parametrize("text", ["", "QQ", "QQ=", "QR==", "QQ==\n", "Q Q=", "Q-==", "QQ==QQ==", "é"])
def test_base64_has_one_spelling(text: str) -> None:
    """`QR==` decodes to the same byte as `QQ==`: a second spelling of the same signature."""
    with pytest.raises(NoteRefused):
        read_base64(text)


@given(st.binary(min_size=1, max_size=99))
def test_base64_reads_what_it_wrote(data: bytes) -> None:
    assert read_base64(write_base64(data)) == data
