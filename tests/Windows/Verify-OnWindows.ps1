#Requires -Version 5.1
<#
.SYNOPSIS
Checks on a real Windows what no test elsewhere can: that ETW delivers, filters, loses and forgets as the module expects.

.DESCRIPTION
Run it once elevated and once not, in PowerShell 7 and in Windows PowerShell 5.1, from a built checkout. It starts and stops sessions
named ApiLevel-verify*, one foreign session named Verify-Foreign, and short-lived processes; it changes nothing else. It writes one
object a check (Check, Result, Detail) and ends with a summary line.

.EXAMPLE
./Verify-OnWindows.ps1 | Format-Table -Wrap
#>
[CmdletBinding()]
param(
    # The manifest of the module to check.
    [string]$Manifest = (Join-Path (Split-Path (Split-Path $PSScriptRoot -Parent) -Parent) 'ApiLevel.psd1'),

    # How long to wait for an event.
    [int]$Seconds = 10
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

if ($PSVersionTable.PSEdition -eq 'Core' -and -not $IsWindows) {
    throw 'This script is for Windows.'
}

$script:results = New-Object System.Collections.Generic.List[object]
$principal = New-Object Security.Principal.WindowsPrincipal ([Security.Principal.WindowsIdentity]::GetCurrent())
$elevated = $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
$shell = (Get-Process -Id $PID).Path

function Add-Result([string]$Check, [string]$Result, [string]$Detail) {
    $row = [pscustomobject]@{ Check = $Check; Result = $Result; Detail = $Detail }
    $script:results.Add($row)
    $row
}

# Runs one check. It returns text for a pass and throws for a failure; what needs the other kind of rights is skipped.
function Test-That([string]$Check, [string]$Needs, [scriptblock]$Body) {
    if ($Needs -eq 'elevated' -and -not $elevated) { return Add-Result $Check 'Skip' 'needs an elevated shell' }
    if ($Needs -eq 'not elevated' -and $elevated) { return Add-Result $Check 'Skip' 'needs a shell that is not elevated' }
    try {
        Add-Result $Check 'Pass' ([string](& $Body))
    } catch {
        Add-Result $Check 'Fail' ([string]$_)
    } finally {
        Get-ApiTelemetryTrace | Stop-ApiTelemetryTrace -ErrorAction SilentlyContinue | Out-Null
    }
}

function Assert-True([bool]$Condition, [string]$Message) {
    if (-not $Condition) { throw $Message }
}

# The id of the error that a command ends with; empty when it succeeds.
function Get-ErrorId([scriptblock]$Body) {
    try {
        & $Body | Out-Null
        ''
    } catch {
        ($_.FullyQualifiedErrorId -split ',')[0]
    }
}

function Test-Session([string]$Name) {
    & logman.exe query $Name -ets 2>&1 | Out-Null
    $LASTEXITCODE -eq 0
}

# A child shell that imports the module and runs a script.
function Start-Child([string]$Script) {
    $text = "Import-Module '$Manifest'; $Script"
    $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text))
    Start-Process -FilePath $shell -ArgumentList '-NoProfile', '-EncodedCommand', $encoded -PassThru -WindowStyle Hidden
}

Add-Result 'Environment' 'Info' ('Windows {0}, PowerShell {1}, elevated: {2}' -f [Environment]::OSVersion.Version, $PSVersionTable.PSVersion, $elevated)
Import-Module $Manifest

Add-Type -Namespace VerifyOnWindows -Name Native -MemberDefinition @'
[System.Runtime.InteropServices.DllImport("kernel32.dll", SetLastError = true)]
public static extern System.IntPtr OpenProcess(uint access, bool inherit, int processId);
[System.Runtime.InteropServices.DllImport("kernel32.dll")]
public static extern bool CloseHandle(System.IntPtr handle);
'@

# Opens another process, which Kernel-Audit-API-Calls 5 reports.
function Invoke-OpenProcess {
    $other = Get-Process | Where-Object { $_.Id -ne $PID -and $_.Id -gt 4 -and $_.SessionId -eq (Get-Process -Id $PID).SessionId } | Select-Object -First 1
    $handle = [VerifyOnWindows.Native]::OpenProcess(0x1000, $false, $other.Id)
    [void][VerifyOnWindows.Native]::CloseHandle($handle)
    $other.Id
}

Test-That 'A plan needs no rights' 'any' {
    $rows = @(Get-ApiTracePlan -Api NtOpenProcess, WriteProcessMemory, LogonUser)
    Assert-True ($rows.Count -ge 3) 'fewer rows than APIs'
    "$($rows.Count) rows"
}

Test-That 'Without rights the start says so' 'not elevated' {
    $id = Get-ErrorId { Start-ApiTelemetryTrace -Api NtOpenProcess -Name verify }
    if ($id -eq '') { return 'this account may control sessions (Performance Log Users?)' }
    Assert-True ($id -eq 'TraceAccessDenied') "the error is $id"
    $id
}

Test-That 'NtOpenProcess is delivered live, with the caller in the header' 'elevated' {
    $trace = Start-ApiTelemetryTrace -Api NtOpenProcess -Provider Microsoft-Windows-Kernel-Audit-API-Calls -EventId 5 -ProcessId $PID -Name verify
    Start-Sleep -Milliseconds 500
    $target = Invoke-OpenProcess
    $events = @(Receive-ApiTelemetryTrace $trace -Duration $Seconds -Field TargetProcessId, DesiredAccess)
    Assert-True ($events.Count -gt 0) 'no event came'
    Assert-True (@($events | Where-Object ProcessId -ne $PID).Count -eq 0) 'an event of another process came through'
    $hit = @($events | Where-Object { $_.TargetProcessId -eq $target })
    "$($events.Count) events, $($hit.Count) for process $target, PayloadState $($events[0].PayloadState), Api $($events[0].Api)"
}

Test-That 'The kernel honours the process filter (measured in the file)' 'elevated' {
    $path = Join-Path $env:TEMP 'apilevel-verify.etl'
    $trace = Start-ApiTelemetryTrace -Provider Microsoft-Windows-Kernel-Audit-API-Calls -ProcessId $PID -Name verify -Path $path
    1..5 | ForEach-Object { [void](Invoke-OpenProcess); Start-Sleep -Milliseconds 300 }
    $live = @(Receive-ApiTelemetryTrace $trace -Duration 3)
    $trace | Stop-ApiTelemetryTrace | Out-Null
    Assert-True (Test-Path $path) 'no file was written'
    $file = @(Get-ApiTelemetryEvent -Path $path -Source Microsoft-Windows-Kernel-Audit-API-Calls)
    Remove-Item $path
    Assert-True ($file.Count -gt 0) 'the file has no events'
    Assert-True ($live.Count -gt 0) 'the file was written and nothing was delivered live'
    $foreign = @($file | Where-Object ProcessId -ne $PID).Count
    "live $($live.Count), file $($file.Count), of other processes in the file: $foreign (0 means that the kernel filters)"
}

Test-That 'A stack comes with the event' 'elevated' {
    $path = Join-Path $env:TEMP 'apilevel-verify-stack.etl'
    $trace = Start-ApiTelemetryTrace -Provider Microsoft-Windows-Kernel-Audit-API-Calls -EventId 5 -ProcessId $PID -StackTrace -Name verify -Path $path
    Start-Sleep -Milliseconds 500
    [void](Invoke-OpenProcess)
    $events = @(Receive-ApiTelemetryTrace $trace -MaxEvents 1 -Duration $Seconds)
    $trace | Stop-ApiTelemetryTrace | Out-Null
    Remove-Item $path -ErrorAction SilentlyContinue
    Assert-True ($events.Count -eq 1) 'no event came'
    'delivered with stacks enabled'
}

Test-That 'A session of the same name is left alone' 'elevated' {
    & logman.exe start ApiLevel-verify -p '{e02a841c-75a3-4fa7-afc8-ae09cf9b7f23}' -ets -rt | Out-Null
    Assert-True (Test-Session 'ApiLevel-verify') 'logman could not start the session'
    try {
        $id = Get-ErrorId { Start-ApiTelemetryTrace -Api NtOpenProcess -Name verify }
        [GC]::Collect(); [GC]::WaitForPendingFinalizers()
        Assert-True ($id -eq 'TraceSessionExists') "the error is $id"
        Assert-True (Test-Session 'ApiLevel-verify') 'the session was stopped'
        'TraceSessionExists, and it still runs'
    } finally {
        & logman.exe stop ApiLevel-verify -ets | Out-Null
    }
}

Test-That 'Foreign sessions survive starts and stops' 'elevated' {
    & logman.exe start Verify-Foreign -p '{22fb2cd6-0e7b-422b-a0c7-2fad1fd0e716}' -ets -rt | Out-Null
    try {
        1..20 | ForEach-Object { Start-ApiTelemetryTrace -Api NtOpenProcess -Name verify | Stop-ApiTelemetryTrace | Out-Null }
        Assert-True (Test-Session 'Verify-Foreign') 'the foreign session is gone'
        Assert-True (-not (Test-Session 'ApiLevel-verify')) 'a session of ours is left'
        '20 cycles'
    } finally {
        & logman.exe stop Verify-Foreign -ets | Out-Null
    }
}

Test-That 'The end of the process ends its session' 'elevated' {
    $child = Start-Child 'Start-ApiTelemetryTrace -Api NtOpenProcess -Name verify-exit | Out-Null; Start-Sleep 2'
    Start-Sleep -Seconds 1
    [void]$child.WaitForExit(60000)
    Assert-True (-not (Test-Session 'ApiLevel-verify-exit')) 'the session outlived its process'
    'gone'
}

Test-That 'A killed process leaves an orphan that is found and stopped' 'elevated' {
    $child = Start-Child 'Start-ApiTelemetryTrace -Api NtOpenProcess -Name verify-killed | Out-Null; Start-Sleep 120'
    for ($i = 0; $i -lt 60 -and -not (Test-Session 'ApiLevel-verify-killed'); $i++) { Start-Sleep -Milliseconds 500 }
    Stop-Process -Id $child.Id -Force
    $orphans = @(Get-ApiTelemetryTrace -Orphaned -Name verify-killed)
    Assert-True ($orphans.Count -eq 1) 'the orphan is not listed'
    Stop-ApiTelemetryTrace -Orphaned -Name verify-killed | Out-Null
    Assert-True (-not (Test-Session 'ApiLevel-verify-killed')) 'the orphan was not stopped'
    'found and stopped'
}

Test-That 'A misspelt provider is not enabled' 'elevated' {
    $id = Get-ErrorId { Start-ApiTelemetryTrace -Provider Microsoft-Windows-Kernel-Proces -Name verify }
    Assert-True ($id -eq 'TraceProviderUnknown') "the error is $id"
    $id
}

Test-That 'Threat-Intelligence is refused before the start' 'any' {
    $id = Get-ErrorId { Start-ApiTelemetryTrace -Api WriteProcessMemory -Name verify }
    Assert-True ($id -eq 'TraceNothingDelivered') "the error is $id"
    $id
}

Test-That 'Lost events are counted' 'elevated' {
    $trace = Start-ApiTelemetryTrace -Provider Microsoft-Windows-Kernel-File, Microsoft-Windows-Kernel-Registry -BufferSize 4 -Name verify
    Get-ChildItem $env:windir -Recurse -ErrorAction SilentlyContinue | Select-Object -First 20000 | Out-Null
    Start-Sleep -Seconds 2
    $text = "seen $($trace.EventsSeen), lost $($trace.EventsLost), dropped $($trace.Dropped), complete $($trace.Complete)"
    Assert-True ($trace.EventsSeen -gt 0) "nothing was seen: $text"
    Assert-True ($trace.Complete -eq ($trace.EventsLost -eq 0 -and $trace.Dropped -eq 0)) "Complete does not say it: $text"
    $text
}

Test-That 'An event pipe names the native calls of a .NET program' 'any' {
    $pwsh = Get-Command pwsh -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $pwsh) { return 'no pwsh here to trace; not checked' }
    $events = @(Start-ApiTelemetryTrace -FilePath $pwsh.Path -ArgumentList '-NoProfile', '-Command', '1' -Name verify | Receive-ApiTelemetryTrace -Wait)
    Assert-True ($events.Count -gt 0) 'no native call was named'
    "$($events.Count) native calls, such as $(($events | Select-Object -First 3 | ForEach-Object { $_.Module + '!' + $_.Api }) -join ', ')"
}

$failed = @($script:results | Where-Object Result -eq 'Fail').Count
$passed = @($script:results | Where-Object Result -eq 'Pass').Count
$skipped = @($script:results | Where-Object Result -eq 'Skip').Count
Write-Host "$passed passed, $failed failed, $skipped skipped."
exit [int]($failed -gt 0)
