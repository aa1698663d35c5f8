#!/usr/bin/env python3
"""Compares the event log reader with libevtx, record for record and field by field.

    compare-evtx.py [--runner "dotnet .../ApiLevel.Benchmarks.dll"] FILE_OR_FOLDER...

Needs evtxexport (Debian: libevtx-utils) and a built benchmark project. Two comparisons a record:
  1. the XML of both, as a flat list of paths and values;
  2. our record object (header and EventData fields) with the XML of libevtx.
Ends with 1 when a difference is left that compare-evtx.allow does not name.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
RUNNER = "dotnet " + os.path.join(HERE, "../bin/Release/net10.0/ApiLevel.Benchmarks.dll")

# XML 1.0 cannot hold these. We write U+FFFD, libevtx the character itself, which no parser takes.
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#(?:[0-8]|1[124-9]|2[0-9]|3[01]);")
GUID = re.compile(r"^\{?[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\}?$")
HEX = re.compile(r"^0x[0-9a-fA-F]+$")
TIME = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z$")


def normal(text):
    """One spelling for both: what differs only in notation is equal."""
    text = text or ""
    if GUID.match(text):
        return text.lower().strip("{}")
    if HEX.match(text):
        return hex(int(text, 16))
    time = TIME.match(text)
    if time:
        return time.group(1) + "." + (time.group(2) or "").ljust(9, "0")[:9]
    # XML turns line ends into \n; libevtx writes them as they are and we as character references.
    return text.replace("\r\n", "\n").replace("\r", "\n")


def flatten(element, path, out):
    tag = element.tag.split("}")[-1]
    path = path + "/" + tag
    children = list(element)
    own = element.text or ""
    for name, value in element.attrib.items():
        out.append((path + "@" + name.split("}")[-1], normal(value)))
    if not children:
        out.append((path, normal(own)))
    elif own.strip():
        out.append((path, normal(own.strip())))
    for child in children:
        flatten(child, path, out)


def parse(text):
    try:
        root = ET.fromstring(NOT_XML.sub("\ufffd", text))
    except ET.ParseError as error:
        return None, str(error)
    out = []
    flatten(root, "", out)
    return out, None


def record_id(flat):
    for path, value in flat:
        if path == "/Event/System/EventRecordID":
            return value
    return None


def libevtx(path):
    done = subprocess.run(["evtxexport", "-f", "xml", path], capture_output=True, check=False)
    text = done.stdout.decode("utf-8", "replace")
    records = []
    for piece in text.split("\n</Event>\n")[:-1]:
        start = piece.find("<Event ")
        if start < 0:
            start = piece.find("<Event>")
        records.append(piece[start:] + "\n</Event>")
    return records


def ours(runner, command, path):
    done = subprocess.run(runner.split() + ["evtx", command, path], capture_output=True, check=True)
    lines = done.stdout.decode("utf-8").split("\n")[:-1]
    return lines, [line for line in done.stderr.decode("utf-8").split("\n") if line]


def allowances():
    rules = []
    with open(os.path.join(HERE, "compare-evtx.allow"), encoding="utf-8") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if line and not line.startswith("#"):
                kind, where, reason = line.split("\t")
                rules.append((kind, re.compile(where), reason))
    return rules


def header(flat):
    """The record header that libevtx's XML means, by the names our runner prints."""
    wanted = {
        "/Event/System/Provider@Name": "Provider",
        "/Event/System/Provider@Guid": "ProviderId",
        "/Event/System/EventID": "EventId",
        "/Event/System/Version": "EventVersion",
        "/Event/System/Level": "Level",
        "/Event/System/Task": "Task",
        "/Event/System/Opcode": "Opcode",
        "/Event/System/Keywords": "Keywords",
        "/Event/System/TimeCreated@SystemTime": "TimeCreated",
        "/Event/System/EventRecordID": "RecordId",
        "/Event/System/Correlation@ActivityID": "ActivityId",
        "/Event/System/Execution@ProcessID": "ProcessId",
        "/Event/System/Execution@ThreadID": "ThreadId",
        "/Event/System/Channel": "Channel",
        "/Event/System/Computer": "Computer",
        "/Event/System/Security@UserID": "UserSid",
    }
    # What XML leaves out is 0 in the object.
    out = {"EventVersion": "0", "Opcode": "0", "Level": "0", "Task": "0", "Keywords": "0x0"}
    for path, value in flat:
        if path in wanted:
            out[wanted[path]] = value
    return {name: value for name, value in out.items() if not (name == "ActivityId" and set(value) <= set("0-"))}


def data_fields(text):
    """EventData as (name, value) pairs."""
    root = ET.fromstring(NOT_XML.sub("\ufffd", text))
    pairs = []
    for child in root:
        if child.tag.split("}")[-1] != "EventData":
            continue
        for data in child:
            tag = data.tag.split("}")[-1]
            if len(data):
                return None  # elements inside of a value: the XML comparison covers those
            name = data.attrib.get("Name", "Data") if tag == "Data" else data.attrib.get("Name", tag)
            pairs.append((name, normal(data.text)))
    return pairs


def same_value(name, mine, theirs):
    """A typed value against the text of libevtx."""
    if mine == theirs:
        return True
    if mine in ("", None):
        return theirs == ""
    if re.fullmatch(r"-?\d+", mine) and HEX.match(theirs):
        return int(mine) == int(theirs, 16)
    try:
        return re.fullmatch(r"-?[\d.eE+-]+", mine) is not None and abs(float(mine) - float(theirs)) <= 1e-6 * max(1, abs(float(mine)))
    except ValueError:
        return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runner", default=RUNNER)
    parser.add_argument("--show", type=int, default=40, help="how many differences to print")
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    files = []
    for path in options.paths:
        files += sorted(os.path.join(path, name) for name in os.listdir(path) if name.endswith(".evtx")) if os.path.isdir(path) else [path]

    rules = allowances()
    counts = collections.Counter()
    allowed = collections.Counter()
    shown = 0

    def differ(kind, where, detail):
        nonlocal shown
        for rule_kind, pattern, reason in rules:
            if rule_kind == kind and pattern.search(where):
                allowed[reason] += 1
                return
        counts["differences"] += 1
        if shown < options.show:
            shown += 1
            print("%s\t%s\t%s" % (kind, where, detail))

    for path in files:
        name = os.path.basename(path)
        theirs = libevtx(path)
        mine, problems = ours(options.runner, "xml", path)
        objects, _ = ours(options.runner, "records", path)
        counts["files"] += 1
        counts["our records"] += len(mine)
        counts["libevtx records"] += len(theirs)
        if len(mine) != len(objects):
            differ("count", name, "%d XML texts and %d objects" % (len(mine), len(objects)))

        # Numbers of records repeat in a file that holds several logs; pairs are made in order.
        by_id = collections.defaultdict(list)
        for text, record in zip(mine, objects):
            flat, error = parse(text)
            if flat is None:
                differ("ours-malformed", name, error)
                continue
            by_id[record_id(flat)].append((flat, json.loads(record)))

        for text in theirs:
            flat, error = parse(text)
            if flat is None:
                counts["libevtx XML not well formed"] += 1
                continue
            number = record_id(flat)
            where = "%s#%s" % (name, number)
            if not by_id[number]:
                differ("missing", where, "libevtx has it, we have not")
                continue
            own, record = by_id[number].pop(0)
            counts["compared"] += 1
            if own != flat:
                for left, right in zip(own, flat):
                    if left != right:
                        differ("xml", where + left[0], "ours %r, libevtx %r" % (left, right))
                if len(own) != len(flat):
                    differ("xml-length", where, "ours %d, libevtx %d: %r" % (len(own), len(flat), list((collections.Counter(own) - collections.Counter(flat)).elements())[:3] + list((collections.Counter(flat) - collections.Counter(own)).elements())[:3]))
            else:
                counts["identical XML"] += 1

            good = True
            expected = header(flat)
            found = {key: normal(value) for key, value in record["Header"].items() if value not in (None, "")}
            for key in sorted(set(expected) | set(found)):
                left, right = found.get(key, ""), expected.get(key, "")
                if not same_value(key, left, right):
                    good = False
                    differ("header", where + "/" + key, "ours %r, libevtx %r" % (left, right))
            pairs = data_fields(text)
            if pairs is not None and pairs:
                fields = [(key, normal(value)) for key, value in record["Fields"]]
                if len(fields) != len(pairs):
                    good = False
                    differ("fields", where, "ours %d, libevtx %d: %r %r" % (len(fields), len(pairs), fields[:3], pairs[:3]))
                else:
                    for (key, left), (name2, right) in zip(fields, pairs):
                        if key != name2 or not same_value(key, left, right):
                            good = False
                            differ("field", where + "/" + name2, "ours %r, libevtx %r" % ((key, left), (name2, right)))
            counts["identical objects"] += good

        left = sum(len(rest) for rest in by_id.values())
        if left:
            counts["ours only"] += left
            differ("extra", name, "%d records that libevtx does not give; our problems: %s" % (left, problems[:2]))

    for key, value in counts.items():
        print("%s\t%d" % (key, value))
    for reason, value in allowed.items():
        print("allowed %d\t%s" % (value, reason))
    return 1 if counts["differences"] else 0


if __name__ == "__main__":
    sys.exit(main())
