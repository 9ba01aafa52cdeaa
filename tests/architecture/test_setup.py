"""Set-up stops with the line to run where it may not help itself, and does nothing where nothing is to do."""

import re
import shutil
import subprocess
import sys
import tarfile
from base64 import b64encode
from hashlib import sha512
from pathlib import Path

import pytest

TOOLS = ("awk", "basename", "cat", "cksum", "dirname", "mktemp", "printf", "rm", "sed", "sh", "sort", "tr")
APT_LINE = "sudo sh -c 'apt-get update && apt-get install --yes --no-install-recommends "


@pytest.fixture
def machine(project: Path, tmp_path: Path) -> Path:
    """A checkout with nothing set up, and beside it a `bin` with hardly a tool: no compiler, no poppler, no sudo."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "tests" / "conformance").mkdir(parents=True)
    for name in ("setup.sh", "requirements.lock", "pyproject.toml", "tests/conformance/suites.lock"):
        shutil.copy(project / name, checkout / name)
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in TOOLS:
        (tools / name).symlink_to(str(shutil.which(name)))
    write_tool(tools, "id", "echo 1000")
    return checkout


def write_tool(tools: Path, name: str, line: str) -> None:
    """A command that does one line of shell."""
    (tools / name).write_text(f"#!/bin/sh\n{line}\n")
    (tools / name).chmod(0o755)


def set_up(checkout: Path, *more: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    """Run set-up with that `bin` alone on the path; `more` is what it is asked for besides."""
    environment = {"PATH": str(checkout.parent / "bin"), "PYTHON": python, "TMPDIR": str(checkout.parent)}
    command = [str(checkout / "setup.sh"), *more]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_user_who_may_not_become_root_is_told_the_line_to_run(machine: Path) -> None:
    write_tool(machine.parent / "bin", "apt-get", "echo must not be called >&2; exit 9")
    answer = set_up(machine)
    assert answer.returncode == 1
    line = answer.stderr.splitlines()[-1]
    assert line.startswith(APT_LINE)
    assert {"gcc", "libc6-dev", "openssl", "poppler-utils", "xxd'"} <= set(line.split())
    assert "must not be called" not in answer.stderr
    assert not (machine / ".venv").exists()


def test_with_a_password_free_sudo_that_line_is_run(machine: Path) -> None:
    tools = machine.parent / "bin"
    write_tool(tools, "sudo", f'[ "$2" = true ] || echo "$@" >{machine.parent}/asked; [ "$2" = true ]')
    write_tool(tools, "apt-get", "exit 9")
    answer = set_up(machine)
    assert answer.returncode != 0, "the fake sudo refuses, and set-up must not go on"
    asked = (machine.parent / "asked").read_text()
    assert "apt-get install --yes --no-install-recommends gcc libc6-dev" in asked
    assert not (machine / ".venv").exists()


def test_without_apt_the_packages_are_named(machine: Path) -> None:
    answer = set_up(machine)
    assert answer.returncode == 1
    assert "this machine lacks what Debian calls: gcc libc6-dev" in answer.stderr


def test_an_older_python_is_refused(machine: Path) -> None:
    write_tool(machine.parent / "bin", "python-old", "exit 1")
    answer = set_up(machine, python="python-old")
    assert answer.returncode == 1
    assert answer.stderr == "setup: no Python 3.11 to 3.14 found as python-old; set PYTHON to one\n"


@pytest.fixture
def fetching(machine: Path) -> Path:
    """The same checkout, whose set-up does nothing but fetch the conformance suite, with what that takes."""
    recipe = (machine / "setup.sh").read_text()
    told, fetch = (
        re.search(r"^stop\(\) \{.*?^}$", recipe, re.MULTILINE | re.DOTALL),
        re.search(r"^if ! has_suites; then\n  rm.*?^fi$", recipe, re.MULTILINE | re.DOTALL),
    )
    assert told is not None
    assert fetch is not None
    named = re.findall(r"^(?:suites|cases)=.*|^has_suites.*", recipe, re.MULTILINE)
    lines = ("#!/bin/sh", "set -eu", 'cd "$(dirname "$0")"', "more=tests", *named, told[0], fetch[0])
    (machine / "setup.sh").write_text("\n".join((*lines, "echo done", "")))
    for name in ("cmp", "cp", "gzip", "mkdir", "node", "openssl", "tar"):
        (machine.parent / "bin" / name).symlink_to(str(shutil.which(name)))
    return machine


def pack(checkout: Path, cases: str) -> str:
    """An npm that gives a package with those cases in each of its tables, and the checksum of its archive."""
    tables = checkout.parent / "package" / "dist" / "cjs" / "testdata"
    tables.mkdir(parents=True)
    for name in ("conformance", "parsing", "checking"):
        (tables / f"{name}.js").write_text(f"exports.tests = {cases};\n")
    archive = checkout.parent / "package.tgz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(checkout.parent / "package", "package")
    write_tool(checkout.parent / "bin", "npm", f'echo "$@" >>{checkout.parent}/asked; cp {archive} "$5"')
    return "sha512-" + b64encode(sha512(archive.read_bytes()).digest()).decode()


def test_the_suite_is_fetched_once_by_name_and_version_and_kept_as_json(fetching: Path) -> None:
    pinned = pack(fetching, "{name: 'tests', suites: []}")
    (fetching / "tests/conformance/suites.lock").write_text(f"# one\n@a/b@1.2.3 {pinned} conformance parsing\n")
    first, again = set_up(fetching), set_up(fetching)
    assert (first.stdout, first.stderr, again.stdout, again.stderr) == ("done\n", "", "done\n", "")
    kept = {file.name: file.read_text() for file in (fetching / ".venv" / "suites" / "cel-spec").glob("*.json")}
    assert kept == dict.fromkeys(("conformance.json", "parsing.json"), '{"name":"tests","suites":[]}\n')
    (asked,) = (fetching.parent / "asked").read_text().splitlines()
    assert asked.startswith("pack ")
    assert asked.endswith(" @a/b@1.2.3")


def test_a_table_that_the_lock_names_later_is_fetched_then(fetching: Path) -> None:
    pinned, lock = pack(fetching, "{name: 'tests', suites: []}"), fetching / "tests/conformance/suites.lock"
    for tables in ("conformance", "conformance checking"):
        lock.write_text(f"@a/b@1.2.3 {pinned} {tables}\n")
        assert set_up(fetching).stdout == "done\n"
        kept = (fetching / ".venv" / "suites" / "cel-spec").glob("*.json")
        assert sorted(file.stem for file in kept) == sorted(tables.split())


def test_a_suite_of_another_checksum_is_refused(fetching: Path) -> None:
    found = pack(fetching, "{name: 'other', suites: []}")
    answer = set_up(fetching)
    assert answer.returncode == 1
    said, pinned, was = answer.stderr.splitlines()
    assert re.fullmatch(r"setup: @bufbuild/cel-spec@\S+ is not what tests/conformance/suites.lock pins", said)
    assert pinned.split()[1] in (fetching / "tests/conformance/suites.lock").read_text()
    assert was.split()[1] == found
    assert not list((fetching / ".venv").rglob("conformance.json"))


def test_without_the_suite_set_up_says_so_and_tries_again_the_next_time(fetching: Path) -> None:
    write_tool(fetching.parent / "bin", "npm", "echo npm error network >&2; exit 1")
    for answer in (set_up(fetching), set_up(fetching)):
        assert (answer.returncode, answer.stdout) == (0, ""), "neither an error nor the end that sets the stamp"
        cause, said = answer.stderr.splitlines()
        assert cause == "npm error network"
        assert said.startswith("setup: npm could not fetch @bufbuild/cel-spec@")


def test_nothing_is_done_while_the_last_run_holds_and_all_again_once_the_lock_changes(machine: Path) -> None:
    """The stamp is a checksum over the recipe, the lock, the project and the interpreter."""
    recipe = (machine / "setup.sh").read_text()
    asked_for = "rm -f " + '"$stamp"\n'
    assert recipe.count(asked_for) == 1
    (machine / ".venv" / "bin").mkdir(parents=True)
    (machine / ".venv" / "bin" / "python").symlink_to(sys.executable)
    told = (machine / "setup.sh").read_text().replace(asked_for, 'printf "%s\\n" "$wanted"; exit 7\n')
    (machine / "setup.sh").write_text(told)
    first = set_up(machine)
    assert first.returncode == 7
    (machine / ".venv" / "setup-stamp").write_text(first.stdout)
    assert set_up(machine).returncode == 0
    with (machine / "requirements.lock").open("a") as lock:
        lock.write("# another\n")
    assert set_up(machine).returncode == 7


@pytest.mark.parametrize(
    ("java", "enough"),
    [
        ("""echo 'openjdk version "11.0.2" 2019-01-15' >&2""", False),
        ("exit 1", False),
        ("""echo 'openjdk version "17.0.15" 2025-04-15' >&2""", True),
        ("""echo 'openjdk version "25" 2025-09-16' >&2""", True),
    ],
)
def test_spark_takes_java_17_and_nothing_else_does(machine: Path, java: str, enough: bool) -> None:
    write_tool(machine.parent / "bin", "java", java)
    assert ("default-jre-headless" in set_up(machine, "spark").stderr) is not enough
    assert "default-jre-headless" not in set_up(machine).stderr


@pytest.fixture
def installing(machine: Path, project: Path) -> Path:
    """The same checkout, whose set-up does nothing but install PySpark, with a uv that only says what it is asked."""
    recipe = (machine / "setup.sh").read_text()
    install = re.search(r"^if ! has_spark; then\n  has_java.*?^fi$", recipe, re.MULTILINE | re.DOTALL)
    assert install is not None
    known = re.findall(r"^has_(?:spark|java).*", recipe, re.MULTILINE)
    fakes = ("python=python", 'uv() { echo "$@"; }', 'stop() { echo "$1" >&2; exit 1; }')
    lines = ("#!/bin/sh", "set -eu", 'cd "$(dirname "$0")"', "more=$1", *fakes, *known, install[0])
    (machine / "setup.sh").write_text("\n".join((*lines, "")))
    shutil.copy(project / "requirements-spark.lock", machine)
    (machine / ".venv").mkdir()
    for name in ("cmp", "cp"):
        (machine.parent / "bin" / name).symlink_to(str(shutil.which(name)))
    write_tool(machine.parent / "bin", "java", """echo 'openjdk version "17.0.15" 2025-04-15' >&2""")
    return machine


def test_pyspark_is_installed_by_hash_once_and_again_when_its_lock_changes(installing: Path) -> None:
    first = set_up(installing, "spark")
    assert first.stdout.startswith("pip install ")
    assert {"--require-hashes", "requirements-spark.lock"} <= set(first.stdout.split())
    assert (set_up(installing, "spark").stdout, set_up(installing, "tests").stdout) == ("", "")
    with (installing / "requirements-spark.lock").open("a") as lock:
        lock.write("# another\n")
    assert set_up(installing, "spark").stdout == first.stdout


def test_without_java_pyspark_is_not_installed(installing: Path) -> None:
    (installing.parent / "bin" / "java").unlink()
    answer = set_up(installing, "spark")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.endswith("Spark needs Java 17 or newer, as `java` or in JAVA_HOME\n")
