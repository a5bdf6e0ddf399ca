"""A postfachd of one's own for a test: temporary store, free ports, stopped at the end."""
import imaplib
import os
import poplib
import shutil
import signal
import ssl
import subprocess
import tempfile
import unittest

PROGRAMS = os.environ["POSTFACH_PROGRAMS"]
USER, PASSWORD = "demo@example.org", "demo"


def program(name):
    return os.path.join(PROGRAMS, name)


def trusting():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def ctl(data, *arguments, stdin=b""):
    """Runs postfachctl; returns the completed process with output as bytes."""
    return subprocess.run([program("postfachctl"), "--data", data, *arguments], input=stdin, capture_output=True,
                          timeout=300)


class Server:
    def __init__(self, data, *arguments):
        self.log = open(os.path.join(os.path.dirname(data), "log"), "ab+")
        addresses = [word for option in ("--imap", "--imaps", "--pop3", "--pop3s", "--lmtp")
                     for word in (option, "127.0.0.1:0")]
        self.process = subprocess.Popen([program("postfachd"), "--data", data, *addresses, *arguments],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log)
        self.ports = {}
        self.settings = ""
        for line in iter(self.process.stdout.readline, b""):
            self.settings += line.decode()
            words = line.decode().split()
            if len(words) == 4 and words[0] in ("IMAP", "POP3", "LMTP") and words[2] != "-":
                self.ports[words[0], words[3]] = int(words[2])
            if b"Password:" in line:
                return
        log = self.read_log()
        self.stop()
        raise RuntimeError("postfachd did not start: " + log)

    def read_log(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def imaps(self):
        return imaplib.IMAP4_SSL("127.0.0.1", self.ports["IMAP", "SSL/TLS"], ssl_context=trusting(), timeout=300)

    def imap(self):
        return imaplib.IMAP4("127.0.0.1", self.ports["IMAP", "STARTTLS"], timeout=300)

    def pop3s(self):
        return poplib.POP3_SSL("127.0.0.1", self.ports["POP3", "SSL/TLS"], context=trusting(), timeout=300)

    def pop3(self):
        return poplib.POP3("127.0.0.1", self.ports["POP3", "STARTTLS"], timeout=300)

    def stop(self, number=signal.SIGTERM):
        """Returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(timeout=300)
        self.process.stdout.close()
        self.log.close()
        return status


class ServerTest(unittest.TestCase):
    """Each test gets a fresh store with an empty demo account, and a server for it."""
    demo_messages = False
    arguments = ()  # of postfachd

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="postfach-test-")
        self.addCleanup(shutil.rmtree, self.directory)
        self.data = os.path.join(self.directory, "mail")
        if not self.demo_messages:
            done = ctl(self.data, "account", "add", USER, "--password-stdin", stdin=PASSWORD.encode() + b"\n")
            self.assertEqual(done.returncode, 0, done.stderr)
        self.server = Server(self.data, *(["--demo"] if self.demo_messages else []), *self.arguments)
        self.addCleanup(self.stop_server)

    def stop_server(self):
        if self.server.process.poll() is None:
            self.server.stop()

    def login(self):
        client = self.closing(self.server.imaps())
        client.login(USER, PASSWORD)
        return client

    def closing(self, client):
        """Closes its socket at the end of the test, if nothing did before."""
        self.addCleanup(client.sock.close)
        return client

    def ok(self, answer):
        """The data of an imaplib answer that has to be OK."""
        self.assertEqual(answer[0], "OK", answer)
        return answer[1]

    def append(self, client, mailbox, octets, flags=None):
        """APPEND of exactly these octets: imaplib's own append() changes line ends."""
        client.literal = octets
        return self.ok(client._simple_command("APPEND", mailbox, flags or "()"))

    def deliver(self, octets, *arguments):
        done = ctl(self.data, "deliver", USER, *arguments, stdin=octets)
        self.assertEqual(done.returncode, 0, done.stderr)


# Each of these has to come back octet for octet.
AWKWARD = {
    "plain": b"Subject: plain\r\n\r\nbody\r\n",
    "no final line end": b"Subject: x\r\n\r\nbody",
    "no body": b"Subject: x\r\n\r\n",
    "no header end": b"Subject: x\r\n",
    "no header": b"\r\nbody\r\n",
    "one octet": b"x",
    "dots": b"Subject: dots\r\n\r\n.\r\n..\r\n.x\r\n\r\n.\r\n",
    "dot at the end": b"Subject: dot\r\n\r\nx\r\n.",
    "bare LF": b"Subject: lf\nX: y\n\nbody\n.\nend\n",
    "bare CR": b"Subject: cr\r\rbody\r",
    "mixed": b"Subject: m\r\n\n\r\r\n.\r.\n.\r\n",
    "eight bits": b"Subject: \xfc\r\n\r\n" + bytes(range(1, 256)) + b"\r\n",
    "utf-8": "Subject: Grüße 📫\r\n\r\n\u2028 é\r\n".encode(),
    "long line": b"Subject: long\r\n\r\n" + b"x" * 100_000 + b"\r\n",
    "large": b"Subject: large\r\n\r\n" + b"0123456789.\r\n" * 100_000,
    "broken multipart": b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n--a\r\n\r\n--ab\r\n",
    "IMAP in the text": b"Subject: {5}\r\n\r\n)\r\nA1 OK done\r\n* 1 EXPUNGE\r\n",
}
