"""What Dovecot answers differently, and why: each with the rule that makes our answer right, and a test of whether that
rule is about the message at hand. What nothing here explains fails the test."""
import binascii
import collections
import email
import email.utils
import re
import time

from imap_meaning import are_text, is_address, is_multipart, part_of, sections_of

# command: FETCH, SEARCH, SORT, THREAD, LIST or LSUB. item: a FETCH item, the name of a search key, and so on. message:
# its octets. structure: its BODYSTRUCTURE, as we send it. date: its INTERNALDATE, as it was appended. Which place and
# values, is told by each command below.
Difference = collections.namedtuple("Difference", "command item place ours theirs message structure date",
                                    defaults=(None, None, None))


def header_of(message):
    return re.split(rb"\r\n\r\n|^\r\n", message, maxsplit=1)[0] + b"\r\n"


def unfolded(octets):
    return re.sub(rb"\r\n(?=[ \t])", b"", octets)


def fields(message, name):
    """The values of the fields of that name, unfolded."""
    return re.findall(rb"^%s[ \t]*:[ \t]*(.*?)[ \t]*\r$" % re.escape(name), unfolded(header_of(message)),
                      re.IGNORECASE | re.MULTILINE)


def lacks_boundary(message):
    return any(re.match(rb"multipart", value, re.IGNORECASE) and
               not re.search(rb'boundary\s*=\s*"?[^\s"]', value, re.IGNORECASE)
               for value in fields(message, b"Content-Type"))


def has_no_type(message):
    return any(not re.match(rb"[^\s/;]+/[^\s/;]+\s*(;|\(|$)", value) for value in fields(message, b"Content-Type"))


def has_two_semicolons(message):
    return any(re.search(rb";\s*;", value) for value in fields(message, b"Content-Type"))


def is_encoded_message(part):
    return (not is_multipart(part) and part[0] == b"message" and
            part[5].lower() in (b"base64", b"quoted-printable"))


# FETCH. place: the path to values within a list; ours, theirs: the values; theirs is "NO" if
# that is all that came. For BINARY.SIZE, place is the size of what both sent as BINARY.

def folded_space(d):
    return (are_text(d.ours, d.theirs) and re.sub(rb"[ \t]+", b" ", d.ours) == d.theirs and
            d.ours in unfolded(d.message) and d.theirs not in unfolded(d.message))


def invented_address(d):
    invented = {b"MISSING_MAILBOX", b"MISSING_DOMAIN", b"SYNTAX_ERROR"}
    return (is_address(d.ours) and is_address(d.theirs) and bool(invented & {*d.theirs}) and
            all(value in d.message for value in d.ours if value))


def address_as_name(d):
    if not (is_address(d.ours) and is_address(d.theirs)):
        return False
    name, _, mailbox, host = d.ours
    return are_text(name, mailbox, host) and b"%s <%s@%s>" % (name, mailbox, host) in d.message


def are_parts(d):
    return (d.item in ("BODY", "BODYSTRUCTURE") and all(isinstance(each, list) and len(each) > 1 and
                                                        not is_address(each) for each in (d.ours, d.theirs)))


PLAIN = [b"text", b"plain", [(b"charset", b"us-ascii")]]


def invalid_type(d):
    return are_parts(d) and d.ours[:3] == PLAIN and d.theirs[1] == b"" and has_no_type(d.message)


def no_boundary(d):
    return are_parts(d) and d.ours[:3] == PLAIN and is_multipart(d.theirs) and lacks_boundary(d.message)


def two_semicolons(d):
    return are_parts(d) and is_multipart(d.ours) and is_multipart(d.theirs) and has_two_semicolons(d.message)


def section(d):
    """Part specifier of BODY[...] or BINARY[...], without its text; None for other items."""
    match = re.match(r"(?:BODY|BINARY|BINARY\.SIZE)\[((?:\d+\.?)*)", d.item)
    return match and match[1].rstrip(".")


# The end of a multipart, with nothing between it and the next delimiter.
ENDS_AT_DELIMITER = re.compile(rb"^--.+--\r\n--", re.MULTILINE)


def line_end_of_delimiter(d):
    if not ENDS_AT_DELIMITER.search(d.message):
        return False
    if isinstance(d.ours, str) and isinstance(d.theirs, str) and d.ours.isdigit() and d.theirs.isdigit():
        return int(d.theirs) - int(d.ours) in (1, 2)  # lines or octets
    return are_text(d.ours, d.theirs) and d.ours.endswith(b"--") and d.theirs == d.ours + b"\r\n"


def section_of_other_structure(d):
    """What is in the parts follows from a structure that an explanation above is about."""
    if not section(d) or not (lacks_boundary(d.message) or has_two_semicolons(d.message)):
        return False
    return not isinstance(d.ours, bytes) or all(line in d.message for line in d.ours.split(b"\r\n"))


def no_such_part(d):
    return bool(section(d)) and section(d) not in sections_of(d.structure) and d.ours == b""


def encoded_message(d):
    parts = [part_of(d.structure, path) for path in (section(d), (section(d) or "").rpartition(".")[0]) if path]
    if not any(part and is_encoded_message(part) for part in parts):
        return False
    if d.item.startswith("BINARY["):
        return "<" in d.item or binascii.b2a_base64(d.ours)[:-1] in d.message
    return d.item.startswith("BINARY.SIZE") or d.ours == b""


def no_empty_line(d):
    return "HEADER" in d.item and b"\r\n\r\n" not in d.message and d.theirs == d.ours + b"\r\n"


def not_encoded_so(d):
    part = part_of(d.structure, section(d)) if d.item.startswith("BINARY") else None
    return bool(part) and d.theirs == "NO" and part[5].lower() in (b"base64", b"quoted-printable")


def size_of_what_is_sent(d):
    return d.item.startswith("BINARY.SIZE") and d.place != () and int(d.ours) == d.place != int(d.theirs)


def first_field(d):
    names = {(0,): b"Date", (1,): b"Subject"}
    if d.item != "ENVELOPE" or d.place not in names:
        return False
    values = fields(d.message, names[d.place])
    return len(values) > 1 and (d.ours, d.theirs) == (values[0], values[-1])


def encoding_without_type(d):
    encodings = [value.lower() for value in fields(d.message, b"Content-Transfer-Encoding")]
    return (d.item in ("BODY", "BODYSTRUCTURE") and are_text(d.ours) and [d.ours.lower()] == encodings and
            d.theirs == b"7bit" and not fields(d.message, b"Content-Type"))


def empty_disposition(d):
    return (d.item == "BODYSTRUCTURE" and d.ours is None and d.theirs == [b"", None] and
            fields(d.message, b"Content-Disposition") == [b""])


def preview(d):
    if d.item != "PREVIEW":
        return False
    # Words of ours, of which the last one may be cut, are in what the message says.
    words = re.findall(rb"[A-Za-z]{3,}", d.ours or b"")[:-1]
    texts = [part.get_payload(decode=True) or b"" for part in email.message_from_bytes(d.message).walk()
             if not part.is_multipart()]
    return all(any(word in text for text in [d.message, *texts]) for word in words)


FETCH = [
    ("RFC 5322 §2.2.3: unfolding removes the line end and nothing else", folded_space),
    ("RFC 9051 §7.5.2: an address has what was written; no word of the server's stands for what is missing",
     invented_address),
    ("RFC 5322 §3.4: before an angle-addr everything is a name, also what looks like an address", address_as_name),
    ("RFC 2045 §5.2: a Content-Type that is no type means text/plain in US-ASCII", invalid_type),
    ("RFC 2046 §5.1.1: a multipart has a boundary; RFC 2045 §5.2: without it, it is text/plain", no_boundary),
    ("RFC 2046 §5.1.1: a boundary counts, although RFC 2045 §5.1 knows no two semicolons before it", two_semicolons),
    ("RFC 2046 §5.1.1: the line end before a delimiter is part of the delimiter", line_end_of_delimiter),
    ("RFC 9051 §6.4.5.1: sections are those of BODYSTRUCTURE, which differs", section_of_other_structure),
    ("RFC 9051 §6.4.5.1: a part that is no multipart and no message has no part 1 in it", no_such_part),
    ("RFC 2046 §5.2.1: a message/rfc822 is not encoded; one that is, is a part like any other", encoded_message),
    ("RFC 9051 §6.4.5.1: no empty line from a message that has none", no_empty_line),
    ("RFC 2045 §6.8, §6.7: base64 passes over what is not of its alphabet, quoted-printable lets it stand",
     not_encoded_so),
    ("RFC 9051 §6.4.5 BINARY.SIZE: the size of what BINARY sends (theirs too)", size_of_what_is_sent),
    ("RFC 5322 §3.6: a field that is there once; the first one counts", first_field),
    ("RFC 2045 §6.1: the encoding is that of the field, also without a Content-Type", encoding_without_type),
    ("RFC 2183 §2: a disposition has a type", empty_disposition),
    ("RFC 8970 §3.3: the server chooses what to show of the text", preview),
]


# SEARCH. place: what is looked for; ours, theirs: whether the message was found. For keys in NOT, OR and lists, place:
# what follows from our and from their answers to each key; ours, theirs: all that was found.

def keys_differ(d):
    return d.item == "nest" and [d.ours, d.theirs] == d.place


def contradicts_itself(d):
    return d.item == "nest" and d.ours == d.place[0] and d.theirs != d.place[1]


def is_utf8(octets):
    try:
        octets.decode("utf-8")
        return True
    except UnicodeDecodeError:
        return False


def only_ours(d):
    return d.ours and not d.theirs


def only_theirs(d):
    return d.theirs and not d.ours


def no_date(d):
    dates = fields(d.message, b"Date")
    return (d.item == "SENTBEFORE" and only_theirs(d) and
            (not dates or email.utils.parsedate_tz(dates[0].decode("latin-1")) is None))


def day_as_written(d):
    if d.item not in ("ON", "BEFORE", "SINCE") or d.date.endswith("+0000"):
        return False
    written, wanted = (time.strptime(text[:11], "%d-%b-%Y") for text in (d.date, d.place))
    return d.ours == {"ON": written == wanted, "BEFORE": written < wanted, "SINCE": written >= wanted}[d.item]


def first_date(d):
    return d.item in ("SENTON", "SENTBEFORE", "SENTSINCE") and len(fields(d.message, b"Date")) > 1


ADDRESSES = ("FROM", "TO", "CC", "BCC")


def brackets(d):
    return (d.item in ADDRESSES and only_theirs(d) and re.search(rb"[<>]", d.place) and
            not any(d.place.lower() in value.lower() for value in fields(d.message, d.item.encode())))


def invented_text(d):
    return (d.item in ADDRESSES and only_theirs(d) and
            any(d.place.upper() in word for word in (b"MISSING_MAILBOX", b"MISSING_DOMAIN", b"SYNTAX_ERROR")))


def in_encoded_word(d):
    return (d.item in ADDRESSES and only_theirs(d) and
            re.search(rb"=\?[^?]*(\?[^?]*)?%s" % re.escape(d.place), b" ".join(fields(d.message, d.item.encode())),
                      re.IGNORECASE))


def full_case_folding(d):
    return isinstance(d.place, bytes) and only_ours(d) and "SS" in d.place.decode("utf-8", "replace")


def loses_last_letter(octets):
    """Windows-1255 has letters that the next one may change: Dovecot forgets the one that waits at the end."""
    return re.search(rb"=\?windows-1255\?", octets, re.IGNORECASE)


def last_letter(d):
    return (d.item in ("SUBJECT", "TEXT") and only_ours(d) and loses_last_letter(d.message) and
            d.place.decode("utf-8", "replace") in "שלום עולם")


def unknown_encoding(d):
    return (d.item in ("BODY", "TEXT") and only_ours(d) and d.place.lower() in d.message.lower() and
            fields(d.message, b"Content-Transfer-Encoding") == [b"uuencode"])


def octets_that_are_not_utf8(d):
    return d.item == "TEXT" and only_ours(d) and any(
        d.place.decode("utf-8", "replace").lower() in line.decode("windows-1252", "replace").lower()
        for line in header_of(d.message).split(b"\r\n") if not is_utf8(line))


def text_of_other_type(d):
    return (d.item in ("BODY", "TEXT") and only_ours(d) and d.place.lower() in d.message.lower() and
            (has_no_type(d.message) or lacks_boundary(d.message) or has_two_semicolons(d.message)))


def text_of_encoded_message(d):
    return (d.item in ("BODY", "TEXT") and only_ours(d) and
            any(is_encoded_message(part) for part in sections_of(d.structure).values()) and
            any(d.place.lower() in from_base64(line).lower() for line in d.message.split(b"\r\n")))


def from_base64(line):
    try:
        return binascii.a2b_base64(line)
    except binascii.Error:
        return b""


SEARCH = [
    ("RFC 9051 §6.4.4: what is found with several keys follows from what each of them finds, which differs",
     keys_differ),
    ("RFC 9051 §6.4.4: what is found with several keys follows from what each of them finds (not so theirs)",
     contradicts_itself),
    ("RFC 9051 §6.4.4 SENTBEFORE: a Date: field that is not there is not earlier", no_date),
    ("RFC 9051 §6.4.4: the zone of INTERNALDATE is disregarded, the day is that which was written", day_as_written),
    ("RFC 5322 §3.6: a Date: field that is there once; the first one counts", first_date),
    ("RFC 9051 §6.4.4 FROM: what is not written in the field is not found", brackets),
    ("RFC 9051 §6.4.4 FROM: what the server invented is not in the field", invented_text),
    ("RFC 9051 §6.4.4: encoded words are compared decoded", in_encoded_word),
    ("RFC 9051 §6.4.4: the server defines case beyond ASCII; ours is all of Unicode's folding", full_case_folding),
    ("RFC 2047 §2: an encoded word has all of its letters", last_letter),
    ("RFC 9051 §6.4.4 BODY: what can't be decoded is searched as it is", unknown_encoding),
    ("RFC 6532 §3.2: a header is UTF-8; what is not is read as the charset that it most often is",
     octets_that_are_not_utf8),
    ("RFC 2045 §5.2, RFC 9051 §6.4.4 BODY: what can't be read as another type is text", text_of_other_type),
    ("RFC 9051 §6.4.4 BODY: content is searched decoded, that of an encoded message too", text_of_encoded_message),
]


# LIST, LSUB. place: reference, pattern (or all that an extended LIST says) and mailbox; ours, theirs: its attributes,
# None if it is not listed.

CHILDREN = {"\\haschildren", "\\hasnochildren"}
SPECIAL_USES = {"\\archive", "\\drafts", "\\junk", "\\sent", "\\trash"}


def superior(d):
    return (d.place[2] in ("x", "x/y", "trailing") and None not in (d.ours, d.theirs) and
            {*d.theirs} - {*d.ours} == {"\\noselect"} and {*d.ours} - {*d.theirs} <= CHILDREN)


def unselectable(d):
    return d.command == "LSUB" and d.place[2] == "a/gone" and (d.ours, d.theirs) == (["\\noselect"], [])


def spelling_of_inbox(d):
    _, pattern, name = d.place
    return pattern == "inbox" and (d.ours is None if name == "INBOX" else name == "inbox" and d.theirs is None)


def root_name(d):
    return d.place[:2] == ("a/", "") and (d.ours is None if d.place[2] == "a/" else d.place[2] == "")


def pattern_behind_reference(d):
    reference, pattern, name = d.place
    return bool(reference) and pattern.startswith("/") and d.theirs is None and name.startswith(reference + "/")


def more_attributes(d):
    if None in (d.ours, d.theirs) or "(" not in d.place[1]:
        return False
    unasked = (set() if "CHILDREN" in d.place[1] else CHILDREN) | (set() if "SPECIAL" in d.place[1] else SPECIAL_USES)
    return {*d.theirs} < {*d.ours} and {*d.ours} - {*d.theirs} <= unasked


LIST = [
    ("RFC 9051 §6.3.4: superior names are created as well; a delimiter at the end only declares a name", superior),
    ("RFC 9051 §6.3.9.5, RFC 6154 §2: the server may tell children and special uses that nobody asked for",
     more_attributes),
    ("RFC 3501 §6.3.9: a subscribed name that can't be selected", unselectable),
    ("RFC 9051 §6.3.9: a name that is answered matches the pattern, INBOX in any spelling", spelling_of_inbox),
    ("RFC 9051 §6.3.9: the root of a reference that is not rooted may be the empty string", root_name),
    ("RFC 9051 §6.3.9: the reference is the context of a pattern, whatever that begins with",
     pattern_behind_reference),
]

EXPLANATIONS = {"FETCH": FETCH, "SEARCH": SEARCH, "SORT": [], "THREAD": [], "LIST": LIST, "LSUB": LIST}


def explain(difference):
    """The first rule that is about it, or nothing."""
    return next((rule for rule, applies in EXPLANATIONS[difference.command] if applies(difference)), None)
