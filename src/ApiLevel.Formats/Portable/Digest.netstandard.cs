using System;
using System.Security.Cryptography;

namespace ApiLevel.Formats.Portable;

/// <summary>Digests as lower-case hex.</summary>
internal static class Digest
{
#pragma warning disable CA5351 // The import hash is MD5 by definition; it names a set of imports and protects nothing.
    public static string Md5(byte[] bytes, int length)
    {
        using MD5 md5 = MD5.Create();
        return ToHex(md5.ComputeHash(bytes, 0, length));
    }
#pragma warning restore CA5351

    public static string ToHex(ReadOnlySpan<byte> hash)
    {
        const string Digits = "0123456789abcdef";
        var text = new char[hash.Length * 2];
        for (int i = 0; i < hash.Length; i++)
        {
            text[2 * i] = Digits[hash[i] >> 4];
            text[(2 * i) + 1] = Digits[hash[i] & 15];
        }

        return new string(text);
    }
}
