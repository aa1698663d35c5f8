#!/usr/bin/env python3
"""Compares the imports that ApiLevel, pefile and llvm-readobj find in the files of a folder.

    compare-imports.py FOLDER [--configuration Release]

Needs Debian's python3-pefile and llvm, and a built tests/ApiLevel.Benchmarks. Compared as multisets: imports and delay imports
with pefile and with llvm-readobj, forwarders and the import hash with pefile. A difference passes only when
compare-imports.allow names the file (or a pattern), the reader and the reason; what it names and does not happen is reported
too. Ends with 1 when a difference is not explained.
"""

import collections
import concurrent.futures
import fnmatch
import re
import subprocess
import sys
from pathlib import Path

import pefile

HERE = Path(__file__).resolve().parent
TABLES = ("Import", "DelayImport", "Forwarder")


def read_ours(folder, configuration):
    assembly = next((HERE.parent / "bin" / configuration).glob("net*/ApiLevel.Benchmarks.dll"))
    process = subprocess.Popen(["dotnet", str(assembly), "portable-dump", str(folder)], stdout=subprocess.PIPE, text=True, encoding="utf-8")
    files, current = {}, None
    for line in process.stdout:
        fields = line.rstrip("\n").split("\t")
        if fields[0] == "F":
            current = {"hash": fields[9], "problems": fields[13], **{t: collections.Counter() for t in TABLES}}
            files[fields[1]] = current
        elif fields[0] == "X":
            files[fields[1]] = {"failure": fields[2]}
        elif fields[1] in ("Import", "DelayImport"):
            current[fields[1]][(fields[2].lower(), "#" + fields[4] if fields[4] else fields[3])] += 1
        elif fields[1] == "Forwarder":
            current["Forwarder"][(fields[6], fields[2] + "." + ("#" + fields[4] if fields[4] else fields[3]))] += 1
    if process.wait() != 0:
        raise SystemExit("portable-dump failed")
    return files


def text(value):
    return value.decode("latin-1") if value else ""


def read_pefile(path):
    result = {t: collections.Counter() for t in TABLES}
    try:
        image = pefile.PE(path, fast_load=True)
        image.parse_data_directories(directories=[0, 1, 13])
    except Exception as error:  # pefile's own failures are part of what is compared
        return path, {"failure": str(error)}
    for table, attribute in (("Import", "DIRECTORY_ENTRY_IMPORT"), ("DelayImport", "DIRECTORY_ENTRY_DELAY_IMPORT")):
        for module in getattr(image, attribute, []):
            for entry in module.imports:
                name = "#%d" % entry.ordinal if entry.import_by_ordinal else text(entry.name)
                result[table][(text(module.dll).lower(), name)] += 1
    exports = getattr(image, "DIRECTORY_ENTRY_EXPORT", None)
    for export in exports.symbols if exports else []:
        if export.forwarder:
            result["Forwarder"][(text(export.name) or "#%d" % export.ordinal, text(export.forwarder))] += 1
    try:
        result["hash"] = image.get_imphash() if result["Import"] else ""
    except Exception as error:
        result["hash"] = "failed: " + str(error)
    image.close()
    return path, result


def read_llvm(paths):
    """llvm-readobj ends a batch at the first file it cannot read; such a batch is read file by file."""
    process = subprocess.run(["llvm-readobj", "--coff-imports", *paths], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             encoding="latin-1")
    if process.returncode != 0 and len(paths) > 1:
        result = {}
        for path in paths:
            result.update(read_llvm([path]))
        return result
    result, current, table, module = {}, None, None, ""
    for line in process.stdout.splitlines():
        line = line.rstrip()
        if line.startswith("File: "):
            current = result[line[6:]] = {t: collections.Counter() for t in TABLES}
        elif line in ("Import {", "DelayImport {"):
            table = line[:-2]
        elif line.startswith("  Name: "):
            module = line[8:].lower()
        elif (match := re.match(r" +Symbol: (.*) \((\d+)\)$", line)) is not None:
            name = match.group(1)
            current[table][(module, name if name else "#" + match.group(2))] += 1
    if process.returncode != 0:
        result[paths[0]] = {"failure": process.stderr.strip().splitlines()[-1] if process.stderr.strip() else "failed"}
    return result


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    folder = Path(sys.argv[1]).resolve()
    configuration = sys.argv[sys.argv.index("--configuration") + 1] if "--configuration" in sys.argv else "Release"
    allowed = []
    for line in (HERE / "compare-imports.allow").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            allowed.append(([field.strip() for field in line.split("|", 3)], [0]))

    ours = read_ours(folder, configuration)
    paths = [p for p, f in ours.items() if "failure" not in f]
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        of_pefile = dict(pool.map(read_pefile, paths, chunksize=64))
    of_llvm = {}
    for start in range(0, len(paths), 100):
        of_llvm.update(read_llvm(paths[start:start + 100]))

    counts = collections.Counter()
    unexplained = []
    for path in paths:
        mine = ours[path]
        for table in TABLES:
            counts["ours " + table] += sum(mine[table].values())
        for reader, other in (("pefile", of_pefile.get(path)), ("llvm", of_llvm.get(path))):
            differences = []
            if other is None or "failure" in other:
                differences.append(("all", "failed: " + (other or {"failure": "no output"})["failure"]))
            else:
                for table in TABLES if reader == "pefile" else TABLES[:2]:
                    counts[reader + " " + table] += sum(other[table].values())
                    if mine[table] != other[table]:
                        more, fewer = mine[table] - other[table], other[table] - mine[table]
                        differences.append((table, f"{sum(more.values())} only ours {list(more)[:3]}, {sum(fewer.values())} only theirs {list(fewer)[:3]}"))
                if reader == "pefile" and mine["hash"] != other["hash"]:
                    differences.append(("hash", mine["hash"] + " / " + other["hash"]))
            for table, what in differences:
                relative = str(Path(path).relative_to(folder)) if Path(path) != folder else Path(path).name
                for (pattern, which, where, _), hits in allowed:
                    if which == reader and where in (table, "*") and fnmatch.fnmatch(relative, pattern):
                        hits[0] += 1
                        counts["explained"] += 1
                        break
                else:
                    unexplained.append(f"{relative} | {reader} | {table} | {what} | our problems: {mine['problems']}")

    print(f"{len(paths)} files, {len(ours) - len(paths)} that are no Portable Executable")
    for name, count in sorted(counts.items()):
        print(f"{name}: {count}")
    for (pattern, which, where, reason), hits in allowed:
        print(f"allowed {hits[0]} x: {pattern} | {which} | {where} | {reason}")
    print(f"unexplained: {len(unexplained)}")
    for line in unexplained[:200]:
        print("  " + line)
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
