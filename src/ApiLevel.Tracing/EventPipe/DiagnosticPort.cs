using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace ApiLevel.Tracing.EventPipe;

/// <summary>
/// A port that .NET runtimes connect to when they start and where they wait to be resumed (DOTNET_DiagnosticPorts). The client
/// library can serve one runtime this way; a program that starts others, which inherit the port, needs each of them answered, or
/// they would wait for ever. The protocol is documented in dotnet/diagnostics, documentation/design-docs/ipc-protocol.md.
/// </summary>
internal sealed partial class DiagnosticPort : IDisposable
{
    private const int AdvertiseLength = 34;
    private const int HeaderLength = 20;
    private static readonly byte[] s_advertise = Encoding.ASCII.GetBytes("ADVR_V1\0");
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Action<int> _onRuntime;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly Dictionary<Guid, Stream> _connections = [];
    private readonly object _gate = new();

    /// <summary>Opens a port of its own, for this user alone.</summary>
    /// <param name="onRuntime">Called with the process id of each runtime before it is resumed; it may take its time.</param>
    public DiagnosticPort(Action<int> onRuntime)
    {
        _onRuntime = onRuntime;
        Open();
        _ = Task.Run(AcceptAsync);
    }

    /// <summary>What DOTNET_DiagnosticPorts is set to.</summary>
    public string Address { get; private set; } = "";

    /// <inheritdoc/>
    public void Dispose()
    {
        _cancellation.Cancel();
        Close();
        lock (_gate)
        {
            foreach (Stream connection in _connections.Values)
            {
                connection.Dispose();
            }

            _connections.Clear();
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, int length, CancellationToken cancellation)
    {
        byte[] buffer = new byte[length];
        int filled = 0;
        while (filled < length)
        {
            int read = await stream.ReadAsync(buffer, filled, length - filled, cancellation).ConfigureAwait(false);
            if (read == 0)
            {
                throw new EndOfStreamException();
            }

            filled += read;
        }

        return buffer;
    }

    private static async Task ResumeAsync(Stream stream, CancellationToken cancellation)
    {
        const byte ProcessCommands = 4;
        const byte ResumeRuntime = 1;
        byte[] command = new byte[HeaderLength];
        Encoding.ASCII.GetBytes("DOTNET_IPC_V1\0").CopyTo(command, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(command.AsSpan(14), HeaderLength);
        command[16] = ProcessCommands;
        command[17] = ResumeRuntime;
        await stream.WriteAsync(command, 0, command.Length, cancellation).ConfigureAwait(false);
        await stream.FlushAsync(cancellation).ConfigureAwait(false);
        byte[] header = await ReadAsync(stream, HeaderLength, cancellation).ConfigureAwait(false);
        int rest = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(14)) - HeaderLength;
        if (rest > 0)
        {
            await ReadAsync(stream, rest, cancellation).ConfigureAwait(false);
        }
    }

    private async Task AcceptAsync()
    {
        while (!_cancellation.IsCancellationRequested)
        {
            Stream connection;
            try
            {
                connection = await AcceptOneAsync(_cancellation.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or IOException
                or System.Net.Sockets.SocketException)
            {
                return;
            }

            _ = Task.Run(() => ServeAsync(connection));
        }
    }

    private async Task ServeAsync(Stream connection)
    {
        try
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(_cancellation.Token);
            limit.CancelAfter(s_patience);
            byte[] advertise = await ReadAsync(connection, AdvertiseLength, limit.Token).ConfigureAwait(false);
            if (!advertise.AsSpan(0, s_advertise.Length).SequenceEqual(s_advertise))
            {
                connection.Dispose();
                return;
            }

            Guid cookie = new(advertise.AsSpan(8, 16).ToArray());
            long process = BinaryPrimitives.ReadInt64LittleEndian(advertise.AsSpan(24));
            bool isNew;
            lock (_gate)
            {
                // After each command a runtime connects again and waits for the next; that connection is only kept open.
                isNew = !_connections.TryGetValue(cookie, out Stream? previous);
                previous?.Dispose();
                _connections[cookie] = connection;
            }

            if (!isNew)
            {
                return;
            }

            try
            {
                if (process is > 0 and <= int.MaxValue)
                {
                    _onRuntime((int)process);
                }
            }
            finally
            {
                // Whatever became of the attach: a runtime that nobody resumes never starts.
                using CancellationTokenSource resume = new(s_patience);
                await ResumeAsync(connection, resume.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or IOException
            or System.Net.Sockets.SocketException)
        {
            // The runtime went away; it will not be waiting.
            connection.Dispose();
        }
    }
}
