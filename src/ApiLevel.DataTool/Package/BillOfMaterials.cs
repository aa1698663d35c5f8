using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;

namespace ApiLevel.DataTool.Package;

/// <summary>
/// The package's bill of materials, CycloneDX 1.6 in JSON: every file with its hash, those of others below the NuGet package they come
/// from. No time and no serial number: the same package has the same bill.
/// </summary>
internal static class BillOfMaterials
{
    public static byte[] Write(PackageContents contents, string version)
    {
        string root = "ApiLevel@" + version;
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
            json.WriteString("bomFormat", "CycloneDX");
            json.WriteString("specVersion", "1.6");
            json.WriteNumber("version", 1);
            json.WriteStartObject("metadata");
            json.WriteStartObject("component");
            Identify(json, "library", root, "ApiLevel", version);
            json.WriteEndObject();
            json.WriteEndObject();

            json.WriteStartArray("components");
            HashSet<string> foreign = [.. contents.Packages.SelectMany(p => p.Files)];
            foreach (string file in contents.Files.Where(f => !foreign.Contains(f)))
            {
                WriteFile(json, contents.Folder, file);
            }

            foreach (ShippedPackage package in contents.Packages)
            {
                WritePackage(json, contents.Folder, package);
            }

            json.WriteEndArray();

            json.WriteStartArray("dependencies");
            json.WriteStartObject();
            json.WriteString("ref", root);
            json.WriteStartArray("dependsOn");
            foreach (ShippedPackage package in contents.Packages)
            {
                json.WriteStringValue(package.Purl);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return [.. stream.ToArray(), (byte)'\n'];
    }

    private static void WritePackage(Utf8JsonWriter json, string folder, ShippedPackage package)
    {
        json.WriteStartObject();
        Identify(json, "library", package.Purl, package.Id, package.Version);
        WriteHash(json, "SHA-512", package.Sha512);
        json.WriteStartArray("licenses");
        json.WriteStartObject();
        if (package.License is { } expression)
        {
            json.WriteString("expression", expression);
        }
        else
        {
            json.WriteStartObject("license");
            json.WriteString("name", "the licence text in " + package.Id + " " + package.Version);
            if (package.LicenseUrl is { } url)
            {
                json.WriteString("url", url);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("copyright", package.Copyright);
        json.WriteString("purl", package.Purl);
        json.WriteStartArray("components");
        foreach (string file in package.Files)
        {
            WriteFile(json, folder, file);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Identify(Utf8JsonWriter json, string type, string reference, string name, string version)
    {
        json.WriteString("type", type);
        json.WriteString("bom-ref", reference);
        json.WriteString("name", name);
        json.WriteString("version", version);
    }

    private static void WriteFile(Utf8JsonWriter json, string folder, string file)
    {
        json.WriteStartObject();
        json.WriteString("type", "file");
        json.WriteString("name", file);
        WriteHash(json, "SHA-256", Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, file)))));
        json.WriteEndObject();
    }

    private static void WriteHash(Utf8JsonWriter json, string algorithm, string content)
    {
        json.WriteStartArray("hashes");
        json.WriteStartObject();
        json.WriteString("alg", algorithm);
        json.WriteString("content", content);
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
