<#
.SYNOPSIS
    Runs the Pester files against the built module; the exit code is 1 when a test failed or none ran.
.PARAMETER ResultFile
    Where the results go, in NUnit's format.
#>
param(
    [string] $ResultFile
)

$ErrorActionPreference = 'Stop'
Import-Module Pester -MinimumVersion 5.0

$configuration = New-PesterConfiguration
$configuration.Run.Path = $PSScriptRoot
$configuration.Run.PassThru = $true
if ($ResultFile) {
    $configuration.TestResult.Enabled = $true
    $configuration.TestResult.OutputFormat = 'NUnitXml'
    $configuration.TestResult.OutputPath = $ResultFile
}

$run = Invoke-Pester -Configuration $configuration
if ($run.FailedCount -gt 0 -or $run.FailedContainersCount -gt 0 -or $run.FailedBlocksCount -gt 0 -or $run.PassedCount -eq 0) {
    exit 1
}

exit 0
