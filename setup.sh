#!/bin/sh
# Makes .venv ready to run, lint and test Merestone, on a machine that has only git, make and Python 3.11 to 3.14.
# `make` calls it; it does nothing when the last run still holds. PYTHON names another interpreter than `python3`.
# `setup.sh tests` also fetches what only the tests look at: CEL's own suites, with node and npm. `setup.sh spark` also
# installs Java and PySpark, as requirements-spark.lock has it.
#
# Every package is installed with the hash that requirements.lock gives, the installer and the build back ends too.
# Where packages come from is the machine's own business: the configuration of apt, pip, npm and uv is used as it stands.
set -eu
cd "$(dirname "$0")"
export UV_PYTHON_DOWNLOADS=never # a Python that nobody chose must not arrive by the way
unset UV_PYTHON VIRTUAL_ENV PYTHONHOME PYTHONPATH

stop() {
  printf 'setup: %s\n' "$1" >&2
  shift
  [ $# = 0 ] || printf '%s\n' "$@" >&2
  exit 1
}

# The interpreter: $PYTHON, or the first of the usual names that is new enough.
fits='import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))'
python=
for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
  if "$name" -c "$fits" 2>/dev/null; then
    python=$name
    break
  fi
done
[ -n "$python" ] || stop "no Python 3.11 to 3.14 found as ${PYTHON:-python3}; set PYTHON to one"

# What the last complete run was made from: the recipe, the lock, the interpreter, and the place (scripts in .venv name it).
identify='import sys; print(sys.version, sys.base_prefix)'
suites=tests/conformance/suites.lock
cases=.venv/suites/cel-spec
more=${1:-}
has_suites() { [ "$more" != tests ] || cmp -s "$suites" "$cases/suites.lock"; }
has_spark() { [ "$more" != spark ] || cmp -s requirements-spark.lock .venv/spark.lock; }
wanted=$({ cat setup.sh requirements.lock pyproject.toml && "$python" -c "$identify" && pwd; } | cksum)
stamp=.venv/setup-stamp
if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && [ -x .venv/bin/python ] && has_suites && has_spark; then
  exit 0
fi
rm -f "$stamp"

# System packages, each asked for by what it gives, so that one built by hand counts as well.
missing=
wants() { # wants PACKAGE COMMAND...: the package is missing when the command fails
  package=$1
  shift
  "$@" >/dev/null 2>&1 || missing="$missing $package"
}
loads() { "$python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1"; }
has_header() { "$python" -c 'import pathlib, sysconfig; (pathlib.Path(sysconfig.get_path("include")) / "Python.h").stat()'; }
compiles() {
  folder=$(mktemp -d) && printf '#include <stdio.h>\nint main(void) { return 0; }\n' >"$folder/a.c"
  ${CC:-cc} -o "$folder/a" "$folder/a.c"
  code=$?
  rm -rf "$folder"
  return $code
}
has_java() { [ "$("${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')" -ge 17 ]; }
named=$(basename "$python")
wants "$named-venv" "$python" -c 'import ensurepip, venv'
wants "$named-dev" has_header # durable-rules is C and comes as source
wants "gcc libc6-dev" compiles
wants libpango-1.0-0 loads libpango-1.0.so.0 # WeasyPrint lays records out with Pango
wants libpangoft2-1.0-0 loads libpangoft2-1.0.so.0
wants libharfbuzz-subset0 loads libharfbuzz-subset.so.0 # the same subset of a font, hence the same bytes, everywhere
wants poppler-utils command -v pdfsig # the tests let other people's programs read our records and proofs
wants poppler-utils command -v pdftotext
wants libnss3-tools command -v certutil
wants openssl command -v openssl
wants xxd command -v xxd
if ! has_suites; then
  wants nodejs command -v node # the suites are a package of npm
  wants npm command -v npm
fi
if ! has_spark; then
  wants default-jre-headless has_java
fi
# shellcheck disable=SC2086 # one package a line: the splitting is wanted
missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ' | sed 's/ $//')
if [ -n "$missing" ]; then
  command -v apt-get >/dev/null || stop "this machine lacks what Debian calls: $missing" "install them in its own way, then run again"
  line="apt-get update && apt-get install --yes --no-install-recommends $missing"
  export DEBIAN_FRONTEND=noninteractive
  if [ "$(id -u)" = 0 ]; then
    sh -c "$line"
  elif sudo -n true 2>/dev/null; then
    sudo -n --preserve-env=DEBIAN_FRONTEND sh -c "$line"
  else
    stop "system packages are missing, and installing them takes root; run this line, then run again:" "sudo sh -c '$line'"
  fi
fi

# The environment, and the pinned installer inside it.
if [ "$(.venv/bin/python -c "$identify" 2>/dev/null)" != "$("$python" -c "$identify")" ]; then
  "$python" -m venv --clear .venv
fi
python=.venv/bin/python
uv() { "$python" -m uv "$@"; }
if ! uv --version >/dev/null 2>&1; then
  "$python" -m ensurepip >/dev/null
  awk '/^[^ ]/ { mine = /^uv==/ } mine' requirements.lock >.venv/uv.lock
  "$python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement .venv/uv.lock
  uv pip uninstall --quiet --python "$python" pip
fi
uv pip sync --quiet --python "$python" --require-hashes --build-constraints requirements.lock requirements.lock
uv pip install --quiet --python "$python" --no-deps --no-build-isolation --editable .
rm -f .venv/spark.lock # `sync` has removed PySpark: it is in a lock of its own

# PySpark comes as source, and brings all of Spark.
if ! has_spark; then
  has_java || stop "Spark needs Java 17 or newer, as \`java\` or in JAVA_HOME"
  uv pip install --quiet --python "$python" --require-hashes --build-constraints requirements.lock \
    --requirement requirements-spark.lock
  cp requirements-spark.lock .venv/spark.lock
fi

# The cases of CEL's suites. They come as modules of JavaScript, which node turns into JSON once; nothing of the package is
# installed or run but the tables that the lock names. The copy of the lock comes last: it says that all of them are there.
# Without them all but their tests works, and the next run tries again.
if ! has_suites; then
  rm -rf .venv/suites
  mkdir -p "$cases"
  package=$(sed -n 's/^\(@[^ ]*\) .*/\1/p' "$suites")
  pinned=$(sed -n 's/^@[^ ]* \([^ ]*\).*/\1/p' "$suites")
  tables=$(sed -n 's/^@[^ ]* [^ ]* //p' "$suites")
  fetched=$(mktemp -d)
  trap 'rm -rf "$fetched"' EXIT
  if ! npm pack --loglevel=error --update-notifier=false --pack-destination "$fetched" "$package" >/dev/null; then
    printf 'setup: npm could not fetch %s; without it the tests of the conformance suite are skipped\n' "$package" >&2
    exit 0
  fi
  archive=$(echo "$fetched"/*.tgz)
  found="sha512-$(openssl dgst -sha512 -binary "$archive" | openssl base64 -A)"
  [ "$found" = "$pinned" ] || stop "$package is not what $suites pins" "pinned: $pinned" "found:  $found"
  tar -xzf "$archive" -C "$fetched"
  for table in $tables; do
    node -e 'console.log(JSON.stringify(require(process.argv[1]).tests))' \
      "$fetched/package/dist/cjs/testdata/$table.js" >"$cases/$table.json"
  done
  cp "$suites" "$cases/suites.lock"
fi

printf '%s\n' "$wanted" >"$stamp"
