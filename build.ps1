<#
.SYNOPSIS
    Builds, tests and packages the module, for people with PowerShell.
.DESCRIPTION
    dotnet build and dotnet test on the solution do the same job without it.

    Build    builds the solution; afterwards Import-Module ./ApiLevel.psd1 works in place.
    Test     runs the xunit suites, and the Pester files where Pester 5 is installed.
    Help     makes en-US/ApiLevel.dll-Help.xml from the pages; where platyPS is installed, checks that it reads them as well.
    Data     lints the facts and compiles them.
    Package  copies the module to out/ApiLevel/<version>.
.EXAMPLE
    ./build.ps1 -Task Build, Test
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Help', 'Data', 'Package')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release'
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

function Invoke-DotNet {
    # Out-Host: the build's output is not part of the pipeline's.
    & dotnet @args | Out-Host
    if ($LASTEXITCODE -ne 0) {
        throw "dotnet $($args[0]) failed with exit code $LASTEXITCODE."
    }
}

function Build {
    Invoke-DotNet build ApiLevel.sln --configuration $Configuration
}

function Test {
    Invoke-DotNet test --configuration $Configuration

    $pester = Get-Module -ListAvailable -Name Pester | Where-Object { $_.Version.Major -ge 5 } | Select-Object -First 1
    if (-not $pester) {
        Write-Warning 'Pester 5 is not installed: the files in tests/Pester did not run.'
        return
    }

    # In a new process: this one may have assemblies of another build loaded, and would lock those of this one.
    $shell = (Get-Process -Id $PID).Path
    & $shell -NoProfile -NonInteractive -File tests/Pester/Invoke-Suite.ps1 | Out-Host
    if ($LASTEXITCODE -ne 0) {
        throw "Pester failed with exit code $LASTEXITCODE."
    }
}

# What stands at a path below each command of a help file, with the command's name before it.
function Get-HelpText([string] $File, [string] $Path) {
    $xpath = ($Path -split '/' | ForEach-Object { "*[local-name()='$_']" }) -join '/'
    foreach ($command in ([xml](Get-Content -Raw -LiteralPath $File)).DocumentElement.ChildNodes) {
        foreach ($node in $command.SelectNodes($xpath)) {
            "$($command.FirstChild.FirstChild.InnerText): $($node.InnerText.Trim('- '))"
        }
    }
}

function Help {
    $env:APILEVEL_WRITE_HELP = '1'
    try {
        Invoke-DotNet test --project tests/ApiLevel.Host.Tests --configuration $Configuration --filter-class '*HelpTests'
    }
    finally {
        $env:APILEVEL_WRITE_HELP = $null
    }

    if (-not (Get-Module -ListAvailable -Name platyPS)) {
        Write-Warning 'platyPS is not installed: the pages were not checked with it.'
        return
    }

    $folder = Join-Path ([IO.Path]::GetTempPath()) "apilevel-help-$PID"
    try {
        $null = New-Item -ItemType Directory -Path $folder
        Import-Module platyPS
        $null = New-ExternalHelp -Path en-US -OutputPath $folder -Force
        foreach ($part in 'details/name', 'parameters/parameter/name', 'examples/example/title') {
            $ours, $theirs = foreach ($file in 'en-US/ApiLevel.dll-Help.xml', (Join-Path $folder 'ApiLevel.dll-Help.xml')) {
                , @(Get-HelpText $file $part)
            }

            $difference = Compare-Object $ours $theirs
            if ($difference) {
                throw "platyPS reads other texts at $part in the pages: $($difference.InputObject -join ', ')"
            }
        }
    }
    finally {
        Remove-Item -LiteralPath $folder -Recurse -ErrorAction SilentlyContinue
    }
}

function Data {
    Invoke-DotNet run --project src/ApiLevel.DataTool --configuration $Configuration -- lint
    Invoke-DotNet build src/ApiLevel --configuration $Configuration
}

function Package {
    Invoke-DotNet build src/ApiLevel --configuration $Configuration --target:Package
}

Push-Location -LiteralPath $PSScriptRoot
try {
    foreach ($name in $Task) {
        & $name
    }
}
finally {
    Pop-Location
}
