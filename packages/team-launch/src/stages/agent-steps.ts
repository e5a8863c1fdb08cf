import { splitSettings } from "@trust/codex-overrides";
import { recogniseFailure, titleOf } from "../failure/recognise-failure.ts";
import type { AgentSight, AgentStart } from "../lifecycle/launch-ports.ts";
import { stateOfMembers, type LaunchError, type MemberReport } from "../lifecycle/launch-run.ts";
import { defined } from "@gatehouse/std";
import type { EffectiveMember } from "../team/team.ts";
import { cancelled } from "./cancelled.ts";
import {
  defaultTimeoutMs,
  type LaunchFacts,
  type LaunchStep,
  type LaunchStop,
  type LaunchTools,
} from "./launch-facts.ts";
import { memberReport } from "./plan-steps.ts";
import { changedSinceStart } from "./running-members.ts";

/** The steps that start the agents and wait for them. */
export const agentSteps: readonly LaunchStep[] = [
  { name: "spawn", act: (facts, tools) => spawnAgents(facts, tools) },
  { name: "settle", act: (facts, tools) => settle(facts, tools) },
];

/**
 * Pause between two reads of the agents' states, ms: a twentieth of the time that the launch has waited. A read looks at
 * all agents of the data folder, so fifty launches at once that read every 50 ms leave their agents no processor.
 */
const pauseAfter = (waitedMs: number): number => Math.min(1_000, Math.max(50, waitedMs / 20));
/** Agents that are started at once: each start uses a processor for about a second. */
const atOnce = 4;

/**
 * Starts the agents, a few at once. A failed start does not stop the others. If all starts fail, the launch has started
 * nothing and is undone.
 */
const spawnAgents = async (facts: LaunchFacts, tools: LaunchTools): Promise<LaunchFacts | LaunchStop> => {
  const waiting = facts.members.map((member, at) => ({ member, at }));
  const outcomes: Spawned[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      outcomes[next.at] = await spawnAgent(next.member, facts, tools);
  };
  // If one worker throws, the others must stop: no agent may be started after the team's lock is released.
  const stopping = (error: unknown): never => {
    waiting.length = 0;
    throw error;
  };
  const workers = Array.from({ length: atOnce }, () => worker().catch(stopping));
  const broken = (await Promise.allSettled(workers)).find(({ status }) => status === "rejected");
  if (broken?.status === "rejected") throw broken.reason;
  const reports = outcomes.map(({ report }) => report);
  if (reports.some(({ state }) => state !== "ended")) {
    const started = outcomes.flatMap(({ report, id }): readonly (readonly [string, string])[] =>
      id === null ? [] : [[report.member, id]],
    );
    return { ...facts, agents: new Map(started), reports };
  }
  const refused = reports.map((report) => ({ ...report, state: "blocked" as const }));
  const failure = outcomes.find(({ error }) => error !== null)?.error ?? null;
  return failure === null || tools.signal.aborted
    ? { state: "cancelled", error: cancelled(tools.ports), reports: refused }
    : { state: "blocked", error: failure, reports: refused };
};

/** The agent's id, or the error if there is no agent. */
type Spawned = {
  readonly report: MemberReport;
  readonly id: string | null;
  readonly error: LaunchError | null;
};

const spawnAgent = async (
  member: EffectiveMember,
  facts: LaunchFacts,
  { ports, note, signal }: LaunchTools,
): Promise<Spawned> => {
  const report = facts.reports.find((it) => it.member === member.name) ?? memberReport(member);
  const running = facts.agents.get(member.name);
  if (running !== undefined) {
    const warning = changedSinceStart(member.name, facts);
    if (warning === null) return { report, id: running, error: null };
    await note({ type: "warning", code: warning.code, message: warning.message });
    return { report: { ...report, warning }, id: running, error: null };
  }
  if (signal.aborted)
    return { report: { ...report, state: "ended", ...cancelled(ports) }, id: null, error: null };
  await note({ type: "spawning", member: member.name });
  const started = await ports.agents.start(startOf(member, facts), signal);
  if (started.ok) return { report, id: started.value.id, error: null };
  const error = withPreflight(namedFailure(started.error, member), report);
  await note({ type: "not-spawned", member: member.name, ...error });
  return { report: { ...report, state: "ended", ...error }, id: null, error };
};

/** Gives an agent that was refused because trust was missing one code, for all runtimes and their wordings. */
const namedFailure = (error: LaunchError, { provider, cwd, name }: EffectiveMember): LaunchError => {
  const event = { ...error, provider, workspace: cwd, member: name };
  const found = recogniseFailure({ events: [event], text: error.message });
  return found === null
    ? error
    : { code: found.code, title: found.title, message: found.error, fix: found.fix };
};

/** Such an error only says that trust is missing. Adds preflight's reason, if preflight did not finish with the folder. */
const withPreflight = (error: LaunchError, { code, message }: MemberReport): LaunchError =>
  error.code === "workspace_trust_required" && code !== undefined
    ? { ...error, preflight: `${message} (${code})` }
    : error;

/** Codex's trust is in its patched arguments; the trust of other providers is in the report. */
const startOf = (
  member: EffectiveMember,
  { request, id, args: patched, report }: LaunchFacts,
): AgentStart => {
  const launch = member.provider === "codex" ? undefined : report?.launch?.[member.provider];
  const passed = patched.byProvider[member.provider] ?? [];
  const own = member.provider === "codex" ? splitSettings(passed) : { args: passed, settings: null };
  return {
    team: request.team.name,
    launch: id,
    member,
    args: [
      ...(member.model === undefined ? [] : ["--model", member.model]),
      ...own.args,
      ...(launch?.args ?? []),
    ],
    settings: own.settings,
    env: launch?.env ?? {},
  };
};

/** Reads the agents' states until every agent has one that ends the wait, or the time is over. The agents keep running. */
const settle = async (
  facts: LaunchFacts,
  { ports, note, signal, watch }: LaunchTools,
): Promise<LaunchFacts> => {
  const { team, untilReady = false, timeoutMs = defaultTimeoutMs } = facts.request;
  const from = ports.clock.now();
  const until = from + timeoutMs;
  let known = facts.reports;
  for (;;) {
    const sights = await ports.agents.list(team.name);
    // A list that cannot be read now may be readable the next time.
    const reports =
      sights === null
        ? known
        : known.map((report) =>
            withSight(
              report,
              sights.find(({ id }) => id === facts.agents.get(report.member)),
            ),
          );
    for (const [at, report] of reports.entries())
      if (hasChanged(known[at], report)) await note(memberFact(report));
    if (reports.some((report, at) => hasChanged(known[at], report)))
      watch.onProgress?.({
        state: stateOfMembers(reports),
        message: "Waiting for the agents",
        members: reports,
      });
    known = reports;
    const unprovable = new Set(sights?.flatMap((it) => (it.isProvable === false ? [it.id] : [])));
    const ends = untilReady ? endsWaitUntilReady : endsWait;
    const isDone = reports.every(
      ({ member, state }) => ends.has(state) || unprovable.has(facts.agents.get(member) ?? ""),
    );
    if (isDone || signal.aborted || ports.clock.now() >= until) break;
    await ports.clock.pause(pauseAfter(ports.clock.now() - from), signal);
  }
  return { ...facts, reports: known, state: stateOfMembers(known) };
};

const endsWaitUntilReady: ReadonlySet<string> = new Set(["ready", "working", "ended", "lost"]);
const endsWait: ReadonlySet<string> = new Set([...endsWaitUntilReady, "waiting"]);

const hasChanged = (before: MemberReport | undefined, now: MemberReport): boolean =>
  before?.state !== now.state || before.question !== now.question || before.code !== now.code;

const memberFact = ({ member, state, code, message, question }: MemberReport) =>
  ({ type: "member", member, state, ...defined({ code, message, question }) }) as const;

/** A member whose start failed has no agent. An agent that is no longer listed has ended without being seen. */
const withSight = (report: MemberReport, sight: AgentSight | undefined): MemberReport => {
  if (report.state === "ended") return report;
  if (sight === undefined) return { ...report, state: "lost", code: "agent-lost" };
  const { member, provider, folder, trust, trustCode, warning } = report;
  const { state, code, message, fix, question } = sight;
  const title = titleOf(code);
  const told = { title, code, trust, trustCode, warning, message, fix, question };
  return { member, provider, folder, state, ...defined(told) };
};
