using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Facts;

namespace ApiLevel.Readiness;

/// <summary>Of each event whether it is on, and which lines turn it on: from a snapshot, or from rows that were written earlier.</summary>
public sealed class ReadinessTable
{
    private readonly ReadinessEvaluator? _evaluator;
    private readonly Dictionary<(string, int), (ReadinessState State, IReadOnlyList<string> Lines)> _rows = [];

    /// <summary>Answers from a snapshot.</summary>
    /// <param name="evaluator">Evaluates it.</param>
    public ReadinessTable(ReadinessEvaluator evaluator) => _evaluator = evaluator;

    /// <summary>Answers from rows. An event without a row is not known.</summary>
    /// <param name="rows">Source, id, state and remediation of each event; a later row wins.</param>
    public ReadinessTable(IEnumerable<(string Source, int EventId, ReadinessState State, string Remediation)> rows)
    {
        foreach ((string source, int eventId, ReadinessState state, string remediation) in rows)
        {
            string[] lines = remediation.Length == 0 ? [] : remediation.Split(["; "], StringSplitOptions.RemoveEmptyEntries);
            _rows[(source.ToUpperInvariant(), eventId)] = (state, lines);
        }
    }

    /// <summary>Whether an event is on.</summary>
    /// <param name="source">Its source.</param>
    /// <param name="eventId">Its number.</param>
    public ReadinessState StateOf(SourceEntry source, int eventId) => Find(source, eventId).State;

    /// <summary>Whether a machine writes an event, or not, or null where that is not known: what a judge asks.</summary>
    /// <param name="source">Its source.</param>
    /// <param name="eventId">Its number.</param>
    public bool? IsOn(SourceEntry source, int eventId) => StateOf(source, eventId) switch
    {
        ReadinessState.On => true,
        ReadinessState.Unknown => null,
        _ => false,
    };

    /// <summary>The lines that turn an event on; empty where it is on or no line does.</summary>
    /// <param name="source">Its source.</param>
    /// <param name="eventId">Its number.</param>
    public IReadOnlyList<string> LinesFor(SourceEntry source, int eventId) => Find(source, eventId).Lines;

    private (ReadinessState State, IReadOnlyList<string> Lines) Find(SourceEntry source, int eventId)
    {
        (string, int) key = (source.Name.ToUpperInvariant(), eventId);
        if (!_rows.TryGetValue(key, out (ReadinessState State, IReadOnlyList<string> Lines) row))
        {
            if (_evaluator is null)
            {
                return (ReadinessState.Unknown, []);
            }

            EventReadiness answer = _evaluator.Evaluate(source, eventId);
            row = (answer.State, [.. answer.Remediation.Select(step => step.Text)]);
            _rows.Add(key, row);
        }

        return row;
    }
}
