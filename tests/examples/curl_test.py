import os
import subprocess
import unittest

from harness import PASSWORD, USER, ServerTest

TEXT = b"Subject: from curl\r\n\r\nhello\r\n..\r\n"


class Curl(ServerTest):
    def curl(self, url, *arguments, password=PASSWORD):
        done = subprocess.run(["curl", "--silent", "--show-error", "--insecure", "--user", f"{USER}:{password}",
                               *arguments, url], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        return done.returncode, done.stdout

    def url(self, scheme, path=""):
        protocol = scheme[:4].upper()
        port = self.server.ports[protocol, "SSL/TLS" if scheme.endswith("s") else "STARTTLS"]
        return f"{scheme}://127.0.0.1:{port}/{path}"

    def test_upload_and_read(self):
        path = os.path.join(self.directory, "message")
        with open(path, "wb") as file:
            file.write(TEXT)
        self.assertEqual(self.curl(self.url("imaps", "INBOX"), "--upload-file", path)[0], 0)
        for scheme, path in (("imaps", "INBOX;MAILINDEX=1"), ("imap", "INBOX;UID=1"), ("pop3s", "1"), ("pop3", "1")):
            with self.subTest(scheme):
                status, output = self.curl(self.url(scheme, path), "--ssl-reqd")
                self.assertEqual(status, 0)
                self.assertEqual(output, TEXT)

    def test_list(self):
        status, output = self.curl(self.url("imaps"))
        self.assertEqual(status, 0)
        self.assertIn(b"INBOX", output)
        self.assertIn(b"\\Sent", output)

    def test_no_password_in_clear(self):
        for scheme in ("imap", "pop3"):
            with self.subTest(scheme):
                self.assertNotEqual(self.curl(self.url(scheme))[0], 0)

    def test_wrong_password(self):
        self.assertEqual(self.curl(self.url("imaps"), password="wrong")[0], 67)


if __name__ == "__main__":
    unittest.main()
