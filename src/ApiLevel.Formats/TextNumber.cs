namespace ApiLevel.Formats;

/// <summary>Whole numbers as event texts spell them: decimal with a sign, or hexadecimal with 0x.</summary>
internal static class TextNumber
{
    /// <summary>Parses a number; a hexadecimal or decimal one above the signed range comes in two's complement.</summary>
    public static bool TryParse(string text, out long value)
    {
        value = 0;
        int start = 0;
        int end = text.Length;
        while (start < end && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        while (end > start && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        ulong result = 0;
        if (end - start > 2 && text[start] == '0' && text[start + 1] is 'x' or 'X')
        {
            if (end - start > 18)
            {
                return false;
            }

            for (int i = start + 2; i < end; i++)
            {
                int digit = text[i] switch
                {
                    >= '0' and <= '9' => text[i] - '0',
                    >= 'A' and <= 'F' => text[i] - 'A' + 10,
                    >= 'a' and <= 'f' => text[i] - 'a' + 10,
                    _ => -1,
                };
                if (digit < 0)
                {
                    return false;
                }

                result = (result << 4) | (uint)digit;
            }

            value = unchecked((long)result);
            return true;
        }

        bool negative = start < end && text[start] == '-';
        if (negative)
        {
            start++;
        }

        if (start == end || end - start > 20)
        {
            return false;
        }

        for (int i = start; i < end; i++)
        {
            uint digit = (uint)(text[i] - '0');
            if (digit > 9 || result > (ulong.MaxValue - digit) / 10)
            {
                return false;
            }

            result = (result * 10) + digit;
        }

        if (negative && result > 1UL << 63)
        {
            return false;
        }

        value = negative ? unchecked(-(long)result) : unchecked((long)result);
        return true;
    }
}
