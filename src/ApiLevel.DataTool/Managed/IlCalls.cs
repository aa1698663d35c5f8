using System;
using System.Collections.Generic;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace ApiLevel.DataTool.Managed;

/// <summary>The calls in the IL of one method.</summary>
internal static class IlCalls
{
    private static readonly OpCode?[] s_short = new OpCode?[256];
    private static readonly OpCode?[] s_long = new OpCode?[256];

    static IlCalls()
    {
        foreach (FieldInfo field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            OpCode code = (OpCode)field.GetValue(null)!;
            (code.Size == 1 ? s_short : s_long)[code.Value & 0xFF] = code;
        }
    }

    /// <summary>The targets of call, callvirt and newobj, in order; what follows an unknown opcode is left out.</summary>
    public static IEnumerable<(EntityHandle Target, bool IsVirtual)> Read(MethodBodyBlock body)
    {
        BlobReader il = body.GetILReader();
        List<(EntityHandle, bool)> calls = [];
        while (il.RemainingBytes > 0)
        {
            byte value = il.ReadByte();
            OpCode? found = value == 0xFE && il.RemainingBytes > 0 ? s_long[il.ReadByte()] : s_short[value];
            if (found is not { } code)
            {
                break;
            }

            if (code == OpCodes.Call || code == OpCodes.Callvirt || code == OpCodes.Newobj)
            {
                calls.Add((MetadataTokens.EntityHandle(il.ReadInt32()), code == OpCodes.Callvirt));
                continue;
            }

            Skip(ref il, code.OperandType);
        }

        return calls;
    }

    private static void Skip(ref BlobReader il, OperandType operand)
    {
        int size = operand switch
        {
            OperandType.InlineNone => 0,
            OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
            OperandType.InlineVar => 2,
            OperandType.InlineI8 or OperandType.InlineR => 8,
            OperandType.InlineSwitch => Math.Min(il.ReadInt32(), il.RemainingBytes / 4) * 4,
            _ => 4,
        };
        il.Offset += Math.Min(size, il.RemainingBytes);
    }
}
