"""POP3 programs from Debian, and an IMAP client beside them: nothing is downloaded twice, whatever IMAP does meanwhile."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

from harness import PASSWORD, USER, Server, ServerTest, ctl


class Program:
    """Fetches mail into a directory, one file a message."""

    def __init__(self, test, delete):
        self.test = test
        self.directory = tempfile.mkdtemp(prefix=self.name, dir=test.directory)
        os.makedirs(os.path.join(self.directory, "mail"))
        self.delete = delete
        self.seen = set()

    def port(self):
        return self.test.server.ports["POP3", "SSL/TLS"]

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(os.open(self.path(name), os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        return self.path(name)

    def deliver_script(self):
        """For programs that hand a message to another one."""
        return self.write("deliver.sh", f'cat >"$(mktemp {self.path("mail")}/XXXXXX)"\n')

    def run(self, *command, good=(0,)):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=100,
                              env={**os.environ, "HOME": self.directory, "FETCHMAILHOME": self.directory})
        self.test.assertIn(done.returncode, good, (command, done.stdout, done.stderr))
        return done.stdout

    def fetch(self):
        """The subjects of what came now, sorted."""
        self.call()
        new = []
        for directory, _, names in os.walk(self.path("mail")):
            for name in names:
                path = os.path.join(directory, name)
                if path in self.seen:
                    continue
                self.seen.add(path)
                with open(path, "rb") as file:
                    new.append(re.search(rb"^Subject: (\S+)", file.read(), re.M)[1].decode())
        return sorted(new)


class Fetchmail(Program):
    name = "fetchmail"

    def call(self):
        rc = self.write("rc", f'''poll 127.0.0.1 service {self.port()} protocol pop3 uidl
  user "{USER}" password "{PASSWORD}" is root here ssl no sslcertck {"no keep" if self.delete else "keep"}
  mda "sh {self.deliver_script()}"
''')
        self.run("fetchmail", "--fetchmailrc", rc, "--nodetach", "--nosyslog", good=(0, 1))  # 1: no mail


class Mpop(Program):
    name = "mpop"

    def call(self):
        for name in "cur", "new", "tmp":
            os.makedirs(os.path.join(self.path("mail"), name), exist_ok=True)
        rc = self.write("rc", f'''account default
host 127.0.0.1
port {self.port()}
tls on
tls_starttls off
tls_certcheck off
user {USER}
password {PASSWORD}
keep {"off" if self.delete else "on"}
delivery maildir {self.path("mail")}
uidls_file {self.path("uidls")}
''')
        self.run("mpop", "--file=" + rc)


class Getmail(Program):
    name = "getmail"
    delete_after = 0

    def call(self):
        # The port is part of the name, and another one after a restart of the server.
        for name in os.listdir(self.directory):
            if name.startswith("oldmail-"):
                os.rename(self.path(name), self.path(re.sub(r"-\d+-", f"-{self.port()}-", name, count=1)))
        # Not its own Maildir delivery, which root may not have.
        self.write("getmailrc", f'''[retriever]
type = SimplePOP3SSLRetriever
server = 127.0.0.1
port = {self.port()}
username = {USER}
password = {PASSWORD}
[destination]
type = MDA_external
path = /bin/sh
arguments = ("{self.deliver_script()}",)
allow_root_commands = true
[options]
read_all = false
delete = {"true" if self.delete else "false"}
delete_after = {self.delete_after}
''')
        self.run("getmail", "--getmaildir=" + self.directory, "--rcfile=getmailrc")

    def age(self, days):
        """As if all that it knows had been fetched so many days before."""
        for name in os.listdir(self.directory):
            if name.startswith("oldmail-"):
                with open(self.path(name)) as file:
                    lines = [line.rstrip("\n").rsplit("\0", 1) for line in file]
                self.write(name, "".join(f"{identifier}\0{int(time) - days * 86400}\n" for identifier, time in lines))


class Curl(Program):
    """A script that remembers UIDLs."""
    name = "curl"

    def __init__(self, test, delete):
        super().__init__(test, delete)
        self.known = set()

    def curl(self, number, *options):
        return self.run("curl", "--silent", "--show-error", "--insecure", "--user", f"{USER}:{PASSWORD}",
                        f"pop3s://127.0.0.1:{self.port()}/{number}", *options)

    def call(self):
        listed = dict(line.split()[:2] for line in self.curl("", "--request", "UIDL").decode().splitlines() if line)
        for number, identifier in reversed(listed.items()):
            if identifier not in self.known:
                with open(os.path.join(self.path("mail"), identifier), "xb") as file:
                    file.write(self.curl(number))
                self.known.add(identifier)
            if self.delete:
                self.curl("", "--request", f"DELE {number}", "--head")


PROGRAMS = [program for program in (Fetchmail, Mpop, Getmail, Curl) if shutil.which(program.name)]


class Pop3Clients(ServerTest):
    def setUp(self):
        super().setUp()
        self.count = 0

    def mail(self, count):
        """Delivers messages; returns their subjects."""
        subjects = []
        for _ in range(count):
            self.count += 1
            subjects.append(f"m{self.count:02}")
            self.deliver(b"Subject: %s\r\n\r\nbody\r\n.\r\n" % subjects[-1].encode())
        return subjects

    def policy(self, *arguments):
        done = ctl(self.data, "maildrop", "set", USER, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)

    def restart(self):
        self.server.stop(signal.SIGTERM)
        self.server = Server(self.data)

    def away_and_back(self, imap):
        """An IMAP client files all of INBOX, changes its mind, and plays with flags."""
        self.ok(imap.select("INBOX"))
        self.ok(imap.uid("STORE", "1:*", "FLAGS", r"(\Flagged $Label1)"))
        self.ok(imap.uid("MOVE", "1:*", "Archive"))
        self.ok(imap.rename("Archive", "Cupboard"))
        self.ok(imap.select("Cupboard"))
        self.ok(imap.uid("MOVE", "1:*", "INBOX"))
        self.ok(imap.rename("Cupboard", "Archive"))
        self.ok(imap.close())

    def subjects(self, imap, mailbox="INBOX"):
        self.ok(imap.select(mailbox, readonly=True))
        data = self.ok(imap.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])"))
        return sorted(part[1].split()[1].decode() for part in data if isinstance(part, tuple))

    def test_leave_on_server(self):
        for program in PROGRAMS:
            with self.subTest(program.name):
                client = program(self, delete=False)
                imap = self.login()
                before = self.mail(3)
                self.assertEqual([s for s in client.fetch() if s in before], before)
                self.assertEqual(client.fetch(), [])
                self.away_and_back(imap)
                self.assertEqual(client.fetch(), [])
                new = self.mail(1)
                self.away_and_back(imap)
                self.restart()
                self.assertEqual(client.fetch(), new)
                self.assertEqual(client.fetch(), [])

    def test_delete_by_each_policy(self):
        for program in PROGRAMS:
            for on_delete in "expunge", "hide", "trash", "keep":
                with self.subTest(program.name, on_delete=on_delete):
                    self.policy("--on-delete", on_delete)
                    client = program(self, delete=True)
                    imap = self.login()
                    first = self.mail(2)
                    self.assertEqual(client.fetch(), first)
                    kept = on_delete in ("hide", "keep")
                    self.assertEqual(set(first) & set(self.subjects(imap)), set(first) if kept else set())
                    if on_delete == "trash":
                        self.assertLessEqual(set(first), set(self.subjects(imap, "Trash")))
                    if kept:
                        self.away_and_back(imap)
                    second = self.mail(1)
                    self.assertEqual(client.fetch(), second)
                    self.assertEqual(client.fetch(), [])
                    imap.logout()

    def test_leave_some_days(self):
        if Getmail not in PROGRAMS:
            self.skipTest("getmail is not installed")
        client = Getmail(self, delete=False)
        client.delete_after = 3
        first = self.mail(2)
        self.assertEqual(client.fetch(), first)
        imap = self.login()
        client.age(2)
        self.away_and_back(imap)
        second = self.mail(1)
        self.assertEqual(client.fetch(), second)
        self.assertEqual(self.subjects(imap), first + second)
        client.age(2)
        self.assertEqual(client.fetch(), [])
        self.assertEqual(self.subjects(imap), second)

    def test_retrieved_is_seen(self):
        imap = self.login()
        self.mail(2)
        Mpop(self, delete=False).fetch()
        self.ok(imap.select("INBOX"))
        self.assertEqual(self.ok(imap.search(None, "UNSEEN")), [b""])

    def test_policy_from_the_command_line(self):
        self.policy("--on-delete", "keep", "--keep-days", "5", "--seen", "false", "--mailbox", "INBOX", "--mailbox",
                    "Junk", "--newest", "100", "--days", "90", "--login-delay", "60", "--expire", "30")
        shown = ctl(self.data, "maildrop", "get", USER).stdout.decode()
        for words in ("of this account", "keep, 5 days", "never by POP3", "INBOX, Junk", "100", "90",
                      "60 s", "30 days"):
            self.assertIn(words, shown)
        self.policy("--expire", "never")
        self.assertIn("expire:      never", ctl(self.data, "maildrop", "get", USER).stdout.decode())
        self.policy("--default")
        self.assertIn("on delete:   expunge", ctl(self.data, "maildrop", "get", USER).stdout.decode())
        for bad in (["--on-delete", "burn"], ["--keep-days", "0"], ["--mailbox", "a\nb"], ["--expire", "soon"]):
            self.assertEqual(ctl(self.data, "maildrop", "set", USER, *bad).returncode, 64, bad)
        self.assertEqual(ctl(self.data, "maildrop", "get", "nobody").returncode, 67)

    def test_reset(self):
        self.policy("--on-delete", "hide")
        subjects = self.mail(2)
        client = Curl(self, delete=True)
        self.assertEqual(client.fetch(), subjects)
        done = ctl(self.data, "maildrop", "reset", USER)
        self.assertEqual(done.stdout, b"POP3 shows 2 more messages\n")
        client = self.closing(self.server.pop3s())
        client.user(USER)
        client.pass_(PASSWORD)
        self.assertEqual(client.stat()[0], 2)
        client.quit()


if __name__ == "__main__":
    unittest.main()
