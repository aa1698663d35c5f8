using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.Conventions;

/// <summary>The table of about_ApiLevel_Errors against the class that makes the records, both ways.</summary>
public sealed class ErrorTableTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    private static readonly string s_topic = Path.Combine(Repository.HelpFolder, "about_ApiLevel_Errors.help.txt");

    [Fact]
    public void The_topic_lists_exactly_the_errors_that_exist()
    {
        Assert.Equal(Made().Select(e => e.Id).Order(StringComparer.Ordinal), Listed().Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_topic_tells_category_and_exception_of_each()
    {
        Dictionary<string, Dictionary<string, string>> listed = Listed();
        foreach ((string id, ErrorRecord record) in Made())
        {
            Assert.Equal(id, record.FullyQualifiedErrorId);
            Assert.Equal(listed[id]["Category"], record.CategoryInfo.Category.ToString());
            Assert.Equal(listed[id]["Exception"], record.Exception.GetType().Name);
            Assert.NotEqual(ErrorCategory.NotSpecified, record.CategoryInfo.Category);
            Assert.All(["Target", "Ends the command", "What to do"], column => Assert.NotEmpty(listed[id][column]));
        }
    }

    // A method that takes texts, numbers and what was thrown makes a record; one that takes a failure of the engine chooses among them.
    private (string Id, ErrorRecord Record)[] Made()
    {
        Type errors = engine.Cmdlets[0].ImplementingType.Assembly.GetType("ApiLevel.Errors.ApiLevelErrors", throwOnError: true)!;
        (string Id, ErrorRecord Record)[] made =
        [
            .. errors.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
                .Where(m => m.ReturnType == typeof(ErrorRecord) && !m.IsPrivate && !m.Name.StartsWith("For", StringComparison.Ordinal))
                .Select(m => (m.Name, (ErrorRecord)m.Invoke(null, [.. m.GetParameters().Select(Sample)])!)),
        ];
        Assert.NotEmpty(made);
        return made;
    }

    private static object? Sample(ParameterInfo parameter)
    {
        Type type = parameter.ParameterType;
        return type == typeof(string) ? "x"
            : type == typeof(Exception) ? new InvalidOperationException("x")
            : type != typeof(object) && type.IsAssignableFrom(typeof(List<string>)) ? new List<string>()
            : type.IsValueType ? Activator.CreateInstance(type)
            : typeof(IEnumerable).IsAssignableFrom(type) && type.IsArray ? Array.CreateInstance(type.GetElementType()!, 0)
            : null;
    }

    // An id stands alone, four spaces in; its facts stand below it, eight in, as "Name: value", and go on ten in.
    private static Dictionary<string, Dictionary<string, string>> Listed()
    {
        Dictionary<string, Dictionary<string, string>> ids = new(StringComparer.Ordinal);
        string? id = null;
        string? name = null;
        foreach (string line in File.ReadLines(s_topic))
        {
            string text = line.Trim();
            int indent = line.Length - line.TrimStart().Length;
            if (indent == 4 && text.Length > 0 && text.All(char.IsAsciiLetterOrDigit) && char.IsAsciiLetterUpper(text[0]))
            {
                id = text;
                ids.Add(id, new Dictionary<string, string>(StringComparer.Ordinal));
            }
            else if (id is not null && indent == 8 && text.IndexOf(": ", StringComparison.Ordinal) is > 0 and int colon)
            {
                name = text[..colon];
                ids[id].Add(name, text[(colon + 2)..]);
            }
            else if (id is not null && name is not null && indent == 10)
            {
                ids[id][name] += " " + text;
            }
            else if (indent < 4 && text.Length > 0)
            {
                id = null;
            }
        }

        return ids;
    }
}
