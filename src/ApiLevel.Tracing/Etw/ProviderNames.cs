using System;
using Microsoft.Diagnostics.Tracing.Session;

namespace ApiLevel.Tracing.Etw;

/// <summary>Finds providers by name before anything is enabled: enabling an unknown name would succeed with a made-up GUID.</summary>
internal static class ProviderNames
{
    /// <summary>The GUID of a provider that this machine knows; null when it knows none of this name.</summary>
    public static Guid? Resolve(string name)
    {
        if (Guid.TryParse(name, out Guid given))
        {
            return given;
        }

        Guid published = TraceEventProviders.GetProviderGuidByName(name);
        if (published != Guid.Empty)
        {
            return published;
        }

        // EventSources publish no manifest. Their GUID follows from the name, so a misspelt one shows in nobody having registered it.
        Guid derived = TraceEventProviders.GetEventSourceGuidFromName(name);
        return TraceEventProviders.GetRegisteredOrEnabledProviders().Contains(derived) ? derived : null;
    }
}
