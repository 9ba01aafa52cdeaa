#!/usr/bin/env bash
# Is this record in the log? Checks a c2sp.org/tlog-proof@v1 file with nothing but bash, openssl (3.0 or later), base64,
# od, sed and cat (and mktemp, rm): no part of the software that wrote it.
#
#   verify.sh VKEY PROOF LEAF
#     VKEY   verifier key of the log, as text, obtained from somewhere you trust: name+1d2e3f40+AbCd...
#     PROOF  the .tlog-proof file
#     LEAF   the bytes of the entry
#
# Exit: 0 shown, 1 not shown, 2 wrong use or a tool is missing.
set -euo pipefail
export LC_ALL=C

[ $# -eq 3 ] || { echo "usage: verify.sh VKEY PROOF LEAF" >&2; exit 2; }
for tool in openssl base64 od sed cat; do
  command -v "$tool" >/dev/null || { echo "verify.sh needs $tool" >&2; exit 2; }
done
vkey=$1 proof=$2 leaf=$3
[[ -r $proof && -r $leaf ]] || { echo "cannot read $proof or $leaf" >&2; exit 2; }

refuse() { echo "NOT SHOWN: $1" >&2; exit 1; }

hex() {
  local found
  found=$(od -An -v -tx1)
  printf '%s' "${found//[[:space:]]/}"
}
bytes() { printf '%b' "$(sed 's/../\\x&/g' <<<"$1")"; }
# Hexadecimal of base64 in its one spelling; anything else is refused, so that no proof has a second spelling.
from_base64() {
  local found again
  found=$(printf '%s' "$1" | base64 -d 2>/dev/null | hex) || refuse "not base64: $1"
  again=$(bytes "$found" | base64)
  [[ -n $1 && ${again//$'\n'/} == "$1" ]] || refuse "not base64 in its one spelling: $1"
  printf '%s' "$found"
}
sha256() { openssl dgst -sha256 -binary | hex; }
node() { bytes "01$1$2" | sha256; }
count() {
  case $1 in '' | *[!0-9]* | 0?*) refuse "not a count: $1" ;; esac
  [ ${#1} -le 18 ] || refuse "count is too large: $1"
}

# The verifier key: name, key id, 0x01 for Ed25519 and 32 bytes.
name=${vkey%%+*}
rest=${vkey#*+}
key_id=${rest%%+*}
key=$(from_base64 "${rest#*+}")
[[ ${#key} -eq 66 && ${key:0:2} == 01 ]] || refuse "VKEY is not an Ed25519 verifier key"
own_id=$({ printf '%s\n' "$name"; bytes "$key"; } | sha256)
[ "${own_id:0:8}" = "$key_id" ] || refuse "VKEY has not the id that it says"

# Bash drops zero bytes, and last newlines: neither may go unnoticed.
[ -z "$(sed -n '/[[:cntrl:]]/p' "$proof" | hex)" ] || refuse "control character in the proof"
text=$(cat "$proof"; printf x)
text=${text%x}

# Proof lines up to the first empty line, then the checkpoint as it stands.
case $text in *$'\n\n'*) ;; *) refuse "not a log proof" ;; esac
head=${text%%$'\n\n'*}
note=${text#*$'\n\n'}
path=()
step=header
while IFS= read -r line; do
  case $step:$line in
    header:c2sp.org/tlog-proof@v1) step=extra ;;
    extra:extra\ *) from_base64 "${line#extra }" >/dev/null; step=index ;;
    extra:index\ * | index:index\ *) index=${line#index }; count "$index"; step=path ;;
    path:*) found=$(from_base64 "$line"); [ ${#found} -eq 64 ] || refuse "not a hash: $line"; path+=("$found") ;;
    *) refuse "not a log proof: $line" ;;
  esac
done <<<"$head"
[ $step = path ] || refuse "the proof has no index"

# The checkpoint: its text ends before the last empty line; signature lines follow.
case $note in *$'\n\n'*$'\n') ;; *) refuse "not a signed checkpoint" ;; esac
signed=${note%$'\n\n'*}$'\n'
signatures=${note##*$'\n\n'}
{ IFS= read -r origin && IFS= read -r size && IFS= read -r root; } <<<"$signed" || refuse "not a checkpoint"
[ "$origin" = "$name" ] || refuse "the checkpoint is of $origin, not of $name"
count "$size"
root=$(from_base64 "$root")
[ ${#root} -eq 64 ] || refuse "the root is no hash"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '%s' "$signed" >"$work/text"
bytes "302a300506032b6570032100${key:2}" >"$work/key.der" # SubjectPublicKeyInfo of an Ed25519 key, RFC 8410
good=0
while IFS= read -r line; do
  case $line in "— $name "*) ;; "— "*" "*) continue ;; *) refuse "not a signature line: $line" ;; esac
  signature=$(from_base64 "${line#"— $name "}")
  [ "${signature:0:8}" = "$key_id" ] || continue
  bytes "${signature:8}" >"$work/signature"
  openssl pkeyutl -verify -pubin -inkey "$work/key.der" -keyform DER -rawin -in "$work/text" \
    -sigfile "$work/signature" >/dev/null 2>&1 || refuse "the signature does not fit the checkpoint"
  good=$((good + 1))
done <<<"${signatures%$'\n'}"
[ $good -eq 1 ] || refuse "$good signatures by $name"

# RFC 9162 section 2.1.3.2: from the leaf up to the root.
[ "$index" -lt "$size" ] || refuse "the log has $size entries, none is number $index"
found=$({ printf '\000'; cat "$leaf"; } | sha256)
number=$index
last=$((size - 1))
for sibling in "${path[@]+"${path[@]}"}"; do
  [ $last -ne 0 ] || refuse "the proof is too long"
  if ((number & 1 || number == last)); then
    found=$(node "$sibling" "$found")
    while ((number && !(number & 1))); do number=$((number >> 1)) last=$((last >> 1)); done
  else
    found=$(node "$found" "$sibling")
  fi
  number=$((number >> 1)) last=$((last >> 1))
done
[ $last -eq 0 ] || refuse "the proof is too short"
[ "$found" = "$root" ] || refuse "the record is not entry $index of the $size that $name signed"
echo "SHOWN: entry $index of the $size that $name signed"
