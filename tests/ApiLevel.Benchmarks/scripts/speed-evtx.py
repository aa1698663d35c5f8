#!/usr/bin/env python3
"""Reading speed beside evtxexport and python3-evtx, in one run on the same logs.

    speed-evtx.py [--runner "dotnet .../ApiLevel.Benchmarks.dll"] [--python-files N] FILE_OR_FOLDER...

evtxexport writes its text to nowhere; python3-evtx makes the XML of each record, as it has no records otherwise; ours reads to
record objects with converted fields, and once more to XML. Only logs that evtxexport reads to their end are used.
"""
import argparse
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
RUNNER = "dotnet " + os.path.join(HERE, "../bin/Release/net10.0/ApiLevel.Benchmarks.dll")
PYTHON = """
import sys, time
import Evtx.Evtx
records = failed = 0
start = time.perf_counter()
for path in sys.argv[1:]:
    with Evtx.Evtx.Evtx(path) as log:
        for record in log.records():
            try:
                record.xml()
                records += 1
            except Exception:
                failed += 1
print(time.perf_counter() - start, records, failed)
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runner", default=RUNNER)
    parser.add_argument("--python-files", type=int, default=40, help="python3-evtx is slow: give it this many of the smallest logs")
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    files = []
    for path in options.paths:
        files += sorted(os.path.join(path, name) for name in os.listdir(path) if name.endswith(".evtx")) if os.path.isdir(path) else [path]

    # Wall clock and processor time: on a busy machine the second is the one to compare.
    used, seconds, processor = [], 0.0, 0.0
    for path in files:
        before = os.times()
        start = time.perf_counter()
        done = subprocess.run(["evtxexport", "-f", "xml", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        spent = time.perf_counter() - start
        if b"Unable to export" not in done.stderr:
            used.append(path)
            seconds += spent
            after = os.times()
            processor += after.children_user + after.children_system - before.children_user - before.children_system
    size = sum(os.path.getsize(path) for path in used) / 1e6
    print("%d of %d logs, %.1f MB" % (len(used), len(files), size))
    print("evtxexport -f xml\t%.2f s\t%.2f MB/s\tprocessor %.2f s" % (seconds, size / seconds, processor))

    out = subprocess.run(options.runner.split() + ["evtx", "read"] + used, capture_output=True, check=True).stdout.decode()
    for line in out.splitlines():
        if line.startswith("round"):
            print("ours, objects\t" + line)
    out = subprocess.run(options.runner.split() + ["evtx", "readxml"] + used, capture_output=True, check=True).stdout.decode()
    for line in out.splitlines():
        if line.startswith("round"):
            print("ours, objects and XML\t" + line)

    small = sorted(used, key=os.path.getsize)[: options.python_files]
    small_size = sum(os.path.getsize(path) for path in small) / 1e6
    spent, records, failed = subprocess.run(["/usr/bin/python3", "-c", PYTHON] + small, capture_output=True, check=True).stdout.decode().split()
    print("python3-evtx on %d logs, %.1f MB\t%.2f s\t%.2f MB/s\t%s records, %s failed" % (len(small), small_size, float(spent), small_size / float(spent), records, failed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
