"""imapflow, a client library for Node.js that enables whatever a server offers."""
import os
import shutil
import subprocess
import unittest

from harness import PASSWORD, USER, ServerTest

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "imapflow")
# Installed once for each build tree.
FOLDER = os.path.join(os.environ["POSTFACH_PROGRAMS"], "imapflow")


def install():
    os.makedirs(FOLDER, exist_ok=True)
    for name in ("package.json", "package-lock.json", "client.test.mjs"):
        shutil.copy(os.path.join(SOURCES, name), FOLDER)
    if not os.path.isdir(os.path.join(FOLDER, "node_modules", "imapflow")):
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=FOLDER, check=True, timeout=200)


class Imapflow(ServerTest):
    @classmethod
    def setUpClass(cls):
        install()

    def test_two_devices(self):
        done = subprocess.run(["node", "--test", "client.test.mjs"], cwd=FOLDER, capture_output=True, text=True,
                              timeout=200, env=dict(os.environ, PORT=str(self.server.ports["IMAP", "SSL/TLS"]),
                                                    MAIL_USER=USER, MAIL_PASSWORD=PASSWORD))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
