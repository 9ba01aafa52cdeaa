"""A decision from frame to commit: what is refused, what is kept, and what two people do at once."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.workspace import open_workspace
from engine.engines.embedded import Embedded
from governance.canonical_json import canonical
from tests.cli.conftest import APPROVALS, COMMIT, DECISION, Desk

Made = Callable[[str], Desk]
WHOM = (
    "decision",
    "waive",
    DECISION,
    "--rule",
    "R02",
    "--account",
    "A-2079",
    "--by",
    "Ida Lind",
    "--role",
    "vp-sales",
)
WAIVE = (*WHOM, "--reason", "the customer asked")


def frame(desk: Desk) -> tuple[str, ...]:
    return ("decision", "frame", str(desk.root / "decision.yaml"), "--by", "Ana Ruiz")


def test_everything_wrong_with_a_decision_file_is_said_at_once_with_line_and_hint(desk_at: Made) -> None:
    desk = desk_at("imported")
    desk.edit("decision.yaml", "owner: {name: E-01, role: director North and Far East}\n", "")
    desk.edit("decision.yaml", "recommendation: moderate", "recommendation: bold")
    desk.edit("decision.yaml", "moves: moves.csv", "moves: gone.csv")
    desk.edit("decision.yaml", "company.attainment_spread >", "company.attainment_spred >")
    result = desk.run(*frame(desk))
    assert result.exit_code == 2
    for said in (
        "decision.yaml:1:1: a decision without an owner is not evaluated",
        "the moves of option `moderate` are not there; found `gone.csv`",
        "recommends no option; found `bold`; expected `status-quo`, `moderate`",
        "unknown fact `company.attainment_spred`",
        "did you mean `company.attainment_spread`?",
    ):
        assert said in result.stderr
    assert desk.ask("decision", "list")["decisions"] == []
    assert not list((desk.root / "decisions").iterdir())


def test_a_decision_file_in_windows_1252_is_refused_with_the_line(desk_at: Made) -> None:
    desk = desk_at("imported")
    text = (desk.root / "decision.yaml").read_text("utf-8").replace("Far East", "Fernöstliches", 1)
    (desk.root / "decision.yaml").write_bytes(text.encode("windows-1252"))
    result = desk.run(*frame(desk))
    assert result.exit_code == 2
    assert "decision.yaml:1: not UTF-8; found `byte 0xf6`" in result.stderr
    assert "hint: save it as UTF-8" in result.stderr


def test_decisions_are_numbered_in_order(desk_at: Made) -> None:
    desk = desk_at("framed")
    desk.did(*frame(desk))
    assert [d["id"] for d in desk.ask("decision", "list")["decisions"]] == [DECISION, "DR-2026-002"]


def test_a_folder_that_a_crash_left_behind_is_no_decision_and_no_obstacle(desk_at: Made) -> None:
    desk = desk_at("imported")
    (desk.root / "decisions" / DECISION).mkdir()
    (desk.root / "decisions" / DECISION / "moves-moderate-0123456789ab.csv.part").write_text("acc", "utf-8")
    assert desk.ask("decision", "list")["decisions"] == []
    desk.did(*frame(desk))
    desk.did("decision", "compare", DECISION)


@pytest.mark.parametrize(
    ("by", "role", "message"),
    [
        ("P-07", "vp-sales", "its requester cannot approve it"),
        ("ida lind", "giving-manager", "`ida lind` approved already as `vp-sales`"),
        ("Ida Lind", "vp-sales", "`Ida Lind` approved this already, on 2026-07-03"),
        ("Bo Ek", "vp-saels", "no policy asks for the approval of this role"),
        ("", "vp-sales", "names nobody"),
    ],
)
def test_an_approval_is_refused(by: str, role: str, message: str, desk_at: Made) -> None:
    desk = desk_at("framed")
    desk.did("decision", "approve", DECISION, "--role", "vp-sales", "--by", "Ida Lind")
    found = desk.refused("decision", "approve", DECISION, "--role", role, "--by", by)
    assert found[0].endswith(message)


def test_an_approval_of_an_account_that_does_not_move_is_refused(desk_at: Made) -> None:
    words = ("decision", "approve", DECISION, "--role", "sales-ops", "--by", "Bo Ek", "--account")
    desk = desk_at("framed")
    assert desk.refused(*words, "A-9999") == [f"--account: no option of {DECISION} moves this account"]
    desk.did(*words, "A-1071")


def test_after_the_commit_it_is_neither_approved_nor_waived_nor_committed(shared: Made) -> None:
    desk = shared("committed")
    assert desk.refused("decision", "approve", DECISION, "--role", "sales-ops", "--by", "Bo Ek") == [
        f"{DECISION}: is committed; an approval comes before"
    ]
    assert desk.refused(*WAIVE, "--until", "2026-12-31") == [f"{DECISION}: is committed; a waiver comes before"]
    assert desk.refused(*COMMIT) == [f"{DECISION}: is committed already"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("--rule", "R17"), f"{DECISION}: rule `R17` cannot be waived"),
        (("--rule", "R99"), f"{DECISION}: there is no rule `R99`"),
        (("--role", "sales-ops"), f"{DECISION}: rule `R02` is waived by another role"),
        (("--by", "P-07"), f"{DECISION}: its requester cannot waive a rule"),
        (("--until", "2026-07-02"), "--until: lies in the past"),
        (("--account", "A-9999"), f"--account: no option of {DECISION} moves this account"),
    ],
)
def test_a_waiver_is_refused(change: tuple[str, str], message: str, shared: Made) -> None:
    assert message in shared("framed").refused(*WAIVE, "--until", "2026-12-31", *change)


def test_a_waiver_in_force_changes_the_verdict_and_the_document_says_so(desk_at: Made) -> None:
    desk = desk_at("approved")
    desk.did(*WAIVE, "--until", "2026-12-31")
    document = json.loads(desk.run("--json", *COMMIT).stdout)["document"]
    (move,) = [m for m in document["moves"] if m["account"] == "A-2079"]
    assert move["verdict"] == "allow"
    assert [f["standing"] for f in move["fired"] if f["rule"] == "R02"] == ["waived by W-1"]
    (waiver,) = document["waivers"]
    assert (waiver["rule"], waiver["accounts"], waiver["by"]) == ("R02", "A-2079", "Ida Lind")
    assert "W-1: R02 waived by Ida Lind until 2026-12-31" in desk.run("decision", "show", DECISION).stdout


def test_a_waiver_that_has_expired_at_the_commit_changes_nothing(desk_at: Made) -> None:
    desk = desk_at("approved")
    desk.did(*WAIVE, "--until", "2026-07-10")
    document = json.loads(desk.run("--json", *COMMIT, now="2026-07-11T00:00:00Z").stdout)["document"]
    assert [m["verdict"] for m in document["moves"] if m["account"] == "A-2079"] == ["deny"]


def test_without_approvals_every_missing_role_is_named_with_the_command_that_mends_it(shared: Made) -> None:
    result = shared("framed").run(*COMMIT)
    assert result.exit_code == 2
    for role, _ in APPROVALS:
        assert f"nobody has approved it as `{role}`" in result.stderr
        assert f"hint: merestone decision approve {DECISION} --role {role} --by NAME" in result.stderr


def test_leaving_the_recommendation_needs_a_reason(desk_at: Made) -> None:
    desk = desk_at("approved")
    other = ("decision", "commit", DECISION, "--option", "status-quo", "--by", "Ida Lind", "--rationale", "wait")
    assert desk.refused(*other) == ["--deviation: leaving the recommendation needs a reason"]
    document = json.loads(desk.run("--json", *other, "--deviation", "a merger is near").stdout)["document"]
    assert document["decided"]["deviation"] == "a merger is near"
    assert document["moves"] == []


@pytest.mark.parametrize("verb", [("decision", "compare", DECISION), COMMIT])
def test_moves_that_changed_since_the_frame_are_refused(verb: tuple[str, ...], desk_at: Made) -> None:
    desk = desk_at("approved")
    (kept,) = (desk.root / "decisions" / DECISION).iterdir()
    desk.edit(str(kept.relative_to(desk.root)), "A-2079,E-32,E-31", "A-2079,E-32,E-33")
    (problem,) = desk.refused(*verb)
    assert problem == f"{kept}: has changed since the decision was framed"


def test_moves_that_are_gone_are_refused(desk_at: Made) -> None:
    desk = desk_at("approved")
    (kept,) = (desk.root / "decisions" / DECISION).iterdir()
    kept.unlink()
    assert desk.refused(*COMMIT) == [f"{kept}: there is no such file"]


def test_the_users_own_file_of_moves_may_change_after_the_frame(desk_at: Made) -> None:
    desk = desk_at("approved")
    (desk.root / "moves.csv").write_text("", "utf-8")
    desk.did(*COMMIT)


def test_policies_that_changed_since_the_frame_are_refused(desk_at: Made) -> None:
    desk = desk_at("approved")
    desk.edit("policies/commitment.yaml", "Who must agree", "Who should agree")
    assert desk.refused(*COMMIT) == [
        f"{DECISION}: the policies have changed since it was framed",
        "policies: are a draft, not in force",
    ]


def test_a_snapshot_that_was_altered_is_refused(desk_at: Made) -> None:
    desk = desk_at("approved")
    (parquet,) = (desk.root / "snapshots").glob("*/accounts.parquet")
    parquet.chmod(0o600)
    parquet.write_bytes(parquet.read_bytes()[:-1] + b"!")
    assert desk.run(*COMMIT).exit_code in (2, 3)
    assert desk.ask("decision", "show", DECISION)["committed"] is None


def test_the_committed_document_is_the_one_that_the_verb_answered(desk_at: Made) -> None:
    desk = desk_at("approved")
    answered = json.loads(desk.run("--json", *COMMIT).stdout)
    entry = desk.ask("ledger", "show", str(answered["entry"]))
    assert canonical(entry["body"]["data"]) == canonical(answered["document"])


def at_once(desk: Desk, project: Path, *verbs: tuple[str, ...]) -> list[tuple[int, str]]:
    """Run verbs at the same time, each in a process of its own: exit codes and what they said to people."""
    running = [
        subprocess.Popen(
            desk.command(*words),
            env=desk.environment(project),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for words in verbs
    ]
    found = []
    for each in running:
        _, said = each.communicate(timeout=120)
        found.append((each.returncode, said))
    return found


def test_two_approvals_at_once_both_end_in_the_ledger(desk_at: Made, project: Path) -> None:
    desk = desk_at("framed")
    verbs = [("decision", "approve", DECISION, "--role", role, "--by", name) for role, name in APPROVALS]
    assert [code for code, _ in at_once(desk, project, *verbs)] == [0, 0, 0]
    given = {(a["role"], a["by"]) for a in desk.ask("decision", "show", DECISION)["approvals"]}
    assert given == set(APPROVALS)
    assert desk.run("ledger", "verify").exit_code == 0


def test_two_frames_at_once_are_two_decisions_or_one_is_cleanly_refused(desk_at: Made, project: Path) -> None:
    desk = desk_at("imported")
    found = at_once(desk, project, frame(desk), frame(desk))
    assert all(code == 0 or (code in (2, 3) and "Traceback" not in said) for code, said in found)
    known = desk.ask("decision", "list")["decisions"]
    assert len(known) == sum(code == 0 for code, _ in found) >= 1
    for each in known:
        desk.did("decision", "compare", each["id"])


@pytest.mark.parametrize("seconds", [0.5, 1.5, 2.5])
def test_a_commit_that_is_killed_leaves_nothing_or_all(seconds: float, desk_at: Made, project: Path) -> None:
    desk = desk_at("approved")
    running = subprocess.Popen(
        desk.command(*COMMIT), env=desk.environment(project), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(seconds)
    running.send_signal(signal.SIGKILL)
    running.wait()
    done = desk.ask("decision", "show", DECISION)
    assert desk.run("ledger", "verify").exit_code == 0
    if done["committed"] is None:
        desk.did(*COMMIT)
    assert desk.ask("decision", "show", DECISION)["status"] == "committed"
    desk.did("record", "render", DECISION)


def given_by(desk: Desk, rep: str, account: str) -> int:
    """How many accounts a rep gives in the quarter if one more of them moves, as R08 counts them."""
    moves = desk.root / "one-more.csv"
    head = "account,from_rep,to_rep,effective,announced_on,reason,requester,evidence"
    moves.write_text(f"{head}\n{account},{rep},E-31,2026-08-03,2026-07-06,rebalance,P-07,minutes\n", encoding="utf-8")
    (rule,) = desk.ask("explain", f"move:{account}", "--rule", "R08", "--moves", str(moves))["rules"]
    clauses = [c for c in rule["clauses"]["clauses"] for c in c["clauses"]]
    return int(next(c["value"] for c in clauses if c["text"] == "from_rep.accounts_given"))


def test_moves_that_a_committed_decision_allows_count_for_the_next_ones(desk_at: Made) -> None:
    desk = desk_at("committed")
    document = desk.ask("decision", "show", DECISION)["document"]
    allowed = [m for m in document["moves"] if m["from_rep"] == "E-32" and m["verdict"] == "allow"]
    with Embedded() as db:
        open_workspace(desk.root).snapshot(db)
        moving = [m["account"] for m in document["moves"]]
        owned = """SELECT account FROM ownership WHERE rep = 'E-32' AND "end" IS NULL ORDER BY account"""
        account = next(a for (a,) in db.rows(owned) if a not in moving)
    assert len(allowed) > 1
    assert given_by(desk, "E-32", account) == len(allowed) + 1
    assert given_by(desk_at("approved"), "E-32", account) == 1
