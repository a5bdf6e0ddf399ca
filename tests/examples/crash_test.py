"""What was acknowledged survives kill -9: a client keeps a model of what the server has confirmed, the server is killed
at random moments, and after each restart mailbox and model are compared. A command that was cut off may have happened or
not, but as a whole."""
import imaplib
import os
import poplib
import random
import re
import signal
import threading
import time
import unittest

from harness import PASSWORD, USER, Server, ServerTest, ctl

SECONDS = float(os.environ.get("POSTFACH_CRASH_SECONDS", "40"))
SEED = int(os.environ.get("POSTFACH_CRASH_SEED", "1"))
MAILBOXES = "INBOX", "Other"


class Model:
    """mailbox -> {uid: token}; the token is the message's number."""

    def __init__(self):
        self.mailboxes = {name: {} for name in MAILBOXES}
        self.next = {name: 1 for name in MAILBOXES}  # no new UID may be below

    def copy(self):
        other = Model()
        other.mailboxes = {name: dict(messages) for name, messages in self.mailboxes.items()}
        other.next = dict(self.next)
        return other


def message(token):
    # Some are large enough for a file of their own.
    body = b"0123456789\r\n" * (12_000 if token % 5 == 0 else token % 50)
    return b"Subject: %d\r\n\r\n" % token + body


class Client:
    """Runs random commands. `model` is what was acknowledged; `maybe` what holds if the command that was cut off
    happened, with None for UIDs that it would have given."""

    def __init__(self, server, rng, model, tokens):
        self.server, self.rng, self.model, self.tokens = server, rng, model, tokens
        self.maybe = None

    def run(self):
        try:
            self.imap = self.server.imaps()
            self.imap.login(USER, PASSWORD)
            self.imap.select("INBOX")
            while True:
                self.rng.choice([self.append, self.append, self.append, self.copy, self.expunge, self.move, self.pop3])()
        except (OSError, imaplib.IMAP4.abort):
            pass
        except poplib.error_proto as error:
            if isinstance(error.args[0], bytes):  # an answer of the server; a closed connection is told by a str
                raise AssertionError(f"refused: {error}")

    def done(self, answer):
        if answer[0] != "OK":
            raise AssertionError(f"refused: {answer}")

    def some(self, most):
        messages = self.model.mailboxes["INBOX"]
        return sorted(self.rng.sample(sorted(messages), min(len(messages), self.rng.randint(1, most))))

    def append(self):
        token = next(self.tokens)
        self.maybe = "INBOX", {token}, "INBOX", set()
        self.imap.literal = message(token)
        answer = self.imap._simple_command("APPEND", "INBOX", "()")
        self.done(answer)
        self.added("INBOX", {int(re.search(rb"APPENDUID \d+ (\d+)", answer[1][0]).group(1)): token})
        self.maybe = None

    def added(self, mailbox, messages):
        self.model.mailboxes[mailbox].update(messages)
        self.model.next[mailbox] = max([self.model.next[mailbox], *(uid + 1 for uid in messages)])

    def transfer(self, command, removes):
        uids = self.some(5)
        if not uids:
            return
        tokens = [self.model.mailboxes["INBOX"][uid] for uid in uids]
        self.maybe = "Other", set(tokens), "INBOX", set(uids) if removes else set()
        answer = self.imap.uid(command, ",".join(map(str, uids)), "Other")
        self.done(answer)
        code = re.search(rb"COPYUID \d+ (\S+) (\S+)\]", (self.imap.response("COPYUID")[1] or [None])[0] or answer[1][0] or b"")
        self.imap.untagged_responses.clear()
        if code:
            new = expand(code.group(2))
        else:  # imaplib has cut the code out: "<validity> <from> <to>"
            new = None
        self.transferred(uids, tokens, new, removes)
        self.maybe = None

    def transferred(self, uids, tokens, new, removes):
        if removes:
            for uid in uids:
                del self.model.mailboxes["INBOX"][uid]
        if new is None:
            first = self.model.next["Other"]
            new = range(first, first + len(tokens))  # nobody else adds to it
        self.added("Other", dict(zip(new, tokens)))

    def copy(self):
        self.transfer("COPY", False)

    def move(self):
        self.transfer("MOVE", True)

    def expunge(self):
        uids = self.some(3)
        if not uids:
            return
        sequence = ",".join(map(str, uids))
        self.done(self.imap.uid("STORE", sequence, "+FLAGS.SILENT", r"(\Deleted)"))
        self.maybe = "INBOX", set(), "INBOX", set(uids)
        self.done(self.imap.uid("EXPUNGE", sequence))
        for uid in uids:
            del self.model.mailboxes["INBOX"][uid]
        self.maybe = None

    def pop3(self):
        client = self.server.pop3s()
        client.user(USER)
        client.pass_(PASSWORD)
        count = client.stat()[0]
        uids = sorted(self.model.mailboxes["INBOX"])
        if count != len(uids):
            raise AssertionError(f"POP3 sees {count} messages, IMAP has {len(uids)}")
        marked = self.rng.sample(range(count), min(count, 3))
        for index in marked:
            client.dele(index + 1)
        self.maybe = "INBOX", set(), "INBOX", {uids[index] for index in marked}
        client.quit()
        for index in marked:
            del self.model.mailboxes["INBOX"][uids[index]]
        self.maybe = None


def expand(uid_set):
    out = []
    for part in uid_set.decode().split(","):
        first, _, last = part.partition(":")
        out += range(int(first), int(last or first) + 1)
    return out


class Crash(ServerTest):
    def found(self):
        """What is in the mailboxes, with the octets compared."""
        client = self.login()
        state = {}
        for name in MAILBOXES:
            self.ok(client.select(name, readonly=True))
            state[name] = {}
            answer = self.ok(client.uid("FETCH", "1:*", "(BODY.PEEK[])"))
            for item in answer:
                if not isinstance(item, tuple):
                    continue
                uid = int(re.search(rb"UID (\d+)", item[0]).group(1))
                token = int(item[1].split(b"\r\n", 1)[0].split()[1])
                self.assertEqual(item[1], message(token), f"{name} {uid}")
                self.assertNotIn(uid, state[name])
                state[name][uid] = token
        client.logout()
        return state

    def compare(self, model, maybe):
        state = self.found()
        happened = model.copy()
        if maybe:
            target, tokens, source, removed = maybe
            new = {uid: token for uid, token in state[target].items() if uid >= model.next[target]}
            gone = {uid for uid in removed if uid not in state[source]}
            self.assertIn(gone, [set(), removed], "removed in part")
            self.assertIn(set(new.values()), [set(), tokens], "added in part")
            self.assertEqual(len(new), len(set(new.values())), "added twice")
            if tokens and removed:
                self.assertEqual(bool(new), bool(gone), "moved by half")
            happened.mailboxes[target].update(new)
            for uid in gone:
                del happened.mailboxes[source][uid]
        self.assertEqual(state, happened.mailboxes)
        for name in MAILBOXES:
            happened.next[name] = max([happened.next[name], *(uid + 1 for uid in state[name])])
        return happened

    def test_acknowledged_survives(self):
        rng = random.Random(SEED)
        client = self.login()
        client.create("Other")
        client.logout()
        model, tokens = Model(), iter(range(1, 10**9))
        end = time.monotonic() + SECONDS
        rounds = 0
        while time.monotonic() < end:
            client = Client(self.server, rng, model.copy(), tokens)
            failure = []

            def run():
                try:
                    client.run()
                except AssertionError as error:
                    failure.append(error)

            thread = threading.Thread(target=run)
            thread.start()
            time.sleep(rng.uniform(0.05, 0.6))
            self.assertIsNone(self.server.process.poll(), "the server died by itself")
            self.server.stop(signal.SIGKILL)
            thread.join(60)
            self.assertEqual(failure, [])
            self.server = Server(self.data)
            model = self.compare(client.model, client.maybe)
            rounds += 1
            if rounds % 5 == 0:
                checked = ctl(self.data, "check")
                self.assertEqual(checked.returncode, 0, checked.stdout.decode())
        self.assertEqual(self.server.stop(), 0)
        checked = ctl(self.data, "check")
        self.assertEqual(checked.returncode, 0, checked.stdout.decode())
        self.assertGreater(model.next["INBOX"], 20, "the client hardly did anything")
        print(f"{rounds} kills, {model.next['INBOX'] - 1} messages, seed {SEED}")


if __name__ == "__main__":
    unittest.main()
