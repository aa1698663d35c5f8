using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;

namespace ApiLevel.Formats.Portable;

/// <summary>
/// What can be guessed from constants and strings: COM ids, names of functions that are looked up at run time, hashes of such
/// names. The only part that reads whole sections, and only when asked.
/// </summary>
internal sealed partial class ImageParser
{
    private const string Inferred = "inference";

    private const int ChunkSize = 256 * 1024;

    /// <summary>What a constant or a string may need behind its place, and what decides before it whether it begins there.</summary>
    private const int Overlap = 512;

    private const int Before = 4;

    private const int ShortestName = 4;

    private const int LongestName = 128;

    /// <summary>Any one number is some name's hash by chance; several of one algorithm are not.</summary>
    private const int FewestHashes = 3;

    /// <summary>True when a function that looks up functions by name is imported: without it, names in strings are only words.</summary>
    private bool _resolvesNames;

    private void NoteResolver(ReadOnlySpan<byte> name)
    {
        _resolvesNames |= name.StartsWith("GetProcAddress"u8) || name.StartsWith("LdrGetProcedureAddress"u8) || name.StartsWith("LoadLibrary"u8);
    }

    private void Infer(IInferenceDictionary dictionary)
    {
        bool findsNames = dictionary.FindNames && _resolvesNames && IsWanted(ReferenceKind.DynamicName);
        bool findsClasses = dictionary.FindComClasses && IsWanted(ReferenceKind.ComClass);
        bool findsHashes = dictionary.FindHashes && IsWanted(ReferenceKind.ApiHash);
        if (!findsNames && !findsClasses && !findsHashes)
        {
            return;
        }

        var known = new HashSet<string>(StringComparer.Ordinal);
        References.CollectNames(known);
        var search = new ConstantSearch(dictionary, findsNames, findsClasses, findsHashes, known);
        var budget = new ReadBudget(4 * Math.Max(ReadBudget.MinimumWork, Bytes.Length), long.MaxValue, 1, TimeSpan.FromSeconds(1), Budget.Cancellation);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            foreach (ref readonly Section section in Headers.Sections)
            {
                if (Headers.Map.Find(section.VirtualAddress, out long start, out long length) == Backing.File &&
                    !TryScan(in section, start, length, buffer, search, budget))
                {
                    return;
                }
            }

            foreach (PortableReference hash in search.TakeHashes(FewestHashes))
            {
                if (!TryKeep(in hash, Inferred))
                {
                    return;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool TryScan(in Section section, long start, long length, byte[] buffer, ConstantSearch search, ReadBudget budget)
    {
        long end = start + length;
        int before = 0;
        for (long at = start; at < end; at += ChunkSize - Overlap - before, before = Before)
        {
            int count = Bytes.ReadPart(at - before, buffer.AsSpan(0, (int)Math.Min(ChunkSize, end - at + before)));
            if (count == 0)
            {
                return true;
            }

            if (!budget.CheckTime() || !budget.TrySpend(count))
            {
                Problems.Add(Inferred, "not searched to the end: " + budget.Exhausted);
                return false;
            }

            // What begins in the overlap is found in the next chunk, whole.
            int own = at - before + count < end ? count - Overlap : count;
            search.Scan(buffer.AsSpan(0, count), before, own, at - before, section.IsExecutable);
            foreach (PortableReference reference in search.Take())
            {
                if (!TryKeep(in reference, Inferred))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private sealed class ConstantSearch(IInferenceDictionary dictionary, bool findsNames, bool findsClasses, bool findsHashes, HashSet<string> known)
    {
        private readonly List<PortableReference> _found = [];
        private readonly Dictionary<string, List<PortableReference>> _hashes = new(StringComparer.Ordinal);
        private readonly HashSet<Guid> _classes = [];
        private readonly HashSet<(string Algorithm, uint Value)> _values = [];
        private readonly char[] _name = new char[LongestName];

        public void Scan(ReadOnlySpan<byte> bytes, int from, int own, long position, bool isCode)
        {
            if (findsClasses)
            {
                FindClasses(bytes, from, own, position);
            }

            if (findsNames)
            {
                FindNames(bytes, from, own, position);
            }

            if (findsHashes)
            {
                FindHashes(bytes, from, own, position, isCode);
            }
        }

        public PortableReference[] Take()
        {
            PortableReference[] taken = _found.ToArray();
            _found.Clear();
            return taken;
        }

        public IEnumerable<PortableReference> TakeHashes(int fewest)
        {
            foreach (List<PortableReference> hashes in _hashes.Values)
            {
                if (hashes.Count >= fewest)
                {
                    foreach (PortableReference hash in hashes)
                    {
                        yield return hash;
                    }
                }
            }
        }

        private void FindClasses(ReadOnlySpan<byte> bytes, int from, int own, long position)
        {
            for (int i = from; i < own && i + 16 <= bytes.Length; i += 4)
            {
                ulong second = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice(i + 8));
                if (second == 0)
                {
                    continue;
                }

                var id = new Guid(
                    BinaryPrimitives.ReadInt32LittleEndian(bytes.Slice(i)),
                    BinaryPrimitives.ReadInt16LittleEndian(bytes.Slice(i + 4)),
                    BinaryPrimitives.ReadInt16LittleEndian(bytes.Slice(i + 6)),
                    (byte)second,
                    (byte)(second >> 8),
                    (byte)(second >> 16),
                    (byte)(second >> 24),
                    (byte)(second >> 32),
                    (byte)(second >> 40),
                    (byte)(second >> 48),
                    (byte)(second >> 56));
                if (dictionary.IsKnownComClass(id) && _classes.Add(id))
                {
                    _found.Add(new PortableReference(ReferenceKind.ComClass, "", id.ToString("D"), text: "GUID at " + Hex(position + i)));
                }
            }
        }

        private void FindNames(ReadOnlySpan<byte> bytes, int from, int own, long position)
        {
            int i = from;

            // A word that goes on here began in the piece before, and was looked at there.
            while (i > 0 && i < own && IsIdentifier(bytes[i]) && (IsIdentifier(bytes[i - 1]) || (i > 1 && bytes[i - 1] == 0 && IsIdentifier(bytes[i - 2]))))
            {
                i += bytes[i - 1] == 0 ? 2 : 1;
            }

            while (i < own)
            {
                if (!IsIdentifier(bytes[i]))
                {
                    i++;
                    continue;
                }

                int start = i;
                if (i + 1 < bytes.Length && bytes[i + 1] == 0)
                {
                    // UTF-16: the characters' other bytes are zeros.
                    int end = i;
                    while (end + 1 < bytes.Length && IsIdentifier(bytes[end]) && bytes[end + 1] == 0)
                    {
                        end += 2;
                    }

                    int length = (end - start) / 2;
                    bool isTerminated = end + 1 >= bytes.Length || (bytes[end] == 0 && bytes[end + 1] == 0);
                    if (length > 1)
                    {
                        bool isWhole = start < 2 || bytes[start - 1] != 0 || !IsPrintable(bytes[start - 2]);
                        if (isWhole && isTerminated)
                        {
                            TryName(bytes.Slice(start, end - start), 2, "UTF-16 string at ", position + start);
                        }

                        i = end;
                        continue;
                    }
                }

                while (i < bytes.Length && IsIdentifier(bytes[i]))
                {
                    i++;
                }

                if ((i >= bytes.Length || bytes[i] == 0) && (start == 0 || !IsPrintable(bytes[start - 1])))
                {
                    TryName(bytes.Slice(start, i - start), 1, "ASCII string at ", position + start);
                }
            }
        }

        private void TryName(ReadOnlySpan<byte> text, int step, string detail, long position)
        {
            int length = text.Length / step;
            if (length is < ShortestName or > LongestName)
            {
                return;
            }

            for (int i = 0; i < length; i++)
            {
                _name[i] = (char)text[i * step];
            }

            if (dictionary.TryGetFunction(_name.AsSpan(0, length), out string module))
            {
                string name = new(_name, 0, length);

                // What the tables import already is no news.
                if (known.Add(name))
                {
                    _found.Add(new PortableReference(ReferenceKind.DynamicName, module, name, text: detail + Hex(position)));
                }
            }
        }

        private void FindHashes(ReadOnlySpan<byte> bytes, int from, int own, long position, bool isCode)
        {
            for (int i = from; i < own && i + 4 <= bytes.Length; i += isCode ? 1 : 4)
            {
                if (isCode && !IsImmediate(bytes, i))
                {
                    continue;
                }

                uint value = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(i));
                if (value > 0xFFFF && dictionary.TryGetHash(value, out string algorithm, out string module, out string name) && _values.Add((algorithm, value)))
                {
                    if (!_hashes.TryGetValue(algorithm, out List<PortableReference>? hashes))
                    {
                        _hashes[algorithm] = hashes = [];
                    }

                    hashes.Add(new PortableReference(ReferenceKind.ApiHash, module, name, text: algorithm + " at " + Hex(position + i)));
                }
            }
        }

        /// <summary>Whether the bytes before a constant can be an x86 instruction that takes one: push, mov, cmp, sub, xor.</summary>
        private static bool IsImmediate(ReadOnlySpan<byte> bytes, int at)
        {
            if (at == 0)
            {
                return false;
            }

            byte before = bytes[at - 1];
            if (before is 0x68 or 0x3D or 0x2D or 0x35 or (>= 0xB8 and <= 0xBF))
            {
                return true;
            }

            // 81 /r and C7 /r: an operand of one byte, or with a displacement of one byte, with a SIB byte where that is the stack.
            return (at >= 2 && bytes[at - 2] is 0x81 or 0xC7) ||
                (at >= 3 && bytes[at - 3] is 0x81 or 0xC7) ||
                (at >= 4 && bytes[at - 4] is 0x81 or 0xC7);
        }

        private static bool IsIdentifier(byte value) =>
            value is (>= (byte)'A' and <= (byte)'Z') or (>= (byte)'a' and <= (byte)'z') or (>= (byte)'0' and <= (byte)'9') or (byte)'_';

        private static bool IsPrintable(byte value) => value is >= 0x20 and < 0x7F;

        private static string Hex(long position) => "0x" + position.ToString("X", CultureInfo.InvariantCulture);
    }
}
