import poplib
import unittest

from harness import AWKWARD, PASSWORD, USER, ServerTest, trusting


def retrieve(client, command):
    """The octets of a multi-line answer: poplib would take the line ends away."""
    client._putline(command)
    status = client.file.readline()
    if not status.startswith(b"+OK"):
        raise poplib.error_proto(status)
    octets = b""
    # The server takes a bare LF for a line end too when it doubles dots, as most clients do when they undo that.
    while True:
        line = client.file.readline()
        if line == b".\r\n":
            return octets
        octets += line[1:] if line.startswith(b".") else line


class Pop3(ServerTest):
    def fill(self, messages):
        client = self.login()
        for octets in messages:
            self.append(client, "INBOX", octets)
        client.logout()

    def open(self):
        client = self.closing(self.server.pop3s())
        client._MAXLINE = poplib._MAXLINE = 1_000_000
        client.user(USER)
        client.pass_(PASSWORD)
        return client

    def test_octets_come_back(self):
        self.fill(AWKWARD.values())
        client = self.open()
        sizes = [int(line.split()[1]) for line in client.list()[1]]
        for number, (name, octets) in enumerate(AWKWARD.items(), 1):
            with self.subTest(name):
                got = retrieve(client, b"RETR %d" % number)
                # RFC 1939 §3: the answer ends in CRLF, so one is added where the message has none.
                self.assertEqual(got, octets if octets.endswith(b"\r\n") else octets + b"\r\n")
                self.assertIn(sizes[number - 1], (len(octets), len(got)))
        client.quit()

    def test_every_command(self):
        body = b"one\r\ntwo\r\nthree\r\n"
        self.fill([b"Subject: %d\r\n\r\n" % i + body for i in range(4)])
        client = self.open()
        self.assertIn("UIDL", client.capa())
        count, size = client.stat()
        self.assertEqual((count, size), (4, 4 * (len(b"Subject: 0\r\n\r\n") + len(body))))
        identifiers = [line.split()[1] for line in client.uidl()[1]]
        self.assertEqual(len(set(identifiers)), 4)
        self.assertEqual(client.uidl(2).split()[2], identifiers[1])
        self.assertEqual(client.top(1, 2)[1], [b"Subject: 0", b"", b"one", b"two"])
        client.noop()
        client.dele(1)
        client.dele(2)
        with self.assertRaises(poplib.error_proto):
            client.retr(1)
        client.rset()
        client.retr(1)
        client.dele(3)
        with self.assertRaises(poplib.error_proto):
            self.open()  # one session at a time
        client.quit()
        client = self.open()
        self.assertEqual([line.split()[1] for line in client.uidl()[1]], [identifiers[i] for i in (0, 1, 3)])
        client.dele(1)
        client.close()  # no QUIT: nothing is removed
        for _ in range(100):
            try:
                client = self.open()
                break
            except poplib.error_proto:
                continue
        self.assertEqual(client.stat()[0], 3)
        client.quit()

    def test_starttls(self):
        client = self.closing(self.server.pop3())
        self.assertIn("STLS", client.capa())
        with self.assertRaises(poplib.error_proto):
            client.user(USER)
            client.pass_(PASSWORD)
        client.stls(trusting())
        client.user(USER)
        client.pass_(PASSWORD)
        self.assertEqual(client.stat(), (0, 0))
        client.quit()

    def test_imap_moves_a_message_that_pop3_deletes(self):
        self.fill([b"Subject: a\r\n\r\n", b"Subject: b\r\n\r\n"])
        pop3, imap = self.open(), self.login()
        identifier = pop3.uidl(1).split()[2]
        self.ok(imap.select("INBOX"))
        self.ok(imap.uid("MOVE", "1", "Archive"))
        pop3.dele(1)
        pop3.dele(2)
        pop3.quit()
        self.assertEqual(self.ok(imap.select("Archive")), [b"1"])  # moved, so it stays
        self.ok(imap.uid("MOVE", "1", "INBOX"))
        self.assertEqual(self.open().uidl(1).split()[2], identifier)


if __name__ == "__main__":
    unittest.main()
