using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Security.Cryptography;
using System.Text;

namespace ApiLevel.Formats.Portable;

/// <summary>
/// The import hash by pefile's rule: module without .dll, .ocx or .sys, a dot, the function, in lower case and file order,
/// joined by commas, MD5. Ordinals of three modules have names in pefile; they are in ImpHashOrdinals.csv, as pefile spells them.
/// </summary>
internal sealed class ImportHash
{
    private const int Capacity = 16 * 1024;
    private const int MaximumEntry = 4096 + 512 + 16;
    private static readonly byte[] s_functionCharacters = MakeTable("._?@$()<>");
    private static readonly byte[] s_moduleCharacters = MakeTable("!#$%&'()-@^_`{}~+,.;=[]\\/");
    private static readonly byte[] s_invalid = Encoding.ASCII.GetBytes("*invalid*");
    private static Dictionary<string, Dictionary<int, byte[]>>? s_ordinals;
    private readonly byte[] _text = new byte[Capacity];
    private readonly byte[] _module = new byte[512];
    private readonly byte[] _wholeModule = new byte[512];
    private IncrementalHash? _hash;
    private int _length;
    private int _moduleLength;
    private int _wholeModuleLength;
    private bool _isSpilled;
    private bool _isEmpty;

    [ThreadStatic]
    private static ImportHash? s_kept;

    /// <summary>The hash of the imports among the references of an image.</summary>
    public static string Compute(IReadOnlyList<PortableReference> references)
    {
        ImportHash hash = s_kept ??= new ImportHash();
        hash.Begin();
        string? module = null;
        byte[] bytes = new byte[MaximumEntry];
        for (int i = 0; i < references.Count; i++)
        {
            PortableReference reference = references[i];
            if (reference.Kind != ReferenceKind.Import)
            {
                continue;
            }

            if (!ReferenceEquals(module, reference.Module))
            {
                module = reference.Module;
                hash.SetModule(module.Length == 0 ? s_invalid : ToBytes(module, bytes));
            }

            if (reference.Ordinal is { } ordinal)
            {
                hash.Add(ordinal);
            }
            else
            {
                hash.Add(ToBytes(reference.Name, bytes));
            }
        }

        return hash.Finish();
    }

    /// <summary>One byte a character: what is not ASCII becomes a byte that is in neither of pefile's alphabets.</summary>
    private static ReadOnlySpan<byte> ToBytes(string text, byte[] bytes)
    {
        for (int i = 0; i < text.Length; i++)
        {
            bytes[i] = text[i] < 0x80 ? (byte)text[i] : (byte)0xFF;
        }

        return bytes.AsSpan(0, text.Length);
    }

    /// <summary>Begins with another image.</summary>
    public void Begin()
    {
        if (_isSpilled)
        {
            _hash!.GetHashAndReset();
        }

        _length = 0;
        _isSpilled = false;
        _isEmpty = true;
    }

    /// <summary>Says which module the following functions belong to.</summary>
    /// <param name="module">As the file names it; at most 512 bytes.</param>
    public void SetModule(ReadOnlySpan<byte> module)
    {
        _wholeModuleLength = 0;
        byte[] valid = s_moduleCharacters;
        foreach (byte value in module)
        {
            byte lower = valid[value];
            if (lower == 0)
            {
                // pefile keeps the functions of a module whose name it cannot take, under this word.
                s_invalid.CopyTo(_wholeModule, 0);
                _wholeModuleLength = s_invalid.Length;
                break;
            }

            _wholeModule[_wholeModuleLength++] = lower;
        }

        int length = _wholeModuleLength;
        if (length >= 4 && _wholeModule[length - 4] == '.')
        {
            ReadOnlySpan<byte> extension = _wholeModule.AsSpan(length - 3, 3);
            if (extension.SequenceEqual("dll"u8) || extension.SequenceEqual("ocx"u8) || extension.SequenceEqual("sys"u8))
            {
                length -= 4;
            }
        }

        _wholeModule.AsSpan(0, length).CopyTo(_module);
        _moduleLength = length;
    }

    /// <summary>Adds a function by name; one that pefile does not take for a name is left out, as pefile does.</summary>
    public void Add(ReadOnlySpan<byte> name)
    {
        int start = BeginEntry(name.Length);
        byte[] valid = s_functionCharacters;
        byte[] text = _text;
        int at = _length;
        for (int i = 0; i < name.Length; i++)
        {
            byte lower = valid[name[i]];
            if (lower == 0)
            {
                _length = start;
                return;
            }

            text[at++] = lower;
        }

        _length = at;
        _isEmpty = false;
    }

    /// <summary>Adds a function by ordinal.</summary>
    public void Add(int ordinal)
    {
        // pefile leaves ordinal 0 out.
        if (ordinal == 0)
        {
            return;
        }

        if (FindName(ordinal) is { } name)
        {
            BeginEntry(name.Length);
            name.CopyTo(_text, _length);
            _length += name.Length;
        }
        else
        {
            BeginEntry(8);
            "ord"u8.CopyTo(_text.AsSpan(_length));
            _length += 3;
            int digits = ordinal >= 10000 ? 5 : ordinal >= 1000 ? 4 : ordinal >= 100 ? 3 : ordinal >= 10 ? 2 : 1;
            for (int i = digits - 1; i >= 0; i--)
            {
                _text[_length + i] = (byte)('0' + (ordinal % 10));
                ordinal /= 10;
            }

            _length += digits;
        }

        _isEmpty = false;
    }

    /// <summary>Gives the hash; empty when nothing was added.</summary>
    public string Finish()
    {
        if (_isEmpty)
        {
            return "";
        }

        if (!_isSpilled)
        {
            return Digest.Md5(_text, _length);
        }

        _hash!.AppendData(_text, 0, _length);
        _isSpilled = false;
        return Digest.ToHex(_hash.GetHashAndReset());
    }

    private int BeginEntry(int nameLength)
    {
        // An entry is undone by taking its start back, so it must not be spilled before it is whole.
        if (_length + MaximumEntry > Capacity && _length + _moduleLength + nameLength + 2 > Capacity)
        {
            _hash ??= CreateMd5();
            _hash.AppendData(_text, 0, _length);
            _isSpilled = true;
            _length = 0;
        }

        int start = _length;
        if (!_isEmpty)
        {
            _text[_length++] = (byte)',';
        }

        _module.AsSpan(0, _moduleLength).CopyTo(_text.AsSpan(_length));
        _length += _moduleLength;
        _text[_length++] = (byte)'.';
        return start;
    }

    private byte[]? FindName(int ordinal)
    {
        ReadOnlySpan<byte> module = _wholeModule.AsSpan(0, _wholeModuleLength);
        string? table = module.SequenceEqual("ws2_32.dll"u8) || module.SequenceEqual("wsock32.dll"u8) ? "ws2_32"
            : module.SequenceEqual("oleaut32.dll"u8) ? "oleaut32"
            : null;
        return table is not null && Ordinals[table].TryGetValue(ordinal, out byte[]? name) ? name : null;
    }

    private static Dictionary<string, Dictionary<int, byte[]>> Ordinals => s_ordinals ??= LoadOrdinals();

    private static Dictionary<string, Dictionary<int, byte[]>> LoadOrdinals()
    {
        var tables = new Dictionary<string, Dictionary<int, byte[]>>(StringComparer.Ordinal);
        using Stream stream = typeof(ImportHash).Assembly.GetManifestResourceStream("ImpHashOrdinals.csv")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            string[] fields = line.Split(',');
            if (!tables.TryGetValue(fields[0], out Dictionary<int, byte[]>? table))
            {
                tables[fields[0]] = table = [];
            }

            table[int.Parse(fields[1], CultureInfo.InvariantCulture)] = Encoding.ASCII.GetBytes(fields[2]);
        }

        return tables;
    }

    private static byte[] MakeTable(string punctuation)
    {
        var table = new byte[256];
        for (int c = 'a'; c <= 'z'; c++)
        {
            table[c] = (byte)c;
            table[c - 32] = (byte)c;
        }

        for (int c = '0'; c <= '9'; c++)
        {
            table[c] = (byte)c;
        }

        foreach (char c in punctuation)
        {
            table[c] = (byte)c;
        }

        return table;
    }

#pragma warning disable CA5351 // The import hash is MD5 by definition; it names a set of imports and protects nothing.
    private static IncrementalHash CreateMd5() => IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
}
