"""The rows of the report: what each case is called, which of its figures counts, and what postfach wants to reach.

Ratios say how many times better postfach is, so that more is better in every row."""
import collections

# Which figure of a result counts, and whether more of it is better.
Measure = collections.namedtuple("Measure", "field more_is_better")
MEASURES = {
    "rate": Measure("ops_per_s", True),
    "cpu": Measure("server_cpu_us_per_op", False),
    "memory": Measure("pss_kib_per_connection", False),
    "latency": Measure("p50_us", False),
}

# by: a key of MEASURES. ratio: the target against Dovecot with its defaults, tuned: against the tuned one. p50_us,
# p99_us: targets of postfach's own latencies. flat_against: a case of the same kind on a smaller mailbox, than which
# this one may be a fifth worse.
Row = collections.namedtuple("Row", "case title by ratio tuned p50_us p99_us flat_against",
                             defaults=("rate", None, 1, None, None, None))

ROWS = (
    Row("lmtp-1", "LMTP delivery, 1 connection", "cpu", 10),
    Row("lmtp-8", "LMTP delivery, 8 connections", "cpu", 10),
    Row("append-1", "APPEND, pipelined", "rate", 5),
    Row("append-multi", "APPEND, 50 in a command", "rate", 5),
    Row("append-16", "APPEND, 16 connections", "rate", 5),
    Row("append-16-shared", "APPEND, 16 to one mailbox", "rate", 5),
    Row("login-full", "Login, SELECT, LOGOUT", "cpu", 10, 3),
    Row("login-resumed", "The same, TLS resumed", "cpu", 10, 3),
    Row("fetch-all-first", "FETCH ENVELOPE … first time", "cpu", 6),
    Row("fetch-all", "FETCH ENVELOPE … new session", "cpu", 6),
    Row("fetch-flags", "FETCH UID FLAGS", "cpu", 2),
    Row("fetch-body", "FETCH BODY[]", "rate", 3),
    Row("search-subject", "SEARCH SUBJECT", "rate", 5),
    Row("search-from", "SEARCH FROM, index", "rate", 5),
    Row("search-header", "SEARCH HEADER, index", "rate", 5),
    Row("search-text", "SEARCH TEXT, no index", "rate", 10),
    Row("search-body", "SEARCH BODY, no index", "rate", 10),
    Row("search-text-indexed", "SEARCH TEXT, index", "rate", 200),
    Row("search-body-indexed", "SEARCH BODY, index", "rate", 200),
    Row("store-bulk", "STORE 1:* FLAGS.SILENT", "rate", 1),
    Row("store-bulk-answered", "STORE 1:* FLAGS", "rate", 1),
    Row("store-single", "STORE, one by one", "rate", 1),
    Row("store-pipelined", "STORE, pipelined", "rate", 2),
    Row("pop3-retr", "POP3 RETR", "rate", 3),
    Row("pop3-retr-pipelined", "POP3 RETR, pipelined", "rate", 3),
    Row("pop3-login", "POP3 login, STAT, QUIT", "cpu", 10, 3),
    Row("idle-100", "Memory of 100 in IDLE", "memory", 160),
    Row("idle-500", "Memory of 500 in IDLE", "memory", 160),
    Row("idle-5000", "Memory of 5,000 in IDLE", "memory", 160),
    Row("notify-append", "From APPEND to EXISTS", "latency", p50_us=2_000, p99_us=10_000),
    Row("notify-lmtp", "From LMTP to EXISTS", "latency", p50_us=2_000, p99_us=10_000),
    Row("select-100k-first", "SELECT 100,000, first", "latency"),
    Row("select-100k", "SELECT 100,000, next", "latency"),
    Row("select-1m-first", "SELECT 1,000,000, first", "latency", p50_us=60_000),
    Row("select-1m", "SELECT 1,000,000, next", "latency", p50_us=5_000),
    Row("growth-1k-lmtp", "Delivery into 1,000", "rate"),
    Row("growth-10k-lmtp", "Delivery into 10,000", "rate", flat_against="growth-1k-lmtp"),
    Row("growth-100k-lmtp", "Delivery into 100,000", "rate", flat_against="growth-1k-lmtp"),
    Row("growth-1m-lmtp", "Delivery into 1,000,000", "rate", flat_against="growth-1k-lmtp"),
    Row("growth-1k-fetch", "FETCH of 1,000 in 1,000", "cpu"),
    Row("growth-10k-fetch", "FETCH of 1,000 in 10,000", "cpu", flat_against="growth-1k-fetch"),
    Row("growth-100k-fetch", "FETCH of 1,000 in 100,000", "cpu", flat_against="growth-1k-fetch"),
    Row("growth-1m-fetch", "FETCH of 1,000 in 1,000,000", "cpu", flat_against="growth-1k-fetch"),
)
FLAT = 0.2  # how much worse still counts as flat


def rows_for(cases):
    """Rows of these cases: in the order of the table, then those that it does not know."""
    known = [row for row in ROWS if row.case in cases]
    names = {row.case for row in known}
    return known + [Row(case, case) for case in cases if case not in names]
