using System;
using System.IO;
using System.IO.Pipes;
using System.Threading;
using System.Threading.Tasks;

namespace ApiLevel.Tracing.EventPipe;

/// <content>Windows PowerShell runs on Windows alone: a named pipe.</content>
internal sealed partial class DiagnosticPort
{
    private string? _pipe;

    private void Open()
    {
        _pipe = "ApiLevel-" + Guid.NewGuid().ToString("N");
        Address = _pipe + ",suspend";
    }

    private async Task<Stream> AcceptOneAsync(CancellationToken cancellation)
    {
        NamedPipeServerStream server = new(
            _pipe!,
            PipeDirection.InOut,
            NamedPipeServerStream.MaxAllowedServerInstances,
            PipeTransmissionMode.Byte,
            PipeOptions.Asynchronous);
        try
        {
            await server.WaitForConnectionAsync(cancellation).ConfigureAwait(false);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    private void Close()
    {
        // Waiting pipes end with the token.
        _pipe = null;
    }
}
