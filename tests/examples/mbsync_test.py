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
    def sync(self):
        maildir = os.path.join(self.directory, "near")
        os.makedirs(maildir, exist_ok=True)
        version = subprocess.run(["mbsync", "--version"], capture_output=True, text=True).stdout.split()[-1]
        tls = "TLSType" if [int(n) for n in version.split(".")[:2]] >= [1, 5] else "SSLType"
        path = os.path.join(self.directory, "mbsyncrc")
        with open(path, "w") as file:
            file.write(CONFIGURATION.format(port=self.server.ports["IMAP", "SSL/TLS"], user=USER, password=PASSWORD,
                                            tls=tls, data=self.data, maildir=maildir))
        done = subprocess.run(["mbsync", "-c", path, "--all"], capture_output=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr.decode())

    def near(self, mailbox="INBOX"):
        """subject -> path"""
        found = {}
        for path in glob.glob(os.path.join(self.directory, "near", mailbox, "*", "*")):
            if os.path.basename(os.path.dirname(path)) in ("cur", "new"):
                with open(path, "rb") as file:
                    found[file.readline().decode().strip()] = path
        return found

    def test_both_ways(self):
        client = self.login()
        for i in range(5):
            self.append(client, "INBOX", b"Subject: %d\r\n\r\nbody\r\n" % i, r"(\Flagged)" if i == 0 else "()")
        self.sync()
        near = self.near()
        self.assertEqual(set(near), {f"Subject: {i}" for i in range(5)})
        self.assertTrue(near["Subject: 0"].endswith(":2,F"))

        # Near: one is read, one is answered and deleted, one is new.
        os.rename(near["Subject: 1"], near["Subject: 1"].replace("/new/", "/cur/").split(":2,")[0] + ":2,S")
        os.rename(near["Subject: 2"], near["Subject: 2"].replace("/new/", "/cur/").split(":2,")[0] + ":2,RT")
        with open(os.path.join(self.directory, "near", "INBOX", "cur", "1.new.host:2,DS"), "wb") as file:
            file.write(b"Subject: near\n\nwritten here\n")
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


if __name__ == "__main__":
    unittest.main()
