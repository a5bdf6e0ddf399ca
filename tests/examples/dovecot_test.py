"""Dovecot gets the same messages and the same commands; whatever the two servers answer differently has a reason.

POSTFACH_MAIL=directory adds the messages of that directory, in mbox files or one in a file."""
import collections
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from dovecot_differences import Difference, explain, loses_last_letter
from dovecot_search import Nest, keys_for, nests_of
from harness import PASSWORD, USER, ServerTest, trusting
from imap_answers import Client
from imap_meaning import differences, is_multipart, meaning, sections_of
from mail_corpus import Corpus, messages_of

SKIPPED = 77
SEED = 20261125
MESSAGES = 300
NOBODY = 65534
FLAGS = ("\\Seen", "\\Flagged", "\\Answered", "\\Draft", "\\Deleted", "$Forwarded", "work")

# Without log-in processes, sockets or a service: the imap program speaks to its standard input and output.
CONFIGURATION = """
base_dir={directory}/run
state_dir={directory}/run
mail_location=sdbox:{directory}/mail
mail_uid={uid}
mail_gid={gid}
log_path={directory}/log
stats_writer_socket_path=
protocols=imap
ssl=no
namespace inbox {{
  inbox=yes
  separator=/
{special}}}
"""
# What a new account of ours has.
SPECIAL = ("Archive", "Drafts", "Junk", "Sent", "Trash")
SPECIAL_MAILBOX = "  mailbox {0} {{\n    auto=subscribe\n    special_use=\\{0}\n  }}\n"


def find_dovecot():
    """The imap program of Dovecot 2.3: 2.4 is configured otherwise, and may differ otherwise."""
    for directory in ("/usr/lib/dovecot", "/usr/libexec/dovecot"):
        path = os.path.join(directory, "imap")
        if os.access(path, os.X_OK):
            version = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, timeout=60,
                                     env={**os.environ, "PATH": "/usr/sbin:" + os.environ["PATH"]}).stdout
            return path if version.startswith("2.3.") else None
    return None


IMAP = find_dovecot()


class Dovecot:
    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="postfach-dovecot-")
        # It refuses to work for root.
        uid, gid = (NOBODY, NOBODY) if os.getuid() == 0 else (os.getuid(), os.getgid())
        configuration = os.path.join(self.directory, "conf")
        with open(configuration, "w") as file:
            special = "".join(SPECIAL_MAILBOX.format(name) for name in SPECIAL)
            file.write(CONFIGURATION.format(directory=self.directory, uid=uid, gid=gid, special=special))
        for name in ("run", "mail", "home"):
            os.mkdir(os.path.join(self.directory, name))
            os.chown(os.path.join(self.directory, name), uid, gid)
        os.chown(self.directory, uid, gid)
        identity = {"user": uid, "group": gid, "extra_groups": []} if os.getuid() == 0 else {}
        self.log = open(os.path.join(self.directory, "errors"), "ab+")
        self.process = subprocess.Popen(
            [IMAP, "-c", configuration],
            env={"USER": "demo", "TZ": "UTC", "HOME": os.path.join(self.directory, "home")},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, **identity)
        try:
            self.client = Client(self.process.stdout, self.process.stdin)
        except EOFError as error:
            self.log.seek(0)
            raise RuntimeError(f"Dovecot did not start: {self.log.read()}") from error

    def stop(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()
        self.log.close()
        shutil.rmtree(self.directory)


@unittest.skipUnless(IMAP, "there is no Dovecot 2.3")
class DovecotTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.dovecot = Dovecot()
        self.addCleanup(self.dovecot.stop)
        connection = socket.create_connection(("127.0.0.1", self.server.ports["IMAP", "SSL/TLS"]), timeout=60)
        connection = trusting().wrap_socket(connection)
        self.addCleanup(connection.close)
        reading, writing = connection.makefile("rb"), connection.makefile("wb")
        self.addCleanup(reading.close)
        self.addCleanup(writing.close)
        self.ours, self.theirs = Client(reading, writing), self.dovecot.client
        self.assertEqual(self.ours.command(f"LOGIN {USER} {PASSWORD}".encode()).status, "OK")
        self.random = random.Random(SEED)
        self.compared, self.equal, self.explained = (collections.Counter() for _ in range(3))
        self.unexplained = []

    # Comparing.

    def both(self, command):
        return self.ours.command(command), self.theirs.command(command)

    def both_ok(self, command):
        answers = self.both(command)
        self.assertEqual([answer.status for answer in answers], ["OK", "OK"],
                         (command[:300], *(answer.text for answer in answers)))
        return answers

    def count(self, name, found, number=None):
        """One answer, with the differences in it."""
        self.compared[name] += 1
        self.equal[name] += not found
        for difference in found:
            rule = explain(difference)
            self.explained[rule or "unexplained"] += 1
            if rule is None:
                self.unexplained.append((number, difference._replace(message=None, structure=None)))

    def report(self, title):
        print(f"\n{title}: {len(self.messages)} messages, {sum(self.compared.values())} answers")
        for name, count in sorted(self.compared.items()):
            print(f"  {name:24} {count:7} compared {self.equal[name]:7} equal")
        for rule, count in sorted(self.explained.items()):
            print(f"  {count:7}  {rule}")
        lines = [f"message {number}: {difference}" for number, difference in self.unexplained]
        self.assertEqual(len(lines), 0, "\n".join([str(len(lines)), *(line[:1500] for line in lines[:20])]))

    # Mail.

    def append_all(self, messages):
        self.messages, self.dates = messages, []
        for message in messages:
            flags = [flag for flag in FLAGS if self.random.random() < 0.3]
            when = time.gmtime(self.random.randrange(800_000_000, 1_700_000_000))
            zone = self.random.choice(("+0000", "-0800", "+0530"))
            self.dates.append(time.strftime("%d-%b-%Y %H:%M:%S ", when) + zone)
            head = f'APPEND INBOX ({" ".join(flags)}) "{self.dates[-1]}" '
            self.both_ok(head.encode() + b"{%d+}\r\n%s" % (len(message), message))
        self.both_ok(b"SELECT INBOX")

    def compare_fetch(self, name, ours, theirs, numbers):
        if ours.status == "NO":  # an encoding that nobody knows
            self.assertIn("UNKNOWN-CTE", ours.text)
            self.assertIn("UNKNOWN-CTE", theirs.text)
            return self.count(name, [])
        self.assertEqual(ours.status, "OK", (name, ours.text))
        ours, theirs, status = ours.fetched(), theirs.fetched(), theirs.status
        for number in numbers:
            mine, other = ours[number], theirs.get(number, {})
            mine.pop("UID", None)
            if status == "OK":
                self.assertEqual(set(mine), set(other) - {"UID"}, (name, number))
            for item, value in mine.items():
                if item not in other:
                    found = [((), value, status)]
                else:
                    found = list(differences(meaning(item, value), meaning(item, other[item])))
                if found and item.startswith("BINARY.SIZE"):
                    content = item.replace(".SIZE", "")
                    if content in other and mine[content] == other[content]:
                        found = [(len(mine[content]), value, other[item])]
                message = self.messages[number - 1], self.structures[number]
                self.count(name, [Difference("FETCH", item, *each, *message) for each in found], number)

    def fetch_all(self):
        everything = range(1, len(self.messages) + 1)
        self.structures = {number: meaning("BODYSTRUCTURE", items["BODYSTRUCTURE"])
                           for number, items in self.ours.command(b"FETCH 1:* BODYSTRUCTURE").fetched().items()}
        for name, items in (
                ("FETCH flags, dates, sizes", b"FLAGS INTERNALDATE RFC822.SIZE"), ("FETCH ENVELOPE", b"ENVELOPE"),
                ("FETCH BODYSTRUCTURE", b"BODYSTRUCTURE BODY"), ("FETCH PREVIEW", b"PREVIEW"),
                ("FETCH whole", b"BODY.PEEK[] BODY.PEEK[HEADER] BODY.PEEK[TEXT] RFC822.HEADER"),
                ("FETCH HEADER.FIELDS", b"BODY.PEEK[HEADER.FIELDS (Subject FROM x-mark)] "
                 b"BODY.PEEK[HEADER.FIELDS (X-No)] BODY.PEEK[HEADER.FIELDS.NOT (Received Subject)] "
                 b"BODY.PEEK[HEADER.FIELDS (Date)]<3.10>"),
                ("FETCH partial", b"BODY.PEEK[]<0.100> BODY.PEEK[]<50.1000000> BODY.PEEK[TEXT]<10.20> "
                 b"BODY.PEEK[HEADER]<5.7> BODY.PEEK[]<100000000.5>")):
            self.compare_fetch(name, *self.both_ok(b"FETCH 1:* (" + items + b")"), everything)
        for number in everything:
            self.fetch_sections(number)

    def fetch_sections(self, number):
        parts = list(sections_of(self.structures[number]).items())[:40]
        items = []
        for path, part in [*parts, (parts[-1][0] + ".1", None), ("99", None)]:
            items += [f"BODY.PEEK[{path}]", f"BODY.PEEK[{path}.MIME]",
                      f"BODY.PEEK[{path}]<{self.random.randrange(50)}.{self.random.randrange(1, 50)}>"]
            if part and not is_multipart(part) and part[0] == b"message":
                items += [f"BODY.PEEK[{path}.HEADER]", f"BODY.PEEK[{path}.TEXT]",
                          f"BODY.PEEK[{path}.HEADER.FIELDS (Subject From)]",
                          f"BODY.PEEK[{path}.HEADER.FIELDS.NOT (Subject)]"]
        self.compare_fetch("FETCH sections", *self.both_ok(f"FETCH {number} ({' '.join(items)})".encode()), [number])
        # Whole messages and multiparts are left out: Dovecot undoes what is encoded within them (which RFC 9051 §6.4.5
        # does not say), and closes the connection where it can't.
        for path, part in parts:
            if not is_multipart(part) and (part[0] != b"message" or not part[7]):
                items = f"BINARY.PEEK[{path}] BINARY.PEEK[{path}]<2.9> BINARY.SIZE[{path}]"
                self.compare_fetch("FETCH BINARY", *self.both(f"FETCH {number} ({items})".encode()), [number])

    # Looking for it.

    def search_all(self):
        keys = keys_for(self.messages, self.dates, self.random)
        results = {}
        for key in keys:
            answers = self.both_ok(b"SEARCH " + key.octets)
            ours, theirs = results[key] = tuple(numbers(answer, "SEARCH") for answer in answers)
            self.count(f"SEARCH {key.kind}", [
                Difference("SEARCH", key.kind, key.text, number in ours, number in theirs, self.messages[number - 1],
                           self.structures[number], self.dates[number - 1])
                for number in sorted(ours ^ theirs)], key.octets)
        for nest in nests_of(keys, self.random):
            ours, theirs = (numbers(answer, "SEARCH") for answer in self.both_ok(b"SEARCH " + nest.octets))
            everything = set(range(1, len(self.messages) + 1))
            follows = [nest.combine({key: each[i] for key, each in results.items()}, everything) for i in (0, 1)]
            self.assertEqual(ours, follows[0], nest.octets)
            self.count("SEARCH NOT, OR, lists", [] if ours == theirs else [
                Difference("SEARCH", "nest", follows, ours, theirs)], nest.octets)
        for options in ("", "ALL", "MIN", "MAX COUNT", "MIN MAX COUNT ALL", "PARTIAL 1:10", "PARTIAL 5:7 COUNT"):
            for criteria in ("ALL", "SEEN", "KEYWORD none"):
                ours, theirs = self.both_ok(f"SEARCH RETURN ({options}) {criteria}".encode())
                self.assertEqual(esearch(ours), esearch(theirs), (options, criteria))
                self.count("SEARCH RETURN", [])
        ours, theirs = self.both(b"SEARCH CHARSET nowhere-7 TEXT x")
        self.assertEqual((ours.status, theirs.status), ("NO", "NO"))

    def sort_and_thread(self):
        """Of the messages whose envelopes mean the same: what follows from one that differs says nothing new."""
        ours, theirs = (answer.fetched() for answer in self.both_ok(b"FETCH 1:* ENVELOPE"))
        same = [number for number, items in ours.items()
                if one_space(items["ENVELOPE"]) == one_space(theirs[number]["ENVELOPE"]) and
                not loses_last_letter(items["ENVELOPE"][1] or b"")]
        among = " UID " + ",".join(str(number) for number in same)
        for key in ("ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO", "DISPLAYFROM", "DISPLAYTO"):
            for order in (key, f"REVERSE {key}", f"{key} REVERSE SIZE", f"REVERSE {key} DATE"):
                for criteria in ("ALL", "UNSEEN"):
                    self.compare_order("SORT", f"({order}) UTF-8 {criteria}" + among)
        for algorithm in ("REFERENCES", "ORDEREDSUBJECT"):
            for criteria in ("ALL", "SEEN", "UNFLAGGED", "NOT KEYWORD work"):
                self.compare_order("THREAD", f"{algorithm} UTF-8 {criteria}" + among)

    def compare_order(self, command, arguments):
        ours, theirs = (answer.data(command)[0] for answer in self.both_ok(f"{command} {arguments}".encode()))
        self.assertGreater(len(ours), 1)
        self.count(command if command == "SORT" else f"THREAD {arguments.split()[0]}", [] if ours == theirs else [
            Difference(command, arguments, None, ours, theirs)])

    def compare(self, messages, title):
        self.append_all(messages)
        self.fetch_all()
        self.search_all()
        self.sort_and_thread()
        self.report(title)

    def test_generated_messages(self):
        self.compare(Corpus(SEED, MESSAGES).messages, f"generated from {SEED}")

    @unittest.skipUnless(os.environ.get("POSTFACH_MAIL"), "POSTFACH_MAIL names no directory")
    def test_messages_of_a_directory(self):
        self.compare(list(messages_of(os.environ["POSTFACH_MAIL"])), os.environ["POSTFACH_MAIL"])

    def test_mailboxes(self):
        self.messages = []
        for name in ('a', 'a/b', 'a/b/c', 'x/y/z', 'Entw&APw-rfe', '"two words"', 'INBOX/sub', '"star*x"', '"per%x"',
                     'trailing/', 'a/gone', 'a/gone/below'):
            self.both_ok(f"CREATE {name}".encode())
        for name in ("a/b", "a/gone", "INBOX", "INBOX/sub", "Entw&APw-rfe"):
            self.both_ok(f"SUBSCRIBE {name}".encode())
        self.both_ok(b"DELETE a/gone")
        for name in ('""', "INBOX", "/lead", "a//b", "a/b"):
            ours, theirs = self.both(f"CREATE {name}".encode())
            self.assertEqual((ours.status, theirs.status), ("NO", "NO"), name)
        for command in ("LIST", "LSUB"):
            for reference in ("", "a/", "a", "x"):
                for pattern in ("*", "%", "%/%", "a/*", "a*", "*c", "INBOX", "inbox", "in*", "INBOX/*", "INBOX*", "%/",
                                "*/%", "", "x/%", "a/%/c", "tw*", "*w*", "/*", "/%", "trailing", "trailing/", "Entw*",
                                "%o%", "a/g%", "S%", "star*x"):
                    self.compare_list(command, reference, pattern, f'{command} "{reference}" "{pattern}"')
        for extended in ('LIST "" % RETURN (CHILDREN)', 'LIST (SUBSCRIBED) "" *', 'LIST (SPECIAL-USE) "" *',
                         'LIST "" (a% %s *Sub) RETURN (SUBSCRIBED CHILDREN)', 'LIST "" * RETURN (SPECIAL-USE)',
                         'LIST (SUBSCRIBED RECURSIVEMATCH) "" %'):
            self.compare_list("LIST", "", extended, extended)
        message = Corpus(SEED, 1).messages[0]
        for flags in ("\\Seen", "", "\\Deleted"):
            self.both_ok(b"APPEND a (%s) {%d+}\r\n%s" % (flags.encode(), len(message), message))
        for name in ("a", "a/b/c", "INBOX", '"two words"', "Trash"):
            ours, theirs = self.both_ok(f"STATUS {name} (MESSAGES RECENT UIDNEXT UNSEEN SIZE)".encode())
            self.assertEqual(ours.data("STATUS"), theirs.data("STATUS"))
            self.count("STATUS", [])
        self.report("mailboxes")

    def compare_list(self, command, reference, pattern, octets):
        listed = [{text_of(values[2]): attributes(values) for values in answer.data(command)}
                  for answer in self.both_ok(octets.encode())]
        found = [Difference(command, None, (reference, pattern, name), *(each.get(name) for each in listed))
                 for name in sorted({*listed[0], *listed[1]}) if listed[0].get(name) != listed[1].get(name)]
        self.count(command, found, octets)


def one_space(value):
    if isinstance(value, list):
        return [one_space(each) for each in value]
    return re.sub(rb"[ \t]+", b" ", value) if isinstance(value, bytes) else value


def text_of(value):
    return value.decode() if isinstance(value, bytes) else value


def attributes(values):
    """Those of a mailbox, and what its children are (RFC 9051 §6.3.9.6)."""
    extended = values[3] if len(values) > 3 else []
    children = [f"{text_of(name)} {text_of(each)}" for name, options in zip(extended[::2], extended[1::2])
                for each in options]
    return sorted(each.lower() for each in values[0] + children)


def numbers(answer, name):
    return {int(value) for values in answer.data(name) for value in values if isinstance(value, str)}


def esearch(answer):
    """What is returned, but for the tag and the order."""
    return [dict(zip(values[1::2], values[2::2], strict=True)) for values in answer.data("ESEARCH")]


if __name__ == "__main__":
    if IMAP is None:
        print("skipped: there is no Dovecot 2.3")
        sys.exit(SKIPPED)
    unittest.main()
