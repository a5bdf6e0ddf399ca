"""Keys of SEARCH: each kind, with words that the messages have, and lists, NOT and OR of them."""
import collections
import re

from imap_answers import string
from mail_corpus import FOREIGN

# kind: the name of the key; text: what it looks for, in UTF-8 or ASCII; octets: as it is sent.
Key = collections.namedtuple("Key", "kind text octets")

FLAGS = """ALL ANSWERED DELETED DRAFT FLAGGED NEW OLD RECENT SEEN UNANSWERED UNDELETED UNDRAFT UNFLAGGED
UNSEEN""".split()
SENT = re.compile(rb"^Date: [^\r]*?\b(\d{1,2}) ([A-Z][a-z]{2}) (\d{4})", re.MULTILINE)
FIELDS = ("X-Mark", "Content-Type", "Message-Id", "references", "Received", "Subject", "to", "Date", "No-Such-Field")
TOKEN = re.compile(rb"[A-Za-z0-9@.\-=<>:]{2,14}")


class Nest:
    """A list, NOT or OR of keys and nests."""

    def __init__(self, operator, operands):
        self.operator, self.operands = operator, operands
        octets = [each.octets if isinstance(each, Nest) else b"(" + each.octets + b")" for each in operands]
        self.octets = {"NOT": b"NOT ", "OR": b"OR ", "AND": b"("}[operator] + b" ".join(octets)
        if operator == "AND":
            self.octets += b")"

    def combine(self, results, everything):
        sets = [each.combine(results, everything) if isinstance(each, Nest) else results[each]
                for each in self.operands]
        if self.operator == "NOT":
            return everything - sets[0]
        return sets[0] | sets[1] if self.operator == "OR" else set.intersection(*sets)


def plain_keys(messages, dates, random):
    yield from (Key(name, "", name.encode()) for name in FLAGS)
    for octets in (b"KEYWORD work", b"UNKEYWORD $Forwarded", b"KEYWORD unknown", b"UID 1:20", b"UID 500000:*",
                   b"OLDER 100", b"YOUNGER 2000000000", b"SAVEDBEFORE 1-Jan-1990", b"SAVEDSINCE 1-Jan-1990",
                   b"SAVEDON 1-Jan-1990", b"MODSEQ 1"):
        yield Key(octets.split()[0].decode(), "", octets)
    yield Key("sequence", "", b"1:3,%d:*" % (len(messages) // 2))
    sent = [b"-".join(found).decode() for message in messages for found in SENT.findall(message)[:1]]
    for names, days in ((("ON", "BEFORE", "SINCE"), [date[:11].strip() for date in dates]),
                        (("SENTON", "SENTBEFORE", "SENTSINCE"), sent)):
        for day in random.sample(days, min(40, len(days))):
            yield from (Key(name, day, f"{name} {day}".encode()) for name in names)
    for name in ("LARGER", "SMALLER"):
        yield from (Key(name, size, f"{name} {size}".encode()) for size in ("0", "300", "1000", "5000", "100000"))


def text_key(kind, words, charset=None):
    octets = kind.encode() + b" " + string(words if charset is None else words.decode().encode(charset))
    return Key(kind.split()[0], words, octets if charset is None else b"CHARSET %s " % charset.encode() + octets)


def text_keys(messages, random):
    for kind in ("SUBJECT", "BODY", "TEXT", "FROM", "HEADER X-Mark", "HEADER bcc", "HEADER No-Such-Field"):
        yield text_key(kind, b"")
    yield text_key("TEXT", b"no colon here")  # a line of a header that is no field
    words = set()
    while len(words) < 40:
        words.add(random.choice(TOKEN.findall(random.choice(messages))))
    for word in sorted(words):
        yield text_key(random.choice(("BODY", "TEXT")), random.choice((word, word.upper(), word.lower())))
        yield text_key(random.choice(("SUBJECT", "FROM", "TO", "CC", "BCC")), word)
        yield text_key("HEADER " + random.choice(FIELDS), word)
    # A phrase, over the end of a line in a header but not in a body.
    for message in random.sample(messages, min(20, len(messages))):
        for subject in re.findall(rb"^Subject: ([ -~]{8,})\r$", message, re.MULTILINE)[:1]:
            if b"=?" not in subject:
                yield text_key("SUBJECT", subject[2:-2])


def foreign_keys(random):
    for text, charsets in FOREIGN:
        for word in text.split():
            for charset in charsets:
                yield text_key("SUBJECT", word.encode(), charset)
                yield text_key(random.choice(("BODY", "TEXT")), word.encode(), charset)
            for kind in ("SUBJECT", random.choice(("BODY", "TEXT"))):
                yield text_key(kind, word.upper().encode(), "utf-8")
    yield text_key("FROM", "MÜLLER".encode(), "utf-8")


def keys_for(messages, dates, random):
    """dates: INTERNALDATE of each message."""
    return [*plain_keys(messages, dates, random), *text_keys(messages, random), *foreign_keys(random)]


def nests_of(keys, random):
    # A CHARSET can be named once and in front.
    plain = [key for key in keys if not key.octets.startswith(b"CHARSET")]

    def nest(depth):
        operator = random.choice(("NOT", "OR", "AND"))
        count = {"NOT": 1, "OR": 2, "AND": random.randrange(2, 4)}[operator]
        return Nest(operator, [nest(depth - 1) if depth > 0 and random.random() < 0.5 else random.choice(plain)
                               for _ in range(count)])

    return [nest(3) for _ in range(30)]
