"""Backup, restore, undelete and repair by postfachctl beside a running postfachd, as mail programs see it."""
import os
import unittest

from harness import PASSWORD, USER, ServerTest, ctl


class BackupTest(ServerTest):
    def run_ctl(self, *arguments):
        done = ctl(self.data, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()

    def fill(self):
        for number in range(5):
            size = 90_000 if number == 2 else 300
            self.deliver(b"Subject: number %d\r\n\r\n" % number + b"text\r\n" * (size // 6))

    def uidls(self):
        client = self.closing_pop3()
        lines = client.uidl()[1]
        texts = [b"\r\n".join(client.retr(number + 1)[1]) for number in range(len(lines))]
        client.quit()
        return {line.split()[1]: text for line, text in zip(lines, texts)}

    def closing_pop3(self):
        client = self.server.pop3s()
        self.addCleanup(client.close)
        client.user(USER)
        client.pass_(PASSWORD)
        return client

    def select(self, client, *qresync):
        """UIDVALIDITY, HIGHESTMODSEQ and all lines of SELECT."""
        lines = []
        answer = client._simple_command("SELECT", "INBOX", *qresync)
        self.assertEqual(answer[0], "OK", answer)
        client.state = "SELECTED"
        for key in ("UIDVALIDITY", "HIGHESTMODSEQ", "VANISHED", "FETCH"):
            lines.append(client.untagged_responses.pop(key, None))
        return lines

    def test_restore(self):
        backup = os.path.join(self.directory, "backup")
        self.fill()
        before = self.uidls()
        self.assertIn("generation 1", self.run_ctl("backup", backup))
        client = self.login()
        self.ok(client.enable("QRESYNC"))
        validity, modseq, _, _ = self.select(client)
        # An idle session sees what happens to its account.
        self.deliver(b"Subject: later\r\n\r\n")
        self.ok(client.store("1:2", "+FLAGS", "\\Deleted"))
        self.ok(client.expunge())
        later = self.uidls()
        self.assertEqual(len(later), 4)
        self.assertIn("sound", self.run_ctl("verify", backup))
        self.assertIn("number 3", self.run_ctl("restore", backup, USER, "--list", "--mailbox", "INBOX"))
        self.assertIn("5 messages", self.run_ctl("restore", backup, USER, "--replace"))
        # The session of before gets no data of the new account.
        with self.assertRaises(Exception):
            self.ok(client.fetch("1:*", "(UID)"))

        # A POP3 client downloads nothing twice, and gets back what it had.
        self.assertEqual(self.uidls(), before)
        # A client with QRESYNC resynchronises all: its UIDVALIDITY is over (RFC 7162 section 3.2.5).
        client = self.login()
        self.ok(client.enable("QRESYNC"))
        new_validity, new_modseq, vanished, fetched = self.select(
            client, "(QRESYNC (%d %d))" % (int(validity[0]), int(modseq[0])))
        self.assertGreater(int(new_validity[0]), int(validity[0]))
        self.assertGreater(int(new_modseq[0]), int(modseq[0]))
        self.assertIsNone(vanished)
        self.assertIsNone(fetched)
        self.assertEqual(len(self.ok(client.uid("SEARCH", "ALL"))[0].split()), 5)
        # A message that comes now has a UIDL that nobody has seen.
        self.deliver(b"Subject: after\r\n\r\n")
        new = set(self.uidls()) - set(before)
        self.assertEqual(len(new), 1)
        self.assertFalse(new & set(later))
        self.assertIn("sound", self.run_ctl("check"))

    def test_restore_mailbox(self):
        backup = os.path.join(self.directory, "backup")
        self.fill()
        before = self.uidls()
        self.run_ctl("backup", backup, USER, "--keep", "2")
        client = self.login()
        validity, _, _, _ = self.select(client)
        self.ok(client.store("1:3", "+FLAGS", "\\Deleted"))
        self.ok(client.expunge())
        self.assertIn("3 messages restored, 2 were there",
                      self.run_ctl("restore", backup, USER, "--mailbox", "INBOX"))
        self.assertEqual(self.uidls(), before)
        self.assertEqual(self.select(self.login())[0], validity)
        self.assertIn("sound", self.run_ctl("check", "--repair"))

    def test_nothing_to_undelete(self):
        self.assertEqual(len(self.run_ctl("undelete", USER).splitlines()), 1)
        self.assertIn("0 messages are back", self.run_ctl("undelete", USER, "--all"))

    def test_usage(self):
        self.assertNotEqual(ctl(self.data, "restore", os.path.join(self.directory, "none"), USER).returncode, 0)
        self.assertNotEqual(ctl(self.data, "backup").returncode, 0)


if __name__ == "__main__":
    unittest.main()
