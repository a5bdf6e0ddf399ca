"""Mail handed over by LMTP, with Python's smtplib and by hand, read back over IMAP and POP3."""
import os
import re
import smtplib
import socket
import stat
import unittest

from harness import AWKWARD, PASSWORD, USER, Server, ServerTest, ctl, trusting

OTHER = "other@example.org"


class Lmtp(ServerTest):
    def setUp(self):
        super().setUp()
        done = ctl(self.data, "account", "add", OTHER, "--password-stdin", stdin=PASSWORD.encode() + b"\n")
        self.assertEqual(done.returncode, 0, done.stderr)

    def lmtp(self):
        client = smtplib.LMTP("127.0.0.1", self.server.ports["LMTP", "STARTTLS"])
        self.addCleanup(client.close)
        return client

    def messages(self, user=USER):
        client = self.server.imaps()
        client.login(user, PASSWORD)
        self.ok(client.select("INBOX", readonly=True))
        answer = client.uid("FETCH", "1:*", "(BODY.PEEK[])")
        client.logout()
        return [item[1] for item in answer[1] if isinstance(item, tuple)]

    def test_smtplib(self):
        with self.lmtp() as client:
            self.assertEqual(client.sendmail("eve@example.com", [USER], b"Subject: x\r\n\r\n.dot\r\nbody\r\n"), {})
            for name in ("size", "8bitmime", "smtputf8", "chunking", "binarymime", "pipelining", "enhancedstatuscodes",
                         "starttls"):
                self.assertTrue(client.has_extn(name), name)
            with self.assertRaises(smtplib.SMTPRecipientsRefused) as refused:
                client.sendmail("eve@example.com", ["nobody@example.org"], b"x")
            code, text = refused.exception.recipients["nobody@example.org"]
            self.assertEqual((code, text[:5]), (550, b"5.1.1"))
        [message] = self.messages()
        head, _, body = message.partition(b"\r\n\r\n")
        self.assertEqual(body, b".dot\r\nbody\r\n")
        lines = head.split(b"\r\n")
        self.assertEqual(lines[:2], [b"Return-Path: <eve@example.com>", b"Delivered-To: " + USER.encode()])
        self.assertRegex(lines[2], rb"^Received: from \S+ \(\[127\.0\.0\.1\]\)$")
        self.assertRegex(lines[3], rb"^\tby \S+ with LMTP id [0-9a-f]{16}$")
        self.assertEqual(lines[4], b"\tfor <" + USER.encode() + b">;")
        self.assertEqual(lines[-1], b"Subject: x")

    def test_starttls(self):
        with self.lmtp() as client:
            client.ehlo()
            client.starttls(context=trusting())
            client.sendmail("eve@example.com", [USER], b"Subject: x\r\n\r\n")
        self.assertIn(b" with LMTPS id ", self.messages()[0])

    def test_utf8(self):
        with self.lmtp() as client:
            client.sendmail("jürgen@example.com", [USER], "Subject: Grüße\r\n\r\n".encode(),
                            mail_options=["SMTPUTF8", "BODY=8BITMIME"])
        self.assertIn("Return-Path: <jürgen@example.com>\r\n".encode(), self.messages()[0])

    def test_each_recipient_has_a_reply(self):
        with self.lmtp() as client:
            client.ehlo()
            client.mail("")
            for recipient in (USER, "nobody@example.org", OTHER, USER.replace("@", "+tag@")):
                client.rcpt(recipient)
            self.assertEqual(client.docmd("DATA")[0], 354)
            client.send(b"Subject: x\r\n\r\nbody\r\n.\r\n")
            replies = [client.getreply() for _ in range(3)]
            self.assertEqual([code for code, _ in replies], [250] * 3)
            self.assertTrue(replies[1][1].startswith(b"2.0.0 <" + OTHER.encode()), replies)
            self.assertEqual(client.noop()[0], 250)
        [message] = self.messages()
        self.assertEqual(message.count(b"\r\nDelivered-To: "), 2)
        self.assertNotIn(OTHER.encode(), message)
        self.assertEqual(len(self.messages(OTHER)), 1)

    def test_octets_come_back(self):
        with self.lmtp() as client:
            client.ehlo()
            for octets in AWKWARD.values():
                client.mail("eve@example.com")
                client.rcpt(USER)
                half = len(octets) // 2
                client.send(b"BDAT %d\r\n%b" % (half, octets[:half]))
                self.assertEqual(client.getreply()[0], 250)
                client.send(b"BDAT %d LAST\r\n%b" % (len(octets) - half, octets[half:]))
                self.assertEqual(client.getreply()[0], 250)
        stored = self.messages()
        self.assertEqual(len(stored), len(AWKWARD))
        for message, (name, octets) in zip(stored, AWKWARD.items()):
            with self.subTest(name):
                self.assertEqual(re.sub(rb"\AReturn-Path: .*?;\r\n\t[^\r]*\r\n", b"", message, flags=re.S), octets)

    def test_pop3_has_it_too(self):
        with self.lmtp() as client:
            client.sendmail("eve@example.com", [USER], b"Subject: x\r\n\r\nbody\r\n")
        client = self.server.pop3s()
        client.user(USER)
        client.pass_(PASSWORD)
        self.assertEqual(client.stat()[0], 1)
        self.assertEqual(client.retr(1)[1][-1], b"body")
        client.quit()

    def test_a_client_that_is_idling_hears_of_it(self):
        client = self.login()
        client.select("INBOX")
        client.send(b"x IDLE\r\n")
        self.assertTrue(client.readline().startswith(b"+"))
        with self.lmtp() as sender:
            sender.sendmail("eve@example.com", [USER], b"Subject: x\r\n\r\n")
        self.assertEqual(client.readline(), b"* 1 EXISTS\r\n")


class OverUnix(ServerTest):
    def setUp(self):
        # A socket that nobody listens at, as a server leaves it that was killed.
        super().setUp()
        self.server.stop()
        self.path = os.path.join(self.directory, "lmtp")
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(self.path)
        self.server = Server(self.data, "--lmtp", "unix:" + self.path, "--unix-mode", "0660")

    def test_smtplib(self):
        self.assertIn("unix:" + self.path, self.server.settings)
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o660)
        with smtplib.LMTP(self.path) as client:
            self.assertEqual(client.sendmail("eve@example.com", [USER], b"Subject: x\r\n\r\n"), {})
            self.assertFalse(client.has_extn("starttls"))
        self.assertEqual(self.ok(self.login().select("INBOX")), [b"1"])
        self.assertEqual(self.server.stop(), 0)
        self.assertFalse(os.path.exists(self.path))


class Networks(ServerTest):
    def test_others_are_turned_away(self):
        self.server.stop()
        self.server = Server(self.data, "--lmtp-network", "192.0.2.0/24", "--lmtp-network", "2001:db8::/32")
        with socket.create_connection(("127.0.0.1", self.server.ports["LMTP", "STARTTLS"])) as client:
            client.settimeout(60)
            self.assertEqual(client.recv(100), b"")
        self.assertIn("connection_denied", self.server.read_log())


if __name__ == "__main__":
    unittest.main()
