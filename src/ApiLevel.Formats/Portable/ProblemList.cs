using System.Collections.Generic;
using System.Globalization;

namespace ApiLevel.Formats.Portable;

/// <summary>The problems of one image: bounded in number, the last one then says how many more there were.</summary>
internal sealed class ProblemList
{
    private const int Maximum = 32;
    private List<Problem>? _problems;
    private int _more;

    public void Add(string where, string what)
    {
        _problems ??= [];
        if (_problems.Count < Maximum - 1)
        {
            _problems.Add(new Problem(where, what));
        }
        else
        {
            _more++;
        }
    }

    public IReadOnlyList<Problem> ToReadOnly()
    {
        if (_problems is null)
        {
            return [];
        }

        if (_more > 0)
        {
            _problems.Add(new Problem("image", string.Format(CultureInfo.InvariantCulture, "{0} more problems", _more)));
            _more = 0;
        }

        return _problems;
    }
}
