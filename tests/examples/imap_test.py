import imaplib
import re
import unittest

from harness import AWKWARD, PASSWORD, USER, ServerTest, trusting

TEXT = b"Subject: hello\r\nFrom: a@example.org\r\n\r\nworld\r\n"


class Imap(ServerTest):
    def test_octets_come_back(self):
        client = self.login()
        for name, octets in AWKWARD.items():
            with self.subTest(name):
                answer = self.append(client, "INBOX", octets)
                uid = re.search(rb"APPENDUID \d+ (\d+)", answer[0]).group(1).decode()
                self.ok(client.select("INBOX", readonly=True))
                data = self.ok(client.uid("FETCH", uid, "(RFC822.SIZE BODY.PEEK[])"))
                self.assertEqual(data[0][1], octets)
                self.assertIn(b"RFC822.SIZE %d" % len(octets), data[0][0])
                data = self.ok(client.uid("FETCH", uid, "(BODY.PEEK[]<1.5>)"))
                self.assertEqual(data[0][1] if isinstance(data[0], tuple) else b"", octets[1:6])
        client.logout()

    def test_every_command(self):
        client = self.login()
        ok = self.ok
        self.assertIn("IMAP4REV1", client.capabilities)
        ok(client.noop())
        ok(client.namespace())
        ok(client.create("Work/2026"))
        ok(client.subscribe("Work/2026"))
        self.assertTrue(any(b"Work/2026" in line for line in ok(client.lsub())))
        ok(client.rename("Work/2026", "Work/Old"))
        self.assertTrue(any(b"Work/Old" in line for line in ok(client.list())))
        for _ in range(3):
            self.append(client, "INBOX", TEXT, r"(\Flagged)")
        self.assertRegex(ok(client.status("INBOX", "(MESSAGES UNSEEN UIDNEXT)"))[0], rb"MESSAGES 3")
        self.assertEqual(ok(client.select("INBOX")), [b"3"])
        self.assertEqual(ok(client.search(None, "FLAGGED", "SUBJECT", "hello")), [b"1 2 3"])
        ok(client.store("1", "+FLAGS", r"(\Deleted $Label1)"))
        self.assertEqual(ok(client.search(None, "KEYWORD", "$Label1")), [b"1"])
        ok(client.copy("2", "Work/Old"))
        ok(client.uid("MOVE", "3", "Work/Old"))
        self.assertEqual(client.response("EXPUNGE")[1], [b"3"])
        self.assertEqual(ok(client.expunge()), [b"1"])
        self.assertEqual(ok(client.uid("SEARCH", "ALL")), [b"2"])
        ok(client.check())
        ok(client.close())
        self.assertEqual(ok(client.select("Work/Old", readonly=True)), [b"2"])
        self.assertEqual(client.store("1", "+FLAGS", r"(\Seen)")[0], "NO")
        ok(client.unselect())
        ok(client.unsubscribe("Work/2026"))
        ok(client.delete("Work/Old"))
        self.assertEqual(client.select("Work/Old")[0], "NO")
        self.assertEqual(client.logout()[0], "BYE")

    def test_structure_of_a_multipart(self):
        client = self.login()
        self.append(client, "INBOX", b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                    b"--b\r\nContent-Type: text/plain\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\ntwo\r\n--b--\r\n")
        self.ok(client.select("INBOX"))
        data = self.ok(client.fetch("1", "(BODYSTRUCTURE BODY.PEEK[2])"))
        self.assertEqual(data[0][1], b"two")
        self.assertIn(b'"html"', data[0][0].lower())
        data = self.ok(client.fetch("1", "(ENVELOPE)"))
        self.assertIn(b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", data[0])

    def test_starttls(self):
        client = self.closing(self.server.imap())
        self.assertIn("STARTTLS", client.capabilities)
        self.assertIn("LOGINDISABLED", client.capabilities)
        with self.assertRaises(imaplib.IMAP4.error):
            client.login(USER, PASSWORD)
        self.ok(client.starttls(trusting()))
        self.assertNotIn("LOGINDISABLED", client.capabilities)
        client.login(USER, PASSWORD)
        self.ok(client.select("INBOX"))
        client.logout()

    def test_wrong_password(self):
        client = self.closing(self.server.imaps())
        with self.assertRaises(imaplib.IMAP4.error):
            client.login(USER, "wrong")
        client.login(USER, PASSWORD)
        client.logout()

    def test_idle_hears_a_delivery_of_another_process(self):
        client = self.login()
        self.ok(client.select("INBOX"))
        client.send(b"x1 IDLE\r\n")
        self.assertTrue(client.readline().startswith(b"+"))
        self.deliver(TEXT)
        while True:
            line = client.readline()
            self.assertTrue(line, "the connection was closed")
            if line == b"* 1 EXISTS\r\n":
                break
        client.send(b"DONE\r\n")
        while not line.startswith(b"x1 "):
            line = client.readline()
        self.assertIn(b"OK", line)

    def test_two_sessions_see_each_other(self):
        first, second = self.login(), self.login()
        self.append(first, "INBOX", TEXT)
        self.ok(first.select("INBOX"))
        self.ok(second.select("INBOX"))
        self.ok(second.store("1", "+FLAGS", r"(\Answered)"))
        self.ok(first.noop())
        self.assertIn(rb"\Answered", first.response("FETCH")[1][0])
        self.ok(second.store("1", "+FLAGS", r"(\Deleted)"))
        self.ok(second.expunge())
        self.ok(first.noop())
        self.assertEqual(first.response("EXPUNGE")[1], [b"1"])


if __name__ == "__main__":
    unittest.main()
