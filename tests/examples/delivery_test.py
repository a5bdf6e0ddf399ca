"""postfachctl deliver as the pipe of an MTA, and what postfachd's options say of mail that comes in and of POP3."""
import os
import smtplib
import unittest

from harness import AWKWARD, PASSWORD, USER, Server, ServerTest, ctl

OTHER = "other@example.org"
TEXT = b"Subject: hello\n\nworld\n"


class Mail(ServerTest):
    def setUp(self):
        super().setUp()
        self.run_ctl("account", "add", OTHER, "--password-stdin", stdin=PASSWORD.encode() + b"\n")

    def run_ctl(self, *arguments, stdin=b"", status=0):
        done = ctl(self.data, *arguments, stdin=stdin)
        self.assertEqual(done.returncode, status, done.stderr.decode())
        return done.stdout.decode() + done.stderr.decode()

    def messages(self, mailbox="INBOX", user=USER):
        client = self.closing(self.server.imaps())
        client.login(user, PASSWORD)
        self.ok(client.select(mailbox, readonly=True))
        answer = client.uid("FETCH", "1:*", "(BODY.PEEK[])")
        client.logout()
        return [item[1] for item in answer[1] if isinstance(item, tuple)]

    def lmtp(self, recipient, octets=b"Subject: x\r\n\r\n"):
        """The reply to the recipient or, if that is fine, to the message."""
        with smtplib.LMTP("127.0.0.1", self.server.ports["LMTP", "STARTTLS"]) as client:
            client.ehlo()
            client.mail("eve@example.com")
            reply = client.rcpt(recipient)
            return client.data(octets) if reply[0] == 250 else reply


class Pipe(Mail):
    def test_octets_come_back_behind_the_fields_of_the_envelope(self):
        head = b"Return-Path: <eve@example.com>\r\nDelivered-To: " + USER.encode() + b"\r\n"
        for octets in AWKWARD.values():
            self.run_ctl("deliver", "-f", "eve@example.com", USER, stdin=octets)
        for message, (name, octets) in zip(self.messages(), AWKWARD.items(), strict=True):
            with self.subTest(name):
                if name == "bare LF":  # local text
                    octets = octets.replace(b"\n", b"\r\n")
                self.assertEqual(message, head + octets)

    def test_each_recipient_has_a_result(self):
        self.run_ctl("account", "add", "full@example.org", "--no-password", "--quota", "1K")
        self.run_ctl("deliver", "full@example.org", stdin=b"Subject: x\n\n" + b"y" * 900)
        large = b"From eve@example.com Thu Nov 26 03:00:00 2026\n" + TEXT + b"y" * 900 + b"\n"
        shown = self.run_ctl("deliver", USER, "nobody@example.org", OTHER, "full@example.org",
                             USER.replace("@", "+tag@"), stdin=large, status=75)
        for line in (USER + ": stored in INBOX as UID 1", "nobody@example.org: no such mailbox here",
                     OTHER + ": stored in INBOX as UID 1", "full@example.org: the mailbox is full for now"):
            self.assertIn(line, shown)
        [message] = self.messages()
        self.assertEqual(message.count(b"Delivered-To: "), 2)
        self.assertTrue(message.startswith(b"Return-Path: <>\r\n"), message)
        self.assertNotIn(b"From eve", message)
        self.assertNotIn(OTHER.encode(), message)
        self.assertEqual(len(self.messages(user=OTHER)), 1)

    def test_exit_status(self):
        full = "full@example.org"
        self.run_ctl("account", "add", full, "--no-password", "--quota", "1K")
        large = TEXT + b"y" * 2000 + b"\n"
        for status, stdin, arguments in ((0, TEXT, [USER]), (0, TEXT, ["--sender", "<>", USER]),
                                         (67, TEXT, ["nobody@example.org"]),
                                         (67, TEXT, [USER, "nobody@example.org"]),
                                         (75, large, [full]), (75, large, ["nobody@example.org", full, USER]),
                                         (77, large, ["--over-quota", "for-good", full]),
                                         (67, TEXT, ["--plus-separator", "none", USER.replace("@", "+x@")]),
                                         (0, TEXT, ["--plus-separator", "-", USER.replace("@", "-x@")]),
                                         (65, b"", [USER]), (65, TEXT, ["--sender", "a\nb", USER]),
                                         (64, TEXT, []), (64, TEXT, ["--plus", "maybe", USER])):
            with self.subTest(status=status, arguments=arguments):
                self.run_ctl("deliver", *arguments, stdin=stdin, status=status)
        self.run_ctl("quota", "set", USER, "--message-size", "1K")
        self.run_ctl("deliver", USER, stdin=large, status=65)
        # Mail waits for a disk that is not there.
        self.assertEqual(ctl(self.data + "-none", "deliver", USER, stdin=TEXT).returncode, 75)
        self.assertEqual(len(self.messages()), 5)

    def test_where_to(self):
        tagged = USER.replace("@", "+lists@")
        self.run_ctl("deliver", tagged, stdin=TEXT)
        self.run_ctl("deliver", "--plus", "existing", tagged, stdin=TEXT)
        self.assertIn("stored in lists", self.run_ctl("deliver", "--plus", "create", tagged, stdin=TEXT))
        self.run_ctl("deliver", "--plus", "existing", USER.replace("@", "+Lists@"), stdin=TEXT)
        self.assertIn("stored in Old/2026", self.run_ctl("deliver", tagged, "--mailbox", "Old/2026", stdin=TEXT))
        self.assertEqual([len(self.messages(name)) for name in ("INBOX", "lists", "Old/2026")], [2, 2, 1])

    def test_a_delivery_warns_too(self):
        self.run_ctl("quota", "set", USER, "--messages", "2")
        self.run_ctl("deliver", "--quota-warning", "50", USER, stdin=TEXT)
        self.assertIn(b"Subject: Your mailbox is 50 % full\r\n", self.messages()[1])


class Options(Mail):
    arguments = ("--plus", "create", "--over-quota", "for-good", "--pop3-delete", "hide", "--pop3-seen", "false",
                 "--pop3-mailbox", "INBOX", "--pop3-mailbox", "Junk", "--pop3-newest", "2", "--pop3-expire", "30")

    def test_lmtp(self):
        self.assertEqual(self.lmtp(USER.replace("@", "+news@"))[0], 250)
        self.assertEqual(len(self.messages("news")), 1)
        self.run_ctl("quota", "set", USER, "--messages", "1")
        self.assertEqual(self.lmtp(USER)[0], 552)

    def test_pop3_policy(self):
        for name in ("INBOX", "INBOX", "INBOX", "Junk", "Archive"):
            self.deliver(b"Subject: %s\n\n" % name.encode(), "--mailbox", name)
        client = self.server.pop3s()
        self.addCleanup(client.close)
        client.user(USER)
        client.pass_(PASSWORD)
        self.assertIn("EXPIRE", client.capa())
        self.assertEqual(client.capa()["EXPIRE"], ["30"])
        self.assertEqual(client.stat()[0], 3)  # two of INBOX, one of Junk
        for number in (1, 2, 3):
            client.retr(number)
            client.dele(number)
        client.quit()
        imap = self.login()
        self.ok(imap.select("INBOX"))
        self.assertEqual(self.ok(imap.search(None, "UNSEEN")), [b"1 2 3"])
        # An account's own policy comes first.
        self.run_ctl("maildrop", "set", OTHER, "--on-delete", "expunge", "--seen", "true", "--newest", "0")
        self.run_ctl("deliver", OTHER, stdin=TEXT)
        client = self.server.pop3s()
        client.user(OTHER)
        client.pass_(PASSWORD)
        client.dele(1)
        client.quit()
        self.assertEqual(self.messages(user=OTHER), [])

    def test_bad_options(self):
        self.server.stop()
        empty = os.path.join(self.directory, "empty")
        open(empty, "wb").close()
        for arguments in (["--plus", "perhaps"], ["--plus-separator", "++"], ["--plus-separator", "@"],
                          ["--over-quota", "never"], ["--disabled", "x"], ["--pop3-delete", "burn"],
                          ["--pop3-expire", "soon"], ["--pop3-keep-days", "0"], ["--undelete", "1y"],
                          ["--undelete", "-1"], ["--undelete-most", "lots"], ["--quota-warning", "101"],
                          ["--quota-warning", "0"], ["--quota-mail", empty], ["--quota-mail", empty + "-none"]):
            with self.subTest(arguments), self.assertRaises(RuntimeError):
                Server(self.data, *arguments)


class Warnings(Mail):
    arguments = ("--quota-warning", "80", "--quota-warning", "50", "--quota-hysteresis", "20")

    def fill(self, count):
        for _ in range(count):
            self.assertEqual(self.lmtp(USER)[0], 250)

    def warnings(self):
        return [message for message in self.messages() if b"Auto-Submitted: auto-generated" in message]

    def expunge(self, uids):
        client = self.login()
        self.ok(client.select("INBOX"))
        self.ok(client.uid("STORE", uids, "+FLAGS", "\\Deleted"))
        self.ok(client.expunge())
        client.logout()

    def test_each_threshold_once_until_usage_has_fallen(self):
        self.run_ctl("quota", "set", USER, "--messages", "10")
        self.fill(4)
        self.assertEqual(self.warnings(), [])
        self.fill(1)
        [mail] = self.warnings()
        self.assertRegex(mail, rb"(?s)\ADate: .* \+0000\r\nMessage-ID: <\w+@example\.org>\r\n"
                               rb".*To: <demo@example\.org>\r\nSubject: Your mailbox is 50 % full\r\n\r\n"
                               rb"Your mailbox demo@example\.org holds 5 of at most 10\.\r\n")
        self.expunge("1")
        self.fill(2)  # there are seven with the warning
        self.assertEqual(len(self.warnings()), 1)
        self.fill(1)
        self.assertEqual(len(self.warnings()), 2)  # 80
        self.expunge("1:8")  # the second warning and one more stay
        self.fill(3)
        self.assertEqual([b"is 80 %" in mail for mail in self.warnings()], [True, False])
        self.assertRegex(self.server.read_log(), r"quota_warning account=\S+ detail=\"above 80 %: 8 of 10\"")
        self.assertRegex(self.server.read_log(), r"quota_warning account=\S+ detail=\"below again 80 %")

    def test_a_mail_of_ones_own(self):
        self.server.stop()
        path = os.path.join(self.directory, "mail.txt")
        with open(path, "wb") as file:
            file.write("From: Ihr Anbieter <hilfe@example.net>\nSubject: {percent} % belegt\n\n"
                       "Grüße! {used} von {limit} in {account}, {anderes}\n".encode())
        self.server = Server(self.data, *self.arguments, "--quota-mail", path)
        self.run_ctl("quota", "set", USER, "--bytes", "4K")
        self.assertEqual(self.lmtp(USER, b"Subject: x\r\n\r\n" + b"y" * 2000)[0], 250)
        mail = self.messages()[1].decode()
        self.assertIn("\r\nSubject: 50 % belegt\r\n", mail)
        self.assertIn("\r\nContent-Type: text/plain; charset=utf-8\r\n", mail)
        self.assertRegex(mail, r"Grüße! 2\.\d KiB von 4\.0 KiB in demo@example\.org, \{anderes\}\r\n\Z")

    def test_no_mail(self):
        self.server.stop()
        self.server = Server(self.data, *self.arguments, "--quota-mail", "none")
        self.run_ctl("quota", "set", USER, "--messages", "2")
        self.fill(2)
        self.assertEqual(len(self.messages()), 2)
        self.assertIn("quota_warning", self.server.read_log())


if __name__ == "__main__":
    unittest.main()
