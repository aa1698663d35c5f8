using System.Globalization;
using System.IO;
using ApiLevel.DataTool.Package;

namespace ApiLevel.DataTool.Commands;

/// <summary><c>package</c>: writes the notices and the bill of materials into a package that is otherwise complete.</summary>
internal static class PackageCommand
{
    public const string NoticesName = "THIRD-PARTY-NOTICES.txt";
    public const string BillName = "ApiLevel.cdx.json";

    public static int Run(Arguments line, TextWriter output)
    {
        string folder = line.Need("--folder");
        string version = line.Need("--version");
        File.Delete(Path.Combine(folder, BillName));
        File.Delete(Path.Combine(folder, NoticesName));
        PackageContents contents = PackageContents.Read(folder, line.Values);
        File.WriteAllText(Path.Combine(folder, NoticesName), Notices.Write(contents));

        // Read again: the bill names the notices, too, and itself not.
        contents = PackageContents.Read(folder, line.Values);
        File.WriteAllBytes(Path.Combine(folder, BillName), BillOfMaterials.Write(contents, version));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{folder}: {contents.Files.Count} files, {contents.Packages.Count} packages of others"));
        return 0;
    }
}
