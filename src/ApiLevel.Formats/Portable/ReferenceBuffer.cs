using System;
using System.Collections.Generic;

namespace ApiLevel.Formats.Portable;

/// <summary>Collects the references of an image in an array that the thread keeps, and hands out one of the exact size.</summary>
internal sealed class ReferenceBuffer
{
    private const int KeptCapacity = 4096;
    private PortableReference[] _items = new PortableReference[256];
    private int _count;

    public int Count => _count;

    /// <summary>The place of the next reference, which is counted with this.</summary>
    public ref PortableReference Next()
    {
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, 2 * _count);
        }

        return ref _items[_count++];
    }

    /// <summary>Adds the names of the functions that tables refer to.</summary>
    public void CollectNames(HashSet<string> names)
    {
        for (int i = 0; i < _count; i++)
        {
            names.Add(_items[i].Name);
        }
    }

    public IReadOnlyList<PortableReference> TakeAll()
    {
        if (_count == 0)
        {
            return [];
        }

        PortableReference[] taken = _items.AsSpan(0, _count).ToArray();
        Clear();
        return taken;
    }

    public void Clear()
    {
        if (_items.Length > KeptCapacity)
        {
            _items = new PortableReference[256];
        }
        else
        {
            // The strings of the last image must not live as long as the thread.
            Array.Clear(_items, 0, _count);
        }

        _count = 0;
    }
}
