using System;
using System.IO;
using System.IO.MemoryMappedFiles;

namespace ApiLevel.Fuzz;

/// <summary>The input that is being read, in a mapped file: it is there after the process ended by it (memory, stack).</summary>
internal sealed class CurrentInput : IDisposable
{
    private readonly string _path;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public CurrentInput(string folder)
    {
        _path = PathIn(folder);
        _file = MemoryMappedFile.CreateFromFile(_path, FileMode.Create, null, sizeof(int) + Worker.MaximumLength);
        _view = _file.CreateViewAccessor();
    }

    public void Write(byte[] input)
    {
        int length = Math.Min(input.Length, Worker.MaximumLength);
        _view.Write(0, length);
        _view.WriteArray(sizeof(int), input, 0, length);
    }

    /// <summary>Null when no process left one.</summary>
    public static byte[]? Read(string folder)
    {
        if (!File.Exists(PathIn(folder)))
        {
            return null;
        }

        byte[] bytes = File.ReadAllBytes(PathIn(folder));
        return bytes.AsSpan(sizeof(int), BitConverter.ToInt32(bytes)).ToArray();
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
        File.Delete(_path);
    }

    private static string PathIn(string folder) => Path.Combine(folder, "current");
}
