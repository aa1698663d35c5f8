namespace ApiLevel.Formats.EventLog;

/// <summary>The tokens of BinXML, named as [MS-EVEN6] 2.2.12 has them. A token's byte may carry <see cref="HasMore"/> as well.</summary>
internal static class BinXmlToken
{
    public const byte EndOfFragment = 0x00;
    public const byte OpenStartElement = 0x01;
    public const byte CloseStartElement = 0x02;
    public const byte CloseEmptyElement = 0x03;
    public const byte EndElement = 0x04;
    public const byte ValueText = 0x05;
    public const byte Attribute = 0x06;
    public const byte CDataSection = 0x07;
    public const byte CharacterReference = 0x08;
    public const byte EntityReference = 0x09;
    public const byte ProcessingInstructionTarget = 0x0A;
    public const byte ProcessingInstructionData = 0x0B;
    public const byte TemplateInstance = 0x0C;
    public const byte NormalSubstitution = 0x0D;
    public const byte OptionalSubstitution = 0x0E;
    public const byte FragmentHeader = 0x0F;

    /// <summary>Set on an element that has attributes, and on an attribute or text that another one follows.</summary>
    public const byte HasMore = 0x40;

    /// <summary>The size of a fragment header: the token, two version numbers and flags.</summary>
    public const int FragmentHeaderSize = 4;

    /// <summary>Whether the token stands for text or a value: inside a start tag only an attribute may have it.</summary>
    public static bool IsValue(byte token) =>
        token is ValueText or CDataSection or CharacterReference or EntityReference or NormalSubstitution or OptionalSubstitution;
}
