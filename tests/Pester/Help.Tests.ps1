BeforeDiscovery {
    $root = Split-Path (Split-Path $PSScriptRoot)
    Import-Module (Join-Path $root 'ApiLevel.psd1') -Force
    $cmdlets = Get-Command -Module ApiLevel | ForEach-Object { @{ Name = $_.Name } }
    $topics = Get-ChildItem (Join-Path $root 'en-US') -Filter 'about_*.help.txt' | ForEach-Object { @{ Topic = $_.Name -replace '\.help\.txt$' } }
}

Describe 'The help of <Name>' -ForEach $cmdlets {
    BeforeAll {
        $common = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters
        $help = Get-Help $Name -Full
    }

    It 'has a synopsis of its own' {
        $help.Synopsis.Trim() | Should -Not -BeNullOrEmpty
        $help.Synopsis | Should -Not -Match "^\s*$Name "
    }

    It 'has a description' {
        ($help.description | Out-String).Trim() | Should -Not -BeNullOrEmpty
    }

    It 'has a text for each parameter' {
        foreach ($parameter in (Get-Command $Name).Parameters.Keys | Where-Object { $_ -notin $common }) {
            ((Get-Help $Name -Parameter $parameter).description | Out-String).Trim() | Should -Not -BeNullOrEmpty -Because "-$parameter"
        }
    }

    It 'has an example with a remark' {
        $help.examples.example | Should -Not -BeNullOrEmpty
        foreach ($example in $help.examples.example) {
            $example.code | Should -Match '^PS> '
            ($example.remarks | Out-String).Trim() | Should -Not -BeNullOrEmpty -Because $example.title
        }
    }
}

Describe 'The topic <Topic>' -ForEach $topics {
    It 'is found' {
        Get-Help $Topic | Out-String | Should -Match 'LONG DESCRIPTION'
    }
}
