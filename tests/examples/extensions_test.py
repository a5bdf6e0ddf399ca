"""Clients that come back, clients that listen and clients that move: extensions over Python's imaplib."""
import re
import socket
import ssl
import unittest

from harness import PASSWORD, USER, ServerTest, trusting

TEXT = b"Subject: %s\r\nFrom: a@example.org\r\n\r\nworld\r\n"


class Peer:
    """One connection, and what the server has said on it."""

    def __init__(self, test, *enabled):
        self.client = test.login()
        self.test = test
        self.count = 0
        if enabled:
            self.command("ENABLE " + " ".join(enabled))

    def send(self, line):
        self.count += 1
        tag = b"t%d" % self.count
        self.client.send(tag + b" " + line.encode() + b"\r\n")
        return tag

    def line(self):
        line = self.client.readline()
        self.test.assertTrue(line.endswith(b"\r\n"), "the connection was closed")
        return line[:-2].decode()

    def until(self, tag):
        """The untagged lines before the OK, and the OK."""
        lines = [self.line()]
        while not lines[-1].startswith(tag.decode() + " "):
            lines.append(self.line())
        self.test.assertTrue(lines[-1].startswith(tag.decode() + " OK"), lines)
        return lines

    def command(self, line):
        return self.until(self.send(line))

    def hear(self, pattern):
        """The lines up to one like this."""
        lines = [self.line()]
        while not re.fullmatch(pattern, lines[-1]):
            lines.append(self.line())
        return lines

    def idle(self):
        tag = self.send("IDLE")
        line = self.line()
        self.test.assertTrue(line.startswith("+ "), line)
        return tag

    def done(self, tag):
        self.client.send(b"DONE\r\n")
        return self.until(tag)


def code(lines, name):
    """The number in the response code of this name."""
    for line in lines:
        found = re.search(rf"\[{name} (\d+)\]", line)
        if found:
            return int(found.group(1))
    raise AssertionError(f"no {name} in {lines}")


def fetched(lines):
    """UID -> (flags, MODSEQ)"""
    found = {}
    for line in lines:
        match = re.match(r"\* \d+ FETCH \((.*)\)$", line)
        if match:
            uid = int(re.search(r"UID (\d+)", match.group(1)).group(1))
            flags = set(re.search(r"FLAGS \(([^)]*)\)", match.group(1)).group(1).split()) - {r"\Recent"}
            modseq = re.search(r"MODSEQ \((\d+)\)", match.group(1))
            found[uid] = flags, int(modseq.group(1)) if modseq else None
    return found


def flags_of(lines):
    return {uid: flags for uid, (flags, _) in fetched(lines).items()}


class Extensions(ServerTest):
    def prepare(self, count):
        client = self.login()
        for i in range(1, count + 1):
            self.append(client, "INBOX", TEXT % str(i).encode())
        client.logout()

    def change(self, peer):
        """What another client does between two visits, to eight messages."""
        peer.command("SELECT INBOX")
        peer.command(r"UID STORE 1 +FLAGS.SILENT (\Seen)")
        peer.command(r"UID STORE 2:3,8 +FLAGS.SILENT (\Deleted)")
        peer.command("UID EXPUNGE 2:3")
        peer.command("UID MOVE 6 Archive")
        peer.command("UID STORE 5 +FLAGS.SILENT ($Work)")
        self.append(peer.client, "INBOX", TEXT % b"9", r"(\Flagged)")

    def test_qresync(self):
        self.prepare(8)
        peer = Peer(self, "QRESYNC")
        opened = peer.command("SELECT INBOX")
        validity, known = code(opened, "UIDVALIDITY"), code(opened, "HIGHESTMODSEQ")
        peer.client.logout()
        self.change(Peer(self))

        peer = Peer(self, "QRESYNC")
        opened = peer.command(f"SELECT INBOX (QRESYNC ({validity} {known} 1:8))")
        self.assertEqual([line for line in opened if "VANISHED" in line], ["* VANISHED (EARLIER) 2:3,6"])
        self.assertIn("* 6 EXISTS", opened)
        changed = {1: {r"\Seen"}, 5: {"$Work"}, 8: {r"\Deleted"}}
        self.assertEqual(flags_of(opened), changed)
        now = code(opened, "HIGHESTMODSEQ")
        self.assertEqual(max(modseq for _, modseq in fetched(opened).values() if modseq), now - 1)
        # The new one is above the known UIDs.
        self.assertEqual(flags_of(peer.command("UID FETCH 9:* (FLAGS)")), {9: {r"\Flagged"}})
        # With what it knows now there is nothing more to be told.
        opened = peer.command(f"SELECT INBOX (QRESYNC ({validity} {now}))")
        self.assertFalse(fetched(opened))
        self.assertFalse([line for line in opened if "VANISHED" in line])
        # A mailbox that was made again: all of it has to be read anew.
        opened = peer.command(f"SELECT INBOX (QRESYNC ({validity + 1} {known} 1:8))")
        self.assertFalse(fetched(opened))
        self.assertFalse([line for line in opened if "VANISHED" in line])

    def test_condstore(self):
        self.prepare(8)
        peer = Peer(self)
        known = code(peer.command("SELECT INBOX (CONDSTORE)"), "HIGHESTMODSEQ")
        peer.client.logout()
        self.change(Peer(self))

        peer = Peer(self)
        now = code(peer.command("SELECT INBOX (CONDSTORE)"), "HIGHESTMODSEQ")
        self.assertGreater(now, known)
        answer = peer.command(f"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {known})")
        self.assertEqual(flags_of(answer), {1: {r"\Seen"}, 5: {"$Work"}, 8: {r"\Deleted"}, 9: {r"\Flagged"}})
        self.assertEqual(max(modseq for _, modseq in fetched(answer).values()), now)
        self.assertEqual(peer.command("UID SEARCH ALL")[0], "* SEARCH 1 4 5 7 8 9")
        self.assertFalse(fetched(peer.command(f"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {now})")))
        # Two clients change one message: the one that hasn't seen the other's change is told.
        answer = peer.command(rf"UID STORE 4:5 (UNCHANGEDSINCE {known}) +FLAGS.SILENT (\Answered)")
        self.assertIn("[MODIFIED 5]", answer[-1])
        self.assertEqual(flags_of(peer.command("UID FETCH 4:5 (FLAGS)")), {4: {r"\Answered"}, 5: {"$Work"}})

    def test_idle_on_two_connections_while_a_third_works(self):
        self.prepare(3)
        plain, modern, other = Peer(self), Peer(self, "QRESYNC"), Peer(self)
        for peer in (plain, modern, other):
            peer.command("SELECT INBOX")
        tags = {peer: peer.idle() for peer in (plain, modern)}
        other.command(r"UID STORE 2 +FLAGS ($Work \Flagged)")
        for peer, modseq in (plain, ""), (modern, r" MODSEQ \(\d+\)"):
            lines = peer.hear(r"\* 2 FETCH \(UID 2 FLAGS \(.*\)" + modseq + r"\)")
            self.assertEqual(flags_of(lines), {2: {r"\Flagged", "$Work"}})
            self.assertRegex(lines[0], r"^\* FLAGS \(.*\$Work")  # the keyword is new
        self.append(other.client, "INBOX", TEXT % b"4")
        for peer in tags:
            peer.hear(r"\* 4 EXISTS")
        other.command("UID MOVE 1,4 Archive")
        plain.hear(r"\* 4 EXPUNGE")
        plain.hear(r"\* 1 EXPUNGE")
        modern.hear(r"\* VANISHED 1,4")
        other.command(r"UID STORE 3 +FLAGS.SILENT (\Deleted)")
        for peer in tags:
            peer.hear(r"\* 2 FETCH \(UID 3 .*\\Deleted.*")
        other.command("EXPUNGE")
        plain.hear(r"\* 2 EXPUNGE")
        modern.hear(r"\* VANISHED 3")
        for peer, tag in tags.items():
            self.assertEqual(len(peer.done(tag)), 1)
            self.assertEqual(peer.command("UID SEARCH ALL")[0], "* SEARCH 2")

    def test_move_under_the_eyes_of_both_mailboxes(self):
        self.prepare(4)
        source, target, mover = Peer(self), Peer(self), Peer(self, "CONDSTORE")
        source.command("SELECT INBOX")
        target.command("SELECT Archive")
        mover.command("SELECT INBOX")
        mover.command(r"UID STORE 2:3 +FLAGS.SILENT (\Flagged $Work)")
        answer = mover.command("UID MOVE 2:3 Archive")
        self.assertRegex(answer[0], r"^\* OK \[COPYUID \d+ 2:3 1:2\]")
        self.assertEqual([line for line in answer if "EXPUNGE" in line and "OK" not in line],
                         ["* 3 EXPUNGE", "* 2 EXPUNGE"])
        self.assertIn("* 2 EXISTS", target.command("NOOP"))
        flags = {r"\Flagged", "$Work"}
        self.assertEqual(flags_of(target.command("UID FETCH 1:* (FLAGS)")), {1: flags, 2: flags})
        self.assertRegex("\n".join(target.command("UID FETCH 1:2 (BODY.PEEK[HEADER.FIELDS (Subject)])")),
                         r"(?s)Subject: 2\n.*Subject: 3\n")
        gone = [line for line in source.command("NOOP") if line.endswith("EXPUNGE")]
        self.assertEqual(gone, ["* 3 EXPUNGE", "* 2 EXPUNGE"])
        self.assertEqual(source.command("UID SEARCH ALL")[0], "* SEARCH 1 4")
        answer = mover.command("UID MOVE 2:3 Archive")  # they are gone, which is no error
        self.assertEqual(len(answer), 1)

    def test_special_use(self):
        peer = Peer(self)
        answer = peer.command('LIST "" *')
        for name, use in ("Archive", r"\Archive"), ("Drafts", r"\Drafts"), ("Junk", r"\Junk"), ("Sent", r"\Sent"), \
                         ("Trash", r"\Trash"):
            self.assertIn(rf'* LIST (\HasNoChildren {use}) "/" {name}', answer)
        peer.command(r"CREATE Vital (USE (\Important))")
        peer.command("RENAME Trash Deleted")
        uses = {line.split()[-1]: re.search(r"\((.*)\)", line).group(1).split()[-1]
                for line in peer.command('LIST (SPECIAL-USE) "" *')[:-1]}
        self.assertEqual(uses, {"Archive": r"\Archive", "Drafts": r"\Drafts", "Junk": r"\Junk", "Sent": r"\Sent",
                                "Vital": r"\Important", "Deleted": r"\Trash"})
        other = Peer(self)
        self.assertIn(r'* LIST (\HasNoChildren \Important) "/" Vital', other.command('LIST "" V%'))

    def test_logout_closes_in_good_order(self):
        context = trusting()
        with socket.create_connection(("127.0.0.1", self.server.ports["IMAP", "SSL/TLS"]), timeout=60) as plain, \
                context.wrap_socket(plain, suppress_ragged_eofs=False) as secure:
            secure.sendall(b"1 LOGIN %s %s\r\n2 LOGOUT\r\n" % (USER.encode(), PASSWORD.encode()))
            octets = b""
            while True:
                try:
                    piece = secure.recv(65536)
                except ssl.SSLZeroReturnError:
                    break
                if not piece:
                    break
                octets += piece  # an end without TLS's close_notify raises SSLEOFError
            self.assertRegex(octets, rb"\* BYE [^\r\n]*\r\n2 OK [^\r\n]*\r\n$")


if __name__ == "__main__":
    unittest.main()
