"""Postfix from Debian hands mail over by LMTP, and IMAP shows it: SMTP -> Postfix -> LMTP -> store -> IMAP. Skipped where
Postfix can't be started."""
import json
import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from harness import PASSWORD, USER, Server, ctl

DAEMONS = "/usr/lib/postfix/sbin"
OTHER = "other@example.org"

MAIN = """
compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
maillog_file = {directory}/maillog
maillog_file_prefixes = {directory}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = example.org
virtual_transport = {transport}
smtputf8_enable = yes
smtpd_recipient_restrictions = permit_mynetworks, reject
default_transport = error:no mail leaves this machine
message_size_limit = 20000000
mailbox_size_limit = 0
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
showq unix n - n - - showq
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def usable():
    if os.geteuid() != 0 or not os.path.exists(os.path.join(DAEMONS, "master")) or not shutil.which("postfix"):
        return False
    try:
        pwd.getpwnam("postfix")
    except KeyError:
        return False
    return True


class Postfix:
    def __init__(self, directory, transport):
        self.directory = directory
        self.config = os.path.join(directory, "config")
        self.port = free_port()
        owner = pwd.getpwnam("postfix")
        for name in ("config", "queue", "data"):
            os.mkdir(os.path.join(directory, name), 0o755)
        os.chown(os.path.join(directory, "data"), owner.pw_uid, owner.pw_gid)
        for name, text in (("main.cf", MAIN), ("master.cf", MASTER)):
            with open(os.path.join(self.config, name), "w") as file:
                file.write(text.format(directory=directory, daemons=DAEMONS, transport=transport, port=self.port))
        self.process = subprocess.Popen(["postfix", "-c", self.config, "start-fg"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def is_up(self):
        for _ in range(300):
            if self.process.poll() is not None:
                return False
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=60) as probe:
                    return probe.recv(3) == b"220"
            except OSError:
                time.sleep(0.1)
        return False

    def run(self, *command):
        return subprocess.run([command[0], "-c", self.config, *command[1:]], capture_output=True, timeout=60, text=True)

    def queue(self):
        return [json.loads(line) for line in self.run("postqueue", "-j").stdout.splitlines()]

    def log(self):
        try:
            with open(os.path.join(self.directory, "maillog"), errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    def stop(self):
        self.run("postfix", "stop")
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()


class Delivery(unittest.TestCase):
    def begin(self, is_unix):
        self.directory = tempfile.mkdtemp(prefix="postfach-test-")
        self.addCleanup(shutil.rmtree, self.directory)
        os.chmod(self.directory, 0o755)
        self.data = os.path.join(self.directory, "mail")
        for user in (USER, OTHER):
            done = ctl(self.data, "account", "add", user, "--password-stdin", stdin=PASSWORD.encode() + b"\n")
            self.assertEqual(done.returncode, 0, done.stderr)
        socket_path = os.path.join(self.directory, "lmtp")
        self.server = Server(self.data, *(["--lmtp", "unix:" + socket_path, "--unix-mode", "0666"] if is_unix else []))
        self.addCleanup(self.server.stop)
        transport = "lmtp:unix:" + socket_path if is_unix else \
            "lmtp:inet:127.0.0.1:%d" % self.server.ports["LMTP", "STARTTLS"]
        self.postfix = Postfix(self.directory, transport)
        self.addCleanup(self.postfix.stop)
        if not self.postfix.is_up():
            self.postfix.process.kill()
            print("Postfix does not start:", self.postfix.process.stderr.read().decode(), self.postfix.log())
            self.skipTest("Postfix does not start")

    def send(self, sender, recipients, octets, **options):
        with smtplib.SMTP("127.0.0.1", self.postfix.port, timeout=60) as client:
            self.assertEqual(client.sendmail(sender, recipients, octets, **options), {})

    def messages(self, user, count):
        """What is in INBOX once there are so many."""
        client = self.server.imaps()
        self.addCleanup(client.sock.close)
        client.login(user, PASSWORD)
        for _ in range(600):
            if self.select(client) >= count:
                break
            time.sleep(0.1)
        self.assertEqual(self.select(client), count, self.postfix.log())
        answer = client.uid("FETCH", "1:*", "(BODY.PEEK[])")
        client.logout()
        return [item[1] for item in answer[1] if isinstance(item, tuple)]

    def select(self, client):
        return int(client.select("INBOX", readonly=True)[1][0])

    def eventually(self, condition, what):
        for _ in range(600):
            if condition():
                return
            time.sleep(0.1)
        self.fail(what() if callable(what) else what)

    def check(self, is_unix):
        self.begin(is_unix)
        body = b".\r\n..\r\n.dot\r\n\r\n" + b"0123456789\r\n" * 50
        self.send("eve@example.com", [USER, OTHER], b"From: eve@example.com\r\nSubject: both\r\n\r\n" + body)
        for user in (USER, OTHER):
            [message] = self.messages(user, 1)
            self.assertTrue(message.endswith(b"\r\n\r\n" + body), message)
            self.assertTrue(message.startswith(b"Return-Path: <eve@example.com>\r\nDelivered-To: %b\r\n" % user.encode()))
            self.assertEqual(message.count(b"\r\nDelivered-To: "), 1)
            self.assertRegex(message, rb"Received: from mx\.example\.org( \(\[127\.0\.0\.1\]\))?\r\n\tby \S+ with LMTP")

        # Nobody has the address: Postfix writes to the sender, whose mailbox is here.
        self.send(OTHER, ["nobody@example.org"], b"Subject: lost\r\n\r\n")
        bounce = self.messages(OTHER, 2)[1]
        self.assertTrue(bounce.startswith(b"Return-Path: <>\r\n"), bounce)
        self.assertIn(b"Status: 5.1.1", bounce)

        # A large one, and one that needs SMTPUTF8.
        large = b"Subject: large\r\n\r\n" + b"0123456789.\r\n" * 400_000
        self.send("eve@example.com", [USER], large)
        self.assertTrue(self.messages(USER, 2)[1].endswith(large[large.index(b"\r\n\r\n"):]))
        self.send("jürgen@example.com", [USER], "From: jürgen@example.com\r\nSubject: Grüße\r\n\r\n".encode(),
                  mail_options=["SMTPUTF8", "BODY=8BITMIME"])
        self.assertIn("Return-Path: <jürgen@example.com>\r\n".encode(), self.messages(USER, 3)[2])

        # Over quota: it waits in the queue. Then the user makes room.
        full = "full@example.org"
        done = ctl(self.data, "account", "add", full, "--quota", "3000", "--password-stdin",
                   stdin=PASSWORD.encode() + b"\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        text = b"Subject: x\r\n\r\n" + b"0123456789\r\n" * 200
        self.send("eve@example.com", [full], text)
        self.messages(full, 1)
        self.send("eve@example.com", [full], text)

        def waits():
            return [to.get("delay_reason", "") for item in self.postfix.queue() for to in item["recipients"]
                    if "4.2.2" in to.get("delay_reason", "")]

        self.eventually(waits, lambda: self.postfix.log())
        self.assertIn("Mailbox full", waits()[0])
        client = self.server.imaps()
        client.login(full, PASSWORD)
        client.select("INBOX")
        client.uid("STORE", "1", "+FLAGS", r"(\Deleted)")
        client.expunge()
        client.logout()
        self.postfix.run("postqueue", "-f")
        self.messages(full, 1)
        self.eventually(lambda: not self.postfix.queue(), lambda: str(self.postfix.queue()))
        checked = ctl(self.data, "check")
        self.assertEqual(checked.returncode, 0, checked.stdout)

    def test_over_tcp(self):
        self.check(False)

    def test_over_unix(self):
        self.check(True)


if __name__ == "__main__":
    if not usable():
        print("skipped: Postfix can't be started here (it takes root and the package postfix)")
        sys.exit(77)
    program = unittest.main(exit=False)
    if program.result.skipped and program.result.wasSuccessful():
        sys.exit(77)
    sys.exit(not program.result.wasSuccessful())
