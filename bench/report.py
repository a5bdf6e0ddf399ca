"""Raw results of bench/compare.sh as tables and a picture.

Usage: report.py DIRECTORY

Reads results.jsonl and machine.json in it, writes report.md and comparison.svg beside them and prints the table. A result
is what postfach_load prints, one JSON object a line; of several with the same server and case the median counts."""
import collections
import json
import os
import statistics
import sys

import picture
from targets import FLAT, MEASURES, rows_for

OURS, DEFAULT, TUNED = "postfach", "dovecot-default", "dovecot-tuned"
TITLES = {OURS: "postfach", DEFAULT: "Dovecot", TUNED: "Dovecot, tuned"}

SETTINGS = {"rounds": "{} rounds", "seconds": "{} s a case", "messages": "{} messages", "users": "{} accounts",
            "quick": "quick run"}

# One row with everything that is shown of it. figures: by server, of the measure that counts, as numbers; ratios
# likewise.
Line = collections.namedtuple("Line", "row figures ratios spread target met failed")


class Results:
    """All runs, by case and server."""

    def __init__(self, lines):
        self.runs = collections.defaultdict(list)
        self.errors = []
        self.cases, self.servers = [], []
        for line in lines:
            if not line.strip():
                continue
            run = json.loads(line)
            for name, names in ((run["case"], self.cases), (run["server"], self.servers)):
                if name not in names:
                    names.append(name)
            if "error" in run:
                self.errors.append(run)
            else:
                self.runs[run["case"], run["server"]].append(run)
        # A case whose results have names of their own ("growth-1k-lmtp") fails under the name it was started by.
        self.cases = [case for case in self.cases
                      if any((case, server) in self.runs for server in self.servers) or
                      not any(other.startswith(case + "-") for other in self.cases)]

    def values(self, case, server, field):
        return [run[field] for run in self.runs.get((case, server), ()) if run.get(field) is not None]

    def median(self, case, server, field):
        values = self.values(case, server, field)
        return statistics.median(values) if values else None

    def spread(self, case, server, field):
        """How far the runs are apart, as a share of their median."""
        values = self.values(case, server, field)
        middle = statistics.median(values) if values else 0
        return (max(values) - min(values)) / middle if len(values) > 1 and middle > 0 else None

    def has_failed(self, case, server):
        return (case, server) not in self.runs and any(
            error["server"] == server and (error["case"] == case or case.startswith(error["case"] + "-"))
            for error in self.errors)


def ratio_of(ours, theirs, more_is_better):
    """How many times better ours is; nothing if one of them could not be measured."""
    if not ours or not theirs or ours < 0 or theirs < 0:
        return None
    return ours / theirs if more_is_better else theirs / ours


def line_for(results, row):
    measure = MEASURES[row.by]
    figures = {server: results.median(row.case, server, measure.field) for server in results.servers}
    ratios = {server: ratio_of(figures.get(OURS), figures[server], measure.more_is_better)
              for server in results.servers if server != OURS}
    spreads = [results.spread(row.case, server, measure.field) for server in results.servers]
    failed = [server for server in results.servers if results.has_failed(row.case, server)]
    wanted, checks = [], []  # a check is None where something was not measured

    def against(server, least):
        ratio = ratios.get(server)
        checks.append(None if ratio is None else ratio >= least)

    if row.ratio:
        wanted.append(f"≥ {row.ratio}×")
        against(DEFAULT, row.ratio)
    for field, most in (("p50_us", row.p50_us), ("p99_us", row.p99_us)):
        if most:
            value = results.median(row.case, OURS, field)
            wanted.append(f"{field[:3]} ≤ {time_text(most)}")
            checks.append(None if value is None else value <= most)
    if row.flat_against:
        small = results.median(row.flat_against, OURS, measure.field)
        flat = ratio_of(figures.get(OURS), small, measure.more_is_better)
        wanted.append(f"flat (± {percent(FLAT)})")
        checks.append(None if flat is None else flat >= (1 - FLAT if measure.more_is_better else 1 / (1 + FLAT)))
    if not wanted:
        wanted.append("ahead")
        against(DEFAULT, 1)
    if row.tuned > 1 and TUNED in results.servers:
        wanted.append(f"tuned ≥ {row.tuned}×")
    if TUNED in results.servers and TUNED not in failed:
        against(TUNED, row.tuned)
    if OURS in failed or False in checks:
        met = False
    else:
        met = None if None in checks or OURS not in results.servers else True
    return Line(row, figures, ratios, max((each for each in spreads if each is not None), default=None),
                ", ".join(wanted), met, failed)


# Numbers as people read them.

def number_text(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def time_text(us):
    for size, unit in ((1e6, "s"), (1e3, "ms")):
        if us >= size:
            return f"{us / size:.3g} {unit}" if us / size < 1000 else f"{us / size:,.0f} {unit}"
    return f"{us:.3g} µs"


def percent(share):
    return f"{100 * share:.0f} %"


def ratio_text(ratio):
    if ratio is None:
        return "–"
    if ratio >= 100:
        return f"{ratio:,.0f}×"
    return f"{ratio:.1f}×" if ratio >= 1 else f"{ratio:.2f}×"


def figure_text(value, by):
    if value is None:
        return "–"
    if by == "rate":
        return f"{number_text(value)}/s"
    if by == "cpu":
        return f"{time_text(value)} CPU"
    return f"{number_text(value)} KiB" if by == "memory" else time_text(value)


def table(header, rows, right=()):
    """Markdown; the columns named in `right` are numbers."""
    rule = ["--:" if name in right else "---" for name in header]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, rule, *rows)) + "\n"


def main_table(results, lines):
    servers = [server for server in (OURS, DEFAULT, TUNED) if server in results.servers]
    against = [server for server in servers if server != OURS]
    short = {DEFAULT: "× Dovecot", TUNED: "× tuned"}
    header = (["Case"] + [TITLES[server] for server in servers] + [short[server] for server in against] +
              ["Spread", "Target", "Met"])
    rows = []
    for line in lines:
        cells = [line.row.title]
        for server in servers:
            cells.append("failed" if server in line.failed else figure_text(line.figures[server], line.row.by))
        cells += [ratio_text(line.ratios[server]) for server in against]
        cells.append("–" if line.spread is None else percent(line.spread))
        cells += [line.target, {True: "yes", False: "**no**", None: "–"}[line.met]]
        rows.append(cells)
    return table(header, rows, header[1:-2])


def full_table(results, lines):
    header = ["Case", "Server", "Ops/s", "Server CPU/op", "Client CPU/op", "p50", "p99", "MiB/s", "KiB/connection",
              "Spread", "Runs", "Note"]
    fields = (("ops_per_s", number_text), ("server_cpu_us_per_op", time_text), ("client_cpu_us_per_op", time_text),
              ("p50_us", time_text), ("p99_us", time_text), ("mib_per_s", number_text),
              ("pss_kib_per_connection", number_text))
    rows = []
    for line in lines:
        case = line.row.case
        for server in results.servers:
            runs = results.runs.get((case, server), ())
            if not runs:
                continue
            cells = [f"`{case}`", TITLES.get(server, server)]
            for field, text in fields:
                value = results.median(case, server, field)
                cells.append("–" if value is None else text(value))
            spread = results.spread(case, server, MEASURES[line.row.by].field)
            notes = dict.fromkeys(run.get("note", "") for run in runs)
            cells += ["–" if spread is None else percent(spread), str(len(runs)),
                      "; ".join(filter(None, notes)).replace("|", "\\|")]
            rows.append(cells)
    return table(header, rows, header[2:-1])


def machine_text(machine):
    """One line; what figures mean depends on it."""
    if not machine:
        return ""
    settings = machine.get("settings", {})
    parts = [machine.get("date"),
             f"{machine.get('cpu')}, {machine.get('cores')} cores, {machine.get('memory_gib')} GiB", machine.get("disk"), machine.get("system"), machine.get("kernel"), f"postfach {machine.get('postfach')}",
             f"Dovecot {machine['dovecot']}" if machine.get("dovecot") else "", machine.get("tls"),
             ", ".join(SETTINGS.get(name, name + " {}").format(value) for name, value in settings.items())]
    return "; ".join(filter(None, parts))


def cipher_text(results, machine):
    """How far FETCH BODY[] is from what its encryption alone would cost."""
    cpu, ops, octets = (results.median("fetch-body", OURS, field)
                        for field in ("server_cpu_us_per_op", "ops_per_s", "mib_per_s"))
    alone = machine.get("aes_gcm_mib_per_s")
    if not alone or not cpu or not ops or not octets:
        return ""
    return (f"\nAES-128-GCM alone comes to {number_text(alone)} MiB/s on one core here; FETCH BODY[] takes "
            f"{cpu * ops / 1e6 / octets * alone:.1f} times as much CPU time for what it sends, the kernel's part of that "
            "included.\n")


def markdown(results, lines, machine):
    met = [line.met for line in lines]
    text = main_table(results, lines)
    text += (f"\n{met.count(True)} of {len(met) - met.count(None)} targets are met. × says how many times better postfach "
             "is: in operations per second, CPU time of the server (with the kernel's part) per operation, memory or "
             "latency, as the figures show. Each figure is the median of all rounds; the spread is that of the server "
             "whose rounds are furthest apart. Everything that postfach acknowledged was synced.\n")
    if machine:
        text += cipher_text(results, machine) + f"\nMeasured on {machine_text(machine)}.\n"
    failures = collections.Counter((error["case"], error["server"], error["error"]) for error in results.errors)
    if failures:
        text += "\nFailed:\n\n" + "".join(f"- `{case}` on {TITLES.get(server, server)}, {count} times: {why}\n"
                                          for (case, server, why), count in failures.items())
    return text, "## All figures\n\n" + full_table(results, lines)


def main(arguments):
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__)
        return 0 if arguments in (["--help"], ["-h"]) else 64
    directory = arguments[0]
    with open(os.path.join(directory, "results.jsonl"), encoding="utf-8") as file:
        results = Results(file)
    machine = {}
    if os.path.exists(os.path.join(directory, "machine.json")):
        with open(os.path.join(directory, "machine.json"), encoding="utf-8") as file:
            machine = json.load(file)
    lines = [line_for(results, row) for row in rows_for(results.cases)]
    short, full = markdown(results, lines, machine)
    with open(os.path.join(directory, "report.md"), "w", encoding="utf-8") as file:
        file.write(short + "\n" + full)
    with open(os.path.join(directory, "comparison.svg"), "w", encoding="utf-8") as file:
        bars = [picture.Bar(line.row.title, line.ratios.get(DEFAULT), line.ratios.get(TUNED), line.row.ratio,
                            ratio_text(line.ratios.get(DEFAULT)), ratio_text(line.ratios.get(TUNED)),
                            *(figure_text(line.figures.get(server), line.row.by) for server in (OURS, DEFAULT)))
                for line in lines if any(line.ratios.values())]
        file.write(picture.draw(bars, machine_text(machine), TUNED in results.servers))
    print(short)
    print(f"All figures: {directory}/report.md, picture: {directory}/comparison.svg", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
