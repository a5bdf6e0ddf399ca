"""mutt with a header cache, CONDSTORE and QRESYNC, driven by pushed keys on a terminal of its own."""
import os
import pty
import re
import subprocess
import threading
import unittest

from harness import PASSWORD, USER, ServerTest

CONFIGURATION = """
set folder="imaps://localhost:{port}/" mbox="" record="" postponed=""
set imap_user="{user}" imap_pass="{password}" certificate_file="{data}/tls/cert.pem"
set imap_condstore=yes imap_qresync=yes header_cache="{home}/headers"
set sort=mailbox-order resolve=no quit=yes delete=yes move=no confirmappend=no mark_old=no wait_key=no beep=no
set sleep_time=0 tmpdir="{home}"
"""


class Screen:
    """A terminal that somebody looks at."""

    def __init__(self, arguments, environment):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(arguments, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                        env=environment)
        os.close(slave)
        self.output = b""
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while True:
            try:
                octets = os.read(self.master, 65536)
            except OSError:  # Linux says so when the other side is closed
                octets = b""
            with self.changed:
                self.output = self.output + octets if octets else self.output + b"<end>"
                self.changed.notify()
            if not octets:
                return

    def wait_for(self, text):
        """Until this is on the screen, behind what was waited for before."""
        with self.changed:
            if not self.changed.wait_for(lambda: text in self.output or self.output.endswith(b"<end>"), timeout=60):
                raise TimeoutError(f"no {text!r} in {self.output!r}")
            before, found, self.output = self.output.partition(text)
            if not found:
                raise EOFError(f"no {text!r} in {before!r}")

    def type(self, keys):
        os.write(self.master, keys)

    def close(self):
        """Waits for the program's end; returns its exit status."""
        return self.process.wait(timeout=60)

    def clean_up(self):
        self.process.kill()
        self.process.wait()
        self.reader.join(timeout=60)
        os.close(self.master)


class Mutt(ServerTest):
    def start(self, keys, *settings, mailbox="+INBOX"):
        """Runs mutt with these keys, written as functions of mutt; its protocol goes to self.trace."""
        self.trace = os.path.join(self.directory, ".muttdebug0")
        path = os.path.join(self.directory, "muttrc")
        with open(path, "w") as file:
            file.write(CONFIGURATION.format(port=self.server.ports["IMAP", "SSL/TLS"], user=USER, password=PASSWORD,
                                            data=self.data, home=self.directory))
            file.write("\n".join(settings) + "\n")
        screen = Screen(["mutt", "-n", "-F", path, "-d", "2", "-e", f'push "{keys}"', "-f", mailbox],
                        {**os.environ, "HOME": self.directory, "TERM": "xterm", "LC_ALL": "C.UTF-8"})
        self.addCleanup(screen.clean_up)
        return screen

    def run_mutt(self, keys, *settings, **more):
        """Returns what the server said to mutt, and what mutt said."""
        screen = self.start(keys + "<quit>", *settings, **more)
        status = screen.close()
        self.assertEqual(status, 0, screen.output)
        with open(self.trace, encoding="utf-8") as file:
            trace = file.read()
        return re.findall(r"4< (.*)", trace), re.findall(r"(?:4> |^)(a\d{4} .*)", trace, re.MULTILINE)

    def show(self, pattern):
        """Keys that write the messages that mutt finds by this pattern to a file."""
        path = os.path.join(self.directory, "shown")
        return (f"<shell-escape>rm -f {path}<enter>"
                f"<tag-pattern>{pattern}<enter><tag-prefix-cond><pipe-message>cat >{path}<enter><end-cond>"
                "<untag-pattern>~A<enter>")

    def shown(self):
        """The subjects that show() has written."""
        path = os.path.join(self.directory, "shown")
        if not os.path.exists(path):
            return []
        with open(path) as file:
            return re.findall(r"^Subject: (.*)", file.read(), re.MULTILINE)

    def seen_by_mutt(self, pattern, *settings):
        self.run_mutt(self.show(pattern), *settings)
        return self.shown()

    def prepare(self, count):
        for i in range(1, count + 1):
            self.deliver(b"Subject: mail %d\r\nFrom: a@example.org\r\nMessage-ID: <%d@example.org>\r\n\r\nbody %d\r\n" %
                         (i, i, i))

    def test_a_mailbox_is_worked_on_and_synchronised_again(self):
        self.prepare(8)
        answers, _ = self.run_mutt(
            "1<enter><display-message><exit>"
            "2<enter><flag-message>"
            "3<enter><delete-message>"
            "4<enter><copy-message><kill-line>=Archive<enter>"
            "5<enter><save-message><kill-line>=Archive<enter>"  # a copy, and \Deleted
            "<sync-mailbox>" + self.show("~A"))
        self.assertEqual(self.shown(), [f"mail {i}" for i in (1, 2, 4, 6, 7, 8)])
        self.assertIn("* ENABLED QRESYNC", answers)
        client = self.login()
        ok = self.ok
        self.assertEqual(ok(client.select("Archive")), [b"2"])
        self.assertEqual(ok(client.search(None, "SUBJECT", '"mail 4"')), [b"1"])
        self.assertEqual(ok(client.search(None, "SUBJECT", '"mail 5"')), [b"2"])
        ok(client.select("INBOX"))
        self.assertEqual(ok(client.uid("SEARCH", "ALL")), [b"1 2 4 6 7 8"])
        self.assertEqual(ok(client.uid("SEARCH", "SEEN")), [b"1"])
        self.assertEqual(ok(client.uid("SEARCH", "FLAGGED")), [b"2"])

        # Another client changes flags, removes two messages, and a new one comes.
        ok(client.uid("STORE", "2", "-FLAGS", r"(\Flagged)"))
        ok(client.uid("STORE", "7", "+FLAGS", r"(\Flagged)"))
        ok(client.uid("STORE", "6", "+FLAGS", r"(\Answered \Seen)"))
        ok(client.uid("STORE", "1,4", "+FLAGS", r"(\Deleted)"))
        ok(client.expunge())
        self.deliver(b"Subject: mail 9\r\nFrom: a@example.org\r\n\r\nbody\r\n")
        answers, commands = self.run_mutt(self.show("~F"))
        self.assertEqual(self.shown(), ["mail 7"])
        # Its cache is as old as the SELECT before: what it removed itself is among the changes.
        self.assertIn("* VANISHED (EARLIER) 1,3:5", answers)
        # Of headers it fetches what it doesn't have: the new message's.
        headers = [command.split()[:3] for command in commands if "BODY.PEEK[HEADER" in command]
        self.assertEqual(headers, [[headers[0][0], "FETCH", "5"]])
        self.assertEqual(self.seen_by_mutt("~A"), [f"mail {i}" for i in (2, 6, 7, 8, 9)])
        self.assertEqual(self.seen_by_mutt("~Q"), ["mail 6"])
        self.assertEqual(self.seen_by_mutt("~R"), ["mail 6"])

        # Nothing has happened since: no header is fetched, nor any flag.
        answers, commands = self.run_mutt(self.show("~D"))
        self.assertEqual(self.shown(), [])
        self.assertFalse([command for command in commands if "BODY.PEEK[HEADER" in command], commands)
        self.assertFalse([answer for answer in answers if " FETCH " in answer], answers)

    def test_without_qresync_the_header_cache_is_brought_up_to_date_by_condstore(self):
        self.prepare(3)
        self.assertEqual(self.seen_by_mutt("~A", "set imap_qresync=no"), ["mail 1", "mail 2", "mail 3"])
        client = self.login()
        self.ok(client.select("INBOX"))
        self.ok(client.uid("STORE", "3", "+FLAGS", r"(\Flagged)"))
        self.ok(client.uid("STORE", "2", "+FLAGS", r"(\Deleted)"))
        self.ok(client.expunge())
        answers, _ = self.run_mutt(self.show("~F"), "set imap_qresync=no")
        self.assertEqual(self.shown(), ["mail 3"])
        self.assertFalse([answer for answer in answers if "VANISHED" in answer], answers)
        self.assertEqual(self.seen_by_mutt("~A", "set imap_qresync=no"), ["mail 1", "mail 3"])

    def test_idle_shows_what_comes(self):
        self.prepare(1)
        screen = self.start("", "set imap_idle=yes timeout=1")  # it looks for answers once a second
        screen.wait_for(b"mail 1")
        self.deliver(b"Subject: urgent\r\nFrom: a@example.org\r\n\r\nx\r\n")
        screen.wait_for(b"urgent")
        screen.type(b"q")
        self.assertEqual(screen.close(), 0, screen.output)
        with open(self.trace, encoding="utf-8") as file:
            trace = file.read()
        self.assertRegex(trace, r"a\d+ IDLE")
        self.assertNotRegex(trace, r"a\d+ NOOP")

    def test_pop3(self):
        self.prepare(3)
        mailbox = f"pops://{USER}@localhost:{self.server.ports['POP3', 'SSL/TLS']}/"
        login = f'set pop_user="{USER}" pop_pass="{PASSWORD}"'
        self.run_mutt("2<enter><delete-message><sync-mailbox>" + self.show("~A"), login, mailbox=mailbox)
        self.assertEqual(self.shown(), ["mail 1", "mail 3"])
        client = self.login()
        self.ok(client.select("INBOX"))
        self.assertEqual(self.ok(client.uid("SEARCH", "ALL")), [b"1 3"])


if __name__ == "__main__":
    unittest.main()
