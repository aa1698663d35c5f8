using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using ApiLevel.Answers;
using ApiLevel.Facts;
using ApiLevel.Formats;
using ApiLevel.Formats.Configuration;
using ApiLevel.Readiness.Sysmon;

namespace ApiLevel.Readiness;

/// <summary>
/// Joins what an event needs with what a snapshot of a machine says. One answer an event, kept for the next time it is asked. Not safe
/// for several threads.
/// </summary>
public sealed class ReadinessEvaluator
{
    private readonly MappingStore _store;
    private readonly IReadOnlyDictionary<string, string> _subcategories;
    private readonly IReadOnlyDictionary<string, int> _builds;
    private readonly SysmonRules? _rules;
    private readonly Dictionary<(SourceEntry, int), EventReadiness> _known = [];

    // The same for every snapshot, and snapshots are many where the effect of each change is tried.
    private static readonly ConditionalWeakTable<MappingStore, StoreLookups> s_lookups = new();

    /// <summary>Prepares answers.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="state">The snapshot; not changed while this is used.</param>
    public ReadinessEvaluator(MappingStore store, TelemetryState state)
    {
        _store = store ?? throw new ArgumentNullException(nameof(store));
        State = state ?? throw new ArgumentNullException(nameof(state));
        _rules = SysmonFacts.Compile(state.Sysmon);
        StoreLookups lookups = s_lookups.GetValue(store, static known => new StoreLookups(known));
        _subcategories = lookups.Subcategories;
        _builds = lookups.Builds;
    }

    /// <summary>The snapshot.</summary>
    public TelemetryState State { get; }

    /// <summary>Answers for an event.</summary>
    /// <param name="source">Its source.</param>
    /// <param name="eventId">Its number.</param>
    public EventReadiness Evaluate(SourceEntry source, int eventId)
    {
        if (!_known.TryGetValue((source, eventId), out EventReadiness? answer))
        {
            answer = Decide(source, eventId);
            _known.Add((source, eventId), answer);
        }

        return answer;
    }

    /// <summary>
    /// Answers for this very event: would it be written? Of Sysmon the rules decide about its fields; of other sources what decides about
    /// all events of its kind.
    /// </summary>
    /// <param name="source">Its source.</param>
    /// <param name="record">The event.</param>
    public EventReadiness Evaluate(SourceEntry source, EventRecord record)
    {
        EventReadiness kind = Evaluate(source, record.EventId);
        if (source.Name != "Sysmon" || _rules is null || kind.State is ReadinessState.NotApplicable)
        {
            return kind;
        }

        SysmonDecision decision = _rules.Decide(record);
        string place = SysmonFacts.Place(State.Sysmon!.ConfigurationFile, (decision.Filter?.Position ?? decision.Section?.Position) ?? default);
        string doubt = decision.Doubt is { } why ? ", in doubt: " + why.TrimEnd('.') : "";
        var stage = new ReadinessStage(
            "sensor rule",
            decision.Doubt is not null ? ReadinessState.Unknown : decision.Included ? ReadinessState.On : ReadinessState.Filtered,
            (decision.Included ? "written" : "dropped") + " (" + decision.Reason + ")" + doubt,
            place);
        ReadinessStage[] stages = [.. kind.Stages.Where(other => other.Name != "sensor rule"), stage];
        ReadinessState state = stages.Select(item => item.State).OrderBy(Rank).First();
        return new EventReadiness(source, record.EventId, kind.Event, state, stages, state == ReadinessState.On ? [] : kind.Remediation)
        {
            RuleName = decision.RuleName ?? "",
        };
    }

    private EventReadiness Decide(SourceEntry source, int eventId)
    {
        EventEntry e = _store.FindEvent(source, eventId);
        if (!e.IsKnown)
        {
            return new EventReadiness(
                source, eventId, e, ReadinessState.Unknown, [new ReadinessStage("facts", ReadinessState.Unknown, "the event is not described", "")], []);
        }

        var verdict = new Draft();
        AddBuild(verdict, source, e);
        AddProduct(verdict, source);
        if (verdict.State == ReadinessState.NotApplicable)
        {
            return verdict.Finish(source, eventId, e);
        }

        IReadOnlyList<Requirement> requirements = e.Requirements;
        AddAudit(verdict, source, e, requirements);
        foreach (Requirement requirement in requirements)
        {
            switch (requirement.Kind)
            {
                case RequirementKind.Policy:
                    AddPolicy(verdict, requirement.Value);
                    break;
                case RequirementKind.Channel or RequirementKind.ChannelOffByDefault:
                    AddChannel(verdict, requirement.Value, requirement.Kind == RequirementKind.Channel, isNeeded: true);
                    break;
                case RequirementKind.SysmonSection:
                    AddSysmon(verdict, e, requirement.Value, requirements);
                    break;
                case RequirementKind.SysmonSetting when requirement.Value != "ArchiveDirectory":
                    // ArchiveDirectory has a default.
                    AddSysmonOption(verdict, requirement.Value);
                    break;
                case RequirementKind.Session:
                    AddSession(verdict, source);
                    break;
                case RequirementKind.Consumer:
                    AddConsumer(verdict, requirement);
                    break;
                case RequirementKind.Optional:
                    AddField(verdict, requirement.Value);
                    break;
                case RequirementKind.Other:
                    verdict.Add("facts", ReadinessState.Unknown, $"the requirement {requirement.Value} is not known here", "");
                    break;
            }
        }

        if (!requirements.Any(requirement => requirement.Kind is RequirementKind.Channel or RequirementKind.ChannelOffByDefault))
        {
            foreach (string channel in e.Channels)
            {
                AddChannel(verdict, channel, onByDefault: true, isNeeded: false);
            }
        }

        if (verdict.Stages.All(stage => stage.Name is "build" or "field"))
        {
            verdict.Add("facts", ReadinessState.Unknown, "what it needs is not known", "");
        }

        return verdict.Finish(source, eventId, e);
    }

    // The oldest version counts: an older Windows writes the event with fewer fields.
    private void AddBuild(Draft verdict, SourceEntry source, EventEntry e)
    {
        if (State.Build is not { } build)
        {
            return;
        }

        int? first = null;
        foreach (EventEntry version in _store.EventVersions(source, e.Id))
        {
            if (!_builds.TryGetValue(version.FirstBuild, out int number))
            {
                return;
            }

            first = first is { } known ? Math.Min(known, number) : number;
        }

        // The first release of the catalogue says only that the event is not younger.
        if (first is { } needed && needed > _builds.Values.Min() && build.Value < needed)
        {
            verdict.Add("build", ReadinessState.NotApplicable, $"Windows build {build.Value} is older than {needed}, the first with the event", build.Evidence);
        }
    }

    private void AddProduct(Draft verdict, SourceEntry source)
    {
        if (State.Products.TryGetValue(source.Name, out Known<bool> product) && !product.Value)
        {
            verdict.Add("product", ReadinessState.NotApplicable, $"{source.Name} is not on this machine", product.Evidence);
        }

        if (source.Name == "Sysmon")
        {
            if (State.Sysmon?.IsInstalled is { } installed)
            {
                verdict.Add("product", installed.Value ? ReadinessState.On : ReadinessState.NotApplicable,
                    installed.Value ? "Sysmon is installed" : "Sysmon is not installed", installed.Evidence);
            }
            else if (State.Sysmon?.Sections is null)
            {
                verdict.Add("product", ReadinessState.Unknown, "whether Sysmon is installed was not collected", "");
            }
        }
    }

    private void AddAudit(Draft verdict, SourceEntry source, EventEntry e, IReadOnlyList<Requirement> requirements)
    {
        AuditOutcomes? wanted = AuditOutcomeTable.Find(source.Name, e.Id);
        bool needsList = requirements.Any(requirement => requirement.Kind == RequirementKind.Sacl);
        bool isFirst = true;
        foreach (Requirement requirement in requirements.Where(requirement => requirement.Kind == RequirementKind.AuditPolicy))
        {
            IReadOnlyList<Guid> subcategories = requirement.Subcategories;

            // The list belongs to the kind of object, and with it to the first of several requirements.
            Draft[] ways = [.. subcategories.Select(subcategory => Way(subcategory, wanted, needsList && isFirst))];
            if (ways.Length > 0)
            {
                // Any of these is enough: the one that is furthest on speaks for all, and the first that lines can complete is completed.
                Draft best = ways.OrderByDescending(way => Rank(way.State)).ThenByDescending(way => way.Fixable).First();
                verdict.Add(best, best.Fixable ? best : Array.Find(ways, way => way.Fixable) ?? best);
            }

            isFirst = false;
        }

        if (needsList && isFirst)
        {
            Draft list = ListStage(SecuredObjectKind.Unknown, wanted);
            verdict.Add(list, list);
        }
    }

    private Draft Way(Guid subcategory, AuditOutcomes? wanted, bool needsList)
    {
        Draft way = AuditStage(subcategory, wanted);
        if (needsList)
        {
            Draft list = ListStage(KindOf(subcategory), wanted);
            way.Add(list, list);
        }

        return way;
    }

    private Draft AuditStage(Guid subcategory, AuditOutcomes? wanted)
    {
        string name = _subcategories.TryGetValue(subcategory.ToString("D"), out string? known) ? known : subcategory.ToString("B");
        string users = State.UserPolicies is { Value: > 0 } policies
            ? $" ({policies.Value} users or groups have a policy of their own)"
            : "";
        var stage = new Draft();
        AuditOutcomes needed = wanted ?? (AuditOutcomes.Success | AuditOutcomes.Failure);
        var step = new AuditStep(subcategory, needed);
        if (!State.Audit.TryGetValue(subcategory, out Known<AuditOutcomes?> setting))
        {
            if (State.AuditInForce is { } force)
            {
                stage.Add("policy", ReadinessState.NotApplicable, $"{name} does not exist on this machine", force);
            }
            else
            {
                stage.Add("policy", ReadinessState.Unknown, $"{name} was not collected", "", step);
            }

            return stage;
        }

        if (setting.Value is not { } outcomes)
        {
            stage.Add("policy", ReadinessState.Unknown, $"{name} is not configured by the policy, and what is in force was not collected", setting.Evidence, step);
            return stage;
        }

        string audited = outcomes switch
        {
            AuditOutcomes.None => "no auditing",
            AuditOutcomes.Success => "success",
            AuditOutcomes.Failure => "failure",
            _ => "success and failure",
        };
        string text = $"{name}: {audited}{users}";
        if (outcomes == AuditOutcomes.None || (wanted is not null && (outcomes & needed) == AuditOutcomes.None))
        {
            string told = wanted is null || outcomes == AuditOutcomes.None ? "" : $", and the event tells a {(needed == AuditOutcomes.Failure ? "failure" : "success")}";
            stage.Add("policy", ReadinessState.Off, text + told, setting.Evidence, step);
        }
        else if (wanted is null && outcomes != needed)
        {
            stage.Add("policy", ReadinessState.Unknown, text + ", and the facts do not say which of them the event tells", setting.Evidence, step);
        }
        else
        {
            string half = (outcomes & needed) != needed ? $"; the event's {(outcomes == AuditOutcomes.Success ? "failures" : "successes")} are not written" : "";
            stage.Add("policy", ReadinessState.On, text + half, setting.Evidence);
        }

        return stage;
    }

    private Draft ListStage(SecuredObjectKind kind, AuditOutcomes? wanted)
    {
        AuditOutcomes needed = wanted ?? (AuditOutcomes.Success | AuditOutcomes.Failure);
        var stage = new Draft();
        var asking = new List<SaclState>();
        int seen = 0;
        foreach (SaclState sacl in State.Sacls.Where(sacl => sacl.Kind == kind && kind != SecuredObjectKind.Unknown))
        {
            seen++;
            if (SecurityDescriptorText.TryReadAudit(sacl.Sddl, out IReadOnlyList<AuditEntry> entries, out _) &&
                entries.Any(entry => (entry.Outcomes & needed) != AuditOutcomes.None && !(entry.IsInheritOnly && sacl.Path.Length == 0)))
            {
                asking.Add(sacl);
            }
        }

        string objects = kind switch
        {
            SecuredObjectKind.File => "files",
            SecuredObjectKind.Key => "registry keys",
            SecuredObjectKind.Kernel => "kernel objects",
            SecuredObjectKind.Sam => "SAM objects",
            SecuredObjectKind.Directory => "directory objects",
            SecuredObjectKind.Service => "services",
            _ => "objects",
        };
        RemediationStep? step = kind is SecuredObjectKind.File or SecuredObjectKind.Key ? new GlobalSaclStep(kind, needed) : null;
        if (asking.Find(sacl => sacl.Path.Length == 0) is { } all)
        {
            stage.Add("SACL", ReadinessState.On, $"the list for all {objects} asks for it", all.Evidence);
        }
        else if (asking.Count > 0)
        {
            stage.Add("SACL", ReadinessState.Filtered, $"{asking.Count} of the {objects} that were collected ask for it, {asking[0].Path} first", asking[0].Evidence, step);
        }
        else
        {
            stage.Add(
                "SACL", ReadinessState.Unknown,
                seen == 0 ? $"lists of {objects} were not collected" : $"none of the {seen} lists of {objects} that were collected asks for it", "", step);
        }

        return stage;
    }

    private void AddChannel(Draft verdict, string channel, bool onByDefault, bool isNeeded)
    {
        if (State.Channels.TryGetValue(channel, out Known<bool> on))
        {
            verdict.Add("channel", on.Value ? ReadinessState.On : ReadinessState.Off, $"{channel} is {(on.Value ? "on" : "off")}", on.Evidence, on.Value ? null : new ChannelStep(channel));
        }
        else if (State.AllChannels is { } all && channel.IndexOf('/') > 0)
        {
            // The classic logs are listed elsewhere.
            verdict.Add("channel", ReadinessState.NotApplicable, $"{channel} does not exist on this machine", all);
        }
        else if (isNeeded)
        {
            verdict.Add(
                "channel", ReadinessState.Unknown, $"{channel} was not collected; by default it is {(onByDefault ? "on" : "off")}", "", new ChannelStep(channel));
        }
    }

    private void AddPolicy(Draft verdict, string policy)
    {
        IReadOnlyList<PolicyValue> values = PolicyValues.Find(policy);
        if (values.Count == 0)
        {
            verdict.Add("policy", ReadinessState.Unknown, $"{policy} is not known here", "");
        }

        foreach (PolicyValue value in values)
        {
            (ReadinessState state, string text, string evidence) = Check(value);
            verdict.Add("policy", state, text, evidence, state == ReadinessState.On ? null : new RegistryStep(value));
        }
    }

    // "ProcessCreationIncludeCmdLine_Enabled=1 for CommandLine": without it the event is written, and the field is empty.
    private void AddField(Draft verdict, string requirement)
    {
        int by = requirement.IndexOf(" for ", StringComparison.Ordinal);
        string field = by < 0 ? "a field" : requirement.Substring(by + 5).Trim();
        foreach (PolicyValue value in PolicyValues.Find(requirement))
        {
            (ReadinessState state, string text, string evidence) = Check(value);
            string what = state switch
            {
                ReadinessState.On => $"{field} is filled",
                ReadinessState.Off => $"{field} is empty",
                _ => $"whether {field} is filled is not known",
            };
            verdict.Add("field", ReadinessState.On, $"{what}: {text}", evidence, state == ReadinessState.On ? null : new RegistryStep(value));
        }
    }

    private (ReadinessState State, string Text, string Evidence) Check(PolicyValue value)
    {
        if (State.Registry.TryGetValue(TelemetryState.RegistryName(value.Key, value.Name), out Known<string> set))
        {
            return (set.Value == value.Wanted ? ReadinessState.On : ReadinessState.Off, $"{value.Name} is {set.Value}", set.Evidence);
        }

        return State.BranchOf(value.Key) is { } branch
            ? (ReadinessState.Off, $"{value.Name} is not set", branch)
            : (ReadinessState.Unknown, $"{value.Name} was not collected", "");
    }

    private void AddSysmon(Draft verdict, EventEntry e, string tag, IReadOnlyList<Requirement> requirements)
    {
        var step = new SysmonSectionStep(tag);
        if (State.Sysmon is not { Sections: { } sections } sysmon)
        {
            verdict.Add("sensor rule", ReadinessState.Unknown, "no Sysmon configuration was collected", "", step);
            return;
        }

        string needed = e.FirstBuild.StartsWith("schema ", StringComparison.Ordinal) ? e.FirstBuild.Substring("schema ".Length) : "";
        if (sysmon.SchemaVersion is { } schema && IsOlder(schema.Value, needed))
        {
            verdict.Add(
                "sensor rule", ReadinessState.Off, $"schema {schema.Value} has no {tag}; {needed} is the first", schema.Evidence, new SysmonSchemaStep(needed), step);
            return;
        }

        SysmonSection[] own = [.. sections.Where(section => section.Event == tag)];
        string where = own.Length > 0 ? own[0].Evidence : sysmon.ConfigurationFile.Length > 0 ? sysmon.ConfigurationFile : sysmon.SchemaVersion?.Evidence ?? "";
        if (_rules?.GetCoverage(e.Id) is { } coverage)
        {
            AddCoverage(verdict, coverage, where, step);
        }
        else if (own.Length == 0)
        {
            AddDefault(verdict, sysmon, tag, requirements.Contains(new Requirement(RequirementKind.SysmonDefault, "include")), where, step);
        }
        else if (own.Length == 1 && !own[0].IsInclude)
        {
            string but = own[0].FilterCount == 0 ? "all" : $"all but what {own[0].FilterCount} filters exclude";
            verdict.Add("sensor rule", ReadinessState.On, $"{tag}: {but}", where);
        }
        else if (Array.TrueForAll(own, section => !section.IsInclude || section.FilterCount == 0))
        {
            // Of several sections none of which includes anything, none lets an event through.
            verdict.Add("sensor rule", ReadinessState.Off, $"{tag}: nothing is included", where, step);
        }
        else
        {
            int filters = own.Where(section => section.IsInclude).Sum(section => section.FilterCount);
            verdict.Add("sensor rule", ReadinessState.Filtered, $"{tag}: only what {filters} filters include", where, step);
        }
    }

    // The compiled rules say it as Sysmon's engine would.
    private void AddCoverage(Draft verdict, SysmonEventCoverage coverage, string where, SysmonSectionStep step)
    {
        ReadinessState state = coverage.Reach switch
        {
            SysmonReach.All => ReadinessState.On,
            SysmonReach.None => ReadinessState.Off,
            _ => coverage.Reason == SysmonReason.Exclude ? ReadinessState.On : ReadinessState.Filtered,
        };
        string evidence = coverage.Sections.Count > 0
            ? string.Join("; ", coverage.Sections.Select(section => SysmonFacts.Place(State.Sysmon!.ConfigurationFile, section.Position)).Distinct(StringComparer.Ordinal))
            : where;
        string text = coverage.Explanation.TrimEnd('.').Replace("; ", ", ");
        verdict.Add("sensor rule", state, text, evidence, state == ReadinessState.On ? null : step);
    }

    private static void AddDefault(Draft verdict, SysmonState sysmon, string tag, bool isOn, string where, SysmonSectionStep step)
    {
        if (sysmon.Options.TryGetValue(tag, out Known<string> option) && option.Value is "enabled")
        {
            verdict.Add("sensor rule", ReadinessState.On, $"no rules for {tag}, and the switch for it is on", option.Evidence);
            return;
        }

        verdict.Add(
            "sensor rule", isOn ? ReadinessState.On : ReadinessState.Off,
            $"no rules for {tag}: Sysmon then writes {(isOn ? "all" : "none")}", where, isOn ? null : step);
    }

    private void AddSysmonOption(Draft verdict, string name)
    {
        if (State.Sysmon?.Options.TryGetValue(name, out Known<string> option) == true)
        {
            verdict.Add("sensor rule", ReadinessState.On, $"{name} is set", option.Evidence);
        }
        else if (State.Sysmon is { Configuration: not null } sysmon)
        {
            verdict.Add("sensor rule", ReadinessState.Off, $"{name} is not set", sysmon.ConfigurationFile, new SysmonOptionStep(name));
        }
        else
        {
            verdict.Add("sensor rule", ReadinessState.Unknown, $"{name} was not collected", "", new SysmonOptionStep(name));
        }
    }

    private void AddSession(Draft verdict, SourceEntry source)
    {
        var step = new SessionStep(source.Provider);
        if (State.Sessions is null)
        {
            verdict.Add("session", ReadinessState.Unknown, "no event log has it, and sessions were not collected", "", step);
        }
        else if (State.Sessions.TryGetValue(source.Provider, out Known<string> session) ||
            (source.ProviderId is { } id && State.Sessions.TryGetValue(id.ToString("D"), out session)))
        {
            verdict.Add("session", ReadinessState.On, $"the session {session.Value} records it", session.Evidence);
        }
        else
        {
            verdict.Add("session", ReadinessState.Off, "no event log has it, and no session records it", "", step);
        }
    }

    private void AddConsumer(Draft verdict, Requirement consumer)
    {
        bool known = State.Products.TryGetValue(consumer.Value, out Known<bool> product);
        verdict.Add(
            "session",
            known ? product.Value ? ReadinessState.On : ReadinessState.NotApplicable : ReadinessState.Unknown,
            consumer.IsProtectedConsumer
                ? "only a protected antimalware process gets it" + (known ? product.Value ? ", and one is there" : ", and none is there" : "")
                : "only " + consumer.Value + " gets it",
            known ? product.Evidence : "");
    }

    private static bool IsOlder(string version, string needed) =>
        Version.TryParse(version, out Version? has) && Version.TryParse(needed, out Version? wants) && Compare(has, wants) < 0;

    // Sysmon's versions are decimal numbers: 4.9 of a configuration is 4.90.
    private static int Compare(Version left, Version right)
    {
        int order = left.Major.CompareTo(right.Major);
        return order != 0 ? order : Minor(left).CompareTo(Minor(right));
    }

    private static int Minor(Version version) => version.Minor < 10 ? version.Minor * 10 : version.Minor;

    // The subcategories of object access, by the kind of object that they are about.
    private static SecuredObjectKind KindOf(Guid subcategory) => subcategory.ToString("D") switch
    {
        "0cce921d-69ae-11d9-bed3-505054503030" => SecuredObjectKind.File, // File System
        "0cce921e-69ae-11d9-bed3-505054503030" => SecuredObjectKind.Key, // Registry
        "0cce921f-69ae-11d9-bed3-505054503030" => SecuredObjectKind.Kernel, // Kernel Object
        "0cce9220-69ae-11d9-bed3-505054503030" => SecuredObjectKind.Sam, // SAM
        "0cce923b-69ae-11d9-bed3-505054503030" or "0cce923c-69ae-11d9-bed3-505054503030" => SecuredObjectKind.Directory, // DS Access, DS Changes
        _ => SecuredObjectKind.Unknown,
    };

    // Of things that are all needed the worst decides; one that is certainly off outweighs one that is not known.
    private static int Rank(ReadinessState state) => state switch
    {
        ReadinessState.NotApplicable => 0,
        ReadinessState.Off => 1,
        ReadinessState.Unknown => 2,
        ReadinessState.Filtered => 3,
        _ => 4,
    };

    private sealed class Draft
    {
        private readonly List<RemediationStep> _steps = [];

        public List<ReadinessStage> Stages { get; } = [];

        /// <summary>False where something is missing that no line brings.</summary>
        public bool Fixable { get; private set; } = true;

        public ReadinessState State { get; private set; } = ReadinessState.On;

        public void Add(string name, ReadinessState state, string text, string evidence, params RemediationStep?[] steps)
        {
            Stages.Add(new ReadinessStage(name, state, text, evidence));
            Take(state);
            bool any = false;
            foreach (RemediationStep? step in steps)
            {
                if (step is not null)
                {
                    any = true;
                    AddStep(step);
                }
            }

            Fixable &= any || state == ReadinessState.On;
        }

        /// <summary>Takes what was found of one way, and the lines of one that may be another.</summary>
        public void Add(Draft found, Draft completed)
        {
            Stages.AddRange(found.Stages);
            Take(found.State);
            completed._steps.ForEach(AddStep);
            Fixable &= completed.Fixable;
        }

        public EventReadiness Finish(SourceEntry source, int eventId, EventEntry e) =>
            new(source, eventId, e, State, Stages, Fixable ? _steps : []);

        private void Take(ReadinessState state)
        {
            if (Rank(state) < Rank(State))
            {
                State = state;
            }
        }

        private void AddStep(RemediationStep step)
        {
            if (!_steps.Contains(step))
            {
                _steps.Add(step);
            }
        }
    }

    private sealed class StoreLookups(MappingStore store)
    {
        public IReadOnlyDictionary<string, string> Subcategories { get; } =
            store.AuditSubcategories().ToDictionary(fact => fact.Guid, fact => fact.Name, StringComparer.OrdinalIgnoreCase);

        public IReadOnlyDictionary<string, int> Builds { get; } = new ReleaseTable(store).Builds;
    }
}
