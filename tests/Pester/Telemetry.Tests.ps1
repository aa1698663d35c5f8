BeforeAll {
    Import-Module (Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'ApiLevel.psd1') -Force
    $recording = Join-Path (Split-Path $PSScriptRoot) 'Fixtures/recorded-events.json'
    $line = Join-Path (Split-Path $PSScriptRoot) 'Fixtures/sample-event.jsonl'
}

Describe 'Get-ApiTelemetryEvent' {
    It 'tells which calls a recording proves' {
        $found = @(Get-ApiTelemetryEvent $recording)
        $found.Api | Should -Contain 'OpenProcess'
        ($found | Where-Object Api -EQ 'OpenProcess').Source | Should -Be 'Sysmon'
    }

    It 'keeps only what was asked for' {
        (Get-ApiTelemetryEvent $recording -Api OpenProcess).Count | Should -Be 1
        (Get-ApiTelemetryEvent $recording -EventId 4624).EventId | Should -Be 4624
    }

    It 'sorts, groups and goes into a CSV file and back' {
        $file = Join-Path $TestDrive 'events.csv'
        $found = @(Get-ApiTelemetryEvent $recording)
        $found | Sort-Object TimeCreated -Descending | Export-Csv $file
        $rows = @(Import-Csv $file)
        $rows.Count | Should -Be $found.Count
        $rows[-1].Api | Should -Be $found[0].Api
        ($found | Group-Object Source).Name | Should -Contain 'Sysmon'
    }

    It 'is a table within 120' {
        $lines = Get-ApiTelemetryEvent $recording | Out-String -Width 120 -Stream
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 120
    }
}

Describe 'Resolve-ApiEvent' {
    It 'takes the objects of ConvertFrom-Json' {
        (Get-Content $line | ConvertFrom-Json | Resolve-ApiEvent).Api | Should -Be 'NtCreateThreadEx'
    }

    It 'takes the rows of Import-Csv' {
        $file = Join-Path $TestDrive 'rows.csv'
        [pscustomobject]@{ ProviderName = 'Microsoft-Windows-Sysmon'; Id = 8; TimeCreated = '2024-01-01T00:00:00Z'; SourceImage = 'a'; TargetImage = 'b' } | Export-Csv $file
        (Import-Csv $file | Resolve-ApiEvent).Api | Should -Be 'NtCreateThreadEx'
    }

    It 'takes what came through CLIXML' {
        $file = Join-Path $TestDrive 'event.xml'
        Get-Content $line | ConvertFrom-Json | Export-Clixml $file
        (Import-Clixml $file | Resolve-ApiEvent).EventId | Should -Be 8
    }

    It 'reports an object that is no event and goes on' {
        $problems = $null
        $found = @([pscustomobject]@{ Colour = 'red' }; Get-Content $line | ConvertFrom-Json) | Resolve-ApiEvent -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'InputObjectUnknown,*'
        @($found).Count | Should -Be 1
    }
}
