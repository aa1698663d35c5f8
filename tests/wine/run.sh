#!/usr/bin/env bash
# Runs the packaged module in the PowerShell engine on a Windows runtime under wine: that it loads there, takes the branches for
# Windows, reads wine's own binaries by Windows paths, and answers with an error id where wine's event tracing is a stub. Optional:
# without wine it says that it was skipped. wine proves nothing about events.
set -euo pipefail
cd "$(dirname "$0")/../.."

wine=$(command -v wine64 || command -v wine || true)
if [[ -z $wine ]]; then
    echo "wine: skipped, there is no wine on the path"
    exit 0
fi

work=$(mktemp -d)
export WINEPREFIX="$work/prefix" WINEDEBUG=-all
trap 'WINEPREFIX="$work/prefix" timeout 30 wineserver -k || true; rm -rf "$work"' EXIT
module="$work/ApiLevel"

# The package, because what lies in bin/ has native code of this machine. The runner looks for the module in the folders above its own.
dotnet build src/ApiLevel -t:Package -p:PackageFolder="$module/" -v q
if ! dotnet restore src/ApiLevel.Console -r win-x64 -p:SelfContained=true -v q; then
    echo "wine: skipped, the Windows runtime could not be restored"
    exit 0
fi

if ! dotnet publish src/ApiLevel.Console -r win-x64 --self-contained --no-restore -o "$module/runner" -v q; then
    echo "wine: FAIL, the runner could not be built for Windows"
    exit 1
fi

timeout 120 "$wine" winecfg -v win10 >/dev/null 2>&1 || true

run() { (cd "$module" && timeout 120 "$wine" runner/ApiLevel.Console.exe -Output Csv -Command "$1" 2>&1 || true); }
failed=0

# check WHAT COMMAND PATTERN [FORBIDDEN]: the command's output has the pattern, and not the other one.
check() {
    local output
    output=$(run "$2")
    if grep -qE "$3" <<<"$output" && { [[ -z ${4:-} ]] || ! grep -qE "$4" <<<"$output"; }; then
        echo "wine: pass, $1"
    else
        echo "wine: FAIL, $1"
        echo "$output"
        failed=1
    fi
}

check "the engine runs on Windows" '$PSVersionTable' ',Win32NT,'
check "the module loads and plans" 'Get-ApiTracePlan -Api NtOpenProcess' 'Microsoft-Windows-Kernel-Audit-API-Calls'
check "an image is read by its Windows path" 'Test-ApiCoverage C:\windows\system32\kernel32.dll -Summary' '^C:\\windows\\system32\\kernel32\.dll,PE32\+,x64,'

# A provider whose GUID the facts know: looking up names hangs in wine.
check "ETW is called, and its refusal becomes an error id" 'Start-ApiTelemetryTrace -Api NtOpenProcess' 'ERROR Trace[A-Z][A-Za-z]*,' 'TraceNeedsWindows'

exit "$failed"
