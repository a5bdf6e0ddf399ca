#!/bin/sh
# From a fresh Debian or Ubuntu to a running mail server with a demo account. Run it again as often as you like.
#   --check    start it on free ports, run the line to try, stop it
set -eu

usage() { echo "usage: $0 [--check]" >&2; exit 64; }
check=
case $# in
  0) ;;
  1) [ "$1" = --check ] || usage; check=yes ;;
  *) usage ;;
esac
cd "$(dirname "$0")/.."
build=build/release
log=build/quickstart.log
mkdir -p "$build"

echo "1. Packages: installs what is missing (g++, CMake, SQLite, BoringSSL, Asio and a few more)"
cmake/install-dependencies.sh --with-curl

echo "2. Build: the example server, into $build (a few minutes the first time)"
launcher=
command -v ccache >/dev/null && launcher=-DCMAKE_CXX_COMPILER_LAUNCHER=ccache
if ! { cmake --preset release -DPOSTFACH_TESTS=OFF $launcher &&
       cmake --build "$build" --target postfachd postfachctl; } >"$log" 2>&1 </dev/null; then
  tail -n 30 "$log" >&2
  echo "$0: the build failed; all of its output is in $log" >&2
  exit 70
fi

# The line to try: shows the first message of the demo account.
try() { echo "curl --insecure --user demo@example.org:demo 'imaps://127.0.0.1:$1/INBOX;MAILINDEX=1'"; }

if [ -z "$check" ]; then
  echo "3. Start: mail is kept in $build/mail; Ctrl-C stops the server"
  echo
  echo "Try it in another terminal:"
  echo "  $(try 1993)"
  echo
  exec "$build/examples/postfachd" --data "$build/mail" --demo
fi

echo "3. Check: starts the server on free ports and runs the line to try"
dir=$(mktemp -d)
"$build/examples/postfachd" --data "$dir/mail" --demo --imap 127.0.0.1:0 --imaps 127.0.0.1:0 \
  --pop3 127.0.0.1:0 --pop3s 127.0.0.1:0 >"$dir/settings" 2>"$dir/log" </dev/null &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT
port=
for _ in $(seq 100); do
  # The settings end with the password's line.
  if grep -q Password: "$dir/settings"; then
    port=$(awk '$1 == "IMAP" && $4 == "SSL/TLS" { print $3 }' "$dir/settings")
    break
  fi
  kill -0 "$server" 2>/dev/null || break
  sleep 0.1
done
[ -n "$port" ] || { cat "$dir/log" >&2; echo "$0: the server did not start" >&2; exit 1; }
cat "$dir/settings"
line=$(try "$port")
echo
echo "  $line"
sh -c "$line" >"$dir/message" 2>>"$dir/log" </dev/null || { cat "$dir/log" >&2; echo "$0: the line to try failed" >&2; exit 1; }
grep -q '^Subject: Welcome' "$dir/message" || { echo "$0: the line to try showed another message" >&2; exit 1; }
kill "$server"
wait "$server" || { echo "$0: the server did not stop cleanly" >&2; exit 1; }
echo "It works: the message came, and the server stopped when it was told to."
