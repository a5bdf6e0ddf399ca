"""Backup, restore, undelete and repair by postfachctl beside a running postfachd, as mail programs see it."""
import os
import unittest

from harness import PASSWORD, USER, Server, ServerTest, ctl


class Backups(ServerTest):
    """What the tests below share."""

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



class BackupTest(Backups):
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


class UndeleteTest(Backups):
    arguments = ("--undelete", "7d")

    def listed(self, *arguments):
        """ID and the rest of each line."""
        lines = self.run_ctl("undelete", USER, *arguments).splitlines()[1:]
        return [line.split(maxsplit=1) for line in lines]

    def test_what_pop3_deleted_is_seen_by_imap_again(self):
        self.fill()
        before = self.uidls()
        imap = self.login()
        self.ok(imap.select("INBOX"))
        self.ok(imap.store("3", "+FLAGS", "(\\Flagged $Label1)"))
        pop3 = self.closing_pop3()
        for number in (2, 3, 4):
            pop3.dele(number)
        pop3.quit()
        imap.noop()
        self.assertEqual(self.ok(imap.search(None, "ALL")), [b"1 2"])
        removed = self.listed()
        self.assertEqual(len(removed), 3)
        [(message, line)] = [(first, rest) for first, rest in removed if "number 2" in rest]
        self.assertRegex(line, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +INBOX +8\d\.\d KiB ")

        self.assertIn("1 messages are back", self.run_ctl("undelete", USER, message))
        # The session that looks on hears of it, and gets all of it.
        imap.noop()
        self.assertEqual(imap.untagged_responses["EXISTS"][-1:], [b"3"])
        [data, rest] = self.ok(imap.fetch("3", "(UID FLAGS BODY.PEEK[])"))
        self.assertIn(b"UID 6", data[0] + rest)
        for flag in (b"\\Flagged", b"$Label1"):
            self.assertIn(flag, data[0] + rest)
        self.assertTrue(data[1].endswith(b"Subject: number 2\r\n\r\n" + b"text\r\n" * 15_000))
        # The POP3 client that deleted it has it again, under the UIDL that it knows.
        after = self.uidls()
        self.assertEqual(len(after), 3)
        self.assertEqual({uidl: text for uidl, text in before.items() if uidl in after}, after)

        self.assertIn("2 messages are back", self.run_ctl("undelete", USER, "--all"))
        self.assertEqual(self.uidls(), before)
        self.assertEqual(self.listed(), [])
        self.assertIn("sound", self.run_ctl("check"))

    def test_a_mailbox_that_imap_removed_is_made_anew(self):
        imap = self.login()
        self.ok(imap.create("Work"))
        self.ok(imap.subscribe("Work"))
        self.run_ctl("use", USER, "Work", "archive")
        self.run_ctl("quota", "set", USER, "--mailbox", "Work", "--messages", "2")
        for number in range(2):
            self.append(imap, "Work", b"Subject: %d\r\n\r\n" % number)
        self.ok(imap.delete("Work"))
        self.ok(imap.unsubscribe("Work"))
        self.deliver(b"Subject: other\r\n\r\n")
        self.ok(imap.select("INBOX"))
        self.ok(imap.store("1", "+FLAGS", "\\Deleted"))
        self.ok(imap.expunge())
        self.assertEqual(len(self.listed()), 3)
        self.assertEqual(len(self.listed("--mailbox", "Work")), 2)
        self.assertEqual(self.listed("--since", "2100-01-01"), [])
        self.assertIn("2 messages are back", self.run_ctl("undelete", USER, "--mailbox", "Work", "--all"))
        self.assertEqual(self.ok(imap.lsub('""', "Work")), [b'(\\Archive) "/" Work'])
        self.assertEqual(self.ok(imap.list('""', "Work")), [b'(\\HasNoChildren \\Archive) "/" Work'])
        self.assertEqual(self.ok(imap.select("Work")), [b"2"])
        imap.literal = b"Subject: 3\r\n\r\n"
        status, answer = imap._simple_command("APPEND", "Work")
        self.assertEqual((status, answer[0][:11]), ("NO", b"[OVERQUOTA]"))
        self.assertIn("1 messages are back", self.run_ctl("undelete", USER, "--all", "--into", "Found"))
        self.assertEqual(self.ok(imap.select("Found")), [b"1"])
        # An ID that is none.
        self.assertEqual(ctl(self.data, "undelete", USER, "99").returncode, 65)

    def test_nothing_comes_back_from_a_store_without_a_window(self):
        self.fill()
        self.uidls()
        self.server.stop()
        self.server = Server(self.data)
        pop3 = self.closing_pop3()
        pop3.dele(1)
        pop3.quit()
        self.assertEqual(self.listed(), [])


if __name__ == "__main__":
    unittest.main()
