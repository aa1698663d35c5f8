using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using ApiLevel.Fixtures;

namespace ApiLevel.Formats.Tests.EventLog;

/// <summary>Logs made to hurt. Each must end soon, with what could be read and a problem.</summary>
public class EvtxHostileTests
{
    private static readonly EvtxTemplate s_text = EvtxEvents.Data(("Text", 0x01));

    [Fact]
    public void Survives_damaged_logs()
    {
        const int Mutants = 1500;
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] log = EvtxMutation.Seed();
        long records = 0;
        for (int i = 0; i < Mutants; i++)
        {
            byte[] mutant = EvtxMutation.Mutate(log, random);
            try
            {
                (long count, int _, TimeSpan time) = EvtxMutation.Read(mutant);
                records += count;
                Assert.True(time < TimeSpan.FromSeconds(20), $"mutant {i} of seed {seed} took {time}");
            }
            catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"mutant {i} of seed {seed}: {exception}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {Mutants} mutants, {records} records of {Mutants * 60}");
        Assert.InRange(records, Mutants * 60 / 4, Mutants * 60);
    }

    [Fact]
    public void Ends_values_that_contain_themselves_many_times_over()
    {
        // Each level of nesting repeats the next one twenty times: 20 to the power of 7 leaves.
        var twenty = new EvtxTemplate(static c =>
        {
            c.Open("EventData");
            c.CloseStart();
            for (int i = 0; i < 20; i++)
            {
                c.Substitution(0, 0x21);
            }

            c.End();
        });
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, c => Nest(c, 7));
        EvtxEvents.Add(chunk, 2, 2, s_text, EvtxValue.Text("good"));

        (List<EventRecord> records, List<string> _, List<Problem> problems) = Hurried(EvtxFile.Build(chunk));

        Assert.Equal([1, 2], records.Select(record => record.EventId));
        Assert.Equal("good", records[1]["Text"]);
        Assert.NotEqual(PayloadState.Decoded, records[0].PayloadState);
        Assert.Contains("work", Assert.Single(problems).What, StringComparison.Ordinal);

        void Nest(EvtxChunk c, int depth)
        {
            c.FragmentHeader();
            if (depth == 0)
            {
                c.Instance(twenty, EvtxValue.Null);
            }
            else
            {
                c.InstanceWithNested(twenty, [], inner => Nest(inner, depth - 1));
            }
        }
    }

    [Fact]
    public void Ends_nesting_that_is_deeper_than_any_event()
    {
        var one = new EvtxTemplate(static c =>
        {
            c.Open("EventData");
            c.CloseStart();
            c.Substitution(0, 0x21);
            c.End();
        });
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, c => Nest(c, 200));

        List<Problem> problems = Hurried(EvtxFile.Build(chunk)).Problems;

        Assert.Contains("nesting", Assert.Single(problems).What, StringComparison.Ordinal);

        void Nest(EvtxChunk c, int depth)
        {
            c.FragmentHeader();
            if (depth > 0)
            {
                c.InstanceWithNested(one, [], inner => Nest(inner, depth - 1));
            }
        }
    }

    [Fact]
    public void Ends_elements_that_are_nested_deeper_than_any_event()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, static c =>
        {
            c.FragmentHeader();
            for (int i = 0; i < 3000; i++)
            {
                c.Open("a");
                c.CloseStart();
            }
        });

        Assert.Contains("nesting", Assert.Single(Hurried(EvtxFile.Build(chunk)).Problems).What, StringComparison.Ordinal);
    }

    [Fact]
    public void Ends_a_template_that_writes_one_long_value_thousands_of_times()
    {
        var many = new EvtxTemplate(static c =>
        {
            c.Open("EventData");
            c.CloseStart();
            for (int i = 0; i < 1500; i++)
            {
                c.Open("Data");
                c.CloseStart();
                c.Substitution(0, 0x01, optional: false);
                c.End();
            }

            c.End();
        });
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, c =>
        {
            c.FragmentHeader();
            c.Instance(many, EvtxValue.Text(new string('x', 12000)));
        });

        long before = GC.GetAllocatedBytesForCurrentThread();
        (List<EventRecord> records, List<string> _, List<Problem> problems) = Hurried(EvtxFile.Build(chunk));

        Assert.Equal(PayloadState.Partial, Assert.Single(records).PayloadState);
        Assert.Single(problems);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 128 << 20);
    }

    [Fact]
    public void Takes_no_number_of_values_from_the_file_on_trust()
    {
        foreach (uint count in (uint[])[uint.MaxValue, int.MaxValue, 0x10000, 0x3FFF])
        {
            var chunk = new EvtxChunk();
            chunk.Record(1, EvtxEvents.Time, c =>
            {
                c.FragmentHeader();
                c.Token(0x0C, 1);
                c.UInt32(0);
                c.UInt32((uint)c.Position + 4);
                c.Definition(s_text);
                c.UInt32(count);
            });

            (List<EventRecord> records, List<string> _, List<Problem> problems) = Hurried(EvtxFile.Build(chunk));
            Assert.Empty(records);
            Assert.Contains("skipped", Assert.Single(problems).What, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(0x80000000)]
    [InlineData(0xFFF8u)]
    [InlineData(0x10000u)]
    [InlineData(0u)]
    public void Follows_no_offset_out_of_the_chunk(uint offset)
    {
        var chunk = new EvtxChunk();
        chunk.Record(1, EvtxEvents.Time, c =>
        {
            c.FragmentHeader();
            c.Token(0x0C, 1);
            c.UInt32(0);
            c.UInt32(offset);
            c.Values();
        });
        chunk.Record(2, EvtxEvents.Time, c =>
        {
            c.FragmentHeader();
            c.Token(0x01);
            c.UInt32(0);
            c.UInt32(offset);
        });

        (List<EventRecord> records, List<string> _, List<Problem> problems) = Hurried(EvtxFile.Build(chunk));

        Assert.Empty(records);
        Assert.Equal(2, problems.Count);
    }

    [Fact]
    public void Survives_a_template_that_is_its_own_instance()
    {
        var chunk = new EvtxChunk();
        chunk.Record(1, EvtxEvents.Time, c =>
        {
            c.FragmentHeader();
            int instance = c.Position;
            c.Token(0x0C, 1);
            c.UInt32(0);
            c.UInt32((uint)instance);
            c.Values(new EvtxValue(0x21, new byte[40]));
        });

        Assert.Single(Hurried(EvtxFile.Build(chunk)).Problems);
    }

    [Fact]
    public void Compiles_no_templates_without_end()
    {
        // Every record names another place in one large body as its template, and each place compiles to the body's end.
        var chunk = new EvtxChunk();
        int body = 0;
        chunk.Record(1, EvtxEvents.Time, c =>
        {
            body = c.Position;
            for (int i = 0; i < 4000; i++)
            {
                c.Token(0x08, 0x20, 0x00); // references, one node each
            }
        });
        for (int i = 0; i < 900; i++)
        {
            int target = body + (3 * (i % 8));
            chunk.Record(2 + i, EvtxEvents.Time, c =>
            {
                c.FragmentHeader();
                c.Token(0x0C, 1);
                c.UInt32(0);
                c.UInt32((uint)target);
            });
        }

        Assert.NotEmpty(Hurried(EvtxFile.Build(chunk)).Problems);
    }

    [Fact]
    public void Lists_a_hundred_problems_and_counts_the_rest()
    {
        var chunk = new EvtxChunk();
        for (int i = 1; i <= 500; i++)
        {
            chunk.Record(i, EvtxEvents.Time, static c => c.Token(0x0F, 1, 1, 0, 0x55));
        }

        List<Problem> problems = Hurried(EvtxFile.Build(chunk)).Problems;

        Assert.Equal(101, problems.Count);
        Assert.Contains("400", problems[100].What, StringComparison.Ordinal);
    }

    [Fact]
    public void Looks_for_records_in_linear_time()
    {
        // Signatures everywhere, no record anywhere.
        byte[] bytes = EvtxFile.Build(new EvtxChunk { Position = EvtxChunk.Size });
        for (int i = 4096 + 512; i + 8 <= bytes.Length; i += 8)
        {
            "**\0\0"u8.CopyTo(bytes.AsSpan(i));
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i + 4), 0x7FFF);
        }

        Assert.Empty(Hurried(bytes).Records);
    }

    private static (List<EventRecord> Records, List<string> Xml, List<Problem> Problems) Hurried(byte[] bytes)
    {
        var clock = Stopwatch.StartNew();
        var read = Logs.ReadAll(bytes);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), "took " + clock.Elapsed);
        return (read.Records, read.Xml, read.Problems);
    }
}
