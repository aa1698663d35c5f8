using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ApiLevel.Formats.EventLog;

/// <content>
/// Four times 16 bytes a step by carry-less multiplication, as in Intel's "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ
/// Instruction", whose constants for this polynomial these are.
/// </content>
internal static partial class Crc32
{
    private const int Block = 16;
    private const int Step = 4 * Block;

    static partial void AppendBlocks(ref uint state, ref ReadOnlySpan<byte> bytes)
    {
        if (!Pclmulqdq.IsSupported || bytes.Length < Step)
        {
            return;
        }

        ReadOnlySpan<Vector128<ulong>> blocks = MemoryMarshal.Cast<byte, Vector128<ulong>>(bytes);
        Vector128<ulong> a = blocks[0] ^ Vector128.CreateScalar((ulong)state);
        Vector128<ulong> b = blocks[1];
        Vector128<ulong> c = blocks[2];
        Vector128<ulong> d = blocks[3];
        int at = 4;
        Vector128<ulong> by512 = Vector128.Create(0x0154442BD4UL, 0x01C6E41596UL);
        for (; at + 4 <= blocks.Length; at += 4)
        {
            a = Fold(a, by512) ^ blocks[at];
            b = Fold(b, by512) ^ blocks[at + 1];
            c = Fold(c, by512) ^ blocks[at + 2];
            d = Fold(d, by512) ^ blocks[at + 3];
        }

        Vector128<ulong> by128 = Vector128.Create(0x01751997D0UL, 0x00CCAA009EUL);
        a = Fold(a, by128) ^ b;
        a = Fold(a, by128) ^ c;
        a = Fold(a, by128) ^ d;
        for (; at < blocks.Length; at++)
        {
            a = Fold(a, by128) ^ blocks[at];
        }

        // From 128 bits to 64, and by Barrett's method to 32.
        Vector128<ulong> low32 = Vector128.Create(0xFFFFFFFFUL);
        a = Sse2.ShiftRightLogical128BitLane(a, 8) ^ Pclmulqdq.CarrylessMultiply(a, by128, 0x10);
        a = Sse2.ShiftRightLogical128BitLane(a, 4) ^ Pclmulqdq.CarrylessMultiply(a & low32, Vector128.CreateScalar(0x0163CD6124UL), 0x00);
        Vector128<ulong> polynomial = Vector128.Create(0x01DB710641UL, 0x01F7011641UL);
        Vector128<ulong> quotient = Pclmulqdq.CarrylessMultiply(a & low32, polynomial, 0x10) & low32;
        a ^= Pclmulqdq.CarrylessMultiply(quotient, polynomial, 0x00);
        state = a.AsUInt32().GetElement(1);
        bytes = bytes.Slice(blocks.Length * Block);
    }

    private static Vector128<ulong> Fold(Vector128<ulong> value, Vector128<ulong> by) =>
        Pclmulqdq.CarrylessMultiply(value, by, 0x00) ^ Pclmulqdq.CarrylessMultiply(value, by, 0x11);
}
