"""Mail moves here from a Dovecot and back, and from one postfach to another: no client has anything to fetch again."""
import imaplib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import harness
from dovecot_test import IMAP, NOBODY
from harness import PASSWORD, USER, Server, ServerTest, ctl
from imap_answers import Client

POP3 = os.path.join(os.path.dirname(IMAP), "pop3") if IMAP else None

CONFIGURATION = """
base_dir={directory}/run
state_dir={directory}/run
mail_location=maildir:{maildir}{layout}
mail_uid={uid}
mail_gid={gid}
log_path={directory}/log
stats_writer_socket_path=
protocols=imap pop3
ssl=no
namespace inbox {{
  inbox=yes
  separator=/
}}
"""


class Dovecot:
    """Its programs on a Maildir, one after the other, each speaking to pipes."""
    def __init__(self, maildir=None, layout=""):
        self.directory = tempfile.mkdtemp(prefix="postfach-dovecot-")
        self.maildir = os.path.join(self.directory, "Maildir")
        if maildir:
            shutil.copytree(maildir, self.maildir, copy_function=shutil.copy2)
        uid, gid = (NOBODY, NOBODY) if os.getuid() == 0 else (os.getuid(), os.getgid())
        for name in ("run", "home"):
            os.mkdir(os.path.join(self.directory, name))
        self.configuration = os.path.join(self.directory, "conf")
        with open(self.configuration, "w") as file:
            file.write(CONFIGURATION.format(directory=self.directory, maildir=self.maildir, layout=layout, uid=uid, gid=gid))
        for path, folders, files in os.walk(self.directory):
            for name in (".", *folders, *files):
                os.chown(os.path.join(path, name), uid, gid)
        self.identity = {"user": uid, "group": gid, "extra_groups": []} if os.getuid() == 0 else {}

    def run(self, program):
        return subprocess.Popen([program, "-c", self.configuration],
                                env={"USER": "demo", "TZ": "UTC", "HOME": os.path.join(self.directory, "home")},
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                **self.identity)

    def imap(self, *commands):
        """Runs commands, each bytes; returns the answers."""
        process = self.run(IMAP)
        client = Client(process.stdout, process.stdin)
        answers = [client.command(command) for command in commands]
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()
        return answers

    def uidls(self):
        process = self.run(POP3)
        process.stdin.write(b"UIDL\r\nQUIT\r\n")
        process.stdin.flush()
        lines = process.stdout.read().decode().split("\r\n")
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()
        return [line.split()[1] for line in lines if re.match(r"\d+ \S+$", line)]

    def stop(self):
        shutil.rmtree(self.directory)


def view(imap, mailbox):
    """What a client remembers of a mailbox: UIDVALIDITY, UIDNEXT, and each message."""
    status, data = imap.select(f'"{mailbox}"', readonly=True)
    if status != "OK":
        raise AssertionError((mailbox, data))
    numbers = {name: int(imap.response(name)[1][0]) for name in ("UIDVALIDITY", "UIDNEXT")}
    messages = {}
    if int(data[0]):
        # Without literals, so that each answer is one line.
        for line in imap.uid("FETCH", "1:*", "(FLAGS INTERNALDATE RFC822.SIZE)")[1]:
            text = line.decode()
            flags = sorted(re.search(r"FLAGS \(([^)]*)\)", text)[1].replace("\\Recent", "").split())
            date = imaplib.Internaldate2tuple(line)
            size = re.search(r"RFC822.SIZE (\d+)", text)[1]
            messages[int(re.search(r"UID (\d+)", text)[1])] = (flags, date, size)
    return numbers, messages


def dovecot_view(answers):
    """The same of the answers to EXAMINE and FETCH."""
    selected, fetched = answers
    numbers = {}
    for line in selected.untagged:
        for name in ("UIDVALIDITY", "UIDNEXT"):
            found = re.search(name.encode() + rb" (\d+)", line)
            if found:
                numbers[name] = int(found[1])
    messages = {}
    for line in fetched.untagged:
        text = line.decode(errors="replace")
        if " FETCH " in text:
            flags = sorted(re.search(r"FLAGS \(([^)]*)\)", text)[1].replace("\\Recent", "").split())
            messages[int(re.search(r"UID (\d+)", text)[1])] = (
                flags, imaplib.Internaldate2tuple(line), re.search(r"RFC822.SIZE (\d+)", text)[1])
    return numbers, messages


FETCH = b"UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)"
MAILBOXES = ("INBOX", "Archive/2026", "Entw&APw-rfe")


def append(mailbox, number, flags, size=0):
    octets = f"Subject: {number}\r\nMessage-ID: <{number}@x>\r\n\r\nbody {number}\r\n".encode() + b"more text\r\n" * size
    return (f'APPEND "{mailbox}" ({flags}) "{number % 28 + 1:02}-Mar-2020 12:30:{number % 60:02} +0000" '
            f'{{{len(octets)}+}}\r\n').encode() + octets


def octets_below(directory):
    octets = 0
    for path, _, files in os.walk(directory):
        for name in files:
            try:
                octets += os.path.getsize(os.path.join(path, name))
            except FileNotFoundError:
                pass
    return octets


class MigrateTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.files = os.path.join(self.directory, "files")
        os.mkdir(self.files)

    def run_ctl(self, *arguments, stdin=b"", status=0, data=None):
        done = ctl(data or self.data, *arguments, stdin=stdin)
        self.assertEqual(done.returncode, status, (done.stdout, done.stderr))
        return done.stdout.decode()

    def uidls(self, server=None):
        pop3 = (server or self.server).pop3s()
        pop3.user(USER)
        pop3.pass_(PASSWORD)
        uidls = [line.decode().split()[1] for line in pop3.uidl()[1]]
        pop3.quit()
        return uidls

    def views(self, server=None, mailboxes=MAILBOXES):
        client = self.closing((server or self.server).imaps())
        client.login(USER, PASSWORD)
        found = {name: view(client, name) for name in mailboxes}
        found["subscribed"] = sorted(line.decode().split(' "/" ')[1].strip('"') for line in client.lsub()[1] if line)
        client.logout()
        return found

    def fill(self):
        """Some mail, with gaps between UIDs, through the running server."""
        client = self.login()
        for name in ("Archive/2026", "Entw&APw-rfe"):
            self.ok(client.create(f'"{name}"'))
            self.ok(client.subscribe(f'"{name}"'))
        for number in range(30):
            octets = b"Subject: %d\r\n\r\nbody %d\r\n%s" % (number, number, b"more\r\n" * (number % 3 * 20_000))
            flags = ("(\\Seen)", "(\\Flagged work)", "($Forwarded \\Answered)")[number % 3]
            self.append(client, MAILBOXES[number % 3], octets, flags)
        self.ok(client.select("INBOX"))
        self.ok(client.uid("STORE", "2,5,10", "+FLAGS", "(\\Deleted)"))
        self.ok(client.expunge())
        client.logout()

    def second(self):
        """Another store with a server."""
        data = os.path.join(self.directory, "second", "mail")
        os.mkdir(os.path.dirname(data))
        self.run_ctl("account", "add", USER, "--password-stdin", stdin=PASSWORD.encode() + b"\n", data=data)
        server = Server(data)
        self.addCleanup(server.stop)
        return data, server

    @unittest.skipUnless(IMAP and os.access(POP3 or "", os.X_OK), "there is no Dovecot 2.3 with POP3")
    def test_a_dovecot_maildir_with_folders_in_folders(self):
        dovecot = Dovecot(layout=":LAYOUT=fs")
        self.addCleanup(dovecot.stop)
        names = (*MAILBOXES, "Archive/2026/v1.0")
        commands = [f'CREATE "{name}"'.encode() for name in names[1:]] + [b"SUBSCRIBE Archive/2026/v1.0"]
        commands += [append(names[number % 4], number, "\\Seen work") for number in range(20)]
        for answer in dovecot.imap(*commands, b"SELECT INBOX", b"UID STORE 2 +FLAGS (\\Deleted)", b"EXPUNGE"):
            self.assertEqual(answer.status, "OK", answer.text)
        uidls = dovecot.uidls()
        theirs = {name: dovecot_view(dovecot.imap(b'EXAMINE "%s"' % name.encode(), FETCH)) for name in names}
        self.assertIn("19 messages", self.run_ctl("import", USER, dovecot.maildir, "--uidl-format", "%08Xu%08Xv"))
        ours = self.views(mailboxes=names)
        self.assertEqual({name: ours[name] for name in names}, theirs)
        self.assertIn("Archive/2026/v1.0", ours["subscribed"])
        self.assertEqual(self.uidls(), uidls)
        self.assertIn("19 were there already", self.run_ctl("import", USER, dovecot.maildir, "--layout", "fs"))

    @unittest.skipUnless(IMAP and os.access(POP3 or "", os.X_OK), "there is no Dovecot 2.3 with POP3")
    def test_a_dovecot_maildir_comes_and_goes(self):
        dovecot = Dovecot()
        self.addCleanup(dovecot.stop)
        commands = [b"CREATE Archive/2026", b"CREATE Entw&APw-rfe", b"SUBSCRIBE Archive/2026", b"SUBSCRIBE INBOX"]
        for number in range(40):
            flags = ("\\Seen", "\\Flagged work", "$Forwarded \\Answered", "\\Draft $Label1 work")[number % 4]
            commands.append(append(MAILBOXES[number % 3], number, flags, number % 5 * 3000))
        commands += [b"SELECT INBOX", b"UID STORE 2,7,14 +FLAGS (\\Deleted)", b"EXPUNGE"]
        for answer in dovecot.imap(*commands):
            self.assertEqual(answer.status, "OK", answer.text)
        uidls = dovecot.uidls()
        self.assertEqual(len(uidls), 11)
        theirs = {name: dovecot_view(dovecot.imap(b'EXAMINE "%s"' % name.encode(), FETCH)) for name in MAILBOXES}
        self.assertEqual(sorted(theirs["INBOX"][1]), [1, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13])

        out = self.run_ctl("import", USER, dovecot.maildir, "--uidl-format", "%08Xu%08Xv")
        self.assertIn("37 messages", out)
        ours = self.views()
        self.assertEqual({name: ours[name] for name in MAILBOXES}, theirs)
        self.assertEqual(self.uidls(), uidls)
        self.assertTrue({"INBOX", "Archive/2026"} <= set(ours["subscribed"]), ours["subscribed"])

        out = self.run_ctl("import", USER, dovecot.maildir, "--uidl-format", "%08Xu%08Xv")
        self.assertIn("0 messages", out)
        self.assertIn("37 were there already", out)
        for answer in dovecot.imap(append("INBOX", 99, "")):
            self.assertEqual(answer.status, "OK")
        self.assertIn("1 messages", self.run_ctl("import", USER, dovecot.maildir))
        ours = self.views()

        exported = os.path.join(self.files, "Maildir")
        self.assertIn("38 messages", self.run_ctl("export", USER, exported))
        self.assertIn("0 messages (0 B) of 8 mailboxes are in " + exported + ", 38 were there already",
                      self.run_ctl("export", USER, exported))
        second = Dovecot(exported)
        self.addCleanup(second.stop)
        for name in MAILBOXES:
            self.assertEqual(dovecot_view(second.imap(b'EXAMINE "%s"' % name.encode(), FETCH)), ours[name], name)
        self.assertEqual(second.uidls(), self.uidls())
        [answer] = second.imap(b'LSUB "" *')
        names = {line.decode().split(' "/" ')[1].strip().strip('"') for line in answer.untagged if b"LSUB" in line}
        self.assertEqual(names, set(ours["subscribed"]))

    def test_over_imap_from_another_store_twice(self):
        self.fill()
        data, server = self.second()
        where = f"imaps://{USER.replace('@', '%40')}@localhost:{self.server.ports['IMAP', 'SSL/TLS']}"
        secret = PASSWORD.encode() + b"\n"
        done = ctl(data, "import", USER, where, "--password-stdin", stdin=secret)
        self.assertEqual(done.returncode, 77, done)  # nobody has signed the certificate
        self.assertIn(b"certificate", done.stderr)
        arguments = ("import", USER, where, "--password-stdin", "--no-verify")
        self.assertIn("27 messages", self.run_ctl(*arguments, stdin=secret, data=data))
        self.assertEqual(self.views(server), self.views())
        self.assertIn("0 messages", self.run_ctl(*arguments, stdin=secret, data=data))
        # Flags that change there and mail that comes there.
        client = self.login()
        self.ok(client.select("INBOX"))
        self.ok(client.uid("STORE", "1", "FLAGS", "(\\Seen \\Flagged new)"))
        client.logout()
        self.deliver(b"Subject: later\r\n\r\nx\r\n")
        starttls = where.replace("imaps", "imap").replace(
            str(self.server.ports["IMAP", "SSL/TLS"]), str(self.server.ports["IMAP", "STARTTLS"]))
        done = ctl(data, "import", USER, starttls, "--password-stdin", "--fingerprint", "00" * 32, stdin=secret)
        self.assertEqual(done.returncode, 77, done)
        pin = re.search(rb"fingerprint is ([0-9a-f]{64})", done.stderr)[1].decode()
        out = self.run_ctl("import", USER, starttls, "--password-stdin", "--fingerprint", pin, stdin=secret, data=data)
        self.assertIn("1 messages", out)
        self.assertEqual(self.views(server), self.views())
        done = ctl(data, "import", USER, where, "--password-stdin", "--no-verify", stdin=b"wrong\n")
        self.assertEqual(done.returncode, 77, done)

    @unittest.skipUnless(IMAP, "there is no Dovecot 2.3")
    def test_octets_of_an_export_come_back(self):
        client = self.login()
        for octets in harness.AWKWARD.values():
            self.append(client, "INBOX", octets)
        for form in ("maildir", "mbox"):
            path = os.path.join(self.files, form)
            self.run_ctl("export", USER, path, "--format", form, "--mailbox", "INBOX")
            # The UIDLs are in use: that is said.
            self.run_ctl("import", USER, path, "--mailbox", form, status=os.EX_DATAERR)
        self.ok(client.select("INBOX"))
        fetched = self.ok(client.uid("FETCH", "1:*", "(BODY.PEEK[])"))
        originals = [part[1] for part in fetched if isinstance(part, tuple)]
        self.assertEqual(originals, list(harness.AWKWARD.values()))
        self.ok(client.select("maildir"))
        fetched = self.ok(client.uid("FETCH", "1:*", "(BODY.PEEK[])"))
        for name, was, now in zip(harness.AWKWARD, originals, [part[1] for part in fetched if isinstance(part, tuple)],
                                  strict=True):
            # The one thing that local text can't say: where its first line ends in a bare LF.
            if name in ("bare LF", "mixed"):
                was, now = was.replace(b"\r\n", b"\n"), now.replace(b"\r\n", b"\n")
            self.assertEqual(was, now, name)

    def test_an_import_that_is_killed_goes_on(self):
        maildir = os.path.join(self.files, "Maildir")
        for name in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(maildir, name))
        with open(os.path.join(maildir, "dovecot-uidlist"), "w") as uids:
            uids.write("3 V1700000000 N9000 G0\n")
            for number in range(2000):
                with open(os.path.join(maildir, "cur", f"{number}.a:2,"), "w") as file:
                    file.write(f"Subject: {number}\n\n" + "text\n" * (number % 50 * 1000))
                uids.write(f"{number * 2 + 1} Puidl{number} :{number}.a\n")
        for _ in range(3):
            size = octets_below(self.data)
            process = subprocess.Popen([harness.program("postfachctl"), "--data", self.data, "import", USER, maildir],
                                       stdout=subprocess.DEVNULL)
            while process.poll() is None and octets_below(self.data) < size + 2_000_000:
                time.sleep(0.01)
            process.kill()
            self.assertEqual(process.wait(timeout=60), -signal.SIGKILL)
        self.run_ctl("import", USER, maildir)
        numbers, messages = self.views(mailboxes=["INBOX"])["INBOX"]
        self.assertEqual(numbers, {"UIDVALIDITY": 1_700_000_000, "UIDNEXT": 9000})
        self.assertEqual(sorted(messages), list(range(1, 4000, 2)))
        self.assertEqual(self.uidls(), [f"uidl{number}" for number in range(2000)])
        self.assertIn("sound", self.run_ctl("check", USER))

    def test_over_pop3_twice(self):
        self.fill()
        data, server = self.second()
        where = f"pop3s://{USER}@localhost:{self.server.ports['POP3', 'SSL/TLS']}"
        arguments = ("import", USER, where, "--password-stdin", "--no-verify")
        self.assertIn("7 messages", self.run_ctl(*arguments, stdin=PASSWORD.encode() + b"\n", data=data))
        self.assertEqual(self.uidls(server), self.uidls())
        out = self.run_ctl(*arguments, stdin=PASSWORD.encode() + b"\n", data=data)
        self.assertIn("0 messages", out)
        self.assertIn("7 were there already", out)


if __name__ == "__main__":
    unittest.main()
