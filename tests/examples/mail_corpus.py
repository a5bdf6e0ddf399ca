"""Messages to compare servers with: some of every kind, the same ones for the same seed."""
import base64
import email.utils
import mailbox
import os
import quopri
import random
import re

WORDS = """alpha bridge candle delta ember forest garden harbour island juniper kettle lantern meadow north orchard
pepper quarry river saddle timber under valley window yellow zephyr invoice meeting report budget holiday""".split()
# Words in many scripts, and charsets that can write them.
FOREIGN = [("Grüße aus Köln", ("utf-8", "iso-8859-1", "iso-8859-15", "windows-1252")),
           ("naïve café", ("utf-8", "iso-8859-1", "windows-1252")),
           ("Žluťoučký kůň", ("utf-8", "iso-8859-2", "windows-1250")),
           ("привет мир", ("utf-8", "koi8-r", "windows-1251", "iso-8859-5")),
           ("καλημέρα κόσμε", ("utf-8", "iso-8859-7", "windows-1253")),
           ("こんにちは世界", ("utf-8", "iso-2022-jp", "shift_jis", "euc-jp")),
           ("你好世界", ("utf-8", "gb2312", "big5")),
           ("안녕하세요", ("utf-8", "euc-kr")),
           ("שלום עולם", ("utf-8", "iso-8859-8", "windows-1255"))]
ZONES = ("+0000", "+0200", "-0530", "-0800", "+1345", "GMT", "EST", "PDT")
ADDRESSES = [b"ann@example.org", b"Ann Lee <ann@example.org>", b'"Lee, Ann" <ann@example.org>', b"<bob@example.net>",
             b"bob@example.net (Bob Ray)", b'"b o b"@example.net', b"Carl =?utf-8?q?M=C3=BCller?= <carl@example.com>",
             b"dora@[192.0.2.7]", b"Friends: ann@example.org, Bob <bob@example.net>;", b"undisclosed-recipients:;",
             b"ann@example.org, bob@example.net, <carl@example.com>",
             b"Eve <@relay.example,@hop.example:eve@example.org>",
             b'"quoted \\" quote" <q@example.org>', b"a.b.c@example.org", b"Ann\r\n Lee <ann@example.org>",
             b"Empty:;, ann@example.org", b"J. Q. Public <jq@example.org>"]


class Corpus:
    def __init__(self, seed, count):
        self.random = random.Random(seed)
        self.identifiers = []  # (Message-ID, subject, References)
        self.messages = [self.message(i) for i in range(count)]

    def message(self, i):
        kinds = (self.plain, self.encoded, self.mixed, self.alternative, self.nested, self.forwarded, self.digest,
                 self.attachment, self.eight_bit, self.long_lines, self.odd, self.binary)
        self.round = i // len(kinds)
        content = kinds[i % len(kinds)]()
        fields = self.fields(i)
        self.random.shuffle(fields)
        return b"".join(field + b"\r\n" for field in fields) + content

    def words(self, count):
        return " ".join(self.random.choice(WORDS) for _ in range(count))

    def text(self, lines=4):
        return b"".join(self.words(self.random.randrange(1, 9)).encode() + b"\r\n" for _ in range(lines))

    def foreign(self):
        text, charsets = self.random.choice(FOREIGN)
        return text, self.random.choice(charsets)

    def encoded_word(self):
        text, charset = self.foreign()
        octets = text.encode(charset)
        if self.random.random() < 0.5:
            return f"=?{charset}?B?{base64.b64encode(octets).decode()}?=".encode()
        quoted = "".join(chr(o) if chr(o).isalnum() and o < 128 else f"={o:02X}" for o in octets)
        return f"=?{charset.upper()}?q?{quoted}?=".encode()

    def subject(self):
        kind = self.random.randrange(6)
        if kind == 0:
            return self.encoded_word()
        if kind == 1:
            return self.encoded_word() + b"\r\n " + self.encoded_word() + b" " + self.words(1).encode()
        if kind == 2:
            return b"[list] " + self.words(2).encode()
        if kind == 3:
            return self.words(3).encode() + b"\r\n\t" + self.words(1).encode()
        return self.words(self.random.randrange(1, 3)).encode()

    def date(self):
        # Seconds of 1995 to 2037; some without the name of the day, without seconds, or with a comment.
        when = self.random.randrange(790_000_000, 2_130_000_000)
        text = email.utils.formatdate(when)[:-6]
        if self.random.random() < 0.2:
            text = text[5:]
        if self.random.random() < 0.1:
            text = text[:-3]
        text += " " + self.random.choice(ZONES)
        return (text + " (comment)" if self.random.random() < 0.1 else text).encode()

    def fields(self, i):
        choose = self.random.choice
        subject, references, fields = self.subject(), [], []
        if self.identifiers and self.random.random() < 0.55:
            parent, subject, above = choose(self.identifiers[-12:])
            references = [*above, parent]
            prefix = choose((b"Re: ", b"RE: ", b"Fwd: ", b"Re: [list] ", b"re: Re: ", b"", b"Was: "))
            subject = prefix + subject + choose((b"", b"", b" (fwd)"))
            style = self.random.randrange(4)
            if style < 3:
                fields.append(b"References: " + b"\r\n ".join(references))
            if style > 1:
                fields.append(b"In-Reply-To: " + parent)
        identifier = b"<%d.%d@mail.example>" % (i, self.random.randrange(10 ** 6))
        self.identifiers.append((identifier, subject, references))
        if self.random.random() < 0.93:
            fields.append(b"Message-ID: " + identifier)
        if self.random.random() < 0.93:
            fields.append(b"Subject: " + subject)
        if self.random.random() < 0.9:
            fields.append(b"Date: " + self.date())
        fields.append(b"From: " + choose(ADDRESSES[:8]))
        for name, chance in ((b"To", 0.9), (b"Cc", 0.4), (b"Bcc", 0.1), (b"Sender", 0.2), (b"Reply-To", 0.2)):
            if self.random.random() < chance:
                fields.append(name + b": " + choose(ADDRESSES))
        for name in (b"X-Mark", b"Received", b"X-Long-Name-Of-A-Field"):
            if self.random.random() < 0.5:
                folded = choose((b"", b"\r\n folded " + choose(ADDRESSES[:2])))
                fields.append(name + b": " + self.words(2).encode() + folded)
        if self.random.random() < 0.7:
            fields.append(b"MIME-Version: 1.0")
        return fields

    # What follows the fields: those of the content, an empty line and the body.

    def plain(self):
        return b"\r\n" + self.text(self.random.randrange(0, 12))

    def encoded(self):
        text, charset = self.foreign()
        octets = (text + " " + self.words(3)).encode(charset) + b"\r\n"
        header = b"Content-Type: text/plain; charset=" + self.random.choice((b'"%s"', b"%s")) % charset.encode()
        if self.random.random() < 0.5:
            return header + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64_lines(octets)
        quoted = quopri.encodestring(octets.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
        return header + b"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + quoted

    def part(self):
        return self.random.choice((self.plain, self.encoded, self.attachment, self.typed))()

    def multipart(self, subtype, parts, extra=b""):
        boundary = b"=_%x" % self.random.randrange(1 << 40)
        preamble = self.random.choice((b"", b"This is MIME.\r\n"))
        epilogue = self.random.choice((b"", b"The end.\r\n"))
        body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
        return (b'Content-Type: multipart/%s; boundary="%s"%s\r\n\r\n' % (subtype, boundary, extra) + preamble + body +
                b"--" + boundary + b"--\r\n" + epilogue)

    def mixed(self):
        return self.multipart(b"mixed", [self.part() for _ in range(self.random.randrange(1, 4))])

    def alternative(self):
        html = b"Content-Type: text/html; charset=us-ascii\r\n\r\n<p>%s</p>\r\n" % self.words(5).encode()
        return self.multipart(b"alternative", [self.plain(), html])

    def nested(self, depth=0):
        inner = [self.part()]
        if depth < 4:
            inner.append(self.nested(depth + 1))
        return self.multipart(self.random.choice((b"mixed", b"related", b"parallel", b"signed")), inner,
                              b';\r\n type="text/html"; micalg=pgp-sha1')

    def inner_message(self):
        kind = self.random.choice((self.plain, self.encoded, self.mixed, self.alternative))
        return b"Subject: " + self.subject() + b"\r\nFrom: " + self.random.choice(ADDRESSES) + b"\r\n" + kind()

    def forwarded(self):
        header = b"Content-Type: message/rfc822\r\nContent-Description: " + self.words(2).encode() + b"\r\n\r\n"
        if self.random.random() < 0.3:
            return header + self.inner_message()
        return self.multipart(b"mixed", [self.plain(), header + self.inner_message()])

    def digest(self):
        plain = b"Content-Type: text/plain\r\n\r\n" + self.text(1)
        return self.multipart(b"digest", [b"\r\n" + self.inner_message(), plain])

    def typed(self):
        return (b"Content-Type: TEXT/X-Odd; Format=flowed; delsp=yes\r\nContent-ID: <part.%d@mail.example>\r\n"
                b"Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\r\nContent-Language: en, de\r\n"
                b"Content-Location: http://example.org/a%%20b\r\n\r\n" % self.random.randrange(1000) + self.text(2))

    def attachment(self):
        name = self.random.choice((b"filename=report.pdf", b'filename="two words.pdf"',
                                   b"filename*=utf-8''Gr%C3%BC%C3%9Fe.pdf", b'filename="=?utf-8?q?Gr=C3=BC=C3=9Fe?="',
                                   b'filename*0="part one ";\r\n filename*1="part two.pdf"',
                                   b"filename*0*=utf-8''%C3%BC;\r\n filename*1*=%C3%9F;\r\n filename*2=.pdf"))
        octets = self.random.randbytes(self.random.randrange(0, 400))
        return (b"Content-Type: application/octet-stream; name=x\r\nContent-Disposition: attachment; " + name +
                b"; size=%d\r\nContent-Transfer-Encoding: BASE64\r\n\r\n" % len(octets) +
                base64_lines(octets))

    def eight_bit(self):
        text, charset = self.foreign()
        return (b"Content-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" % charset.encode() +
                text.encode(charset) + b"\r\n" + self.text(1))

    def long_lines(self):
        line = b" ".join(self.text(1)[:-2] for _ in range(60))
        return b"Content-Type: text/plain\r\n\r\n" + line + b"\r\n" + self.text(2)

    def binary(self):
        return b"Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n" + bytes(
            self.random.choice([*range(1, 10), 11, 12, *range(14, 256)]) for _ in range(200))

    # Each of these is wrong in some way.
    ODD = (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nno end of %s\r\n",
           b"Content-Type: multipart/mixed; boundary=b\r\n\r\nno parts of %s\r\n",
           b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b\r\n\r\n%s\r\n--b--\r\n",
           b"Content-Type: multipart/mixed\r\n\r\nno boundary %s\r\n",
           b"Content-Type: text\r\n\r\n%s\r\n",
           b"Content-Type: /\r\n\r\n%s\r\n",
           b"Content-Type: text/plain; charset\r\n\r\n%s\r\n",
           b"Content-Type: text/plain; charset=; x=y\r\n\r\n%s\r\n",
           b"Content-Type: text/plain charset=us-ascii\r\n\r\n%s\r\n",
           b"Content-Type: text/plain; charset=nowhere-7\r\n\r\n%s\r\n",
           b"Content-Type: text/plain; (comment) charset=(more) us-ascii\r\n\r\n%s\r\n",
           b"Content-Transfer-Encoding: uuencode\r\n\r\n%s\r\n",
           b"Content-Transfer-Encoding: base64\r\n\r\n%s!\r\n",
           b"Content-Transfer-Encoding: quoted-printable\r\n\r\n%s =\r\n=ZZ=\r\n",
           b"Content-Disposition: \r\n\r\n%s\r\n",
           b"Content-Disposition: attachment; filename=a b; size\r\n\r\n%s\r\n",
           b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogeA0KDQp5DQo=\r\n%.0s",
           b"no colon here\r\n\r\n%s\r\n",
           b"X-Empty:\r\n: no name\r\n\r\n%s\r\n",
           b"Subject: a second one\r\nFrom: eve@example.org\r\nDate: nonsense\r\n\r\n%s\r\n",
           b"X-No-Body: %s\r\n",
           b"X-No-Line-End: %s",
           b"X-Eight-Bit: gr\xfc\xdfe\r\n\r\n%s\r\n",
           b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=ab\r\n\r\n"
           b"--ab\r\n\r\n%s\r\n--ab--\r\n--a--\r\n")

    def odd(self):
        return self.ODD[self.round % len(self.ODD)] % self.words(2).encode()


def base64_lines(octets):
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")


def with_crlf(octets):
    """Line ends as they are in transport."""
    return re.sub(rb"\r?\n", b"\r\n", octets)


def messages_of(directory):
    """Those of each file below: a mailbox in mbox format, or one message."""
    for parent, directories, names in os.walk(directory):
        directories.sort()
        for name in sorted(names):
            path = os.path.join(parent, name)
            with open(path, "rb") as file:
                octets = file.read()
            if octets.startswith(b"From "):
                box = mailbox.mbox(path, create=False)
                yield from (with_crlf(box.get_bytes(key)) for key in box.keys())
                box.close()
            else:
                yield with_crlf(octets)
