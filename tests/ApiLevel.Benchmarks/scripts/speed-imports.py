#!/usr/bin/env python3
"""Reads the imports of a folder of Windows files with several readers in one run and prints seconds, processor seconds and peak memory.

    speed-imports.py FOLDER [CONSOLE]

CONSOLE is the built ApiLevel.Console.dll; the default is the Release build of this checkout. Needs Debian's python3-pefile, llvm and
binutils. Each reader runs once, in a process of its own, after every file was read once so that all find a warm cache. Before them come
the bare loop and the reader in one process ("portable" of the benchmarks), and the command in an engine that is already running: the
start of PowerShell and its first compilation are no part of those.
"""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

PEFILE = """
import sys, pefile
for path in sys.stdin.read().split("\\0"):
    try:
        image = pefile.PE(path, fast_load=True)
        image.parse_data_directories(directories=[1, 13])
        image.close()
    except Exception:
        pass
"""


def measure(name, command, files, stdin=None, batch=0):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    groups = [files[i:i + batch] for i in range(0, len(files), batch)] if batch else [None]
    peak = 0
    for group in groups:
        process = subprocess.Popen(
            command + (group or []), stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if stdin:
            process.stdin.write(stdin)
            process.stdin.close()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        peak = max(peak, usage.ru_maxrss)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"| {name} | {wall:.2f} | {cpu:.2f} | {peak / 1024:.0f} |", flush=True)


WARM = """
foreach ($round in 1..7) {{
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $null = {0}
    $watch.Elapsed.TotalSeconds.ToString('0.000', [cultureinfo]::InvariantCulture)
}}
"""


def warm(console, label, command):
    output = subprocess.run(["dotnet", console, "-Command", WARM.format(command)], stdout=subprocess.PIPE, text=True, check=True).stdout
    seconds = sorted(output.split()[2:])
    print(f"{label} in a running engine, median of {len(seconds)}: {seconds[len(seconds) // 2]} s", flush=True)


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    root = Path(__file__).resolve().parents[3]
    console = sys.argv[2] if len(sys.argv) > 2 else str(root / "src/ApiLevel.Console/bin/Release/net10.0/ApiLevel.Console.dll")
    files = [str(path) for path in sorted(Path(sys.argv[1]).rglob("*")) if path.is_file()]
    for path in files:
        with open(path, "rb") as stream:
            stream.read()
    folder = sys.argv[1].replace("'", "''")
    summary = f"Get-ApiImport -LiteralPath '{folder}' -Recurse -Summary -WarningAction SilentlyContinue"
    subprocess.run(
        ["dotnet", "run", "-c", "Release", "--project", str(root / "tests/ApiLevel.Benchmarks"), "--", "portable", sys.argv[1]], check=True)
    warm(console, "Get-ApiImport -Summary", summary)
    print(f"{len(files)} files")
    print("| reader | seconds | processor seconds | peak MB |")
    print("|---|---|---|---|")
    for label, command in (
        ("Get-ApiImport -Summary", summary),
        ("Get-ApiImport -Kind Import,DelayImport",
         f"Get-ApiImport -LiteralPath '{folder}' -Recurse -Kind Import,DelayImport -WarningAction SilentlyContinue"),
        ("Test-ApiCoverage -Summary", f"Test-ApiCoverage -LiteralPath '{folder}' -Recurse -Summary -WarningAction SilentlyContinue"),
    ):
        measure(label + " into CSV", ["dotnet", console, "-Output", "Csv", "-Command", command], files)
    measure("pefile, fast_load, imports", ["/usr/bin/python3", "-c", PEFILE], files, stdin="\0".join(files).encode())
    measure("llvm-readobj --coff-imports, 500 a run", ["llvm-readobj", "--coff-imports"], files, batch=500)
    measure("objdump -p, 500 a run", ["objdump", "-p"], files, batch=500)
    return 0


if __name__ == "__main__":
    sys.exit(main())
