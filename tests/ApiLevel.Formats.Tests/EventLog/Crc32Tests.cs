using System;
using ApiLevel.Formats.EventLog;

namespace ApiLevel.Formats.Tests.EventLog;

public class Crc32Tests
{
    [Fact]
    public void Has_the_check_value_of_the_polynomial() => Assert.Equal(0xCBF43926u, Crc32.Append(0, "123456789"u8));

    [Fact]
    public void Is_the_same_for_any_length_and_in_pieces_of_any_length()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] bytes = new byte[1000];
        random.NextBytes(bytes);
        for (int length = 0; length <= bytes.Length; length++)
        {
            uint expected = Plain(bytes.AsSpan(0, length));
            int cut = random.Next(length + 1);
            Assert.True(expected == Crc32.Append(0, bytes.AsSpan(0, length)), $"length {length}, seed {seed}");
            Assert.True(expected == Crc32.Append(Crc32.Append(0, bytes.AsSpan(0, cut)), bytes.AsSpan(cut, length - cut)), $"length {length}, cut {cut}, seed {seed}");
        }
    }

    // Bit by bit, as it is defined.
    private static uint Plain(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
            }
        }

        return ~crc;
    }
}
