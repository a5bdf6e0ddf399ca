"""Sixteen connections deliver and append at the edge of a quota, and expunge: it is never passed, and nothing drifts."""
import os
import random
import re
import smtplib
import threading
import time
import unittest

from harness import PASSWORD, USER, ServerTest, ctl

SECONDS = float(os.environ.get("POSTFACH_SECONDS", "60"))
SEED = 20261126
MESSAGES = 40
OCTETS = 60_000
GROUP_MESSAGES = 55
OTHER = "other@example.org"


class QuotaEdge(ServerTest):
    def setUp(self):
        super().setUp()
        self.run_ctl("account", "add", OTHER, "--password-stdin", stdin=PASSWORD.encode() + b"\n")
        for name in (USER, OTHER):
            self.run_ctl("quota", "set", name, "--messages", str(MESSAGES), "--bytes", str(OCTETS))
        self.run_ctl("group", "set", "example.org", "--messages", str(GROUP_MESSAGES))
        self.faults = []
        self.counts = {"stored": 0, "refused": 0, "expunged": 0}
        self.lock = threading.Lock()
        self.end = time.monotonic() + SECONDS

    def run_ctl(self, *arguments, stdin=b""):
        done = ctl(self.data, *arguments, stdin=stdin)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()

    def count(self, what, number=1):
        with self.lock:
            self.counts[what] += number

    def guarded(self, work, *arguments):
        try:
            work(*arguments)
        except Exception as error:  # noqa: BLE001: the test fails with it
            self.faults.append(repr(error))

    def deliver_on(self, number):
        rng = random.Random(SEED + number)
        with smtplib.LMTP("127.0.0.1", self.server.ports["LMTP", "STARTTLS"]) as client:
            client.ehlo()
            while time.monotonic() < self.end:
                text = b"Subject: lmtp\r\n\r\n" + b"x" * rng.randrange(3000) + b"\r\n"
                try:
                    # One recipient: smtplib reads one reply to the message.
                    client.sendmail("eve@example.com", rng.choice((USER, OTHER)), text)
                    self.count("stored")
                    continue
                except smtplib.SMTPRecipientsRefused as error:
                    [(code, answer)] = error.recipients.values()
                except smtplib.SMTPDataError as error:
                    code, answer = error.smtp_code, error.smtp_error
                self.assertEqual((code, answer[:5]), (452, b"4.2.2"))
                self.count("refused")

    def append_on(self, number):
        rng = random.Random(SEED + number)
        client = self.server.imaps()
        client.login(rng.choice((USER, OTHER)), PASSWORD)
        client.select("INBOX")
        while time.monotonic() < self.end:
            choice = rng.randrange(10)
            if choice < 4:
                client.literal = b"Subject: append\r\n\r\n" + b"y" * rng.randrange(3000) + b"\r\n"
                status, answer = client._simple_command("APPEND", "INBOX")
            elif choice < 6:
                status, answer = client.uid("COPY", "1:*", rng.choice(("INBOX", "Archive")))
            elif choice < 8:
                uids = client.uid("SEARCH", "ALL")[1][0].split()[:rng.randrange(1, 12)]
                if uids:
                    client.uid("STORE", b",".join(uids).decode(), "+FLAGS.SILENT", "(\\Deleted)")
                status, answer = client.expunge()
                self.count("expunged", sum(1 for each in answer if each))
                continue
            else:
                client.select(rng.choice(("INBOX", "Archive")))
                continue
            if status == "NO" and b"[OVERQUOTA]" in answer[0]:
                self.count("refused")
            elif status == "OK":
                self.count("stored")
            elif status == "NO" and choice in (4, 5):
                pass  # nothing to copy
            else:
                self.faults.append(repr((status, answer)))
        client.logout()

    def watch(self):
        """Usage, as a control panel sees it."""
        client = self.server.imaps()
        client.login(USER, PASSWORD)
        while time.monotonic() < self.end:
            answer = client.getquota('""')[1][0].decode()
            storage, limit, messages, most = map(int, re.search(r"STORAGE (\d+) (\d+) MESSAGE (\d+) (\d+)", answer).groups())
            if storage > limit or messages > most:
                self.faults.append(answer)
            group = re.search(r"example.org +\S+ \S+ +none +(\d+) +(\d+)", self.run_ctl("group", "list"))
            if int(group[1]) > int(group[2]):
                self.faults.append(group[0])
        client.logout()

    def test_the_edge_is_never_passed(self):
        threads = [threading.Thread(target=self.guarded, args=(work, number))
                   for number in range(8) for work in (self.deliver_on, self.append_on)]
        threads.append(threading.Thread(target=self.guarded, args=(self.watch,)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.faults[:5], [])
        for what, number in self.counts.items():
            self.assertGreater(number, 10, (what, self.counts))
        self.assertNotIn("problem", self.run_ctl("check"))
        # What the server says last is the sum of what is there.
        total = 0
        for name in (USER, OTHER):
            client = self.server.imaps()
            client.login(name, PASSWORD)
            messages = sum(int(client.select(mailbox)[1][0]) for mailbox in ("INBOX", "Archive"))
            answer = client.getquota('""')[1][0].decode()
            self.assertEqual(int(re.search(r"MESSAGE (\d+)", answer)[1]), messages)
            total += messages
            client.logout()
        self.assertRegex(self.run_ctl("group", "list"), rf"example.org .* {total} +{GROUP_MESSAGES}\n")


if __name__ == "__main__":
    unittest.main()
