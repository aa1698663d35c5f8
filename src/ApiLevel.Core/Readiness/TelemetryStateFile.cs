using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ApiLevel.Formats.Configuration;

namespace ApiLevel.Readiness;

/// <summary>A snapshot as one JSON file. Same snapshot, same bytes.</summary>
public static class TelemetryStateFile
{
    /// <summary>The version of the format that is written and read.</summary>
    public const int FormatVersion = 1;

    private const string FormatName = "ApiLevel.TelemetryState";

    private static readonly JsonWriterOptions s_writing = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonDocumentOptions s_reading = new() { MaxDepth = 8 };

    /// <summary>A snapshot as JSON text that ends with a line feed.</summary>
    /// <param name="state">The snapshot.</param>
    public static string Write(TelemetryState state)
    {
        if (state is null)
        {
            throw new ArgumentNullException(nameof(state));
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, s_writing))
        {
            writer.WriteStartObject();
            writer.WriteString("format", FormatName);
            writer.WriteNumber("version", FormatVersion);
            writer.WriteString("name", state.Name);
            WriteKnown(writer, "build", state.Build, build => writer.WriteNumber("value", build));
            WriteKnown(writer, "edition", state.Edition, edition => writer.WriteString("value", edition));
            WriteKnown(writer, "role", state.Role, role => writer.WriteString("value", role.ToString()));
            if (state.AuditInForce is { } force)
            {
                writer.WriteString("auditInForce", force);
            }

            WriteKnown(writer, "userPolicies", state.UserPolicies, count => writer.WriteNumber("value", count));
            WriteMap(writer, "audit", state.Audit.ToDictionary(pair => pair.Key.ToString("D"), pair => pair.Value), WriteOutcomes);
            WriteSacls(writer, state.Sacls);
            WriteMap(writer, "channels", state.Channels, (json, on) => json.WriteBoolean("value", on));
            if (state.AllChannels is { } all)
            {
                writer.WriteString("allChannels", all);
            }

            WriteMap(writer, "registry", state.Registry, (json, value) => json.WriteString("value", value));
            WriteTexts(writer, "registryBranches", state.RegistryBranches);
            WriteSysmon(writer, state.Sysmon);
            WriteMap(writer, "products", state.Products, (json, there) => json.WriteBoolean("value", there));
            if (state.Sessions is { } sessions)
            {
                WriteMap(writer, "sessions", sessions, (json, session) => json.WriteString("value", session), always: true);
            }

            writer.WriteStartArray("origins");
            state.Origins.ForEach(writer.WriteStringValue);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length).Replace("\r\n", "\n") + "\n";
    }

    /// <summary>Reads a snapshot.</summary>
    /// <param name="text">The JSON text.</param>
    /// <exception cref="InvalidDataException">It is none, or one of another version; the message says what and where.</exception>
    public static TelemetryState Read(string text)
    {
        if (text is null)
        {
            throw new ArgumentNullException(nameof(text));
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(text, s_reading);
            return ReadRoot(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"it is no JSON at line {(exception.LineNumber ?? 0) + 1}", exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new InvalidDataException("a value has another type than a snapshot's", exception);
        }
    }

    private static TelemetryState ReadRoot(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || Text(root, "format") != FormatName)
        {
            throw new InvalidDataException("it is no snapshot of Export-ApiTelemetryState");
        }

        int version = root.TryGetProperty("version", out JsonElement number) ? number.GetInt32() : 0;
        if (version != FormatVersion)
        {
            throw new InvalidDataException($"its format version is {version}; this module reads {FormatVersion}");
        }

        var state = new TelemetryState { Name = Text(root, "name") ?? "" };
        state.Build = Known(root, "build", value => value.GetInt32());
        state.Edition = Known(root, "edition", String);
        state.Role = Known(root, "role", value => Word<MachineRole>(value));
        state.AuditInForce = Text(root, "auditInForce");
        state.UserPolicies = Known(root, "userPolicies", value => value.GetInt32());
        foreach ((string name, JsonElement value) in Members(root, "audit"))
        {
            if (!Guid.TryParseExact(name, "D", out Guid subcategory))
            {
                throw new InvalidDataException($"'{Shorten(name)}' under audit is no GUID");
            }

            state.Audit[subcategory] = Known(value, ReadOutcomes);
        }

        foreach (JsonElement value in Items(root, "sacls"))
        {
            state.Sacls.Add(new SaclState(
                Word<SecuredObjectKind>(value.GetProperty("kind")), Text(value, "path") ?? "", Text(value, "sddl") ?? "", Text(value, "evidence") ?? ""));
        }

        ReadMap(root, "channels", state.Channels, value => value.GetBoolean());
        state.AllChannels = Text(root, "allChannels");
        ReadMap(root, "registry", state.Registry, String);
        foreach ((string name, JsonElement value) in Members(root, "registryBranches"))
        {
            state.RegistryBranches[name] = String(value);
        }

        state.Sysmon = root.TryGetProperty("sysmon", out JsonElement sysmon) ? ReadSysmon(sysmon) : null;
        ReadMap(root, "products", state.Products, value => value.GetBoolean());
        if (root.TryGetProperty("sessions", out _))
        {
            state.Sessions = new Dictionary<string, Known<string>>(StringComparer.OrdinalIgnoreCase);
            ReadMap(root, "sessions", state.Sessions, String);
        }

        state.Origins.AddRange(Items(root, "origins").Select(String));
        return state;
    }

    private static void WriteSysmon(Utf8JsonWriter writer, SysmonState? sysmon)
    {
        if (sysmon is null)
        {
            return;
        }

        writer.WriteStartObject("sysmon");
        WriteKnown(writer, "installed", sysmon.IsInstalled, value => writer.WriteBoolean("value", value));
        WriteKnown(writer, "service", sysmon.Service, value => writer.WriteString("value", value));
        WriteKnown(writer, "driver", sysmon.Driver, value => writer.WriteString("value", value));
        WriteKnown(writer, "schemaVersion", sysmon.SchemaVersion, value => writer.WriteString("value", value));
        if (sysmon.Sections is { } sections)
        {
            writer.WriteStartArray("sections");
            foreach (SysmonSection section in sections)
            {
                writer.WriteStartObject();
                writer.WriteString("event", section.Event);
                writer.WriteString("onmatch", section.IsInclude ? "include" : "exclude");
                writer.WriteNumber("filters", section.FilterCount);
                writer.WriteString("evidence", section.Evidence);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        WriteMap(writer, "options", sysmon.Options, (json, value) => json.WriteString("value", value));
        if (sysmon.Configuration is { } configuration)
        {
            writer.WriteString("configurationFile", sysmon.ConfigurationFile);
            writer.WriteString("configuration", configuration);
        }

        writer.WriteEndObject();
    }

    private static SysmonState ReadSysmon(JsonElement element)
    {
        var sysmon = new SysmonState
        {
            IsInstalled = Known(element, "installed", value => value.GetBoolean()),
            Service = Known(element, "service", String),
            Driver = Known(element, "driver", String),
            SchemaVersion = Known(element, "schemaVersion", String),
            Configuration = Text(element, "configuration"),
            ConfigurationFile = Text(element, "configurationFile") ?? "",
        };
        if (element.TryGetProperty("sections", out _))
        {
            sysmon.Sections =
            [
                .. Items(element, "sections").Select(section => new SysmonSection(
                    Text(section, "event") ?? "", Text(section, "onmatch") == "include", section.GetProperty("filters").GetInt32(), Text(section, "evidence") ?? "")),
            ];
        }

        ReadMap(element, "options", sysmon.Options, String);
        return sysmon;
    }

    private static void WriteSacls(Utf8JsonWriter writer, List<SaclState> sacls)
    {
        if (sacls.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("sacls");
        foreach (SaclState sacl in sacls)
        {
            writer.WriteStartObject();
            writer.WriteString("kind", sacl.Kind.ToString());
            writer.WriteString("path", sacl.Path);
            writer.WriteString("sddl", sacl.Sddl);
            writer.WriteString("evidence", sacl.Evidence);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteOutcomes(Utf8JsonWriter writer, AuditOutcomes? outcomes)
    {
        if (outcomes is not { } value)
        {
            writer.WriteString("value", "not configured");
            return;
        }

        writer.WriteBoolean("success", (value & AuditOutcomes.Success) != 0);
        writer.WriteBoolean("failure", (value & AuditOutcomes.Failure) != 0);
    }

    private static AuditOutcomes? ReadOutcomes(JsonElement element) =>
        Text(element, "value") is "not configured"
            ? null
            : (element.GetProperty("success").GetBoolean() ? AuditOutcomes.Success : AuditOutcomes.None) |
              (element.GetProperty("failure").GetBoolean() ? AuditOutcomes.Failure : AuditOutcomes.None);

    private static void WriteKnown<T>(Utf8JsonWriter writer, string name, Known<T>? known, Action<T> write)
    {
        if (known is { } value)
        {
            writer.WriteStartObject(name);
            write(value.Value);
            writer.WriteString("evidence", value.Evidence);
            writer.WriteEndObject();
        }
    }

    private static void WriteMap<T>(
        Utf8JsonWriter writer, string name, Dictionary<string, Known<T>> map, Action<Utf8JsonWriter, T> write, bool always = false)
    {
        if (map.Count == 0 && !always)
        {
            return;
        }

        writer.WriteStartObject(name);
        foreach (KeyValuePair<string, Known<T>> pair in map.OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            writer.WriteStartObject(pair.Key);
            write(writer, pair.Value.Value);
            writer.WriteString("evidence", pair.Value.Evidence);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, Dictionary<string, string> map)
    {
        if (map.Count == 0)
        {
            return;
        }

        writer.WriteStartObject(name);
        foreach (KeyValuePair<string, string> pair in map.OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            writer.WriteString(pair.Key, pair.Value);
        }

        writer.WriteEndObject();
    }

    private static Known<T>? Known<T>(JsonElement parent, string name, Func<JsonElement, T> read) =>
        parent.TryGetProperty(name, out JsonElement element) ? new Known<T>(read(element.GetProperty("value")), Text(element, "evidence") ?? "") : null;

    private static Known<T> Known<T>(JsonElement element, Func<JsonElement, T> read) => new(read(element), Text(element, "evidence") ?? "");

    private static void ReadMap<T>(JsonElement parent, string name, Dictionary<string, Known<T>> map, Func<JsonElement, T> read)
    {
        foreach ((string key, JsonElement value) in Members(parent, name))
        {
            map[key] = Known(value, element => read(element.GetProperty("value")));
        }
    }

    private static IEnumerable<(string Name, JsonElement Value)> Members(JsonElement parent, string name)
    {
        if (parent.TryGetProperty(name, out JsonElement element))
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                yield return (property.Name, property.Value);
            }
        }
    }

    private static IEnumerable<JsonElement> Items(JsonElement parent, string name)
    {
        if (parent.TryGetProperty(name, out JsonElement element))
        {
            foreach (JsonElement item in element.EnumerateArray())
            {
                yield return item;
            }
        }
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement element) ? String(element) : null;

    private static string String(JsonElement element) =>
        element.GetString() ?? throw new InvalidOperationException();

    private static T Word<T>(JsonElement element)
        where T : struct, Enum
    {
        string text = String(element);
        return Enum.TryParse(text, out T value) && text.Length > 0 && char.IsLetter(text[0])
            ? value
            : throw new InvalidDataException(string.Format(CultureInfo.InvariantCulture, "'{0}' is no {1}", Shorten(text), typeof(T).Name));
    }

    private static string Shorten(string text) => text.Length > 60 ? text.Substring(0, 60) + "..." : text;
}
