BeforeDiscovery {
    Import-Module (Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'ApiLevel.psd1') -Force
    $cmdlets = Get-Command -Module ApiLevel | ForEach-Object { @{ Name = $_.Name } }
    $fileCmdlets = Get-Command -Module ApiLevel |
        Where-Object { $_.Parameters.ContainsKey('LiteralPath') -and $_.Parameters.ContainsKey('Recurse') } |
        ForEach-Object { @{ Name = $_.Name } }
}

Describe '<Name>' -ForEach $cmdlets {
    It 'has an approved verb' {
        (Get-Verb).Verb | Should -Contain ($Name -split '-')[0]
    }

    It 'says what it writes' {
        (Get-Command $Name).OutputType | Should -Not -BeNullOrEmpty
    }

    It 'supports WhatIf exactly when its verb changes something' {
        $changes = ($Name -split '-')[0] -in 'Start', 'Stop', 'Set', 'New', 'Remove', 'Export'
        (Get-Command $Name).Parameters.ContainsKey('WhatIf') | Should -Be $changes
    }
}

Describe '<Name> on files' -ForEach $fileCmdlets {
    BeforeAll {
        # One folder a cmdlet: the drive lives as long as the file.
        $folder = Join-Path $TestDrive $Name
        $null = New-Item -ItemType Directory -Path $folder
        $root = Split-Path (Split-Path $PSScriptRoot)
        $sample = Join-Path $root 'bin/netstandard2.0/ApiLevel.dll'
        if ($Name -eq 'Get-ApiTelemetryEvent') {
            $sample = Join-Path $root 'tests/Fixtures/recorded-events.json'
        }

        $extension = [IO.Path]::GetExtension($sample)
        $odd = Join-Path $folder "odd [name]'s$extension"
        [IO.File]::Copy($sample, $odd)
        $empty = Join-Path $folder "empty$extension"
        [IO.File]::WriteAllBytes($empty, [byte[]]::new(0))
        $count = @(& $Name -LiteralPath $sample).Count
    }

    It 'finds something' {
        $count | Should -BeGreaterThan 0
    }

    It 'takes Get-Item from the pipeline' {
        @(Get-Item -LiteralPath $odd | & $Name).Count | Should -Be $count
    }

    It 'takes Get-ChildItem from the pipeline' {
        @(Get-ChildItem $folder -Filter 'odd*' | & $Name).Count | Should -Be $count
    }

    It 'takes strings and wildcards' {
        @($odd | & $Name).Count | Should -Be $count
        @(& $Name -Path (Join-Path $folder 'odd*')).Count | Should -Be $count
    }

    It 'takes a path below a drive of the shell' {
        @(& $Name -LiteralPath "TestDrive:/$Name/odd [name]'s$extension").Count | Should -Be $count
    }

    It 'goes on after a bad file' {
        $problems = $null
        @($odd, $empty, $odd | & $Name -ErrorAction SilentlyContinue -ErrorVariable problems).Count | Should -Be (2 * $count)
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'FileEmpty,*'
    }
}
