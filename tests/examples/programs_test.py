import imaplib
import os
import signal
import socket
import ssl
import subprocess
import time
import unittest

from harness import PASSWORD, USER, Server, ServerTest, ctl, program


class Postfachd(ServerTest):
    demo_messages = True

    def test_demo_is_made_once(self):
        client = self.login()
        self.assertEqual(self.ok(client.select("INBOX", readonly=True)), [b"4"])
        client.logout()
        self.assertEqual(self.server.stop(), 0)
        self.server = Server(self.data, "--demo")
        self.assertIn(USER, self.server.settings)
        client = self.login()
        self.assertEqual(self.ok(client.select("INBOX", readonly=True)), [b"4"])

    def test_sigterm_says_goodbye(self):
        idle, busy = self.login(), self.login()
        self.ok(idle.select("INBOX"))
        idle.send(b"x1 IDLE\r\n")
        self.assertTrue(idle.readline().startswith(b"+"))
        self.server.process.send_signal(signal.SIGTERM)
        for client in (idle, busy):
            lines = client.file.read()
            self.assertIn(b"* BYE", lines)
        self.assertEqual(self.server.process.wait(timeout=60), 0)

    def test_sighup_reads_the_certificate_again(self):
        address = "127.0.0.1", self.server.ports["IMAP", "SSL/TLS"]
        before = ssl.get_server_certificate(address)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=renewed", "-days", "2", "-keyout", os.path.join(self.data, "tls", "key.pem"),
                        "-out", os.path.join(self.data, "tls", "cert.pem")], check=True, capture_output=True)
        self.assertEqual(ssl.get_server_certificate(address), before)
        self.server.process.send_signal(signal.SIGHUP)
        for _ in range(600):
            if ssl.get_server_certificate(address) != before:
                return
            time.sleep(0.1)
        self.fail("the old certificate is still served")

    def test_bad_arguments(self):
        for arguments in (["--imap", "nonsense"], ["--cert", "/nowhere"], ["--cert", "/nowhere", "--key", "/nowhere"],
                          ["--imap", f"127.0.0.1:{self.server.ports['IMAP', 'STARTTLS']}"]):
            with self.subTest(arguments):
                done = subprocess.run([program("postfachd"), "--data", self.data + "2", *arguments],
                                      capture_output=True, timeout=60)
                self.assertNotEqual(done.returncode, 0)
                self.assertTrue(done.stderr)

    def test_logins_are_logged(self):
        client = self.login()
        client.logout()
        bad = self.closing(self.server.imaps())
        with self.assertRaises(imaplib.IMAP4.error):
            bad.login(USER, "wr0ng-secret")
        log = self.server.read_log()
        self.assertRegex(log, r" login .*" + USER)
        self.assertIn("login_failed", log)
        self.assertNotIn("wr0ng-secret", log)


class Postfachctl(ServerTest):
    def run_ctl(self, *arguments, stdin=b"", status=0):
        done = ctl(self.data, *arguments, stdin=stdin)
        self.assertEqual(done.returncode, status, done.stderr.decode())
        return done.stdout.decode()

    def test_accounts(self):
        self.run_ctl("account", "add", "bob@example.org", "--password-stdin", "--quota", "5G", "--login", "web1p2",
                     "--address", "info@example.org", "--address", "sales@example.org", stdin=b"old\n")
        listing = self.run_ctl("account", "list")
        self.assertRegex(listing, r"bob@example.org +0 +0 B +5.0 GiB +web1p2 +info@example.org sales@example.org")
        self.run_ctl("account", "password", "bob@example.org", "--password-stdin", stdin=b"new\n")
        client = self.closing(self.server.imaps())
        client.login("web1p2", "new")
        client.logout()
        self.run_ctl("deliver", "info@example.org", stdin=b"Subject: x\n\ny\n")
        self.assertRegex(self.run_ctl("account", "list"), r"bob@example.org +1 +6\d B")
        self.assertIn("bob@example.org: 1 messages, sound", self.run_ctl("check"))
        self.assertIn("bob@example.org: 1 messages taken into the index", self.run_ctl("index"))
        self.assertIn("bob@example.org: 0 messages taken into the index", self.run_ctl("index", "bob@example.org"))
        self.run_ctl("account", "remove", "bob@example.org")
        self.assertNotIn("bob", self.run_ctl("account", "list"))

    def test_a_mailbox_gets_a_use(self):
        client = self.login()
        self.ok(client.create("Versendet"))
        self.run_ctl("use", USER, "Versendet", "sent")
        self.assertEqual(self.ok(client.list('""', "Sent")), [b'(\\HasNoChildren) "/" Sent'])
        self.assertEqual(self.ok(client.list('""', "Versendet")), [b'(\\HasNoChildren \\Sent) "/" Versendet'])
        self.run_ctl("use", USER, "Versendet", "none")
        self.assertEqual(self.ok(client.list('""', "Versendet")), [b'(\\HasNoChildren) "/" Versendet'])
        client.logout()

    def test_errors_have_a_status(self):
        for arguments, stdin, status in (
                (["account", "add", USER, "--password-stdin"], b"x\n", 73),
                (["account", "add", "new", "--password-stdin", "--quota", "lots"], b"x\n", 64),
                (["account", "add", "new", "--password-stdin"], b"\n", 64),
                (["account", "add", "new"], b"x\n", 64),
                (["account", "remove", "nobody"], b"", 67),
                (["deliver", "nobody@example.org"], b"Subject: x\n\n", 67),
                (["deliver", USER], b"", 65),
                (["import", USER, "/nowhere"], b"", 66),
                (["import", USER, "-"], b"no mbox\n", 64),
                (["use", USER, "Nowhere", "sent"], b"", 67),
                (["use", USER, "Sent", "nonsense"], b"", 64),
                (["use", USER, "INBOX", "sent"], b"", 77),
                (["check", "nobody"], b"", 67),
                (["dance"], b"", 64)):
            with self.subTest(arguments):
                done = ctl(self.data, *arguments, stdin=stdin)
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertTrue(done.stderr)
        self.assertEqual(ctl(self.data + "-none", "account", "list").returncode, 66)
        self.assertFalse(os.path.exists(self.data + "-none"))

    def test_quota_stops_a_delivery(self):
        self.run_ctl("account", "add", "small", "--no-password", "--quota", "1K")
        self.run_ctl("deliver", "small", stdin=b"Subject: x\n\n" + b"y" * 900 + b"\n")
        self.run_ctl("deliver", "small", stdin=b"Subject: x\n\n" + b"y" * 900 + b"\n", status=75)

    def test_limits_are_set_while_the_server_runs(self):
        client = self.login()
        self.ok(client.create("Small"))
        self.run_ctl("quota", "set", USER, "--bytes", "10K", "--messages", "7", "--message-size", "2K")
        self.run_ctl("quota", "set", USER, "--mailbox", "Small", "--messages", "1")
        self.assertEqual(self.ok(client.getquotaroot("Small")),
                         [[b'Small "" Small'], [b'"" (STORAGE 0 10 MESSAGE 0 7)', b"Small (MESSAGE 0 1)"]])
        self.append(client, "Small", b"Subject: x\r\n\r\ny\r\n")
        client.literal = b"Subject: x\r\n\r\ny\r\n"
        status, answer = client._simple_command("APPEND", "Small")
        self.assertEqual((status, answer[0][:11]), ("NO", b"[OVERQUOTA]"))
        client.literal = b"x" * 2049
        status, answer = client._simple_command("APPEND", "INBOX")
        self.assertEqual((status, answer[0][:8]), ("NO", b"[TOOBIG]"))
        self.assertRegex(self.run_ctl("quota", "get", USER), r"messages +1 +7\n(.*\n)* *Small +1 messages +1\n")

        self.run_ctl("account", "add", "other@example.org", "--no-password")
        self.run_ctl("group", "set", "tenant", "--messages", "3")
        self.run_ctl("group", "set", "example.org", "--parent", "tenant", "--bytes", "1M")
        self.deliver(b"Subject: x\n\ny\n")
        self.run_ctl("deliver", "other@example.org", stdin=b"Subject: x\n\ny\n")
        self.run_ctl("deliver", "other@example.org", stdin=b"Subject: x\n\ny\n", status=75)
        client.literal = b"Subject: x\r\n\r\ny\r\n"
        self.assertEqual(client._simple_command("APPEND", "INBOX")[0], "NO")
        self.assertRegex(self.run_ctl("group", "list"), r"example.org +150 B +1.0 MiB +3 +none +tenant\n")
        self.assertRegex(self.run_ctl("quota", "list"), r"other@example.org +67 B +none +1 +none +example.org\n")
        self.run_ctl("group", "set", "tenant", "--messages", "none")
        self.append(client, "INBOX", b"Subject: x\r\n\r\ny\r\n")
        self.run_ctl("group", "assign", "other@example.org", "tenant")
        self.run_ctl("group", "remove", "example.org")
        self.assertRegex(self.run_ctl("group", "list"), r"tenant +167 B +none +4 +none")
        self.run_ctl("group", "set", "tenant", "--parent", "tenant", status=77)
        self.run_ctl("quota", "set", USER, "--bytes", "many", status=64)
        client.logout()

    def test_import_while_the_server_runs(self):
        mbox = b"".join(b"From a@b Sat Jan  3 01:05:34 1996\nSubject: %d\nStatus: R\n\ntext\n\n" % i for i in range(200))
        self.assertIn("200 messages", self.run_ctl("import", USER, "-", "--mailbox", "Old/1996", stdin=mbox))
        client = self.login()
        self.assertEqual(self.ok(client.select("Old/1996", readonly=True)), [b"200"])
        data = self.ok(client.fetch("200", "(FLAGS INTERNALDATE BODY.PEEK[])"))
        self.assertEqual(data[0][1], b"Subject: 199\r\nStatus: R\r\n\r\ntext\r\n")
        self.assertIn(b'INTERNALDATE " 3-Jan-1996 01:05:34 +0000"', data[0][0] + data[1])
        self.assertIn(b"\\Seen", data[0][0] + data[1])


class OwnEventLoop(unittest.TestCase):
    def test_serves_imap_and_stops(self):
        test = ServerTest("setUp")
        test.setUp()
        self.addCleanup(test.doCleanups)
        self.assertEqual(test.server.stop(), 0)
        process = subprocess.Popen([program("own_event_loop"), test.data, "0"], stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        port = int(process.stdout.readline().decode().rsplit(":", 1)[1])
        first, second = (imaplib.IMAP4("127.0.0.1", port, timeout=60) for _ in range(2))
        for client in (first, second):
            client.login(USER, PASSWORD)
        self.assertEqual(first.append("INBOX", None, None, b"Subject: x\r\n\r\n" + b"y" * 300_000)[0], "OK")
        self.assertEqual(second.select("INBOX"), ("OK", [b"1"]))
        second.send(b"x1 IDLE\r\n")
        self.assertTrue(second.readline().startswith(b"+"))
        self.assertEqual(first.append("INBOX", None, None, b"Subject: two\r\n\r\n")[0], "OK")
        line = second.readline()
        while line and line != b"* 2 EXISTS\r\n":  # the bell woke the loop
            line = second.readline()
        self.assertEqual(line, b"* 2 EXISTS\r\n")
        first.select("INBOX")
        self.assertEqual(len(first.fetch("1", "(BODY.PEEK[])")[1][0][1]), 300_014)
        process.send_signal(signal.SIGTERM)
        self.assertIn(b"* BYE", first.file.read())
        self.assertEqual(process.wait(timeout=60), 0)
        second.shutdown()
        first.shutdown()


if __name__ == "__main__":
    unittest.main()
