/* Stands in for advapi32.dll and tdh.dll where there are none: hands each call to a function of the test. */
#include <errno.h>
#include <stdint.h>

static void *functions[16];

void fake_set(int index, void *function) { functions[index] = function; }

#define CALL(index, type) ((type)functions[index])

int StartTraceW(uint64_t *handle, const uint16_t *name, void *properties)
{
    return CALL(0, int (*)(uint64_t *, const uint16_t *, void *))(handle, name, properties);
}

int ControlTraceW(uint64_t handle, const uint16_t *name, void *properties, uint32_t code)
{
    return CALL(1, int (*)(uint64_t, const uint16_t *, void *, uint32_t))(handle, name, properties, code);
}

/* Only Windows looks for the W by itself. */
int ControlTrace(uint64_t handle, const uint16_t *name, void *properties, uint32_t code)
{
    return ControlTraceW(handle, name, properties, code);
}

int EnableTraceEx2(uint64_t handle, const void *provider, uint32_t code, uint8_t level, uint64_t any, uint64_t all,
                   uint32_t timeout, const void *parameters)
{
    return CALL(2, int (*)(uint64_t, const void *, uint32_t, uint8_t, uint64_t, uint64_t, uint32_t, const void *))(
        handle, provider, code, level, any, all, timeout, parameters);
}

int QueryAllTracesW(void **properties, int count, int *sessions)
{
    return CALL(3, int (*)(void **, int, int *))(properties, count, sessions);
}

int QueryAllTraces(void **properties, int count, int *sessions) { return QueryAllTracesW(properties, count, sessions); }

uint64_t OpenTraceW(void *logfile)
{
    int error = 0;
    uint64_t handle = CALL(4, uint64_t (*)(void *, int *))(logfile, &error);
    errno = error;
    return handle;
}

int ProcessTrace(const uint64_t *handles, uint32_t count, void *start, void *end)
{
    return CALL(5, int (*)(const uint64_t *, uint32_t, void *, void *))(handles, count, start, end);
}

int CloseTrace(uint64_t handle) { return CALL(6, int (*)(uint64_t))(handle); }

int TraceSetInformation(uint64_t handle, int kind, const void *data, uint32_t length)
{
    return CALL(7, int (*)(uint64_t, int, const void *, uint32_t))(handle, kind, data, length);
}

int EnumerateTraceGuidsEx(int kind, const void *input, int inputSize, void *output, int outputSize, int *length)
{
    return CALL(8, int (*)(int, const void *, int, void *, int, int *))(kind, input, inputSize, output, outputSize, length);
}

int TdhEnumerateProviders(void *buffer, int *size) { return CALL(9, int (*)(void *, int *))(buffer, size); }

int TdhGetEventInformation(const void *event, uint32_t count, const void *context, void *buffer, int *size)
{
    return CALL(10, int (*)(const void *, uint32_t, const void *, void *, int *))(event, count, context, buffer, size);
}
