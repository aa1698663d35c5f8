BeforeAll {
    $manifest = Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'ApiLevel.psd1'
    $overlay = Join-Path (Split-Path $PSScriptRoot) 'Fixtures/overlay.yml'
}

Describe 'Import-ApiEventMapping and Export-ApiEventMapping' {
    # Facts that were laid over stay until the module's session ends.
    BeforeEach {
        Import-Module $manifest -Force
    }

    It 'lays a file over the built-in facts' {
        $facts = @(Import-ApiEventMapping $overlay -PassThru)
        $facts.Api | Should -Be 'PssCaptureSnapshot'
        (Get-ApiEventMapping PssCaptureSnapshot -Source Sysmon -EventId 10).Reference | Should -Match 'overlay'
        (Get-ApiMappingStore).Overlays | Should -Match 'overlay\.yml'
    }

    It 'takes the rows of Import-Csv' {
        $file = Join-Path $TestDrive 'facts.csv'
        Get-ApiEventMapping CreateRemoteThread -Source Sysmon -NoLowerCall | Export-Csv $file
        (Import-Csv $file | Import-ApiEventMapping -PassThru).Api | Should -Contain 'CreateRemoteThread'
    }

    It 'changes nothing when one row is bad' {
        $before = (Get-ApiMappingStore).Mappings
        $rows = [pscustomobject]@{ Api = 'OpenProcess'; Source = 'Sysmon'; EventId = 10; Relation = 'Direct'; Evidence = 'Low'; Reference = 'a test' },
            [pscustomobject]@{ Api = 'OpenProcess'; Source = 'Sysmon'; EventId = 'ten' }
        $problems = $null
        $rows | Import-ApiEventMapping -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'OverlayInvalid,*'
        (Get-ApiMappingStore).Mappings | Should -Be $before
    }

    It 'writes a file that can be read again' {
        $file = Join-Path $TestDrive 'team.yml'
        Get-ApiEventMapping CreateRemoteThread -Source Sysmon -NoLowerCall | Export-ApiEventMapping $file
        $count = (Get-ApiMappingStore).Mappings
        (Import-ApiEventMapping $file -PassThru).Source | Should -Be 'Sysmon'
        (Get-ApiMappingStore).Mappings | Should -BeGreaterThan $count
    }

    It 'writes nothing with -WhatIf' {
        $file = Join-Path $TestDrive 'not.yml'
        Get-ApiEventMapping CreateRemoteThread -Source Sysmon -NoLowerCall | Export-ApiEventMapping $file -WhatIf
        $file | Should -Not -Exist
    }
}
