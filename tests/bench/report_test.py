"""bench/report.py makes the right table and picture of results that are known."""
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
import xml.etree.ElementTree

BENCH = os.environ["POSTFACH_BENCH"]
sys.path.insert(0, BENCH)
import report  # noqa: E402  (its place is known only now)

MACHINE = {"date": "2026-11-26", "cpu": "A & B", "cores": 2, "memory_gib": 23.5, "disk": "ext4 on vda (virtual disk)",
           "kernel": "Linux 6.1", "system": "Debian 12", "postfach": "0.1.0", "dovecot": "2.3.19.1", "tls": "TLSv1.3",
           "settings": {"rounds": "2"}}


def result(server, case, **fields):
    return {"server": server, "case": case, "unit": "message", "connections": 1, **fields}


def of_each(case, field, ours, default, tuned, **more):
    """One round."""
    servers = zip(("postfach", "dovecot-default", "dovecot-tuned"), (ours, default, tuned))
    return [result(server, case, **{field: value}, **more) for server, value in servers if value is not None]


class ReportTest(unittest.TestCase):
    def report(self, results):
        """Cells of the short table by title of the row, all of the report, and the picture."""
        with tempfile.TemporaryDirectory() as directory:
            with open(os.path.join(directory, "results.jsonl"), "w", encoding="utf-8") as file:
                file.writelines(json.dumps(each) + "\n" for each in results)
            with open(os.path.join(directory, "machine.json"), "w", encoding="utf-8") as file:
                json.dump(MACHINE, file)
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
                self.assertEqual(report.main([directory]), 0)
            with open(os.path.join(directory, "report.md"), encoding="utf-8") as file:
                full = file.read()
            picture = xml.etree.ElementTree.parse(os.path.join(directory, "comparison.svg"))
        lines = [line for line in printed.getvalue().splitlines() if line.startswith("|")]
        cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        self.header = cells[0]
        return {row[0]: row[1:] for row in cells[2:]}, full, picture

    def row(self, results):
        rows, _, _ = self.report(results)
        self.assertEqual(len(rows), 1)
        return next(iter(rows.values()))

    def met(self, results):
        return self.row(results)[-1]

    def test_a_rate_is_better_if_it_is_higher(self):
        row = self.row(of_each("append-1", "ops_per_s", 5000, 500, 2500))
        self.assertEqual(row, ["5,000/s", "500/s", "2,500/s", "10.0×", "2.0×", "–", "≥ 5×", "yes"])
        self.assertEqual(self.header, ["Case", "postfach", "Dovecot", "Dovecot, tuned", "× Dovecot", "× tuned", "Spread",
                                       "Target", "Met"])

    def test_cpu_time_is_better_if_it_is_lower(self):
        row = self.row(of_each("lmtp-1", "server_cpu_us_per_op", 410, 4100, 1640))
        self.assertEqual(row, ["410 µs CPU", "4.1 ms CPU", "1.64 ms CPU", "10.0×", "4.0×", "–", "≥ 10×", "yes"])

    def test_memory_of_a_connection(self):
        row = self.row(of_each("idle-100", "pss_kib_per_connection", 10.25, 2050, 50))
        self.assertEqual(row, ["10.2 KiB", "2,050 KiB", "50.0 KiB", "200×", "4.9×", "–", "≥ 160×", "yes"])

    def test_a_missed_target(self):
        self.assertEqual(self.met(of_each("lmtp-1", "server_cpu_us_per_op", 420, 4100, 1640)), "**no**")

    def test_behind_the_tuned_one(self):
        row = self.row(of_each("append-1", "ops_per_s", 5000, 500, 6250))
        self.assertEqual(row[4:], ["0.80×", "–", "≥ 5×", "**no**"])

    def test_logins_have_to_be_three_times_better_than_the_tuned_one(self):
        self.assertEqual(self.row(of_each("login-full", "server_cpu_us_per_op", 1000, 27000, 2900))[-2:],
                         ["≥ 10×, tuned ≥ 3×", "**no**"])
        self.assertEqual(self.met(of_each("login-full", "server_cpu_us_per_op", 1000, 27000, 3000)), "yes")

    def test_latencies_have_targets_of_their_own(self):
        def results(p99):
            return [result("postfach", "notify-append", p50_us=1500, p99_us=p99),
                    result("dovecot-default", "notify-append", p50_us=451000, p99_us=500000)]
        self.assertEqual(self.row(results(10_000)), ["1.5 ms", "451 ms", "301×", "–", "p50 ≤ 2 ms, p99 ≤ 10 ms", "yes"])
        self.assertEqual(self.met(results(10_100)), "**no**")

    def test_growth_is_flat_up_to_a_fifth(self):
        def met(rate, cpu):
            rows, _, _ = self.report([
                *of_each("growth-1k-lmtp", "ops_per_s", 1000, 100, 100),
                *of_each("growth-1m-lmtp", "ops_per_s", rate, 100, 100),
                *of_each("growth-1k-fetch", "server_cpu_us_per_op", 10, 30, 30),
                *of_each("growth-1m-fetch", "server_cpu_us_per_op", cpu, 30, 30)])
            return [rows[title][-1] for title in ("Delivery into 1,000,000", "FETCH of 1,000 in 1,000,000")]
        self.assertEqual(met(800, 12), ["yes", "yes"])
        self.assertEqual(met(2000, 5), ["yes", "yes"])
        self.assertEqual(met(790, 12.1), ["**no**", "**no**"])

    def test_the_median_of_the_rounds_counts_and_the_spread_is_told(self):
        rounds = [of_each("append-1", "ops_per_s", *rates) for rates in ((4000, 400, 990), (5000, 500, 1000),
                                                                         (9000, 510, 1010))]
        row = self.row([each for results in rounds for each in results])
        self.assertEqual(row[:6], ["5,000/s", "500/s", "1,000/s", "10.0×", "5.0×", "100 %"])

    def test_what_was_not_measured_is_neither_met_nor_missed(self):
        self.assertEqual(self.met(of_each("append-1", "ops_per_s", 5000, None, 2500)), "–")
        self.assertEqual(self.met(of_each("append-1", "ops_per_s", None, 500, 2500)), "–")
        self.assertEqual(self.met(of_each("append-1", "server_cpu_us_per_op", 1, 500, 2500)), "–")

    def test_one_server_alone(self):
        self.assertEqual(self.row(of_each("append-1", "ops_per_s", 5000, None, None)), ["5,000/s", "–", "≥ 5×", "–"])

    def test_failures_are_told(self):
        results = of_each("append-1", "ops_per_s", None, 500, 2500)
        error = {"server": "postfach", "case": "append-1", "error": "a1 NO Not today"}
        rows, full, _ = self.report([*results, error, error])
        self.assertEqual(rows["APPEND, pipelined"][0], "failed")
        self.assertEqual(rows["APPEND, pipelined"][-1], "**no**")
        self.assertIn("- `append-1` on postfach, 2 times: a1 NO Not today\n", full)

    def test_a_failure_of_a_case_with_several_results(self):
        results = of_each("growth-1m-lmtp", "ops_per_s", 1000, 100, None)
        rows, full, _ = self.report([*results, {"server": "dovecot-tuned", "case": "growth-1m", "error": "timeout"}])
        self.assertEqual(list(rows), ["Delivery into 1,000,000"])
        self.assertEqual(rows["Delivery into 1,000,000"][2], "failed")
        self.assertIn("`growth-1m` on Dovecot, tuned", full)

    def test_an_unknown_case_is_shown(self):
        row = self.report(of_each("append-backwards", "ops_per_s", 5000, 500, 2500))[0]["append-backwards"]
        self.assertEqual(row[-2:], ["ahead", "yes"])

    def test_rows_stand_in_the_order_of_the_table(self):
        rows, _, _ = self.report([*of_each("pop3-retr", "ops_per_s", 4, 2, 1), *of_each("lmtp-1", "ops_per_s", 4, 2, 1)])
        self.assertEqual(list(rows), ["LMTP delivery, 1 connection", "POP3 RETR"])

    def test_all_figures_and_the_machine(self):
        results = of_each("append-1", "ops_per_s", 5000, 500, 2500, server_cpu_us_per_op=310.5, client_cpu_us_per_op=40,
                          p50_us=900, p99_us=12345, mib_per_s=41.25, note="a|b")
        _, full, _ = self.report(results)
        self.assertIn("| `append-1` | postfach | 5,000 | 310 µs | 40 µs | 900 µs | 12.3 ms | 41.2 | – | – | 1 | a\\|b |", full)
        self.assertIn("1 of 1 targets are met", full)
        self.assertIn("A & B, 2 cores, 23.5 GiB; ext4 on vda (virtual disk)", full)

    def test_what_encryption_alone_would_cost(self):
        # 10 µs at 20,000/s are 0.2 s of CPU for 100 MiB, which AES alone does in 0.05 s.
        bodies = of_each("fetch-body", "ops_per_s", 20000, 5000, 5000, server_cpu_us_per_op=10, mib_per_s=100)
        _, full, _ = self.report(bodies)
        self.assertNotIn("AES-128-GCM alone", full)
        with unittest.mock.patch.dict(MACHINE, {"aes_gcm_mib_per_s": 2000}):
            _, full, _ = self.report(bodies)
        self.assertIn("2,000 MiB/s", full)
        self.assertIn("takes 4.0 times", full)

    def test_the_picture(self):
        _, _, picture = self.report([*of_each("append-1", "ops_per_s", 5000, 500, 10000),
                                     *of_each("store-single", "ops_per_s", 300, 3, 30)])
        name = "{http://www.w3.org/2000/svg}"
        texts = [each.text for each in picture.iter(name + "text")]
        for text in ("APPEND, pipelined", "10.0×", "0.50×", "5,000/s : 500/s", "100×"):
            self.assertIn(text, texts)
        bars = {}
        for each in picture.iter(name + "rect"):
            if float(each.get("y", 0)) > 80:
                bars.setdefault(each.get("class"), []).append((float(each.get("x")), float(each.get("width"))))
        (ten_at, ten), (hundred_at, hundred) = bars["default"]
        self.assertEqual(ten_at, hundred_at)
        self.assertAlmostEqual(hundred, 2 * ten, delta=0.2)  # logarithmic
        (behind_at, behind), = bars["behind"]
        self.assertAlmostEqual(behind_at + behind, ten_at, delta=0.2)  # to the left of 1
        self.assertIn("prefers-color-scheme: dark", picture.find(name + "style").text)

    def test_usage(self):
        program = [sys.executable, os.path.join(BENCH, "report.py")]
        self.assertEqual(subprocess.run(program, capture_output=True, timeout=60).returncode, 64)
        self.assertEqual(subprocess.run([*program, "--help"], capture_output=True, timeout=60).returncode, 0)
        for options, status in ((["--help"], 0), (["--nonsense"], 64), (["--case"], 64), (["--server", "exim"], 1),
                                (["--report", "/nowhere"], 1)):
            done = subprocess.run([os.path.join(BENCH, "compare.sh"), *options], capture_output=True, timeout=60)
            self.assertEqual(done.returncode, status, (options, done.stderr))


if __name__ == "__main__":
    unittest.main()
