using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace ApiLevel.Formats.EventTrace;

/// <summary>Reads one payload by its description. One instance a payload; nothing in it outlives the call.</summary>
internal ref struct PayloadDecoder
{
    // Real values take bytes, structures around them do not; so much slack a payload gets, in proportion to its length.
    private const int FreeValues = 1024;
    private const int ValuesPerByte = 4;
    private const int MaximumDepth = 32;

    private static readonly object[] s_unsigned = Boxes(i => (ulong)i);
    private static readonly object[] s_signed = Boxes(i => (long)i);
    private static readonly object s_true = true;
    private static readonly object s_false = false;

    private readonly ReadOnlySpan<byte> _data;
    private readonly int _pointerSize;
    private readonly PayloadSchema _schema;
    private long[]? _integers;
    private int _at;
    private int _valuesLeft;

    private PayloadDecoder(ReadOnlySpan<byte> data, int pointerSize, PayloadSchema schema)
    {
        _data = data;
        _pointerSize = pointerSize;
        _schema = schema;
        _integers = null;
        _at = 0;
        _valuesLeft = FreeValues + (data.Length * ValuesPerByte);
    }

    /// <summary>Decodes as far as the description and the bytes agree.</summary>
    /// <param name="schema">The description.</param>
    /// <param name="data">The payload.</param>
    /// <param name="pointerSize">4 or 8.</param>
    /// <param name="fields">What could be decoded, in order.</param>
    /// <returns>Decoded when the description was followed to its end and no byte is left over.</returns>
    public static PayloadState Decode(PayloadSchema schema, ReadOnlySpan<byte> data, int pointerSize, out IReadOnlyList<EventField> fields)
    {
        var decoder = new PayloadDecoder(data, pointerSize, schema);
        PayloadState state = decoder.Run(out fields);
        if (state != PayloadState.Decoded && schema.Alternative is { } alternative)
        {
            var second = new PayloadDecoder(data, pointerSize, alternative);
            PayloadState secondState = second.Run(out IReadOnlyList<EventField> secondFields);
            if (secondState == PayloadState.Decoded)
            {
                fields = secondFields;
                return secondState;
            }
        }

        return state;
    }

    private static object[] Boxes(Func<int, object> make)
    {
        // Small numbers are most of what events hold; one box each serves all of them.
        var boxes = new object[256];
        for (int i = 0; i < boxes.Length; i++)
        {
            boxes[i] = make(i);
        }

        return boxes;
    }

    private PayloadState Run(out IReadOnlyList<EventField> fields)
    {
        var list = new EventField[_schema.TopLevel];
        int count = 0;
        bool good = true;
        for (int i = 0; i < list.Length; i++)
        {
            if (i >= _schema.OptionalFrom && _at == _data.Length)
            {
                break;
            }

            if (!TryProperty(i, 0, out object? value))
            {
                good = false;
                break;
            }

            list[count++] = new EventField(_schema.Properties[i].Name, value);
        }

        if (count < list.Length)
        {
            Array.Resize(ref list, count);
        }

        fields = list;
        return good && _at == _data.Length ? PayloadState.Decoded
            : count == 0 ? PayloadState.Undecoded
            : PayloadState.Partial;
    }

    private bool TryProperty(int index, int depth, out object? value)
    {
        ref readonly PayloadProperty property = ref _schema.Properties[index];
        value = null;
        int count = 1;
        switch (property.CountKind)
        {
            case ExtentKind.Fixed:
                count = property.Count;
                break;
            case ExtentKind.Inline:
                if (!TryTake(2, out ReadOnlySpan<byte> bytes))
                {
                    return false;
                }

                count = EtlBytes.UInt16(bytes, 0);
                break;
            case ExtentKind.Property:
                if (!TryInteger(property.Count, out count))
                {
                    return false;
                }

                break;
            default:
                return TryValue(index, property, depth, out value);
        }

        return TryArray(index, property, count, depth, out value);
    }

    private bool TryArray(int index, in PayloadProperty property, int count, int depth, out object? value)
    {
        value = null;
        if (count < 0)
        {
            return false;
        }

        if (property.Type == InType.UInt8 && property.Out == OutType.None)
        {
            if (!TryTake(count, out ReadOnlySpan<byte> bytes))
            {
                return false;
            }

            value = bytes.ToArray();
            return true;
        }

        if (property.Type is InType.UnicodeChar or InType.AnsiChar)
        {
            bool wide = property.Type == InType.UnicodeChar;
            if (count > ushort.MaxValue || !TryTake(wide ? count * 2 : count, out ReadOnlySpan<byte> bytes))
            {
                return false;
            }

            value = wide ? EtlBytes.Utf16(bytes.Slice(0, EtlBytes.Utf16Length(bytes, out _))) : EtlText.Ansi(UntilZero(bytes));
            return true;
        }

        // The number comes from the event; what is really there decides how long the list gets.
        var values = new List<object?>(Math.Min(count, 64));
        for (int i = 0; i < count; i++)
        {
            if (!TryValue(index, property, depth, out object? element))
            {
                return false;
            }

            values.Add(element);
        }

        value = values.ToArray();
        return true;
    }

    private bool TryValue(int index, in PayloadProperty property, int depth, out object? value)
    {
        value = null;
        if (--_valuesLeft < 0)
        {
            return false;
        }

        if (property.Type == InType.Struct)
        {
            if (depth >= MaximumDepth)
            {
                return false;
            }

            var members = new EventField[property.MemberCount];
            for (int i = 0; i < members.Length; i++)
            {
                if (!TryProperty(property.FirstMember + i, depth + 1, out object? member))
                {
                    return false;
                }

                members[i] = new EventField(_schema.Properties[property.FirstMember + i].Name, member);
            }

            value = members;
            return true;
        }

        int length = -1;
        if (property.LengthKind == ExtentKind.Fixed)
        {
            length = property.Length;
        }
        else if (property.LengthKind == ExtentKind.Property && !TryInteger(property.Length, out length))
        {
            return false;
        }

        switch (property.Type)
        {
            case InType.UnicodeString:
                return TryUtf16(length, out value);
            case InType.AnsiString:
                return TryNarrow(length, property.Out, out value);
            case InType.UnterminatedUnicode:
                return TryUtf16(length >= 0 ? length : (_data.Length - _at) / 2, out value);
            case InType.UnterminatedAnsi:
                return TryNarrow(length >= 0 ? length : _data.Length - _at, property.Out, out value);
            case InType.CountedUnicode or InType.ClassicCountedUnicode or InType.ReversedCountedUnicode
                or InType.CountedAnsi or InType.ClassicCountedAnsi or InType.ReversedCountedAnsi or InType.CountedBinary:
                return TryCounted(property, out value);
            case InType.Binary:
                return TryBinary(index, property, length, out value);
            case InType.HexDump:
                if (!TryTake(4, out ReadOnlySpan<byte> dumpLength) || !TryTake(EtlBytes.Int32(dumpLength, 0), out ReadOnlySpan<byte> dump))
                {
                    return false;
                }

                value = dump.ToArray();
                return true;
            case InType.Sid:
                return TrySid(out value);
            case InType.TokenSid:
                return TryTokenSid(out value);
            default:
                return TryFixed(index, property, length, out value);
        }
    }

    private bool TryFixed(int index, in PayloadProperty property, int length, out object? value)
    {
        value = null;
        int size = SizeOf(property, length);
        if (size < 0 || !TryTake(size, out ReadOnlySpan<byte> bytes))
        {
            return false;
        }

        switch (property.Type)
        {
            case InType.Int8:
                return Keep(index, Signed((sbyte)bytes[0], bytes[0], property.Out, out value));
            case InType.UInt8:
                return Keep(index, Unsigned(bytes[0], (sbyte)bytes[0], property.Out, out value));
            case InType.Int16:
                return Keep(index, Signed((short)EtlBytes.UInt16(bytes, 0), EtlBytes.UInt16(bytes, 0), property.Out, out value));
            case InType.UInt16:
                ushort small = EtlBytes.UInt16(bytes, 0);
                if (property.Out == OutType.Port)
                {
                    small = (ushort)((small >> 8) | (small << 8));
                }

                return Keep(index, Unsigned(small, (short)small, property.Out, out value));
            case InType.Int32:
                return Keep(index, Signed(EtlBytes.Int32(bytes, 0), EtlBytes.UInt32(bytes, 0), property.Out, out value));
            case InType.UInt32 or InType.HexInt32:
                if (property.Out == OutType.IPv4)
                {
                    value = EtlBytes.Address(bytes);
                    return true;
                }

                return Keep(index, Unsigned(EtlBytes.UInt32(bytes, 0), EtlBytes.Int32(bytes, 0), property.Out, out value));
            case InType.Int64:
                return Keep(index, Signed(EtlBytes.Int64(bytes, 0), EtlBytes.UInt64(bytes, 0), property.Out, out value));
            case InType.UInt64 or InType.HexInt64:
                return Keep(index, Unsigned(EtlBytes.UInt64(bytes, 0), EtlBytes.Int64(bytes, 0), property.Out, out value));
            case InType.Pointer or InType.SizeT:
                ulong pointer = size == 4 ? EtlBytes.UInt32(bytes, 0) : EtlBytes.UInt64(bytes, 0);
                return Keep(index, Unsigned(pointer, (long)pointer, OutType.None, out value));
            case InType.Float:
                value = (double)MemoryMarshal.Read<float>(bytes);
                return true;
            case InType.Double:
                value = MemoryMarshal.Read<double>(bytes);
                return true;
            case InType.Boolean:
                value = (size == 1 ? bytes[0] : EtlBytes.UInt32(bytes, 0)) != 0 ? s_true : s_false;
                return true;
            case InType.Guid:
                value = EtlBytes.Guid(bytes, 0);
                return true;
            case InType.FileTime:
                value = EtlBytes.FileTime(EtlBytes.Int64(bytes, 0));
                return true;
            case InType.SystemTime:
                value = EtlBytes.SystemTime(bytes);
                return true;
            case InType.UnicodeChar:
                value = ((char)EtlBytes.UInt16(bytes, 0)).ToString();
                return true;
            case InType.AnsiChar:
                value = ((char)bytes[0]).ToString();
                return true;
            default:
                return false;
        }
    }

    /// <summary>The bytes that one value takes; -1 where only the payload tells.</summary>
    private readonly int SizeOf(in PayloadProperty property, int length) => property.Type switch
    {
        InType.Int8 or InType.UInt8 or InType.AnsiChar => 1,
        InType.Int16 or InType.UInt16 or InType.UnicodeChar => 2,
        InType.Int32 or InType.UInt32 or InType.HexInt32 or InType.Float => 4,
        InType.Int64 or InType.UInt64 or InType.HexInt64 or InType.Double or InType.FileTime => 8,
        InType.Guid or InType.SystemTime => 16,
        InType.Boolean => length == 1 ? 1 : 4,
        InType.Pointer or InType.SizeT => _pointerSize,
        _ => -1,
    };

    private bool Keep(int index, long integer)
    {
        // Only integers can be another property's count or length.
        if (_schema.RefersToIntegers)
        {
            _integers ??= new long[_schema.Properties.Length];
            _integers[index] = integer;
        }

        return true;
    }

    private readonly bool TryInteger(int index, out int integer)
    {
        integer = 0;
        if (_integers is null || (uint)index >= (uint)_integers.Length || _integers[index] is < 0 or > int.MaxValue)
        {
            return false;
        }

        integer = (int)_integers[index];
        return true;
    }

    private static long Unsigned(ulong number, long signed, OutType outType, out object? value)
    {
        value = outType switch
        {
            OutType.Boolean => number != 0 ? s_true : s_false,
            OutType.Character => ((char)number).ToString(),
            OutType.Signed => Box(signed),
            OutType.FileTime => EtlBytes.FileTime((long)number),
            _ => number < 256 ? s_unsigned[number] : number,
        };
        return (long)number;
    }

    private static long Signed(long number, ulong unsigned, OutType outType, out object? value)
    {
        value = outType switch
        {
            OutType.Boolean => number != 0 ? s_true : s_false,
            OutType.Character => ((char)(ushort)number).ToString(),
            OutType.Unsigned => unsigned < 256 ? s_unsigned[unsigned] : unsigned,
            OutType.FileTime => EtlBytes.FileTime(number),
            _ => Box(number),
        };
        return number;
    }

    private static object Box(long number) => number is >= 0 and < 256 ? s_signed[number] : number;

    private bool TryUtf16(int characters, out object? value)
    {
        value = null;
        ReadOnlySpan<byte> rest = _data.Slice(_at);
        if (characters >= 0)
        {
            if (characters > rest.Length / 2)
            {
                return false;
            }

            // A string in a field of fixed width may end before the field does.
            ReadOnlySpan<byte> text = rest.Slice(0, characters * 2);
            value = EtlBytes.Utf16(text.Slice(0, EtlBytes.Utf16Length(text, out _)));
            _at += characters * 2;
            return true;
        }

        int length = EtlBytes.Utf16Length(rest, out bool terminated);
        if (!terminated && rest.Length == 0)
        {
            return false;
        }

        // Windows itself accepts a last string that ends with the payload.
        value = EtlBytes.Utf16(rest.Slice(0, length));
        _at += terminated ? length + 2 : rest.Length;
        return true;
    }

    private bool TryNarrow(int bytes, OutType outType, out object? value)
    {
        value = null;
        ReadOnlySpan<byte> rest = _data.Slice(_at);
        ReadOnlySpan<byte> text;
        if (bytes >= 0)
        {
            if (bytes > rest.Length)
            {
                return false;
            }

            text = UntilZero(rest.Slice(0, bytes));
            _at += bytes;
        }
        else
        {
            if (rest.Length == 0)
            {
                return false;
            }

            text = UntilZero(rest);
            _at += Math.Min(text.Length + 1, rest.Length);
        }

        value = outType == OutType.Utf8 ? EtlText.Utf8(text) : EtlText.Ansi(text);
        return true;
    }

    private bool TryCounted(in PayloadProperty property, out object? value)
    {
        value = null;
        if (!TryTake(2, out ReadOnlySpan<byte> prefix))
        {
            return false;
        }

        int length = EtlBytes.UInt16(prefix, 0);
        if (property.Type is InType.ReversedCountedUnicode or InType.ReversedCountedAnsi)
        {
            length = (prefix[0] << 8) | prefix[1];
        }

        if (!TryTake(length, out ReadOnlySpan<byte> bytes))
        {
            return false;
        }

        value = property.Type switch
        {
            InType.CountedUnicode or InType.ClassicCountedUnicode or InType.ReversedCountedUnicode => EtlBytes.Utf16(bytes),
            InType.CountedBinary => Bytes(bytes, property.Out),
            _ => property.Out == OutType.Utf8 ? EtlText.Utf8(bytes) : EtlText.Ansi(bytes),
        };
        return true;
    }

    private bool TryBinary(int index, in PayloadProperty property, int length, out object? value)
    {
        value = null;
        if (length < 0)
        {
            length = property.Out == OutType.IPv6 ? 16 : WhatTheRestLeaves(index);
        }

        if (length < 0 || !TryTake(length, out ReadOnlySpan<byte> bytes))
        {
            return false;
        }

        value = Bytes(bytes, property.Out);
        return true;
    }

    /// <summary>A binary of unknown length takes what the properties after it do not, as long as theirs is known.</summary>
    private readonly int WhatTheRestLeaves(int index)
    {
        if (index >= _schema.TopLevel)
        {
            return -1;
        }

        int rest = 0;
        for (int i = index + 1; i < _schema.TopLevel; i++)
        {
            ref readonly PayloadProperty property = ref _schema.Properties[i];
            int size = property.CountKind == ExtentKind.None && property.LengthKind != ExtentKind.Property
                ? SizeOf(property, property.LengthKind == ExtentKind.Fixed ? property.Length : -1)
                : -1;
            if (size < 0)
            {
                return -1;
            }

            rest += size;
        }

        return _data.Length - _at - rest;
    }

    private static object Bytes(ReadOnlySpan<byte> bytes, OutType outType) => outType switch
    {
        OutType.IPv6 when bytes.Length == 16 => EtlBytes.Address(bytes),
        OutType.IPv4 when bytes.Length == 4 => EtlBytes.Address(bytes),
        OutType.Utf8 => EtlText.Utf8(bytes),
        _ => bytes.ToArray(),
    };

    private bool TrySid(out object? value)
    {
        value = null;
        int length = EtlBytes.SidLength(_data.Slice(_at));
        if (length == 0 || !TryTake(length, out ReadOnlySpan<byte> bytes))
        {
            return false;
        }

        value = EtlBytes.Sid(bytes);
        return true;
    }

    private bool TryTokenSid(out object? value)
    {
        value = null;
        ReadOnlySpan<byte> rest = _data.Slice(_at);
        if (rest.Length < 4)
        {
            return false;
        }

        // No token: four zero bytes. Else the TOKEN_USER structure, a pointer and flags padded to one, before the identifier.
        if (EtlBytes.UInt32(rest, 0) == 0)
        {
            _at += 4;
            return true;
        }

        return TryTake(2 * _pointerSize, out _) && TrySid(out value);
    }

    private bool TryTake(int count, out ReadOnlySpan<byte> bytes)
    {
        if (count < 0 || count > _data.Length - _at)
        {
            bytes = default;
            return false;
        }

        bytes = _data.Slice(_at, count);
        _at += count;
        return true;
    }

    private static ReadOnlySpan<byte> UntilZero(ReadOnlySpan<byte> bytes)
    {
        int index = bytes.IndexOf((byte)0);
        return index < 0 ? bytes : bytes.Slice(0, index);
    }
}
