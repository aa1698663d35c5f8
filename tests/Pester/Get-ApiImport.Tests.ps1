BeforeAll {
    $root = Split-Path (Split-Path $PSScriptRoot)
    Import-Module (Join-Path $root 'ApiLevel.psd1') -Force
    $image = Join-Path $root 'bin/private/netstandard2.0/Microsoft.Diagnostics.Tracing.TraceEvent.dll'
}

Describe 'Get-ApiImport' {
    It 'lists the native functions that .NET code binds' {
        $imports = Get-ApiImport $image -Kind PInvoke
        $imports.Api | Should -Contain 'OpenProcessToken'
        $imports.Kind | Select-Object -Unique | Should -Be 'PInvoke'
    }

    It 'leads to the mappings of each import' {
        (Get-ApiImport $image -Api AdjustTokenPrivileges | Get-ApiEventMapping).EventId | Should -Contain 4703
    }

    It 'reads a folder with -Recurse' {
        (Get-ApiImport (Split-Path $image) -Recurse -Summary).Path | Should -Contain $image
    }

    It 'gives the same through CLIXML' {
        $file = Join-Path $TestDrive 'imports.xml'
        $imports = @(Get-ApiImport $image)
        $imports | Export-Clixml $file
        @(Import-Clixml $file | Get-ApiEventMapping -ErrorAction SilentlyContinue).Count |
            Should -Be @($imports | Get-ApiEventMapping -ErrorAction SilentlyContinue).Count
    }

    It 'ends with the pipeline that has enough' {
        @(Get-ChildItem (Split-Path $image) -Filter *.dll | Get-ApiImport | Select-Object -First 1).Count | Should -Be 1
    }
}
