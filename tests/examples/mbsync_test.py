import glob
import os
import subprocess
import unittest

from harness import PASSWORD, USER, ServerTest

CONFIGURATION = """
IMAPAccount server
Host localhost
Port {port}
User {user}
Pass {password}
{tls} IMAPS
CertificateFile {data}/tls/cert.pem

IMAPStore far
Account server

MaildirStore near
Path {maildir}/
Inbox {maildir}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
"""


class Mbsync(ServerTest):
    def sync(self, *options):
        """Returns what mbsync prints."""
        maildir = os.path.join(self.directory, "near")
        os.makedirs(maildir, exist_ok=True)
        version = subprocess.run(["mbsync", "--version"], capture_output=True, text=True).stdout.split()[-1]
        tls = "TLSType" if [int(n) for n in version.split(".")[:2]] >= [1, 5] else "SSLType"
        path = os.path.join(self.directory, "mbsyncrc")
        with open(path, "w") as file:
            file.write(CONFIGURATION.format(port=self.server.ports["IMAP", "SSL/TLS"], user=USER, password=PASSWORD,
                                            tls=tls, data=self.data, maildir=maildir))
        done = subprocess.run(["mbsync", *options, "-c", path, "--all"], capture_output=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode()

    def near(self, mailbox="INBOX"):
        """subject -> path"""
        found = {}
        for path in glob.glob(os.path.join(self.directory, "near", mailbox, "*", "*")):
            if os.path.basename(os.path.dirname(path)) in ("cur", "new"):
                with open(path, "rb") as file:
                    found[file.readline().decode().strip()] = path
        return found

    def flag(self, subject, flags, mailbox="INBOX"):
        """As a mail program near sets them."""
        path = self.near(mailbox)["Subject: " + subject]
        os.rename(path, path.replace("/new/", "/cur/").split(":2,")[0] + ":2," + flags)

    def flags(self, mailbox="INBOX"):
        """subject -> flags, near"""
        return {subject.split()[-1]: (path + ":2,").split(":2,")[1] for subject, path in self.near(mailbox).items()}

    def write(self, mailbox, subject, flags=""):
        directory = os.path.join(self.directory, "near", mailbox)
        for name in "cur", "new", "tmp":
            os.makedirs(os.path.join(directory, name), exist_ok=True)
        with open(os.path.join(directory, "cur", f"1.{subject}.host:2,{flags}"), "wb") as file:
            file.write(b"Subject: %s\n\nwritten here\n" % subject.encode())

    def test_both_ways(self):
        client = self.login()
        for i in range(5):
            self.append(client, "INBOX", b"Subject: %d\r\n\r\nbody\r\n" % i, r"(\Flagged)" if i == 0 else "()")
        self.sync()
        near = self.near()
        self.assertEqual(set(near), {f"Subject: {i}" for i in range(5)})
        self.assertTrue(near["Subject: 0"].endswith(":2,F"))

        # Near: one is read, one is answered and deleted, one is new.
        self.flag("1", "S")
        self.flag("2", "RT")
        self.write("INBOX", "near", "DS")
        # Far: one is moved away, one gets a flag.
        self.ok(client.select("INBOX"))
        self.ok(client.uid("MOVE", "4", "Archive"))
        self.ok(client.uid("STORE", "5", "+FLAGS", r"(\Answered)"))
        self.sync()
        self.ok(client.noop())
        self.assertEqual(self.ok(client.uid("SEARCH", "SEEN")), [b"2 6"])
        self.assertEqual(self.ok(client.uid("SEARCH", "ALL")), [b"1 2 5 6"])
        self.assertEqual(self.ok(client.uid("SEARCH", "DRAFT", "SUBJECT", "near")), [b"6"])
        near = self.near()
        self.assertEqual(set(near), {"Subject: 0", "Subject: 1", "Subject: 4", "Subject: near"})
        self.assertTrue(near["Subject: 4"].endswith(":2,R"))
        self.assertEqual(set(self.near("Archive")), {"Subject: 3"})

        before = self.near()
        self.sync()  # nothing to do, and nothing is done
        self.assertEqual(self.near(), before)

    def test_another_client_works_between_two_runs(self):
        first = self.login()
        for i in range(1, 9):
            self.append(first, "INBOX", b"Subject: %d\r\n\r\nbody\r\n" % i, r"(\Flagged)" if i == 1 else "()")
        self.sync()
        self.assertEqual(self.flags(), {"1": "F", **{str(i): "" for i in range(2, 9)}})

        # Another client: flags come and go, one message is expunged, one moved to a new folder, one is new.
        self.ok(first.select("INBOX"))
        self.ok(first.uid("STORE", "1", "-FLAGS", r"(\Flagged)"))
        self.ok(first.uid("STORE", "2:3", "+FLAGS", r"(\Seen $Work)"))
        self.ok(first.uid("STORE", "4", "+FLAGS", r"(\Deleted)"))
        self.ok(first.expunge())
        self.ok(first.create("Lists/One"))
        self.ok(first.uid("MOVE", "5", "Lists/One"))
        self.append(first, "INBOX", b"Subject: 9\r\n\r\nbody\r\n", r"(\Answered)")
        # Near: the other flag of a message that is changed far away as well, a deletion, a folder with a message.
        self.flag("3", "F")
        self.flag("6", "ST")
        self.flag("7", "R")
        self.write("Mine", "kept", "S")
        self.sync()
        self.assertEqual(self.flags(), {"1": "", "2": "S", "3": "FS", "7": "R", "8": "", "9": "R"})
        self.assertEqual(self.flags("Lists/One"), {"5": ""})
        self.assertEqual(self.ok(first.uid("SEARCH", "ALL")), [b"1 2 3 7 8 9"])
        self.assertEqual(self.ok(first.uid("SEARCH", "FLAGGED")), [b"3"])
        self.assertEqual(self.ok(first.uid("SEARCH", "SEEN")), [b"2 3"])
        self.assertEqual(self.ok(first.uid("SEARCH", "ANSWERED")), [b"7 9"])
        self.assertEqual(self.ok(first.uid("SEARCH", "KEYWORD", "$Work")), [b"2 3"])  # which mbsync knows nothing of
        self.assertEqual(self.ok(first.select("Mine")), [b"1"])
        self.assertEqual(self.ok(first.search(None, "SEEN", "SUBJECT", "kept")), [b"1"])

        # Then nothing happens, and a second run transfers nothing.
        def everything():
            self.ok(first._simple_command("LIST", '""', "*", "RETURN", "(STATUS (MESSAGES UIDNEXT HIGHESTMODSEQ))"))
            return first.response("STATUS")[1], {box: self.near(box) for box in ("INBOX", "Lists/One", "Mine")}
        before = everything()
        trace = self.sync("-Dn")
        self.assertIn("UID FETCH", trace)
        self.assertNotRegex(trace, r">>> \d+ (UID )?(APPEND|STORE|EXPUNGE|COPY|MOVE|CREATE)|BODY.PEEK\[\]")
        self.assertEqual(everything(), before)


if __name__ == "__main__":
    unittest.main()
