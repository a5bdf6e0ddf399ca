#!/bin/sh
# Installs what postfach is built from: Debian 12 and later, Ubuntu 24.04. Does nothing if all is there.
#   --with-curl     also curl, to try a server with
#   --with-tests    also what the tests use: Catch2, real mail clients and a mail server to compare with
#   --with-checks   also what .ci/run uses: Clang, its tools and ccache
set -eu

packages="g++ cmake ninja-build pkg-config libsqlite3-dev libfmt-dev libutf8proc-dev libcrypt-dev nettle-dev zlib1g-dev
  libasio-dev libcli11-dev android-libboringssl-dev"
for option in "$@"; do
  case $option in
    --with-curl) packages="$packages curl" ;;
    --with-tests)
      packages="$packages catch2 python3 curl isync mutt fetchmail mpop getmail6 openssl dovecot-imapd"
      # Postfix takes the place of any other mail server, which nobody has asked for.
      dpkg-query -W -f '${Status} ${Package} ${Provides}\n' 2>/dev/null | grep '^install ok installed ' |
        grep -v ' postfix ' | grep -q mail-transport-agent || packages="$packages postfix"
      command -v npm >/dev/null || packages="$packages nodejs npm"  # from wherever it was installed
      ;;
    --with-checks) packages="$packages clang libclang-rt-dev clang-format clang-tidy ccache" ;;
    --with-bench) packages="$packages python3 openssl valgrind dovecot-imapd dovecot-pop3d dovecot-lmtpd" ;;
    *) echo "usage: $0 [--with-curl] [--with-tests] [--with-checks] [--with-bench]" >&2; exit 64 ;;
  esac
done

if ! command -v dpkg-query >/dev/null; then
  echo "$0: this is not Debian or Ubuntu; install the equivalents of:" $packages >&2
  exit 69
fi
missing=
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

root=
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "$0: run as root, or install sudo, to install:$missing" >&2; exit 77; }
  root=sudo
fi
echo "Installing:$missing"
case $missing in
  *postfix*)  # the package is there to be run by the tests, not to be a mail server
    echo "postfix postfix/main_mailer_type select No configuration" | $root debconf-set-selections
    ;;
esac
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { $root apt-get -qq update &&
       $root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing; } \
     >"$log" 2>&1 </dev/null; then
  tail -n 20 "$log" >&2
  echo "$0: the packages could not be installed" >&2
  exit 69
fi
# The tests start a Dovecot and a Postfix of their own: nobody who wants to test needs a mail server on the machine.
case $missing in
  *postfix*) [ ! -d /run/systemd/system ] || $root systemctl -q disable --now postfix.service || true ;;
esac
case $missing in
  *dovecot*) [ ! -d /run/systemd/system ] || $root systemctl -q disable --now dovecot.service dovecot.socket || true ;;
esac
