using System;
using System.Diagnostics;
using System.Linq;
using System.Text;
using System.Threading;
using ApiLevel.Formats.Configuration.Sysmon;

namespace ApiLevel.Formats.Tests.Configuration;

public sealed class SysmonConfigurationHostileTests
{
    private const string Sample =
        "<?xml version=\"1.0\"?><Sysmon schemaversion=\"4.90\"><HashAlgorithms>*</HashAlgorithms><EventFiltering><RuleGroup name=\"\" groupRelation=\"or\">"
        + "<ProcessCreate onmatch=\"include\"><Rule name=\"r\" groupRelation=\"and\"><Image condition=\"is\">a&lt;</Image></Rule>"
        + "<Image>b<!-- c --></Image></ProcessCreate></RuleGroup></EventFiltering></Sysmon>";

    [Fact]
    public void A_file_that_stops_anywhere_is_one_failure()
    {
        foreach (Encoding encoding in (Encoding[])[Encoding.UTF8, Encoding.Unicode])
        {
            byte[] whole = encoding.GetBytes(Sample);
            for (int length = 0; length < whole.Length; length++)
            {
                SysmonConfigurationResult result = Read(whole.AsMemory(0, length));
                Assert.Null(result.Configuration);
                Assert.NotNull(result.Failure);
            }

            Assert.NotNull(Read(whole).Configuration);
        }
    }

    [Fact]
    public void Damaged_files_give_a_configuration_or_a_failure_and_never_throw()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] sample = Encoding.UTF8.GetBytes(Sample);
        int read = 0;
        for (int i = 0; i < 5000; i++)
        {
            byte[] mutant = (byte[])sample.Clone();
            for (int k = random.Next(1, 4); k > 0; k--)
            {
                int at = random.Next(mutant.Length);
                switch (random.Next(3))
                {
                    case 0:
                        mutant[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        int from = random.Next(mutant.Length);
                        int count = random.Next(Math.Min(40, mutant.Length - Math.Max(at, from)));
                        Array.Copy(mutant, from, mutant, at, count);
                        break;
                    default:
                        mutant = [.. mutant.Take(at), .. mutant.Skip(at + random.Next(20))];
                        break;
                }

                if (mutant.Length == 0)
                {
                    break;
                }
            }

            SysmonConfigurationResult result;
            try
            {
                result = Read(mutant);
            }
            catch (Exception exception)
            {
                Assert.Fail($"mutant {i} of seed {seed}: {exception}");
                throw;
            }

            Assert.True(result.Configuration is null ^ result.Failure is null, $"mutant {i} of seed {seed}");
            read += result.Configuration is null ? 0 : 1;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {read} of 5000 mutants could be read");
    }

    [Theory]
    [InlineData("<!DOCTYPE Sysmon><Sysmon/>")]
    [InlineData("<!DOCTYPE Sysmon SYSTEM \"file:///etc/passwd\"><Sysmon/>")]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><Sysmon><HashAlgorithms>&c;</HashAlgorithms></Sysmon>")]
    [InlineData("<Sysmon><HashAlgorithms>&unknown;</HashAlgorithms></Sysmon>")]
    public void A_document_type_and_entities_of_ones_own_are_refused(string text)
    {
        SysmonConfigurationResult result = Read(Encoding.UTF8.GetBytes(text));

        Assert.Null(result.Configuration);
        Assert.Equal(ReadFailureKind.WrongFormat, result.Failure!.Kind);
    }

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        string text = "<Sysmon><EventFiltering>" + string.Concat(Enumerable.Repeat("<a>", 1_000_000));

        SysmonConfigurationResult result = Read(Encoding.UTF8.GetBytes(text));

        Assert.Contains("deeper nesting", result.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_without_end_does_not_come_back_in_the_message()
    {
        string name = new('a', 1_000_000);

        Assert.True(Read(Encoding.UTF8.GetBytes("<" + name + "/>")).Failure!.Message.Length < 300);
        Assert.True(Read(Encoding.UTF8.GetBytes("<Sysmon><" + name + "></Sysmon>")).Failure!.Message.Length < 500);
        Assert.All(
            Read(Encoding.UTF8.GetBytes("<Sysmon><EventFiltering x=\"\"><A onmatch=\"\" " + name + "=\"\"/></EventFiltering></Sysmon>")).Problems,
            static problem => Assert.True(problem.What.Length < 300));
    }

    [Fact]
    public void A_hundred_megabytes_of_rules_are_read()
    {
        using var source = new RepeatedRules(100 << 20);
        var clock = Stopwatch.StartNew();

        SysmonConfigurationResult result = SysmonConfigurationReader.Read(source, "large.xml", TestContext.Current.CancellationToken);

        Assert.Equal(source.Rules, Assert.Single(result.Configuration!.Sections).Items.Count);
        Assert.Empty(result.Problems);
        TestContext.Current.TestOutputHelper?.WriteLine($"{source.Rules} rules in {clock.Elapsed}");
    }

    [Fact]
    public void More_than_a_configuration_can_be_is_refused_before_it_is_read()
    {
        using var source = new RepeatedRules(SysmonConfigurationReader.MaximumLength + 1);

        Assert.Contains("256 MiB", SysmonConfigurationReader.Read(source, "large.xml", TestContext.Current.CancellationToken).Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(0, source.Reads);
    }

    [Fact]
    public void A_cancelled_read_ends()
    {
        using var source = new RepeatedRules(8 << 20);

        Assert.Throws<OperationCanceledException>(() => SysmonConfigurationReader.Read(source, "large.xml", new CancellationToken(canceled: true)));
    }

    private static SysmonConfigurationResult Read(ReadOnlyMemory<byte> bytes) => SysmonConfigurationReader.Read(ByteSource.FromMemory(bytes), "a.xml", TestContext.Current.CancellationToken);

    /// <summary>A configuration with one line repeated up to a size, made while it is read.</summary>
    private sealed class RepeatedRules : ByteSource
    {
        private static readonly byte[] s_head = Encoding.ASCII.GetBytes("<Sysmon schemaversion=\"4.90\"><EventFiltering><ProcessCreate onmatch=\"include\">");
        private static readonly byte[] s_line = Encoding.ASCII.GetBytes("<Image condition=\"end with\" name=\"technique_id=T1059\">\\Windows\\System32\\cmd.exe</Image>\r\n");
        private static readonly byte[] s_tail = Encoding.ASCII.GetBytes("</ProcessCreate></EventFiltering></Sysmon>");

        public RepeatedRules(long size)
        {
            Rules = (int)((size / s_line.Length) + 1);
            Length = s_head.Length + ((long)Rules * s_line.Length) + s_tail.Length;
        }

        public int Rules { get; }

        public int Reads { get; private set; }

        public override long Length { get; }

        public override int Read(long position, Span<byte> buffer)
        {
            Reads++;
            int done = 0;
            while (done < buffer.Length && position < Length)
            {
                long tail = Length - s_tail.Length;
                ReadOnlySpan<byte> part = position < s_head.Length ? s_head.AsSpan((int)position)
                    : position >= tail ? s_tail.AsSpan((int)(position - tail))
                    : s_line.AsSpan((int)((position - s_head.Length) % s_line.Length));
                int count = Math.Min(part.Length, buffer.Length - done);
                part[..count].CopyTo(buffer[done..]);
                done += count;
                position += count;
            }

            return done;
        }
    }
}
