using System;
using System.Text;

namespace ApiLevel.Facts;

/// <summary>How the heap orders strings.</summary>
internal static class StoreStrings
{
    /// <summary>Compares UTF-8 with ASCII letters folded to lower case.</summary>
    public static int CompareFolded(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int length = Math.Min(left.Length, right.Length);
        for (int i = 0; i < length; i++)
        {
            int a = Fold(left[i]);
            int b = Fold(right[i]);
            if (a != b)
            {
                return a - b;
            }
        }

        return left.Length - right.Length;
    }

    /// <summary>The heap's order: folded first, then by the bytes.</summary>
    public static int Compare(byte[] left, byte[] right)
    {
        int order = CompareFolded(left, right);
        return order != 0 ? order : left.AsSpan().SequenceCompareTo(right);
    }

    /// <summary>Encodes; the buffer has three bytes a character.</summary>
    public static int GetUtf8(ReadOnlySpan<char> text, Span<byte> buffer)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] >= 0x80)
            {
                byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
                bytes.AsSpan().CopyTo(buffer);
                return bytes.Length;
            }

            buffer[i] = (byte)text[i];
        }

        return text.Length;
    }

    private static int Fold(byte value) => value is >= (byte)'A' and <= (byte)'Z' ? value | 0x20 : value;
}
