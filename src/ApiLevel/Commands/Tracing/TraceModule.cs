using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using ApiLevel.Tracing;

namespace ApiLevel.Commands;

/// <summary>What the tracing commands share: the provider of sessions, and the ends that traces must not outlive.</summary>
internal static class TraceModule
{
    private static readonly Lazy<ITracingProvider> s_provider = new(
        static () => PrivateAssemblies.Create<ITracingProvider>("ApiLevel.Tracing", "ApiLevel.Tracing.TracingProvider"),
        System.Threading.LazyThreadSafetyMode.PublicationOnly);

    private static readonly ConditionalWeakTable<Runspace, object> s_watched = new();

    private static readonly ConditionalWeakTable<TelemetryTrace, StrongBox<TraceStatistics>> s_reported = new();
    private static readonly ConcurrentDictionary<TelemetryTrace, bool> s_handedOver = new();

    /// <summary>Starts sessions; loaded at first use.</summary>
    public static ITracingProvider Provider => s_provider.Value;

    /// <summary>The runspace that owns what its commands start, watched from now on so that its end stops them.</summary>
    public static object? Owner()
    {
        if (Runspace.DefaultRunspace is not { } runspace)
        {
            return null;
        }

        s_watched.GetValue(runspace, static watched =>
        {
            watched.StateChanged += static (sender, change) =>
            {
                if (change.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken)
                {
                    StopAll(sender);
                }
            };
            return new object();
        });
        return runspace;
    }

    /// <summary>Stops what a runspace started.</summary>
    public static void StopAll(object? owner)
    {
        try
        {
            TraceRegistry.StopAll(owner);
        }
        catch (AggregateException)
        {
            // The end of a runspace has nobody to tell. What could not be stopped is found again by Get-ApiTelemetryTrace -Orphaned.
        }
    }

    /// <summary>Marks a trace as handed to the next command of the pipeline that started it, until the result is disposed.</summary>
    public static IDisposable HandOver(ApiTelemetryTrace trace) => new HandedOver(trace.GetTrace()!);

    /// <summary>True while the command that started a trace hands it to the next one.</summary>
    public static bool IsHandedOver(ApiTelemetryTrace trace) => trace.GetTrace() is { } own && s_handedOver.ContainsKey(own);

    /// <summary>True where losses were not told yet.</summary>
    public static bool IsNews(TelemetryTrace trace, TraceStatistics now)
    {
        StrongBox<TraceStatistics> reported = s_reported.GetValue(trace, static _ => new StrongBox<TraceStatistics>());
        lock (reported)
        {
            bool news = now with { Seen = 0 } != reported.Value with { Seen = 0 };
            reported.Value = now;
            return news;
        }
    }

    /// <summary>The traces of this process by name, with wildcards; null gives all.</summary>
    public static IEnumerable<TelemetryTrace> Find(Func<string, bool>? matches)
    {
        foreach (TelemetryTrace trace in TraceRegistry.Traces)
        {
            if (matches is null || matches(trace.Name))
            {
                yield return trace;
            }
        }
    }

    /// <summary>The name a user gave, as the session has it: with our prefix, wildcards kept.</summary>
    public static string FullName(string name) =>
        name.Length > 0 && name[0] == '*' ? name : TraceNames.ForSession(name);

    private sealed class HandedOver : IDisposable
    {
        private readonly TelemetryTrace _trace;

        public HandedOver(TelemetryTrace trace)
        {
            _trace = trace;
            s_handedOver[trace] = true;
        }

        public void Dispose() => s_handedOver.TryRemove(_trace, out _);
    }
}

/// <summary>Runs when the module is removed: its traces end with it.</summary>
public sealed class TraceLifetime : IModuleAssemblyCleanup
{
    /// <summary>Stops the traces that this runspace started.</summary>
    /// <param name="psModuleInfo">The module.</param>
    public void OnRemove(PSModuleInfo psModuleInfo) => TraceModule.StopAll(Runspace.DefaultRunspace);
}
