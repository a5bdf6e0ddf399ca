# shellcheck shell=bash disable=SC2154
# The servers that are compared: how each is set up, started and stopped. Sourced by compare.sh, which sets
#   work      a directory of the run's own, on a real disk
#   programs  where postfachd and postfachctl are
#   users     number of accounts, u1@example.org to uN@example.org
#   password  of all of them
#   most      connections that a case opens at once
# Each server has functions set_up_NAME, start_NAME and stop_NAME; the start sets pid[NAME] and port[NAME-imap], -pop3
# and -lmtp. All of them listen on the loopback alone.

declare -A pid port

# free_ports N: so many ports that nobody listens at.
free_ports() {
  python3 -c '
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for each in sockets: each.bind(("127.0.0.1", 0))
print(*(each.getsockname()[1] for each in sockets))' "$1"
}

# The same certificate for all: ECDSA P-256.
make_certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/cert.pem" \
    2>"$work/openssl.log" ||
    { cat "$work/openssl.log" >&2; fail "the certificate could not be made"; }
}

choose_ports() {  # for servers...
  local name protocol numbers
  read -ra numbers <<<"$(free_ports $(($# * 3)))"
  for name in "$@"; do
    for protocol in imap pop3 lmtp; do
      port[$name-$protocol]=${numbers[0]}
      numbers=("${numbers[@]:1}")
    done
  done
}

# wait_for NAME: until it answers on all its ports.
wait_for() {
  local name=$1 protocol tries
  for protocol in imap pop3 lmtp; do
    for ((tries = 0; ; tries++)); do
      # In a shell of its own: a redirection that fails says so on the standard error of the whole shell.
      (exec 3<>"/dev/tcp/127.0.0.1/${port[$name-$protocol]}") 2>/dev/null && break
      if ! kill -0 "${pid[$name]:-0}" 2>/dev/null || [ $tries -ge 200 ]; then
        tail -n 20 "$work/$name/log" >&2
        fail "$name did not start"
      fi
      sleep 0.05
    done
  done
}

# stop_process NAME: asks it to end, and waits for that. The processes below it go with it.
stop_process() {
  local name=$1 process=${pid[$1]:-} tries
  [ -n "$process" ] || return 0
  unset "pid[$name]"
  kill -TERM "$process" 2>/dev/null
  for ((tries = 0; tries < 300; tries++)); do
    kill -0 "$process" 2>/dev/null || break
    sleep 0.05
  done
  kill -KILL "$process" 2>/dev/null
  wait "$process" 2>/dev/null
}

# postfach: as it comes. Its passwords are yescrypt hashes; what was right once is remembered for an hour, by default.

set_up_postfach() {
  mkdir -p "$work/postfach"
  echo "$password" >"$work/password"
  # Each is a transaction of its own, which is synced: a few at a time.
  # shellcheck disable=SC2016
  seq -f 'u%g@example.org' "$users" | xargs -P 4 -I NAME sh -c \
    '"$1" --data "$2" account add NAME --password-stdin <"$3" >>"$4" 2>&1' \
    sh "$programs/postfachctl" "$work/postfach/mail" "$work/password" "$work/postfach/accounts.log" ||
    { tail -n 5 "$work/postfach/accounts.log" >&2; fail "the accounts of postfach could not be made"; }
}

start_postfach() {
  "$programs/postfachd" --data "$work/postfach/mail" --cert "$work/cert.pem" --key "$work/key.pem" \
    --imaps "127.0.0.1:${port[postfach-imap]}" --pop3s "127.0.0.1:${port[postfach-pop3]}" \
    --lmtp "127.0.0.1:${port[postfach-lmtp]}" >"$work/postfach/settings" 2>>"$work/postfach/log" &
  pid[postfach]=$!
  wait_for postfach
}

stop_postfach() { stop_process postfach; }

# Dovecot, twice. What differs from its own defaults in both: ports, certificate, users, sdbox, log file, and the
# limits that a load test from one address with many connections reaches. Passwords are in clear ({PLAIN}), which costs
# it nothing.

dovecot_configuration() {  # NAME
  local directory=$work/$1 owner group
  if [ "$(id -u)" -eq 0 ]; then
    owner=nobody
    group=$(id -gn nobody)
  else
    owner=$(id -un)
    group=$(id -gn)
    # Not root: everything runs as the one user that there is, and nothing is locked into a directory.
    cat <<END
default_internal_user = $owner
default_internal_group = $group
default_login_user = $owner
END
    local service
    for service in anvil stats imap-login pop3-login; do printf 'service %s {\n  chroot =\n}\n' $service; done
  fi
  cat <<END
base_dir = $directory/run
state_dir = $directory/state
log_path = $directory/log
listen = 127.0.0.1
protocols = imap pop3 lmtp

ssl = required
ssl_cert = <$work/cert.pem
ssl_key = <$work/key.pem
ssl_min_protocol = TLSv1.3
ssl_cipher_suites = TLS_AES_128_GCM_SHA256

mail_location = sdbox:~/mail
mail_uid = $owner
mail_gid = $group
passdb {
  driver = passwd-file
  args = scheme=PLAIN $directory/users
}
userdb {
  driver = static
  args = home=$directory/home/%u
}
namespace inbox {
  inbox = yes
  separator = /
}

service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = ${port[$1-imap]}
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = 0
  }
  inet_listener pop3s {
    port = ${port[$1-pop3]}
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    port = ${port[$1-lmtp]}
  }
}

# Limits, which would refuse the load: a process for each connection that logs in and one for each that is logged in,
# all of them connected to anvil, auth, stats and the like.
mail_max_userip_connections = 0
default_process_limit = $((most + 100))
default_client_limit = $((3 * most + 2500))
service imap {
  process_limit = $((most + 100))
}
END
}

# As its manual says for many logins (login processes in performance mode, processes that serve more than one session
# and are there before they are asked for, a cache of authentication), and for many idle ones (hibernation, as soon as
# that is seen within a short measurement: after 2 s, and the processes that are then not needed go after 2 s more).
dovecot_tuning() {
  local cores
  cores=$(nproc)
  cat <<END

auth_cache_size = 16 M
mail_fsync = optimized
imap_hibernate_timeout = 2 s
service imap-login {
  service_count = 0
  process_min_avail = $cores
  process_limit = $cores
  vsz_limit = 2 G
}
service pop3-login {
  service_count = 0
  process_min_avail = $cores
  process_limit = $cores
  vsz_limit = 2 G
}
service imap {
  service_count = 1000
  process_min_avail = $((2 * cores))
  idle_kill = 2 s
  unix_listener imap-master {
    user = \$default_internal_user
  }
}
service imap-hibernate {
  unix_listener imap-hibernate {
    mode = 0660
    group = \$default_internal_group
  }
}
service pop3 {
  service_count = 1000
  process_min_avail = $cores
}
service lmtp {
  process_min_avail = $cores
}
END
}

set_up_dovecot() {  # NAME
  local directory=$work/$1
  mkdir -p "$directory/home" "$directory/state"
  [ "$(id -u)" -ne 0 ] || chown nobody "$directory/home"
  seq -f "u%g@example.org:$password" "$users" >"$directory/users"
  dovecot_configuration "$1" >"$directory/dovecot.conf"
}

set_up_dovecot-default() { set_up_dovecot dovecot-default; }

set_up_dovecot-tuned() {
  set_up_dovecot dovecot-tuned
  dovecot_tuning >>"$work/dovecot-tuned/dovecot.conf"
}

start_dovecot() {  # NAME
  "$dovecot" -F -c "$work/$1/dovecot.conf" >>"$work/$1/log" 2>&1 &
  pid[$1]=$!
  wait_for "$1"
}

start_dovecot-default() { start_dovecot dovecot-default; }
start_dovecot-tuned() { start_dovecot dovecot-tuned; }
stop_dovecot-default() { stop_process dovecot-default; }
stop_dovecot-tuned() { stop_process dovecot-tuned; }

# tls_of NAME: protocol and cipher, for a client that offers them in the order in which the load generator does.
tls_of() {
  openssl s_client -connect "127.0.0.1:${port[$1-imap]}" -ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384 \
    </dev/null 2>/dev/null |
    sed -n 's/^New, \(.*\), Cipher is \(.*\)$/\1 \2/p'
}
