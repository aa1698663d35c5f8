BeforeAll {
    $root = Split-Path (Split-Path $PSScriptRoot)
    Import-Module (Join-Path $root 'ApiLevel.psd1') -Force
    $image = Join-Path $root 'bin/private/netstandard2.0/Microsoft.Diagnostics.Tracing.TraceEvent.dll'
    $verdicts = 'Recorded', 'Recordable', 'Invisible', 'Untracked', 'Unknown'
}

Describe 'Test-ApiCoverage' {
    It 'gives each import one verdict with a reason' {
        $coverage = @(Test-ApiCoverage $image)
        $coverage.Count | Should -Be @(Get-ApiImport $image -Kind Import, DelayImport, PInvoke, ManagedReference).Count
        foreach ($row in $coverage) {
            $row.Verdict | Should -BeIn $verdicts
            $row.Reason | Should -Not -BeNullOrEmpty
            $row.DataVersion | Should -Not -BeNullOrEmpty
        }
    }

    It 'judges the imports that are piped in, each once' {
        $imports = @(Get-ApiImport $image -Kind PInvoke)
        @($imports | Test-ApiCoverage).Count | Should -Be $imports.Count
    }

    It 'counts in the summary what it lists' {
        $summary = Test-ApiCoverage $image -Summary
        $rows = @(Test-ApiCoverage $image -Kind Import, DelayImport, PInvoke)
        foreach ($verdict in $verdicts) {
            $summary.$verdict | Should -Be @($rows | Where-Object Verdict -EQ $verdict).Count -Because $verdict
        }
    }

    It 'answers yes or no with -Quiet' {
        Test-ApiCoverage $image -Quiet -MinimumPercent 0 | Should -BeOfType [bool]
    }

    It 'takes a folder of files' {
        @(Get-ChildItem (Split-Path $image) -Filter *.dll | Test-ApiCoverage -Summary).Count |
            Should -Be @(Get-ChildItem (Split-Path $image) -Filter *.dll).Count
    }

    It 'filters by verdict in the pipeline and by parameter alike' {
        @(Test-ApiCoverage $image -Verdict Recordable).Count | Should -Be @(Test-ApiCoverage $image | Where-Object Verdict -EQ Recordable).Count
    }

    It 'goes into CSV, CLIXML and JSON' {
        $coverage = @(Test-ApiCoverage $image)
        $coverage | Export-Csv (Join-Path $TestDrive 'c.csv') -NoTypeInformation
        @(Import-Csv (Join-Path $TestDrive 'c.csv')).Count | Should -Be $coverage.Count
        $coverage | Export-Clixml (Join-Path $TestDrive 'c.xml')
        @(Import-Clixml (Join-Path $TestDrive 'c.xml')).Count | Should -Be $coverage.Count
        @($coverage | ConvertTo-Json -Depth 1 -WarningAction Stop | ConvertFrom-Json).Count | Should -Be $coverage.Count
    }
}
