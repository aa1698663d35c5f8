using System;
using System.IO;

namespace ApiLevel.Formats.Tests;

public sealed class ReadFailureTests
{
    [Theory]
    [InlineData(0x80070020)] // ERROR_SHARING_VIOLATION
    [InlineData(0x80070021)] // ERROR_LOCK_VIOLATION
    [InlineData(11)] // EWOULDBLOCK of Linux
    public void Says_that_another_program_uses_it(long error)
    {
        ReadFailure failure = ReadFailure.FromException("a.exe", new IOException("The process cannot access the file 'a.exe'.", unchecked((int)error)))!;
        Assert.Equal((ReadFailureKind.FileUnreadable, "Another program uses it."), (failure.Kind, failure.Message));
    }

    [Fact]
    public void Takes_a_name_that_Windows_does_not_allow_for_no_file() =>
        Assert.Equal(
            ReadFailureKind.FileNotFound,
            ReadFailure.FromException("a<b>.exe", new IOException("The file name is incorrect. : 'a<b>.exe'", unchecked((int)0x8007007B)))!.Kind);

    [Theory]
    [InlineData("The network path was not found. : '\\\\host\\share\\a.exe'", "The network path was not found.")]
    [InlineData("Input/output error", "Input/output error")]
    public void Leaves_out_the_path_that_the_runtime_adds(string message, string expected) =>
        Assert.Equal(expected, ReadFailure.FromException("a.exe", new IOException(message))!.Message);

    [Fact]
    public void Leaves_what_is_no_statement_about_a_file_to_others() =>
        Assert.Null(ReadFailure.FromException("a.exe", new InvalidOperationException()));
}
