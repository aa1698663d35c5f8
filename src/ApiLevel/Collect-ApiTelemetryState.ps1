<#
.SYNOPSIS
    Collects what decides on this Windows whether events are written, into files that ApiLevel reads on any other machine.
.DESCRIPTION
    For machines where no module may be installed: it runs commands that Windows brings (auditpol, reg, wevtutil) and sysmon -c where a
    Sysmon is there, and writes their output into one folder. It changes nothing on the machine. Run it elevated: without that, audit
    policy and system access control lists are missing, and it says so. Windows PowerShell 3.0 and later.

    Copy the folder, then: Test-ApiTelemetryReadiness -State <folder>, or Export-ApiTelemetryState snapshot.json -Path <folder>.
.PARAMETER Destination
    The folder to write into. It is made; one that is there and holds files is an error.
.PARAMETER Path
    Files, folders and registry keys (HKLM:\...) whose system access control lists are collected as well.
.EXAMPLE
    powershell -ExecutionPolicy Bypass -File Collect-ApiTelemetryState.ps1 -Destination C:\Temp\state
#>
param(
    [Parameter(Mandatory = $true)]
    [string] $Destination,

    [string[]] $Path = @()
)

$ErrorActionPreference = 'Stop'
if ((Test-Path -LiteralPath $Destination) -and @(Get-ChildItem -LiteralPath $Destination -Force).Count -gt 0) {
    throw "'$Destination' is not empty."
}

$folder = (New-Item -ItemType Directory -Path $Destination -Force).FullName
$missing = @()

# auditpol writes its backup itself: numbers, the same in every language.
$null = auditpol.exe /backup "/file:$folder\auditpol-backup.csv" 2>&1
if ($LASTEXITCODE -ne 0) {
    $missing += 'audit policy (auditpol /backup; run elevated)'
}

# Whole branches: what is not in them is not set.
$branches = @{
    'windows'          = 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
    'productoptions'   = 'HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions'
    'computername'     = 'HKLM\SYSTEM\CurrentControlSet\Control\ComputerName'
    'policies'         = 'HKLM\SOFTWARE\Policies\Microsoft\Windows'
    'systempolicies'   = 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies'
    'channels'         = 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WINEVT\Channels'
    'ntds'             = 'HKLM\SYSTEM\CurrentControlSet\Services\NTDS\Diagnostics'
    'sysmondriver'     = 'HKLM\SYSTEM\CurrentControlSet\Services\SysmonDrv'
}
foreach ($name in ($branches.Keys | Sort-Object)) {
    $null = reg.exe query $branches[$name] 2>&1
    if ($LASTEXITCODE -ne 0) {
        continue # no such key: no domain controller, no Sysmon
    }

    if ($name -eq 'windows') {
        # The values alone: below the key are installation logs, fonts and keys of the product.
        reg.exe query $branches[$name] /v CurrentBuildNumber | Out-File -FilePath "$folder\$name-build.txt" -Encoding UTF8
        reg.exe query $branches[$name] /v EditionID | Out-File -FilePath "$folder\$name-edition.txt" -Encoding UTF8
        continue
    }

    $null = reg.exe export $branches[$name] "$folder\$name.reg" /y 2>&1
    if ($LASTEXITCODE -ne 0) {
        $missing += $branches[$name]
    }
}

# The classic logs stand elsewhere in the registry; wevtutil tells them.
$channels = foreach ($name in 'Application', 'Security', 'System', 'Windows PowerShell', 'Directory Service', 'Microsoft-Windows-Sysmon/Operational') {
    $text = wevtutil.exe gl $name 2>$null
    if ($LASTEXITCODE -eq 0) { $text }
}
$channels | Out-File -FilePath "$folder\channels.txt" -Encoding UTF8

# Sysmon tells its rules; its program has the name of its service.
foreach ($service in @(Get-WmiObject -Class Win32_Service -Filter "PathName LIKE '%sysmon%'")) {
    $program = $service.PathName.Trim('"')
    if (Test-Path -LiteralPath $program) {
        $report = & $program -c 2>$null
        $report | Out-File -FilePath "$folder\sysmon-report.txt" -Encoding UTF8
    }
}

$lists = foreach ($item in $Path) {
    try {
        $acl = Get-Acl -LiteralPath $item -Audit
        $kind = if ($acl -is [System.Security.AccessControl.RegistrySecurity]) { 'Key' } else { 'File' }
        '"{0}","{1}","{2}"' -f $kind, $item, $acl.Sddl
    }
    catch {
        $missing += "list of $item ($($_.Exception.Message))"
    }
}
if ($lists) {
    @('"Kind","Path","Sddl"') + $lists | Out-File -FilePath "$folder\lists.csv" -Encoding UTF8
}

Get-ChildItem -LiteralPath $folder | Select-Object -Property Name, Length
foreach ($item in $missing) {
    Write-Warning "Not collected: $item"
}
