#!/usr/bin/env bash
# Measures postfach and Dovecot side by side, on this machine: the same certificate, accounts, messages and load
# generator, one server after the other, again and again. Prints a table, and writes a picture.
#
#   bench/compare.sh --quick               less than five minutes: 1,000 messages, short cases, each twice
#   bench/compare.sh                       all of it: 10,000 messages and more, up to a million; takes long
#   bench/compare.sh --case 'fetch-*' --case lmtp-1 --server postfach --server dovecot-default
#   bench/compare.sh --report bench/results/…    the table of an earlier run again
#
# Needs Debian 12 or Ubuntu 24.04 with Dovecot 2.3 (bench/compare.sh installs what is missing, as root or with sudo,
# unless --no-install says that it shall only tell). Runs as root or not; starts servers of its own on free ports of
# the loopback, in a directory of its own on a real disk (--directory), and removes it in the end. No other mail server
# is touched.
#
# The servers: postfach as it comes; dovecot-default, with its own defaults; dovecot-tuned, as its manual says for many
# logins. bench/servers.sh has their configurations. Everything that postfach acknowledges is synced, as always.
set -uo pipefail

cd "$(dirname "$0")/.." || exit 70
usage() {
  cat <<'END'
Usage: bench/compare.sh [OPTIONS]

  --quick             1,000 messages, short cases, two rounds, without large mailboxes: less than five minutes
  --case PATTERN      only cases like this ('fetch-*'); may be repeated. --list shows them
  --skip PATTERN      without these; may be repeated
  --server NAME       only postfach, dovecot-default or dovecot-tuned; may be repeated
  --rounds N          how often each case runs on each server (3; quick: 2, or 1 if time is short)
  --seconds S         how long (5; quick: 1)
  --messages N        in the mailbox that is read and searched (10000; quick: 1000)
  --users N           accounts (100; quick: 40)
  --output DIR        where the raw results and the report go (bench/results/DATE-TIME)
  --directory DIR     where the servers keep their data; a real disk (/var/tmp)
  --programs DIR      postfachd and postfachctl are there: another build to compare, not built here
  --report DIR        only the report of earlier results
  --no-install        tell what is missing, install nothing
  --list              show the cases
END
}

fail() { echo "compare.sh: $*" >&2; exit 1; }

quick='' rounds='' seconds='' messages='' users='' output='' programs='' report='' list='' install=1
directory=${TMPDIR:-/var/tmp}
cases=() skipped=() servers=()
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=1 ;;
    --no-install) install='' ;;
    --list) list=1 ;;
    --help | -h) usage; exit 0 ;;
    --case | --skip | --server | --rounds | --seconds | --messages | --users | --output | --directory | --programs | \
      --report)
      [ $# -gt 1 ] || { usage >&2; exit 64; }
      case $1 in
        --case) cases+=("$2") ;;
        --skip) skipped+=("$2") ;;
        --server) servers+=("$2") ;;
        *) declare "${1#--}=$2" ;;
      esac
      shift
      ;;
    *) usage >&2; exit 64 ;;
  esac
  shift
done
: "${rounds:=${quick:+2}}" "${seconds:=${quick:+1}}" "${messages:=${quick:+1000}}" "${users:=${quick:+40}}"
: "${rounds:=3}" "${seconds:=5}" "${messages:=10000}" "${users:=100}"
[ ${#servers[@]} -gt 0 ] || servers=(postfach dovecot-default dovecot-tuned)
password=secret

# shellcheck source=bench/servers.sh
. bench/servers.sh
for name in "${servers[@]}"; do
  declare -F "set_up_$name" >/dev/null || fail "there is no server $name: postfach, dovecot-default, dovecot-tuned"
done

if [ -n "$report" ]; then
  [ -e "$report/results.jsonl" ] || fail "$report has no results.jsonl"
  exec python3 bench/report.py "$report"
fi

# What is needed.

find_dovecot() {
  local path
  for path in /usr/sbin/dovecot /usr/local/sbin/dovecot "$(command -v dovecot)"; do
    [ ! -x "$path" ] || { echo "$path"; return; }
  done
}
if [ -n "$install" ]; then
  cmake/install-dependencies.sh --with-bench </dev/null || fail "what is needed could not be installed (see above)"
fi
missing=''
for program in cmake ninja python3 openssl xargs; do command -v $program >/dev/null || missing+=" $program"; done
dovecot=$(find_dovecot)
case " ${servers[*]} " in
  *" dovecot-"*)
    if [ -z "$dovecot" ]; then
      missing+=" dovecot"
    else
      [[ $("$dovecot" --version) == 2.3.* ]] || fail "this is not Dovecot 2.3: its configuration would be another"
      libexec=$("${dovecot%/*}/../bin/doveconf" -h libexec_dir 2>/dev/null || echo /usr/lib/dovecot)
      for program in imap pop3 lmtp; do [ -x "$libexec/$program" ] || missing+=" dovecot-$program""d"; done
    fi
    ;;
esac
[ -z "$missing" ] || fail "missing:$missing (cmake/install-dependencies.sh --with-bench installs them)"

build() {
  local build=build/release cache=()
  ! command -v ccache >/dev/null || cache=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  if ! { cmake --preset release -DPOSTFACH_BENCH=ON "${cache[@]}" &&
         cmake --build $build --target postfachd postfachctl postfach_load; } >"$1" 2>&1; then
    tail -n 30 "$1" >&2
    fail "the build failed"
  fi
  programs=${programs:-$build/examples}
  load=$build/bench/postfach_load
}
started=$SECONDS
mkdir -p build
build build/compare-build.log
if [ -n "$list" ]; then exec "$load" --list; fi
for program in postfachd postfachctl; do [ -x "$programs/$program" ] || fail "$programs has no $program"; done

# chosen NAME: whether this case is to run.
chosen() {
  local pattern
  # shellcheck disable=SC2254
  for pattern in "${skipped[@]}"; do case $1 in $pattern) return 1 ;; esac; done
  if [ ${#cases[@]} -eq 0 ]; then
    # A quick run has no time to fill large mailboxes and to log in thousands of times, and of cases that are much
    # alike it takes one.
    case ${quick:+quick-}$1 in
      quick-*-100k* | quick-*-1m* | quick-growth-* | quick-idle-500*) return 1 ;;
      quick-append-multi | quick-append-16-shared | quick-store-bulk-answered | quick-pop3-retr-pipelined) return 1 ;;
      quick-search-from | quick-search-header | quick-search-body*) return 1 ;;
    esac
    return 0
  fi
  # shellcheck disable=SC2254
  for pattern in "${cases[@]}"; do case $1 in $pattern) return 0 ;; esac; done
  return 1
}
names=()
while read -r name _; do ! chosen "$name" || names+=("$name"); done < <("$load" --list)
[ ${#names[@]} -gt 0 ] || fail "no case is like this; --list shows them"
most=500
case " ${names[*]} " in *" idle-5000 "*) most=5000 ;; esac
# Each connection is a descriptor here, and up to four between the processes of Dovecot.
ulimit -n "$(ulimit -Hn)"
if [ "$(ulimit -n)" != unlimited ] && [ "$(ulimit -n)" -lt $((3 * most + 2500)) ]; then
  fail "only $(ulimit -n) files can be open, $((3 * most + 2500)) are needed: see ulimit -n, or --skip idle-5000"
fi

# A directory of our own, and nothing left of it and of the servers, however this ends.

clean_up() {
  local name
  trap - EXIT
  [ -z "${loading:-}" ] || kill "$loading" 2>/dev/null
  for name in "${!pid[@]}"; do stop_process "$name"; done
  [ -z "${work:-}" ] || rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mkdir -p "$directory" || fail "$directory can't be made"
case $(stat -f -c %T "$directory") in
  tmpfs | ramfs | overlayfs)
    echo "compare.sh: $directory is no real disk: what is synced costs nothing there (--directory)" >&2
    ;;
esac
work=$(mktemp -d "$directory/postfach-compare-XXXXXX") || fail "no directory can be made in $directory"
chmod 755 "$work"  # processes of the Dovecots, which are not root, have to pass
: "${output:=bench/results/$(date +%Y%m%d-%H%M%S)}"
mkdir -p "$output" || fail "$output can't be made"
results=$output/results.jsonl
: >"$results"

make_certificate
choose_ports "${servers[@]}"
for name in "${servers[@]}"; do
  "set_up_$name"
  "start_$name"
done
tls=$(tls_of "${servers[0]}")
for name in "${servers[@]}"; do
  [ "$(tls_of "$name")" = "$tls" ] || fail "${servers[0]} speaks $tls, but $name $(tls_of "$name")"
done
python3 bench/machine.py --directory "$directory" --dovecot "${dovecot:-}" --tls "$tls" rounds="$rounds" \
  seconds="$seconds" messages="$messages" users="$users" ${quick:+quick=yes} >"$output/machine.json" ||
  fail "the machine could not be described"

generate() {  # CASE SERVER
  local status=0
  # In the background, because a shell that waits for one in the foreground is deaf to signals.
  "$load" --server "$2" --imap "127.0.0.1:${port[$2-imap]}" --pop3 "127.0.0.1:${port[$2-pop3]}" \
    --lmtp "127.0.0.1:${port[$2-lmtp]}" --process "${pid[$2]}" --user-pattern u%d@example.org --password "$password" \
    --users "$users" --seconds "$seconds" --messages "$messages" ${quick:+--quick} "$1" \
    >"$work/output" 2>"$work/error" &
  loading=$!
  wait "$loading" || status=$?
  loading=''
  return $status
}

run_case() {  # CASE SERVER ROUND
  local error status=0
  # Who fills a mailbox has just seen it.
  case $3-$1 in 1-select-*-first) generate "$1" "$2" ;; esac
  # Memory that former connections left, or lists that former sessions read, would be measured with them.
  case $1 in idle-* | select-*-first) "stop_$2"; "start_$2" ;; esac
  generate "$1" "$2" || status=$?
  if [ $status -eq 0 ]; then
    cat "$work/output" >>"$results"
    return
  fi
  error=$(tail -n 1 "$work/error" | tr '"\\[:cntrl:]' "'/ ")
  : "${error:=the load generator ended with status $status}"
  echo "  $1 on $2, round $3: $error" >&2
  printf '{"server":"%s","case":"%s","error":"%s"}\n' "$2" "$1" "$error" >>"$results"
  if ! kill -0 "${pid[$2]}" 2>/dev/null; then
    echo "  $2 has ended: its log says" >&2
    tail -n 5 "$work/$2/log" >&2
    stop_process "$2"
    "start_$2"
  fi
}

echo "${#names[@]} cases, $rounds rounds, ${servers[*]}: results in $output" >&2
# time_for_more: whether a quick run may take a further round of a case, and the cases to come will have one each.
measuring=$SECONDS done_rounds=0 left=${#names[@]}
time_for_more() {
  [ -n "$quick" ] || return 0
  local each=$(((SECONDS - measuring) * 10 / done_rounds))  # tenths of a second
  [ $((SECONDS - started + (left + 1) * each / 10)) -lt 280 ]
}
for case in "${names[@]}"; do
  begun=$SECONDS
  left=$((left - 1))
  for ((round = 1; round <= rounds; round++)); do
    [ "$round" -eq 1 ] || time_for_more || { echo "$case: $((round - 1)) rounds, to be quick" >&2; break; }
    for name in "${servers[@]}"; do run_case "$case" "$name" "$round"; done
    done_rounds=$((done_rounds + 1))
  done
  echo "$case: $((SECONDS - begun)) s, $((SECONDS - started)) s in all" >&2
done
for name in "${servers[@]}"; do "stop_$name"; done
python3 bench/report.py "$output"
