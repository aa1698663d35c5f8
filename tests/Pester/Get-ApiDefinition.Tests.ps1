BeforeAll {
    Import-Module (Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'ApiLevel.psd1') -Force
}

Describe 'Get-ApiDefinition' {
    It 'knows an API by <_>' -ForEach 'OpenProcess', 'kernel32!OpenProcess', 'kernelbase!OpenProcess' {
        (Get-ApiDefinition $_).Module | Should -Be 'kernel32'
    }

    It 'takes names and foreign objects from the pipeline' {
        ('OpenProcess', 'CreateFileW' | Get-ApiDefinition).Count | Should -Be 2
        ([pscustomobject]@{ Api = 'OpenProcess' } | Get-ApiDefinition).Api | Should -Be 'OpenProcess'
    }

    It 'groups by a property, as Group-Object needs it' {
        (Get-ApiDefinition NtOpenProcess* | Group-Object Module).Name | Should -Contain 'ntdll'
    }
}
