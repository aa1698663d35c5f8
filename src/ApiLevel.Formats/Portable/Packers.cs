using System.Collections.Generic;
using System.Text;

namespace ApiLevel.Formats.Portable;

/// <summary>Names of sections as the numbers that <see cref="Section.Name"/> holds.</summary>
internal static class SectionName
{
    /// <summary>.text</summary>
    public const ulong Text = 0x747865742E;

    /// <summary>.data</summary>
    public const ulong Data = 0x617461642E;

    /// <summary>.rdata</summary>
    public const ulong ReadOnlyData = 0x61746164722E;

    /// <summary>.symtab: the Go linker writes it into every image, also a stripped one; no other linker does.</summary>
    public const ulong Symbols = 0x6261746D79732E;

    /// <summary>.managed, the code of a Native AOT image.</summary>
    public const ulong Managed = 0x646567616E616D2E;

    /// <summary>hydrated, the data that a Native AOT image fills in at its start.</summary>
    public const ulong Hydrated = 0x6465746172647968;

    /// <summary>The number of a name of at most eight ASCII characters.</summary>
    public static ulong ToNumber(string name)
    {
        ulong number = 0;
        byte[] bytes = Encoding.ASCII.GetBytes(name);
        for (int i = 0; i < bytes.Length && i < 8; i++)
        {
            number |= (ulong)bytes[i] << (8 * i);
        }

        return number;
    }
}

/// <summary>Section names that packers and protectors leave behind.</summary>
internal static class Packers
{
    private static readonly Dictionary<ulong, string> s_bySection = Make(
        ("UPX", ["UPX0", "UPX1", "UPX2", "UPX!", ".UPX0", ".UPX1", ".UPX2"]),
        ("MPRESS", [".MPRESS1", ".MPRESS2"]),
        ("ASPack", [".aspack", "ASPack", ".ASPack"]),
        ("ASProtect", [".asprot"]),
        ("Themida", ["Themida", ".Themida", ".themida", "WinLicen", ".winlice"]),
        ("VMProtect", [".vmp0", ".vmp1", ".vmp2", ".vmp3", "VProtect"]),
        ("FSG", ["FSG!"]),
        ("Petite", [".petite", "petite"]),
        ("PECompact", ["PEC2", "PEC2TO", "PEC2MO", "PECompac", "pec1", "pec2", "pec", ".pec1", ".pec2"]),
        ("NsPack", ["nsp0", "nsp1", "nsp2", ".nsp0", ".nsp1", ".nsp2"]),
        ("MEW", ["MEW"]),
        ("Upack", [".Upack", ".ByDwing"]),
        ("Enigma", [".enigma1", ".enigma2"]),
        ("Yoda's Protector", [".yP", ".y0da", "yC"]),
        ("PELock", ["PELOCKnt", ".pelock"]),
        ("Obsidium", ["obsidium", ".obsidiu"]),
        ("WWPack", [".WWPACK", ".WWP32"]),
        ("RLPack", [".RLPack", ".packed"]),
        ("kkrunchy", ["kkrunchy"]),
        ("Neolite", [".neolite", ".neolit"]),
        ("Perplex", [".perplex"]),
        ("ProCrypt", ["ProCrypt"]),
        ("SVKP", [".svkp"]),
        ("tElock", [".tElock", "telock"]),
        ("StarForce", [".sforce3"]),
        ("Shrinker", [".shrink1", ".shrink2", ".shrink3"]));

    /// <summary>The packer that a section's name belongs to; null for other names.</summary>
    /// <param name="section">The name as a number.</param>
    public static string? Find(ulong section) => s_bySection.TryGetValue(section, out string? packer) ? packer : null;

    private static Dictionary<ulong, string> Make(params (string Packer, string[] Sections)[] rows)
    {
        var table = new Dictionary<ulong, string>();
        foreach ((string packer, string[] sections) in rows)
        {
            foreach (string section in sections)
            {
                table[SectionName.ToNumber(section)] = packer;
            }
        }

        return table;
    }
}
