using System;
using System.Collections.Generic;
using System.Globalization;

namespace ApiLevel.Formats.EventTrace;

/// <summary>
/// The classic events of the kernel: classes and type names as Windows' own class definitions have them, and the layouts of
/// those whose fields say what a process did. Records of the kernel name their class by one byte, the hook group.
/// </summary>
internal static class KernelEvents
{
    /// <summary>What Windows calls the provider of these events.</summary>
    public const string Provider = "MSNT_SystemTrace";

    /// <summary>The provider name of the events that the merge tools add.</summary>
    public const string MergeProvider = "KernelTraceControl";

    /// <summary>The class of descriptions that were merged into a file.</summary>
    public static readonly Guid MetaData = new("bbccf6c1-6cd1-48c4-80ff-839482e37671");

    /// <summary>The opcode of a TRACE_EVENT_INFO in <see cref="MetaData"/>.</summary>
    public const int MetaDataEventInfo = 32;

    /// <summary>The class of events that tell of lost ones.</summary>
    public static readonly Guid LostEvent = new("6a399ae0-4bc6-4de9-870b-3657f8947e7e");

    /// <summary>The class of stack walks.</summary>
    public static readonly Guid StackWalk = new("def2fe46-7bd6-4b80-bd94-f57fe20d0ce3");

    private const int ImageLoadOfProcessGroup = 10;
    private static readonly Guid s_image = new("2cb15d1d-5fc1-11d2-abe1-00a0c911f518");
    private static readonly Guid?[] s_groups = new Guid?[256];
    private static readonly Dictionary<Guid, KernelClass> s_classes = [];

    // Field types in the layouts: p pointer, u and i with bytes, x hexadecimal, z and a text, sid with its token structure,
    // ip4, ip6, port, time, guid, w text of fixed width. What follows "?" may be absent.
    private const string Registry2 = "InitialTime:i8 Status:x4 Index:u4 KeyHandle:p KeyName:z";
    private const string ImageFields =
        "ImageBase:p ImageSize:p ProcessId:u4 ImageCheckSum:u4 TimeDateStamp:u4 SignatureLevel:u1 SignatureType:u1 Reserved0:u2 "
        + "DefaultBase:p Reserved1:u4 Reserved2:u4 Reserved3:u4 Reserved4:u4 FileName:z";

    private const string ThreadFields =
        "ProcessId:u4 TThreadId:u4 StackBase:p StackLimit:p UserStackBase:p UserStackLimit:p StartAddr:p Win32StartAddr:p "
        + "TebBase:p SubProcessTag:x4";

    private const string ProcessHead = "UniqueProcessKey:p ProcessId:u4 ParentId:u4 SessionId:u4 ExitStatus:i4 ";
    private const string Ip4 = "PID:u4 size:u4 daddr:ip4 saddr:ip4 dport:port sport:port ";
    private const string Ip6 = "PID:u4 size:u4 daddr:ip6 saddr:ip6 dport:port sport:port ";
    private const string TcpConnect =
        "mss:u2 sackopt:u2 tsopt:u2 wsopt:u2 rcvwin:u4 rcvwinscale:i2 sndwinscale:i2 ";

    static KernelEvents()
    {
        Add(0x00, "68fdd900-4a3e-11d1-84f4-0000f80464e3", "EventTrace",
            "0=Header 5=Extension 8=RDComplete 32=EndExtension 48=RundownBegin 49=RundownEnd 64=DbgIdRSDS 65=DbgIdNB10 66=BuildInfo 67=ProviderBinaryPath 80=PartitionInfoExtension 82=LastDroppedTimes")
            .Layout("5,32", 0, 255, "GroupMask1:x4 GroupMask2:x4 GroupMask3:x4 GroupMask4:x4 GroupMask5:x4 GroupMask6:x4 GroupMask7:x4 GroupMask8:x4 ?KernelEventVersion:u4")
            .Layout("8", 0, 255, "");
        Add(0x01, "3d6fa8d4-fe05-11d0-9dda-00c04fd7ba7c", "DiskIo",
            "10=Read 11=Write 12=ReadInit 13=WriteInit 14=FlushBuffers 15=FlushInit 34=DrvMjFnCall 35=DrvMjFnRet 37=DrvComplRout 52=DrvComplReq 53=DrvComplReqRet")
            .Layout("10,11", 2, 255, "DiskNumber:u4 IrpFlags:x4 TransferSize:u4 Reserved:u4 ByteOffset:i8 FileObject:p Irp:p HighResResponseTime:u8 ?IssuingThreadId:u4")
            .Layout("12,13,15", 2, 255, "Irp:p ?IssuingThreadId:u4")
            .Layout("14", 2, 255, "DiskNumber:u4 IrpFlags:x4 HighResResponseTime:u8 Irp:p ?IssuingThreadId:u4");
        Add(0x02, "3d6fa8d3-fe05-11d0-9dda-00c04fd7ba7c", "PageFault",
            "10=TransitionFault 11=DemandZeroFault 12=CopyOnWrite 13=GuardPageFault 14=HardPageFault 15=AccessViolation 32=HardFault 98=VirtualAlloc 99=VirtualFree "
            + "100=HRRundown 101=HRCreate 102=HRReserve 103=HRRelease 104=HRDestroy 105=ImageLoadBacked 112=MemInfo 125=MemInfoWS 128=VirtualAllocDCStart 129=VirtualAllocDCEnd")
            .Layout("10-15", 2, 255, "VirtualAddress:p ProgramCounter:p")
            .Layout("32", 2, 255, "InitialTime:i8 ReadOffset:u8 VirtualAddress:p FileObject:p TThreadId:u4 ByteCount:u4")
            .Layout("98,99", 2, 255, "BaseAddress:p RegionSize:p ProcessId:u4 Flags:x4")
            .Layout("128,129", 2, 255, "BaseAddress:p RegionSize:p ProcessId:u4 Flags:x4");
        Add(0x03, "3d6fa8d0-fe05-11d0-9dda-00c04fd7ba7c", "Process",
            "1=Start 2=End 3=DCStart 4=DCEnd 11=Terminate 32=PerfCtr 33=PerfCtrRundown 35=InSwap 36=Freeze 37=Thaw 38=BootPhaseStart 39=Defunct 40=SetAffinity 112=DebugEvent")
            .Layout("1-4", 0, 0, "ProcessId:p ParentId:p UserSID:sid ImageFileName:a")
            .Layout("1-4", 1, 1, "PageDirectoryBase:p ProcessId:u4 ParentId:u4 SessionId:u4 ExitStatus:i4 UserSID:sid ImageFileName:a")
            .Layout("1-4,39", 2, 2, ProcessHead + "UserSID:sid ImageFileName:a CommandLine:z")
            .Layout("1-4,39", 3, 3, ProcessHead + "DirectoryTableBase:p UserSID:sid ImageFileName:a CommandLine:z")
            .Layout("1-4,39", 4, 4, ProcessHead + "DirectoryTableBase:p Flags:x4 UserSID:sid ImageFileName:a CommandLine:z PackageFullName:z ApplicationId:z")
            .Layout("1-4,39", 5, 255, ProcessHead + "DirectoryTableBase:p Flags:x4 UserSID:sid ImageFileName:a CommandLine:z PackageFullName:z ApplicationId:z ?ExitTime:time")
            .Layout("11", 0, 255, "ProcessId:u4")
            .Layout("32,33", 2, 255, "ProcessId:u4 PageFaultCount:u4 HandleCount:u4 Reserved:u4 PeakVirtualSize:p PeakWorkingSetSize:p PeakPagefileUsage:p QuotaPeakPagedPoolUsage:p "
                + "QuotaPeakNonPagedPoolUsage:p VirtualSize:p WorkingSetSize:p PagefileUsage:p QuotaPagedPoolUsage:p QuotaNonPagedPoolUsage:p PrivatePageCount:p");
        Add(0x04, "90cbdc39-4a3e-11d1-84f4-0000f80464e3", "FileIo",
            "0=Name 32=FileCreate 35=FileDelete 36=FileRundown 37=MapFile 38=UnmapFile 39=MapFileDCStart 40=MapFileDCEnd 64=Create 65=Cleanup 66=Close 67=Read 68=Write "
            + "69=SetInfo 70=Delete 71=Rename 72=DirEnum 73=Flush 74=QueryInfo 75=FSControl 76=OperationEnd 77=DirNotify 78=CreateNew 79=DeletePath 80=RenamePath 81=SetLinkPath 82=SetLink")
            .Layout("0,32,35,36", 0, 255, "FileObject:p FileName:z")
            .Layout("37-40", 2, 2, "ViewBase:p FileObject:p MiscInfo:x8 ViewSize:p ProcessId:u4")
            .Layout("37-40", 3, 255, "ViewBase:p FileObject:p MiscInfo:x8 ViewSize:p ByteOffset:i8 ProcessId:u4")
            .Layout("64", 2, 2, "IrpPtr:p TTID:p FileObject:p CreateOptions:x4 FileAttributes:x4 ShareAccess:x4 OpenPath:z")
            .Layout("64,78", 3, 255, "IrpPtr:p FileObject:p TTID:u4 CreateOptions:x4 FileAttributes:x4 ShareAccess:x4 OpenPath:z")
            .Layout("65,66,73", 2, 2, "IrpPtr:p TTID:p FileObject:p FileKey:p")
            .Layout("65,66,73", 3, 255, "IrpPtr:p FileObject:p FileKey:p TTID:u4")
            .Layout("67,68", 2, 2, "Offset:i8 IrpPtr:p TTID:p FileObject:p FileKey:p IoSize:u4 IoFlags:x4")
            .Layout("67,68", 3, 255, "Offset:i8 IrpPtr:p FileObject:p FileKey:p TTID:u4 IoSize:u4 IoFlags:x4 ?ExtraFlags:x4")
            .Layout("69-71,74,75,82", 2, 2, "IrpPtr:p TTID:p FileObject:p FileKey:p ExtraInfo:p InfoClass:u4")
            .Layout("69-71,74,75,82", 3, 255, "IrpPtr:p FileObject:p FileKey:p ExtraInfo:p TTID:u4 InfoClass:u4")
            .Layout("72,77", 2, 2, "IrpPtr:p TTID:p FileObject:p FileKey:p Length:u4 InfoClass:u4 FileIndex:u4 FileName:z")
            .Layout("72,77", 3, 255, "IrpPtr:p FileObject:p FileKey:p TTID:u4 Length:u4 InfoClass:u4 FileIndex:u4 FileName:z")
            .Layout("76", 2, 255, "IrpPtr:p ExtraInfo:p NtStatus:x4")
            .Layout("79-81", 3, 255, "IrpPtr:p FileObject:p FileKey:p ExtraInfo:p TTID:u4 InfoClass:u4 FileName:z");
        Add(0x05, "3d6fa8d1-fe05-11d0-9dda-00c04fd7ba7c", "Thread",
            "1=Start 2=End 3=DCStart 4=DCEnd 36=CSwitch 37=CompCS 50=ReadyThread 62=Enqueue 63=Dequeue 72=SetName")
            .Layout("1-4", 0, 0, "TThreadId:u4 ProcessId:u4")
            .Layout("1,3", 1, 1, "ProcessId:u4 TThreadId:u4 StackBase:p StackLimit:p UserStackBase:p UserStackLimit:p StartAddr:p Win32StartAddr:p WaitMode:i1")
            .Layout("2,4", 1, 1, "ProcessId:u4 TThreadId:u4")
            .Layout("1-4", 2, 2, ThreadFields)
            .Layout("1-4", 3, 255, ThreadFields + " ?BasePriority:u1 PagePriority:u1 IoPriority:u1 ThreadFlags:u1 ThreadName:z")
            .Layout("36", 2, 255, "NewThreadId:u4 OldThreadId:u4 NewThreadPriority:i1 OldThreadPriority:i1 PreviousCState:u1 SpareByte:i1 OldThreadWaitReason:i1 "
                + "?OldThreadWaitMode:i1 OldThreadState:i1 OldThreadWaitIdealProcessor:i1 NewThreadWaitTime:u4 Reserved:u4")
            .Layout("72", 2, 255, "ProcessId:u4 ThreadId:u4 ThreadName:z");
        Add(0x06, "9a280ac0-c8e0-11d1-84e2-00c04fb998a2", "TcpIp",
            "10=SendIPV4 11=RecvIPV4 12=ConnectIPV4 13=DisconnectIPV4 14=RetransmitIPV4 15=AcceptIPV4 16=ReconnectIPV4 17=Fail 18=TCPCopyIPV4 19=ARPCopyIPV4 20=FullACKIPV4 21=PartACKIPV4 22=DupACKIPV4 "
            + "26=SendIPV6 27=RecvIPV6 28=ConnectIPV6 29=DisconnectIPV6 30=RetransmitIPV6 31=AcceptIPV6 32=ReconnectIPV6 33=FailIPV6 34=TCPCopyIPV6 35=ARPCopyIPV6 36=FullACKIPV6 37=PartACKIPV6 38=DupACKIPV6")
            .Layout("10-15", 0, 0, "daddr:ip4 saddr:ip4 dport:port sport:port size:u4 PID:u4")
            .Layout("10", 1, 1, Ip4 + "startime:u4 endtime:u4 connid:p seqnum:u4")
            .Layout("12,15", 1, 1, Ip4 + TcpConnect + "connid:p seqnum:u4")
            .Layout("11,13,14,16,18-22", 1, 1, Ip4 + "connid:p seqnum:u4")
            .Layout("17", 1, 1, "Proto:u4")
            .Layout("10", 2, 255, Ip4 + "startime:u4 endtime:u4 seqnum:u4 connid:p")
            .Layout("12,15", 2, 255, Ip4 + TcpConnect + "seqnum:u4 connid:p")
            .Layout("11,13,14,16,18-22", 2, 255, Ip4 + "seqnum:u4 connid:p")
            .Layout("17,33", 2, 255, "Proto:u2 FailureCode:u2")
            .Layout("26", 2, 255, Ip6 + "startime:u4 endtime:u4 seqnum:u4 connid:p")
            .Layout("28,31", 2, 255, Ip6 + TcpConnect + "seqnum:u4 connid:p")
            .Layout("27,29,30,32,34-38", 2, 255, Ip6 + "seqnum:u4 connid:p");
        Add(0x08, "bf3a50c5-a9c9-4988-a005-2df0b7c80f80", "UdpIp", "10=SendIPV4 11=RecvIPV4 17=Fail 26=SendIPV6 27=RecvIPV6")
            .Layout("10,11", 0, 0, "context:p saddr:ip4 sport:port size:u2 daddr:ip4 dport:port dsize:u2")
            .Layout("10,11", 1, 1, Ip4.TrimEnd())
            .Layout("10,11", 2, 255, Ip4 + "seqnum:u4 connid:p")
            .Layout("26,27", 2, 255, Ip6 + "seqnum:u4 connid:p")
            .Layout("17", 2, 255, "Proto:u2 FailureCode:u2");
        Add(0x09, "ae53722e-c863-11d2-8659-00c04fa321a1", "Registry",
            "10=Create 11=Open 12=Delete 13=Query 14=SetValue 15=DeleteValue 16=QueryValue 17=EnumerateKey 18=EnumerateValueKey 19=QueryMultipleValue 20=SetInformation 21=Flush "
            + "22=KCBCreate 23=KCBDelete 24=KCBRundownBegin 25=KCBRundownEnd 26=Virtualize 27=Close 34=Counters 35=Config 36=HiveInitialize 37=HiveDestroy 38=HiveLink 39=HiveRundownDCEnd 40=HiveDirty 48=NotifyRegister 49=NotifyDeliver")
            .Layout("10-21", 0, 0, "Status:p KeyHandle:p ElapsedTime:i8 KeyName:z")
            .Layout("10-22", 1, 1, "Status:p KeyHandle:p ElapsedTime:i8 Index:u4 KeyName:z")
            .Layout("10-27", 2, 255, Registry2);
        Add(0x0B, "01853a65-418f-4f36-aefc-dc0f1d2fd235", "SystemConfig",
            "10=CPU 11=PhyDisk 12=LogDisk 13=NIC 14=Video 15=Services 16=Power 17=Network 18=OpticalDisk 21=IRQ 22=PnP 23=IDEChannel 24=NumaNode 25=Platform 26=ProcessorGroup 27=ProcessorNumber 28=DPI 29=CodeIntegrity 30=TelemetryId 33=DefragAnalysis 34=MobilePlatform 35=DeviceFamily 36=FlightIds 37=Processor")
            .Layout("10", 2, 255, "MHz:u4 NumberOfProcessors:u4 MemSize:u4 PageSize:u4 AllocationGranularity:u4 ComputerName:w256 DomainName:w134 HyperThreadingFlag:x4")
            .Layout("11", 2, 255, "DiskNumber:u4 BytesPerSector:u4 SectorsPerTrack:u4 TracksPerCylinder:u4 Cylinders:u8 SCSIPort:u4 SCSIPath:u4 SCSITarget:u4 SCSILun:u4 "
                + "Manufacturer:w256 PartitionCount:u4 WriteCacheEnabled:u1 Pad:u1 BootDriveLetter:w3 Spare:w2")
            .Layout("12", 2, 255, "StartOffset:u8 PartitionSize:u8 DiskNumber:u4 Size:u4 DriveType:u4 DriveLetterString:w4 Pad1:u4 PartitionNumber:u4 SectorsPerCluster:u4 "
                + "BytesPerSector:u4 Pad2:u4 NumberOfFreeClusters:i8 TotalNumberOfClusters:i8 FileSystem:w16 VolumeExt:u4 Pad3:u4")
            .Layout("23", 2, 255, "TargetId:u4 DeviceType:u4 DeviceTimingMode:u4 LocationInformationLen:u4 LocationInformation:z")
            .Layout("25", 2, 255, "SystemManufacturer:z SystemProductName:z BiosDate:z BiosVersion:z")
            .Layout("15", 2, 255, "ProcessId:u4 ServiceState:u4 SubProcessTag:u4 ServiceName:z DisplayName:z ProcessName:z ?LoadOrderGroup:z SvchostGroup:z")
            .Layout("13", 2, 255, "PhysicalAddr:x8 PhysicalAddrLen:u4 Ipv4Index:u4 Ipv6Index:u4 NICDescription:z IpAddresses:z DnsServerAddresses:z")
            .Layout("16", 0, 2, "S1:u1 S2:u1 S3:u1 S4:u1 S5:u1 Pad1:u1 Pad2:u1 Pad3:u1")
            .Layout("17", 2, 255, "TcbTablePartitions:u4 MaxHashTableSize:u4 MaxUserPort:u4 TcpTimedWaitDelay:u4");
        Add(0x0F, "ce1dbfb4-137e-4da6-87b0-3f59aa102cbc", "PerfInfo",
            "32=RundownCheckpoint 34=Mark 46=SampleProf 47=PmcCounterProf 48=PmcCounterConfig 50=ISR-MSI 51=SysClEnter 52=SysClExit 55=SampleProfCache 58=DebuggerEnabled 66=ThreadDPC 67=ISR 68=DPC 69=TimerDPC "
            + "72=SetInterval 73=CollectionStart 74=CollectionEnd 75=SpinLockDCStart 76=SpinLockDCEnd 79=ClockInterrupt 98=WDF-DPC")
            .Layout("46", 2, 255, "InstructionPointer:p ThreadId:u4 Count:u4")
            .Layout("51", 2, 255, "SysCallAddress:p")
            .Layout("52", 2, 255, "SysCallNtStatus:x4")
            .Layout("72-74", 2, 255, "Source:u4 NewInterval:u4 OldInterval:u4 ?SourceName:z")
            .Layout("58", 0, 255, "");
        Add(0x14, "2cb15d1d-5fc1-11d2-abe1-00a0c911f518", "Image", "1=Load 2=UnLoad 3=DCStart 4=DCEnd 10=Load 32=Relocation 33=KernelBase 34=HypercallPage")
            .Layout("10", 0, 0, "BaseAddress:p ModuleSize:u4 ImageFileName:z")
            .Layout("10", 1, 1, "ImageBase:p ImageSize:p ProcessId:u4 FileName:z")
            .Layout("1-4,10", 2, 255, ImageFields)
            .Layout("33", 0, 255, "ImageBase:p");
        Add(0x18, "def2fe46-7bd6-4b80-bd94-f57fe20d0ce3", "StackWalk", "32=Stack 34=KeyCreate 35=KeyDelete 36=KeyRundown 37=KeyKernel 38=KeyUser")
            .Layout("32", 0, 255, "EventTimeStamp:u8 StackProcess:u4 StackThread:u4")
            .Layout("35,36", 0, 255, "StackKey:p")
            .Layout("37,38", 0, 255, "EventTimeStamp:u8 StackProcess:u4 StackThread:u4 StackKey:p");
        Add(0x1A, "45d8cccd-539f-4b72-a8b7-5c683142609a", "ALPC", "33=ALPC-Send-Message 34=ALPC-Receive-Message 35=ALPC-Wait-For-Reply 36=ALPC-Wait-For-New-Message 37=ALPC-Unwait")
            .Layout("33-35", 2, 255, "MessageID:u4")
            .Layout("36", 2, 255, "IsServerPort:u4 PortName:a")
            .Layout("37", 2, 255, "Status:x4");
        Add(0x07, "3282fc76-feed-498e-8aa7-e70f459d430e", "Job", "32=Create 33=Terminate 34=Open 35=AssignProcess 36=RemoveProcess 37=Set 38=Query");
        Add(0x0D, "42695762-ea50-497a-9068-5cbbb35e0b95", "Wnf", "32=Subscribe 33=Unsubscribe 34=Callback 35=Publish 36=NameSubRundown");
        Add(0x0E, "0268a8b6-74fd-4302-9dd0-6e8f1795c0cf", "Pool", "32=PoolAlloc 33=PoolAllocSession 34=PoolFree 35=PoolFreeSession");
        Add(0x10, "222962ab-6180-4b88-a825-346b75f2a24a", "Heap", "32=Create 33=Alloc 34=ReAlloc 35=Destroy 36=Free 37=Expand 38=Snapshot 42=Contract 43=Lock 44=Unlock 45=Validate 46=Walk");
        Add(0x11, "89497f50-effe-4440-8cf2-ce6b1cdcaca7", "Object", "32=CreateHandle 33=CloseHandle 34=DuplicateHandle 36=TypeDCStart 37=TypeDCEnd 38=HandleDCStart 39=HandleDCEnd 48=CreateObject 49=DeleteObject")
            .Layout("32,33", 2, 255, "Object:p Handle:x4 ObjectType:u2 ?ObjectName:z")
            .Layout("34", 2, 255, "Object:p SourceHandle:x4 TargetHandle:x4 TargetProcessId:u4 ObjectType:u2 ?SourceProcessId:u4");
        Add(0x12, "e43445e0-0903-48c3-b878-ff0fccebdd04", "Power", "");
        Add(0x17, "3ac66736-cc59-4cff-8115-8df50e39816b", "CritSec", "34=Collision 35=Initialize");
        Add(0x1B, "d837ca92-12b9-44a5-ad6a-3a65b3578aa8", "SplitIo", "32=VolMgr");
        Add(0x1C, "c861d0e2-a2c1-4d36-9f9c-970bab943a12", "ThreadPool", "32=CBEnqueue 33=CBDequeue 34=CBStart 35=CBStop 36=CBCancel 37=PoolCreate 38=PoolClose 39=ThreadMinSet 40=ThreadMaxSet");
        Add(-1, "6a399ae0-4bc6-4de9-870b-3657f8947e7e", "Lost_Event", "32=RTLostEvent 33=RTLostBuffer 34=RTLostFile");

        // What the merge tools add: machine facts, and the identity of each image for symbols.
        Add(-1, "9b79ee91-b5fd-41c0-a243-4248e266e9d0", "SysConfig", "32=BuildInfo 33=SystemPaths 34=UnknownVolume 35=VolumeMapping")
            .Layout("32", 0, 255, "InstallDate:time BuildLab:z ProductName:z")
            .Layout("33", 0, 255, "SystemDirectory:z SystemWindowsDirectory:z")
            .Layout("34", 0, 255, "Value:z")
            .Layout("35", 0, 255, "NtPath:z DosPath:z");
        Add(-1, "b3e675d7-2554-4f18-830b-2762732560de", "ImageID", "32=None 36=DbgID_RSDS 37=DbgID_ILRSDS 64=FileVersion", MergeProvider)
            .Layout("0", 0, 255, "ImageBase:p ImageSize:p ProcessId:u4 TimeDateStamp:u4 OriginalFileName:z")
            .Layout("64", 0, 255, "ImageSize:u4 TimeDateStamp:u4 OrigFileName:z FileDescription:z FileVersion:z BinFileVersion:z VerLanguage:z ProductName:z CompanyName:z ProductVersion:z FileId:z ProgramId:z")
            .Layout("36,37", 0, 255, "ImageBase:p ProcessId:u4 GuidSig:guid Age:u4 PdbFileName:a");
        Add(-1, "bbccf6c1-6cd1-48c4-80ff-839482e37671", "MetaData", "32=EventInfo 33=EventMapInfo", MergeProvider);
    }

    /// <summary>The class of a hook: its group, but for the image load that kept its old place in the group of processes.</summary>
    public static Guid? ClassOf(int group, int type) =>
        group == 0x03 && type == ImageLoadOfProcessGroup ? s_image : s_groups[group & 0xFF];

    /// <summary>Names a classic event; false when its class is none of the kernel's.</summary>
    public static bool TryName(Guid provider, int opcode, out string providerName, out string? eventName)
    {
        if (!s_classes.TryGetValue(provider, out KernelClass? found))
        {
            providerName = "";
            eventName = null;
            return false;
        }

        providerName = found.Provider;
        eventName = found.EventName(opcode);
        return true;
    }

    /// <summary>Finds the layout of a classic event; null where it is not known here.</summary>
    public static PayloadSchema? Find(Guid provider, int opcode, int version) =>
        s_classes.TryGetValue(provider, out KernelClass? found) ? found.Find(opcode, version) : null;

    /// <summary>Where the return addresses of a stack walk start in its payload; -1 for other events.</summary>
    public static int StackStart(Guid? provider, int opcode, int pointerSize) => provider != StackWalk ? -1 : opcode switch
    {
        32 => 16,
        35 or 36 => pointerSize,
        _ => -1,
    };

    private static KernelClass Add(int group, string guid, string name, string types, string provider = Provider)
    {
        var id = new Guid(guid);
        if (group >= 0)
        {
            s_groups[group] = id;
        }

        return s_classes[id] = new KernelClass(provider, name, types);
    }

    private sealed class KernelClass
    {
        private readonly string?[] _names = new string?[256];
        private readonly string _name;
        private readonly List<(bool[] Opcodes, int From, int To, PayloadSchema Schema)> _layouts = [];

        public KernelClass(string provider, string name, string types)
        {
            Provider = provider;
            _name = name;
            foreach (string type in types.Split([' '], StringSplitOptions.RemoveEmptyEntries))
            {
                int equals = type.IndexOf('=');
                _names[Number(type.Substring(0, equals))] = name + "/" + type.Substring(equals + 1);
            }
        }

        public string Provider { get; }

        /// <summary>"Class/Type"; the class alone where the type has no name.</summary>
        public string EventName(int opcode) => _names[opcode & 0xFF] ?? _name;

        public PayloadSchema? Find(int opcode, int version)
        {
            foreach ((bool[] opcodes, int from, int to, PayloadSchema schema) in _layouts)
            {
                if (version >= from && version <= to && opcodes[opcode & 0xFF])
                {
                    return schema;
                }
            }

            return null;
        }

        public KernelClass Layout(string opcodes, int fromVersion, int toVersion, string fields)
        {
            var set = new bool[256];
            foreach (string part in opcodes.Split(','))
            {
                int dash = part.IndexOf('-');
                int first = Number(dash < 0 ? part : part.Substring(0, dash));
                int last = dash < 0 ? first : Number(part.Substring(dash + 1));
                for (int i = first; i <= last; i++)
                {
                    set[i] = true;
                }
            }

            var properties = new List<PayloadProperty>();
            int optionalFrom = int.MaxValue;
            foreach (string field in fields.Split([' '], StringSplitOptions.RemoveEmptyEntries))
            {
                string text = field;
                if (text[0] == '?')
                {
                    optionalFrom = properties.Count;
                    text = text.Substring(1);
                }

                int colon = text.IndexOf(':');
                (InType type, OutType outType, int length) = Type(text.Substring(colon + 1));
                properties.Add(new PayloadProperty(
                    text.Substring(0, colon), type, outType, ExtentKind.None, 1, length > 0 ? ExtentKind.Fixed : ExtentKind.None, length, 0, 0));
            }

            _layouts.Add((set, fromVersion, toVersion, new PayloadSchema(Provider, null, properties.ToArray(), properties.Count) { OptionalFrom = optionalFrom }));
            return this;
        }

        private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

        private static (InType Type, OutType Out, int Length) Type(string code) => code switch
        {
            "p" => (InType.Pointer, OutType.None, 0),
            "u1" => (InType.UInt8, OutType.None, 0),
            "u2" => (InType.UInt16, OutType.None, 0),
            "u4" => (InType.UInt32, OutType.None, 0),
            "u8" => (InType.UInt64, OutType.None, 0),
            "i1" => (InType.Int8, OutType.None, 0),
            "i2" => (InType.Int16, OutType.None, 0),
            "i4" => (InType.Int32, OutType.None, 0),
            "i8" => (InType.Int64, OutType.None, 0),
            "x4" => (InType.HexInt32, OutType.None, 0),
            "x8" => (InType.HexInt64, OutType.None, 0),
            "z" => (InType.UnicodeString, OutType.None, 0),
            "a" => (InType.AnsiString, OutType.None, 0),
            "sid" => (InType.TokenSid, OutType.None, 0),
            "ip4" => (InType.UInt32, OutType.IPv4, 0),
            "ip6" => (InType.Binary, OutType.IPv6, 16),
            "port" => (InType.UInt16, OutType.Port, 0),
            "time" => (InType.FileTime, OutType.None, 0),
            "guid" => (InType.Guid, OutType.None, 0),
            _ when code[0] == 'w' => (InType.UnicodeString, OutType.None, Number(code.Substring(1))),
            _ => throw new ArgumentOutOfRangeException(nameof(code), code, null),
        };
    }
}
