"""What values of FETCH items mean, without what is for a server to choose, and where two of them differ."""
import email.utils


def pairs(parameters):
    """RFC 2045 §5.1: their order is not significant, nor the case of their names."""
    if parameters is None:
        return None
    return sorted((name.lower(), value) for name, value in zip(parameters[::2], parameters[1::2], strict=True))


def disposition(value):
    return None if value is None else [value[0].lower(), pairs(value[1])]


def extension(values):
    """Disposition, language and location, as far as they are there."""
    if not values:
        return []
    languages = values[1:2]
    if languages and isinstance(languages[0], bytes):
        languages = [languages]  # RFC 9051 §9 body-fld-lang: a string or a list
    return [disposition(values[0]), *languages, *values[2:]]


def structure(value):
    """Of BODY and BODYSTRUCTURE (RFC 9051 §7.5.2). A multipart: [parts, subtype, parameters ...]. Another part: [type,
    subtype, parameters, id, description, encoding, octets, what its type has besides ...]."""
    if isinstance(value[0], list):
        count = next(i for i, each in enumerate(value) if not isinstance(each, list))
        parameters = [pairs(value[count + 1])] if len(value) > count + 1 else []
        return [[structure(part) for part in value[:count]], value[count].lower(), *parameters,
                *extension(value[count + 2:])]
    kind = [value[0].lower(), value[1].lower()]
    own, rest = [], value[7:]
    if kind[0] == b"message" and len(rest) > 2 and isinstance(rest[0], list):
        own, rest = [rest[0], structure(rest[1]), rest[2]], rest[3:]
    elif kind[0] == b"text":
        own, rest = rest[:1], rest[1:]
    return [*kind, pairs(value[2]), *value[3:7], own, *rest[:1], *extension(rest[1:])]


def meaning(item, value):
    if item == "FLAGS":  # RFC 9051 §2.3.2: in any case and order; \Recent belongs to the session
        return sorted(flag.lower() for flag in value if flag.lower() != "\\recent")
    if item == "INTERNALDATE":  # in any zone
        return int(email.utils.parsedate_to_datetime(value.strip().decode().replace("-", " ", 2)).timestamp())
    if item in ("BODY", "BODYSTRUCTURE"):
        return structure(value)
    return value


def are_text(*values):
    return all(isinstance(value, bytes) for value in values)


def is_multipart(part):
    return isinstance(part[0], list)


def sections_of(part, path=""):
    """Part specifier -> part, of the message whose body this is."""
    found = {}
    parts = part[0] if is_multipart(part) else [part]
    for number, each in enumerate(parts, 1):
        name = f"{path}{number}"
        found[name] = each
        if is_multipart(each):
            found.update(sections_of(each, name + "."))
        elif len(each[7]) == 3:  # a message: envelope, structure, lines
            found.update(sections_of(each[7][1], name + "."))
    return found


def part_of(whole, path):
    return sections_of(whole).get(path)


def is_address(value):
    return isinstance(value, list) and len(value) == 4 and all(v is None or isinstance(v, bytes) for v in value)


def kind_of(value):
    """Values of different kinds differ as a whole: addresses, parts of different types, lists of different lengths."""
    if not isinstance(value, list) or not value or is_address(value):
        return None
    if len(value) in (8, 12) and are_text(*value[:2]):
        return (value[0], value[1], len(value))
    return (len(value), len(value[0]) if isinstance(value[0], list) and not is_address(value[0]) else 0)


def differences(ours, theirs, place=()):
    """(place, ours, theirs) of the smallest values that differ."""
    if ours == theirs:
        return
    if kind_of(ours) is None or kind_of(ours) != kind_of(theirs):
        yield place, ours, theirs
        return
    for i, (one, other) in enumerate(zip(ours, theirs)):
        yield from differences(one, other, (*place, i))
