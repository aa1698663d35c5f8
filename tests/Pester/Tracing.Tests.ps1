BeforeAll {
    Import-Module (Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'ApiLevel.psd1') -Force
}

Describe 'Get-ApiTracePlan' {
    It 'says for each event whether a session gets it' {
        $plan = @(Get-ApiTracePlan -Api NtOpenProcess, WriteProcessMemory)
        ($plan | Where-Object EventId -EQ 5).Deliverable | Should -BeTrue
        ($plan | Where-Object Source -Match 'Threat-Intelligence').Deliverable | Should -Not -Contain $true
    }
}

Describe 'A trace of a .NET process' -Skip:($PSVersionTable.PSEdition -ne 'Core') {
    BeforeAll {
        # Another PowerShell is a .NET process that can be had wherever these files run.
        $shell = (Get-Process -Id $PID).Path
        $arguments = '-NoProfile', '-NonInteractive', '-Command', 'Start-Sleep -Milliseconds 100; $null = Get-Process -Id $PID'
    }

    It 'sees the calls of a program that it starts' {
        $trace = Start-ApiTelemetryTrace -Name ApiLevel-Pester -FilePath $shell -ArgumentList $arguments
        try {
            $found = @(Receive-ApiTelemetryTrace -Trace $trace -Wait -Duration 0:0:30)
            $found.Count | Should -BeGreaterThan 0
            $found[0].ProcessId | Should -Be $trace.ProcessId
        }
        finally {
            $ended = Stop-ApiTelemetryTrace -Trace $trace
        }

        $ended.State | Should -Be 'Stopped'
        $ended.Complete | Should -BeTrue
    }

    It 'is written to a file that can be read again' {
        $file = Join-Path $TestDrive 'trace.nettrace'
        Start-ApiTelemetryTrace -Name ApiLevel-Pester -FilePath $shell -ArgumentList $arguments -Path $file | Stop-ApiTelemetryTrace | Out-Null
        $file | Should -Exist
        { Get-ApiTelemetryEvent $file -ErrorAction Stop } | Should -Not -Throw
    }

    It 'is listed while it runs, and not afterwards' {
        $trace = Start-ApiTelemetryTrace -Name ApiLevel-Pester -FilePath $shell -ArgumentList $arguments
        (Get-ApiTelemetryTrace -Name ApiLevel-Pester).State | Should -Be 'Running'
        $trace | Stop-ApiTelemetryTrace | Out-Null
        Get-ApiTelemetryTrace -Name ApiLevel-Pester -ErrorAction SilentlyContinue | Where-Object State -EQ 'Running' | Should -BeNullOrEmpty
    }

    It 'starts nothing with -WhatIf, and writes the plan' {
        $file = Join-Path $TestDrive 'not.nettrace'
        (Start-ApiTelemetryTrace -Name ApiLevel-Pester -FilePath $shell -ArgumentList $arguments -Path $file -WhatIf).PSObject.TypeNames[0] | Should -Be 'ApiLevel.ApiTracePlan'
        $file | Should -Not -Exist
    }
}

Describe 'A session of ETW' {
    It 'needs Windows, and says what works elsewhere' -Skip:($PSVersionTable.Platform -ne 'Unix') {
        { Start-ApiTelemetryTrace -Api NtOpenProcess } | Should -Throw -ErrorId 'TraceNeedsWindows,*'
    }
}
