#!/usr/bin/env python3
"""Counts the files of a folder for which pefile gives imports.

    count-imports.py FOLDER

For the mutants that "portable-mutants COUNT SEED FOLDER" writes. Needs Debian's python3-pefile.
"""

import sys
import time
from pathlib import Path

import pefile


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    read = imports = failed = slow = total = 0
    for path in sorted(Path(sys.argv[1]).iterdir()):
        total += 1
        start = time.monotonic()
        try:
            image = pefile.PE(str(path), fast_load=True)
            read += 1
            image.parse_data_directories(directories=[0, 1, 13])
            imports += 1 if any(m.imports for m in getattr(image, "DIRECTORY_ENTRY_IMPORT", [])) else 0
            image.close()
        except pefile.PEFormatError:
            pass
        except Exception as error:
            failed += 1
            print(path.name, type(error).__name__, error)
        slow += 1 if time.monotonic() - start > 2 else 0
    print(f"{total} files, {read} read, {imports} give imports, {failed} end in another exception, {slow} take more than 2 s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
