BeforeAll {
    Import-Module (Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'ApiLevel.psd1') -Force
}

Describe 'Get-ApiEventSource' {
    It 'finds a source by <_>' -ForEach 'Sysmon', 'Microsoft-Windows-Sysmon', '5770385f-c22a-43e0-bf4c-06f5698ffbd9', 'Microsoft-Windows-Sysmon/Operational' {
        (Get-ApiEventSource -Source $_ -EventId 10).Source | Should -Be 'Sysmon'
    }

    It 'leads to the mappings of an event' {
        (Get-ApiEventSource -Source Sysmon -EventId 8 | Get-ApiEventMapping).Api | Should -Contain 'CreateRemoteThread'
    }

    It 'counts the APIs of each event' {
        $source = Get-ApiEventSource -Source Sysmon -EventId 8
        $source.ApiCount | Should -Be @(Get-ApiEventMapping -Source Sysmon -EventId 8 | Select-Object Module, Api -Unique).Count
    }

    It 'reports an event that the source does not have' {
        $problems = $null
        Get-ApiEventSource -Source Sysmon -EventId 9999 -ErrorAction SilentlyContinue -ErrorVariable problems | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'EventNotFound,*'
    }

    It 'goes into a CSV file' {
        $file = Join-Path $TestDrive 'events.csv'
        $events = @(Get-ApiEventSource -Source Sysmon)
        $events | Export-Csv $file -NoTypeInformation
        @(Import-Csv $file).Count | Should -Be $events.Count
    }
}
