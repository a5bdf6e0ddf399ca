"""A client that sends one command and reads what comes of it as data: for tests that compare what two servers mean.

Values: a number or atom is a str, a string (quoted or literal) is bytes, NIL is None, a list is a list.
"""
import re

# Where a value ends that is neither a string nor a list.
ATOM = re.compile(rb"[^ ()\"\r\n]+")
LITERAL = re.compile(rb"~?\{(\d+)\}\r\n")
QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
# FETCH data items: a name, what stands in brackets, and the origin of a part of it.
ITEM = re.compile(rb"([A-Za-z0-9.]+)(\[)?")
ORIGIN = re.compile(rb"<\d+>")
LITERAL_AT_END = re.compile(rb"\{(\d+)\}\r\n$")


class Reader:
    """Of one response, literals and all."""

    def __init__(self, octets):
        self.octets = octets
        self.at = 0

    def accept(self, octets):
        found = self.octets.startswith(octets, self.at)
        self.at += len(octets) if found else 0
        return found

    def take(self, pattern):
        match = pattern.match(self.octets, self.at)
        if not match:
            raise ValueError(f"no {pattern.pattern} at {self.at} of {self.octets[:300]!r}")
        self.at = match.end()
        return match

    def value(self):
        if self.accept(b"("):
            return self.values(b")")
        if self.octets.startswith(b'"', self.at):
            return re.sub(rb"\\(.)", rb"\1", self.take(QUOTED)[1], flags=re.DOTALL)
        if literal := LITERAL.match(self.octets, self.at):
            self.at = literal.end() + int(literal[1])
            if self.at > len(self.octets):
                raise ValueError("a literal longer than the response")
            return self.octets[literal.end():self.at]
        atom = self.take(ATOM)[0].decode("latin-1")
        return None if atom.upper() == "NIL" else atom

    def values(self, end):
        """Up to `end`, which is consumed. Lists follow each other with or without a space."""
        result = []
        while not self.accept(end):
            result.append(self.value())
            self.accept(b" ")
        return result

    def fetch_items(self):
        """name -> value; the name upper case, header fields in it without quotes."""
        items = {}
        if not self.accept(b"("):
            raise ValueError("no list in FETCH")
        while not self.accept(b")"):
            match = self.take(ITEM)
            name = match[1].decode().upper()
            if match[2]:
                name += "[" + spell(self.section()) + "]"
                if origin := ORIGIN.match(self.octets, self.at):
                    self.at = origin.end()
                    name += origin[0].decode()
            self.take(re.compile(b" "))
            if name in items:
                raise ValueError(f"{name} twice")
            items[name] = self.value()
            self.accept(b" ")
        return items

    def section(self):
        match = self.take(re.compile(rb"[^\] ]*"))
        names = []
        if self.accept(b" "):
            names = [self.value()]
        if not self.accept(b"]"):
            raise ValueError("no end of a section")
        return [match[0].decode(), *names]


def spell(section):
    name, *fields = section
    words = [field.decode() if isinstance(field, bytes) else field for group in fields for field in group]
    return (name + (f" ({' '.join(words)})" if fields else "")).upper()


def string(octets):
    """A string as a client sends it: quoted if it may be."""
    if re.fullmatch(rb"[\x20-\x7e]{0,900}", octets):
        return b'"' + re.sub(rb'(["\\])', rb"\\\1", octets) + b'"'
    return b"{%d+}\r\n%s" % (len(octets), octets)


class Answer:
    def __init__(self, status, text, untagged):
        self.status = status      # OK, NO, BAD
        self.text = text
        self.untagged = untagged  # octets of each response, without "* " and the last line end

    def data(self, name):
        """The values of the responses of that name, as "* SEARCH 1 2"."""
        found = []
        for octets in self.untagged:
            if octets.upper().split(b" ")[0].rstrip() == name.encode():
                reader = Reader(octets + b"\r\n")
                reader.at = len(name)
                reader.accept(b" ")
                found.append(reader.values(b"\r\n"))
        return found

    def fetched(self):
        """number -> items, those of several responses for one message put together"""
        messages = {}
        for octets in self.untagged:
            match = re.match(rb"(\d+) FETCH ", octets, re.IGNORECASE)
            if match:
                reader = Reader(octets)
                reader.at = match.end()
                messages.setdefault(int(match[1]), {}).update(reader.fetch_items())
        return messages


class Client:
    """Speaks to a server through two binary files."""

    def __init__(self, reading, writing):
        self.reading, self.writing = reading, writing
        self.count = 0
        self.greeting = self.response()

    def response(self):
        octets = self.line()
        while match := LITERAL_AT_END.search(octets):
            octets += self.exactly(int(match[1])) + self.line()
        return octets

    def line(self):
        line = self.reading.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError(f"the connection ended in {line[-200:]!r}")
        return line

    def exactly(self, size):
        octets = self.reading.read(size)
        if len(octets) != size:
            raise EOFError("the connection ended in a literal")
        return octets

    def command(self, octets):
        """Octets without tag and last line end."""
        self.count += 1
        tag = b"t%d" % self.count
        self.writing.write(tag + b" " + octets + b"\r\n")
        self.writing.flush()
        untagged = []
        while True:
            response = self.response()
            if response.startswith(b"* "):
                untagged.append(response[2:-2])
            elif response.startswith(tag + b" "):
                status, _, text = response[len(tag) + 1:-2].decode("latin-1").partition(" ")
                return Answer(status.upper(), text, untagged)
            else:
                raise ValueError(f"unexpected {response[:200]!r}")
