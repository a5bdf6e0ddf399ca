"""kill -9 under LMTP load: what was acknowledged is there, once; what was not may be there, once, since these clients never
try again. A message for two accounts is acknowledged for each of them."""
import collections
import itertools
import os
import random
import re
import signal
import socket
import threading
import time
import unittest

from harness import PASSWORD, USER, Server, ServerTest, ctl

SECONDS = float(os.environ.get("POSTFACH_CRASH_SECONDS", "40"))
SEED = int(os.environ.get("POSTFACH_CRASH_SEED", "1"))
OTHER = "other@example.org"
CLIENTS = 4


def message(token):
    # Some are large enough for a file of their own.
    body = b"0123456789\r\n" * (12_000 if token % 7 == 0 else token % 50)
    return b"Subject: %d\r\n\r\n" % token + body


class Client:
    """Delivers numbered messages, and notes what was sent and what was acknowledged."""

    def __init__(self, port, rng, tokens):
        self.port, self.rng, self.tokens = port, rng, tokens
        self.sent = {USER: set(), OTHER: set()}
        self.stored = {USER: set(), OTHER: set()}

    def run(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
                self.socket, self.lines = connection, connection.makefile("rb")
                self.expect(b"220")
                connection.sendall(b"LHLO x\r\n")
                while self.expect(b"250")[3:4] == b"-":
                    pass
                while True:
                    self.deliver()
        except (OSError, EOFError):
            pass

    def expect(self, code):
        line = self.lines.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError
        if not line.startswith(code):
            raise AssertionError(f"refused: {line}")
        return line

    def deliver(self):
        token = next(self.tokens)
        users = self.rng.choice([[USER], [OTHER], [USER, OTHER], [OTHER, USER]])
        begin = b"MAIL FROM:<a@b>\r\n" + b"".join(b"RCPT TO:<%b>\r\n" % user.encode() for user in users)
        octets = message(token)
        for user in users:
            self.sent[user].add(token)
        if self.rng.random() < 0.5:
            self.socket.sendall(begin + b"BDAT %d LAST\r\n%b" % (len(octets), octets))
            replies = 1 + len(users)
        else:
            self.socket.sendall(begin + b"DATA\r\n")
            for _ in range(1 + len(users)):
                self.expect(b"250")
            self.expect(b"354")
            self.socket.sendall(octets + b".\r\n")
            replies = 0
        for _ in range(replies):
            self.expect(b"250")
        for user in users:
            self.expect(b"250")
            self.stored[user].add(token)


class Crash(ServerTest):
    def found(self, user):
        client = self.server.imaps()
        client.login(user, PASSWORD)
        self.ok(client.select("INBOX", readonly=True))
        tokens = collections.Counter()
        for item in self.ok(client.uid("FETCH", "1:*", "(BODY.PEEK[])")):
            if not isinstance(item, tuple):
                continue
            text = re.sub(rb"\AReturn-Path: .*?;\r\n\t[^\r]*\r\n", b"", item[1], flags=re.S)
            token = int(text.split(b"\r\n", 1)[0].split()[1])
            self.assertEqual(text, message(token))
            tokens[token] += 1
        client.logout()
        return tokens

    def test_acknowledged_survives(self):
        rng = random.Random(SEED)
        done = ctl(self.data, "account", "add", OTHER, "--password-stdin", stdin=PASSWORD.encode() + b"\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        tokens = itertools.count(1)
        sent, stored = {USER: set(), OTHER: set()}, {USER: set(), OTHER: set()}
        end = time.monotonic() + SECONDS
        rounds = 0
        while time.monotonic() < end:
            port = self.server.ports["LMTP", "STARTTLS"]
            clients = [Client(port, random.Random(rng.random()), tokens) for _ in range(CLIENTS)]
            failures = []

            def run(client):
                try:
                    client.run()
                except AssertionError as error:
                    failures.append(error)

            threads = [threading.Thread(target=run, args=(client,)) for client in clients]
            for thread in threads:
                thread.start()
            time.sleep(rng.uniform(0.05, 0.8))
            self.assertIsNone(self.server.process.poll(), "the server died by itself")
            self.server.stop(signal.SIGKILL)
            for thread in threads:
                thread.join(60)
            self.assertEqual(failures, [])
            self.server = Server(self.data)
            for user in (USER, OTHER):
                for client in clients:
                    sent[user] |= client.sent[user]
                    stored[user] |= client.stored[user]
                there = self.found(user)
                self.assertEqual(stored[user] - set(there), set(), "acknowledged and lost")
                self.assertEqual(set(there) - sent[user], set(), "from nowhere")
                self.assertEqual([token for token, times in there.items() if times > 1], [], "stored twice")
            rounds += 1
            if rounds % 5 == 0:
                checked = ctl(self.data, "check")
                self.assertEqual(checked.returncode, 0, checked.stdout.decode())
        self.assertEqual(self.server.stop(), 0)
        checked = ctl(self.data, "check")
        self.assertEqual(checked.returncode, 0, checked.stdout.decode())
        self.assertGreater(len(stored[USER]), 20, "the clients hardly did anything")
        print(f"{rounds} kills, {sum(map(len, stored.values()))} acknowledged, seed {SEED}")


if __name__ == "__main__":
    unittest.main()
