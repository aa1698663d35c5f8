BeforeAll {
    $manifest = Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'ApiLevel.psd1'
    Import-Module $manifest -Force
}

Describe 'Get-ApiEventMapping' {
    It 'finds an API by <_>' -ForEach 'LogonUserA', 'LogonUserW', 'LogonUser', 'advapi32!LogonUser', 'LogonUse?' {
        $found = Get-ApiEventMapping $_ -Source Security -EventId 4624 | Where-Object Api -EQ 'LogonUser'
        $found.Module | Should -Be 'advapi32'
        $found.Condition | Should -Not -BeNullOrEmpty
    }

    It 'finds the APIs behind an event' {
        (Get-ApiEventMapping -Source Security -EventId 4624).Api | Should -Contain 'LogonUser'
    }

    It 'takes names from the pipeline' {
        ('OpenProcess' | Get-ApiEventMapping).EventId | Should -Contain 10
    }

    It 'takes foreign objects by their properties, also from another process' {
        $source = [pscustomobject]@{ Api = 'OpenProcess'; Module = 'kernel32' }
        $file = Join-Path $TestDrive 'api.xml'
        $source | Export-Clixml $file
        ($source | Get-ApiEventMapping).EventId | Should -Contain 10
        (Import-Clixml $file | Get-ApiEventMapping).EventId | Should -Contain 10
    }

    It 'reports an unknown name once and goes on' {
        $problems = $null
        'NoSuchApiName', 'OpenProcess' | Get-ApiEventMapping -ErrorAction SilentlyContinue -ErrorVariable problems | Should -Not -BeNullOrEmpty
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'ApiNotFound,*'
    }

    It 'ends at once for an unknown source' {
        { Get-ApiEventMapping -Source NoSuchSource } | Should -Throw -ErrorId 'SourceNotFound,*'
    }

    It 'goes into a CSV file and back' {
        $file = Join-Path $TestDrive 'mappings.csv'
        $mappings = @(Get-ApiEventMapping LogonUserA)
        $mappings | Export-Csv $file -NoTypeInformation
        $rows = @(Import-Csv $file)
        $rows.Count | Should -Be $mappings.Count
        $rows[0].PSObject.Properties.Name | Should -Be $mappings[0].PSObject.Properties.Name
        $rows[0].Condition | Should -Be $mappings[0].Condition
    }

    It 'goes into CLIXML and back, and is still shown as a table' {
        $file = Join-Path $TestDrive 'mappings.xml'
        $mappings = @(Get-ApiEventMapping LogonUserA)
        $mappings | Export-Clixml $file
        $back = @(Import-Clixml $file)
        $back[0].PSObject.TypeNames[0] | Should -Be 'Deserialized.ApiLevel.ApiEventMapping'
        $back | Out-String -Width 120 | Should -Be ($mappings | Out-String -Width 120)
    }

    It 'goes into JSON' {
        $json = Get-ApiEventMapping LogonUserA | ConvertTo-Json -Depth 1 -WarningAction Stop | ConvertFrom-Json
        @($json)[0].Api | Should -Be 'LogonUser'
    }

    It 'works in a job' {
        $job = Start-Job -ScriptBlock { param($m) Import-Module $m; Get-ApiEventMapping LogonUserA } -ArgumentList $manifest
        (Receive-Job $job -Wait -AutoRemoveJob).EventId | Should -Contain 4624
    }

    It 'is a table of at most five columns within 120' {
        $lines = Get-ApiEventMapping LogonUserA | Out-String -Width 120 -Stream
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 120
        @(($lines -match '^---')[0] -split '\s+' -ne '').Count | Should -BeLessOrEqual 5
    }

    It 'shows everything as a list' {
        $text = Get-ApiEventMapping LogonUserA | Select-Object -First 1 | Format-List | Out-String
        foreach ($property in 'Requirement', 'Emitter', 'Evidence', 'Reference') {
            $text | Should -Match "$property\s+:"
        }
    }

    It 'completes APIs and sources' {
        (TabExpansion2 'Get-ApiEventMapping LogonUs' 27).CompletionMatches.CompletionText | Should -Contain 'LogonUser'
        (TabExpansion2 'Get-ApiEventMapping -Source Sysm' 32).CompletionMatches.CompletionText | Should -Contain 'Sysmon'
    }
}
