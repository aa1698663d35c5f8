#!/usr/bin/env bash
# Runs the built module in a Windows runtime under wine: that it loads there, takes the branch for Windows, and answers with an error
# id where wine's event tracing is a stub. Optional: without wine it says that it was skipped. wine proves nothing about events.
set -euo pipefail
cd "$(dirname "$0")/../.."

wine=$(command -v wine64 || command -v wine || true)
if [[ -z $wine ]]; then
    echo "wine: skipped, there is no wine on the path"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export WINEPREFIX="$work/prefix" WINEDEBUG=-all

dotnet build src/ApiLevel -v q
if ! dotnet publish src/ApiLevel.Console -r win-x64 --self-contained -o "$work/runner" -v q; then
    echo "wine: skipped, the Windows runtime could not be restored"
    exit 0
fi

mkdir -p "$work/module"
cp -r ApiLevel.psd1 bin "$work/module/"
[[ -d en-US ]] && cp -r en-US "$work/module/"
"$wine" winecfg -v win10 >/dev/null 2>&1 || true

# The runner looks for the module beside the solution; here it is named.
run() { (cd "$work/module" && "$wine" "$work/runner/ApiLevel.Console.exe" -Output Csv -Command "$1" 2>&1); }
import="Import-Module './ApiLevel.psd1';"
failed=0

plan=$(run "$import Get-ApiTracePlan -Api NtOpenProcess" || true)
if grep -q 'Microsoft-Windows-Kernel-Audit-API-Calls' <<<"$plan"; then
    echo "wine: pass, the module loads and plans"
else
    echo "wine: FAIL, no plan"
    echo "$plan"
    failed=1
fi

# A provider whose GUID the facts know: looking up names hangs in wine.
start=$(run "$import Start-ApiTelemetryTrace -Api NtOpenProcess" || true)
if grep -q 'TraceNeedsWindows' <<<"$start" || ! grep -q 'Trace[A-Z][A-Za-z]*,' <<<"$start"; then
    echo "wine: FAIL, starting an ETW trace did not end in an error id of ETW"
    echo "$start"
    failed=1
else
    echo "wine: pass, ETW is called and its refusal becomes $(grep -o 'Trace[A-Z][A-Za-z]*' <<<"$start" | head -1)"
fi

exit "$failed"
