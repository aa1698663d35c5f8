using System;
using System.IO;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace ApiLevel.Tracing.EventPipe;

/// <content>A pipe on Windows; elsewhere a Unix domain socket in a folder that only this user may enter.</content>
internal sealed partial class DiagnosticPort
{
    private Socket? _listener;
    private DirectoryInfo? _folder;
    private string? _pipe;

    private void Open()
    {
        if (OperatingSystem.IsWindows())
        {
            _pipe = "ApiLevel-" + Guid.NewGuid().ToString("N");
            Address = _pipe + ",suspend";
            return;
        }

        // A socket's path has room for about 100 characters.
        _folder = Directory.CreateTempSubdirectory("apilevel-");
        string path = Path.Combine(_folder.FullName, "port");
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(backlog: 128);
        Address = path + ",suspend";
    }

    private async Task<Stream> AcceptOneAsync(CancellationToken cancellation)
    {
        if (_listener is { } listener)
        {
            return new NetworkStream(await listener.AcceptAsync(cancellation).ConfigureAwait(false), ownsSocket: true);
        }

        NamedPipeServerStream server = new(
            _pipe!,
            PipeDirection.InOut,
            NamedPipeServerStream.MaxAllowedServerInstances,
            PipeTransmissionMode.Byte,
            PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        try
        {
            await server.WaitForConnectionAsync(cancellation).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private void Close()
    {
        _listener?.Dispose();
        try
        {
            _folder?.Delete(recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // An empty folder in the temporary folder is left; nothing depends on it.
        }
    }
}
