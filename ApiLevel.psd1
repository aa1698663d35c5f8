@{
    RootModule = if ($PSEdition -eq 'Core') { 'bin/net8.0/ApiLevel.dll' } else { 'bin/netstandard2.0/ApiLevel.dll' }
    ModuleVersion = '0.1.0'
    CompatiblePSEditions = @('Core', 'Desktop')
    GUID = '5f0c7a52-3a0e-4f1c-9d4b-6f7f5a1d8e21'
    Author = 'The ApiLevel maintainers'
    Copyright = '(c) The ApiLevel maintainers'
    Description = 'Tells a defender which Windows API calls leave a trace, where and under which condition, and proves it on a binary, on a live process and on recorded events.'
    PowerShellVersion = '5.1'
    FormatsToProcess = @('bin/ApiLevel.format.ps1xml')
    CmdletsToExport = @(
        'Export-ApiEventMapping'
        'Export-ApiTelemetryState'
        'Get-ApiBlindSpot'
        'Get-ApiCallChain'
        'Get-ApiDefinition'
        'Get-ApiEventMapping'
        'Get-ApiEventSource'
        'Get-ApiImport'
        'Get-ApiMappingStore'
        'Get-ApiTelemetryEvent'
        'Get-ApiTelemetryTrace'
        'Get-ApiTracePlan'
        'Import-ApiEventMapping'
        'Receive-ApiTelemetryTrace'
        'Resolve-ApiEvent'
        'Start-ApiTelemetryTrace'
        'Stop-ApiTelemetryTrace'
        'Test-ApiCoverage'
        'Test-ApiTelemetryReadiness'
    )
    FunctionsToExport = @()
    AliasesToExport = @()
    VariablesToExport = @()
    PrivateData = @{
        PSData = @{
            Tags = @('Windows', 'API', 'ETW', 'Sysmon', 'ATTACK', 'detection', 'hunting', 'Linux', 'MacOS')
        }
    }
}
