using System.Collections;
using System.Collections.Generic;
using System.Globalization;

namespace ApiLevel.Formats;

/// <summary>Problems up to a number; what comes after is counted in a last entry, so that a hostile file cannot fill the memory.</summary>
internal sealed class ProblemList : IReadOnlyList<Problem>
{
    public const int Maximum = 100;

    // Most files have none, and a folder has many files.
    private List<Problem>? _items;
    private long _further;

    public int Count => (_items?.Count ?? 0) + (_further > 0 ? 1 : 0);

    public Problem this[int index] =>
        index == _items!.Count && _further > 0
            ? new Problem("file", string.Format(CultureInfo.InvariantCulture, "{0} further problems are not listed", _further))
            : _items[index];

    public void Add(string where, string what)
    {
        _items ??= [];
        if (_items.Count < Maximum)
        {
            _items.Add(new Problem(where, what));
        }
        else
        {
            _further++;
        }
    }

    /// <summary>Adds those of a part of the file.</summary>
    public void AddAll(ProblemList part)
    {
        if (part._items is not null)
        {
            foreach (Problem problem in part._items)
            {
                Add(problem.Where, problem.What);
            }
        }

        _further += part._further;
    }

    public IEnumerator<Problem> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
