BeforeAll {
    $root = Split-Path (Split-Path $PSScriptRoot)
    $manifest = Join-Path $root 'ApiLevel.psd1'
    Import-Module $manifest -Force
}

Describe 'The module' {
    It 'has a valid manifest' {
        (Test-ModuleManifest $manifest).Name | Should -Be 'ApiLevel'
    }

    It 'exports what its manifest names and nothing else' {
        # RootModule is chosen by an expression, which Import-PowerShellDataFile refuses.
        $named = (Test-ModuleManifest $manifest).ExportedCmdlets.Keys
        (Get-Command -Module ApiLevel).Name | Sort-Object | Should -Be ($named | Sort-Object)
    }

    It 'imports without opening the facts' {
        $facts = Join-Path $root 'bin/ApiLevel.facts'
        $shell = (Get-Process -Id $PID).Path
        $copy = Join-Path $TestDrive 'ApiLevel'
        $null = New-Item -ItemType Directory -Path $copy
        Copy-Item $manifest $copy
        Copy-Item (Join-Path $root 'bin') $copy -Recurse
        Remove-Item (Join-Path $copy 'bin/ApiLevel.facts')

        & $shell -NoProfile -NonInteractive -Command "Import-Module '$copy/ApiLevel.psd1' -ErrorAction Stop; (Get-Module ApiLevel).Name" | Should -Be 'ApiLevel'
        Test-Path $facts | Should -BeTrue
    }

    It 'can be removed and imported again' {
        Remove-Module ApiLevel
        Get-Command Get-ApiEventMapping -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        Import-Module $manifest
        Get-ApiEventMapping LogonUserA | Should -Not -BeNullOrEmpty
    }

    It 'writes nothing to any stream while it is imported' {
        Import-Module $manifest -Force *>&1 | Should -BeNullOrEmpty
    }
}
