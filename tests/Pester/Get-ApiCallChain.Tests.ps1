BeforeAll {
    Import-Module (Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'ApiLevel.psd1') -Force
}

Describe 'Get-ApiCallChain' {
    It 'goes down to the system call' {
        $steps = @(Get-ApiCallChain CreateRemoteThread)
        $steps[0].Api | Should -Be 'CreateRemoteThread'
        $steps[-1].Layer | Should -Be 'Syscall'
    }

    It 'takes the imports of a file' {
        $image = Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'bin/private/netstandard2.0/Microsoft.Diagnostics.Tracing.TraceEvent.dll'
        (Get-ApiImport $image -Kind PInvoke -Api StartTraceW | Get-ApiCallChain).Count | Should -BeGreaterThan 0
    }

    It 'ends at the depth that was asked for' {
        (Get-ApiCallChain CreateRemoteThread -Depth 1 | Measure-Object Depth -Maximum).Maximum | Should -BeLessOrEqual 1
    }

    It 'draws the chain' {
        Get-ApiCallChain CreateRemoteThread -Mermaid | Should -Match 'NtCreateThreadEx'
    }

    It 'goes into a CSV file' {
        $file = Join-Path $TestDrive 'chain.csv'
        $steps = @(Get-ApiCallChain CreateRemoteThread)
        $steps | Export-Csv $file
        @(Import-Csv $file).Count | Should -Be $steps.Count
    }
}
