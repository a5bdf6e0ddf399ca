"""Describes the machine and what was measured with, as one JSON object: figures mean nothing without it."""
import argparse
import datetime
import json
import os
import platform
import re
import subprocess


def output_of(*command):
    """The first line, or nothing if there is no such program."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return ""
    return done.stdout.strip().splitlines()[0] if done.returncode == 0 and done.stdout.strip() else ""


def first_match(path, pattern):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            found = re.search(pattern, file.read(), re.MULTILINE)
    except OSError:
        return ""
    return found.group(1).strip() if found else ""


def disk_of(directory):
    """What the directory lies on: "ext4 on vda (virtual disk)"."""
    mount = output_of("findmnt", "--noheadings", "--output", "FSTYPE,SOURCE", "--target", directory).split()
    if len(mount) < 2:
        return "unknown"
    disk = output_of("lsblk", "--noheadings", "--nodeps", "--output", "PKNAME", mount[1])  # of a partition
    name = disk.strip() or os.path.basename(mount[1])
    block = f"/sys/block/{name}"
    if name.startswith("vd"):
        kind = "virtual disk"
    elif name.startswith("nvme"):
        kind = "NVMe"
    else:
        kind = {"0": "SSD", "1": "rotating disk"}.get(first_match(f"{block}/queue/rotational", r"^(\d)"), "unknown")
    model = first_match(f"{block}/device/model", r"^(.+)$")
    return f"{mount[0]} on {name} ({', '.join(filter(None, (kind, model)))})"


def aes_gcm_mib_per_s():
    """What AES-128-GCM alone comes to on one core, in records of TLS; 0 if that can't be told."""
    try:
        done = subprocess.run(("openssl", "speed", "-elapsed", "-seconds", "2", "-bytes", "16384", "-evp", "aes-128-gcm"),
                              capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return 0
    found = re.search(r"^aes-128-gcm\s+([\d.]+)k", done.stdout, re.MULTILINE | re.IGNORECASE)
    return round(float(found.group(1)) * 1000 / 2**20) if found else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", default="/var/tmp")
    parser.add_argument("--dovecot", default="")
    parser.add_argument("--tls", default="")
    parser.add_argument("settings", nargs="*", help="NAME=VALUE of the run")
    arguments = parser.parse_args()
    here = os.path.dirname(os.path.abspath(__file__))
    memory = int(first_match("/proc/meminfo", r"^MemTotal:\s+(\d+)") or 0)
    commit = output_of("git", "-C", here, "describe", "--always", "--dirty", "--abbrev=10")
    version = first_match(os.path.join(here, "..", "CMakeLists.txt"), r"project\(postfach VERSION (\S+)")
    print(json.dumps({
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "cpu": first_match("/proc/cpuinfo", r"^model name\s*:\s*(.+)$") or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**20, 1),
        "disk": disk_of(arguments.directory),
        "kernel": f"{platform.system()} {platform.release().split('-')[0]}",
        "system": first_match("/etc/os-release", r'^PRETTY_NAME="?([^"\n]+)'),
        "postfach": " ".join(filter(None, (version, f"({commit})" if commit else ""))),
        "dovecot": output_of(arguments.dovecot, "--version") if arguments.dovecot else "",
        "tls": arguments.tls,
        "aes_gcm_mib_per_s": aes_gcm_mib_per_s(),
        "settings": dict(each.split("=", 1) for each in arguments.settings),
    }, indent=1))


if __name__ == "__main__":
    main()
