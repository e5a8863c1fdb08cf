import type { AgentSight, AgentStart } from "../lifecycle/launch-ports.ts";
import { stateOfMembers, type LaunchError, type MemberReport } from "../lifecycle/launch-run.ts";
import type { EffectiveMember } from "../team/team.ts";
import type { LaunchFacts, LaunchStep, LaunchStop, LaunchTools } from "./launch-facts.ts";
import { memberReport } from "./plan-steps.ts";
import { cancelled } from "./run-steps.ts";

/** The agents are started, and waited for. */
export const agentSteps: readonly LaunchStep[] = [
  { name: "spawn", act: (facts, tools) => spawnAgents(facts, tools) },
  { name: "settle", act: (facts, tools) => settle(facts, tools) },
];

/** How long between two looks at the agents, ms. */
const lookEveryMs = 50;
export const defaultTimeoutMs = 60_000;

/** Starts the agents one after the other. One that does not start ends no other; if none does, nothing was started. */
const spawnAgents = async (
  facts: LaunchFacts,
  { ports, note, signal, watch }: LaunchTools,
): Promise<LaunchFacts | LaunchStop> => {
  const reports: MemberReport[] = [];
  const failures: LaunchError[] = [];
  const agents = new Map(facts.agents);
  for (const member of facts.members) {
    const before = facts.reports.find((report) => report.member === member.name) ?? memberReport(member);
    if (agents.has(member.name)) {
      reports.push(before);
      continue;
    }
    if (signal.aborted) {
      reports.push({ ...before, state: "ended", code: "not-started", message: cancelled.message });
      continue;
    }
    await note({ type: "spawning", member: member.name });
    const started = await ports.agents.start(startOf(member, facts));
    if (started.ok) {
      agents.set(member.name, started.value.id);
      reports.push(before);
    } else {
      failures.push(started.error);
      await note({ type: "not-spawned", member: member.name, ...started.error });
      reports.push({ ...before, state: "ended", ...started.error });
    }
    watch.onProgress?.({ state: "spawning", message: "Starting the agents", members: reports });
  }
  const isAnyThere = reports.some(({ state }) => state !== "ended");
  const [failure] = failures;
  if (isAnyThere) return { ...facts, agents, reports };
  const refused = reports.map((report) => ({ ...report, state: "blocked" as const }));
  return failure === undefined
    ? { state: "cancelled", error: cancelled, reports: refused }
    : { state: "blocked", error: failure, reports: refused };
};

const startOf = (member: EffectiveMember, { request, id, report }: LaunchFacts): AgentStart => {
  const launch = report?.launch?.[member.provider];
  const isContract = launch?.settings !== null && launch?.settings !== undefined;
  return {
    team: request.team.name,
    launch: id,
    member,
    args: [
      ...(member.model === undefined ? [] : ["--model", member.model]),
      ...(launch === undefined || isContract ? [] : launch.args),
    ],
    settings: isContract && request.flags.codexSettings ? launch.settings : null,
    env: launch?.env ?? {},
  };
};

/** Looks until every agent is where this launch waits for, or the time is over. The agents live on. */
const settle = async (
  facts: LaunchFacts,
  { ports, note, signal, watch }: LaunchTools,
): Promise<LaunchFacts> => {
  const { team, untilReady = false, timeoutMs = defaultTimeoutMs } = facts.request;
  const until = ports.clock.now() + timeoutMs;
  let known = facts.reports;
  for (;;) {
    const sights = await ports.agents.list(team.name);
    const reports = known.map((report) =>
      withSight(
        report,
        sights.find(({ id }) => id === facts.agents.get(report.member)),
      ),
    );
    for (const [at, report] of reports.entries())
      if (isNews(known[at], report)) await note(memberFact(report));
    if (reports.some((report, at) => isNews(known[at], report)))
      watch.onProgress?.({
        state: stateOfMembers(states(reports)),
        message: "Waiting for the agents",
        members: reports,
      });
    known = reports;
    const isDone = reports.every(({ state }) => (untilReady ? untilReadyEnds : waitEnds).has(state));
    if (isDone || signal.aborted || ports.clock.now() >= until) break;
    await ports.clock.pause(lookEveryMs, signal);
  }
  return { ...facts, reports: known, state: stateOfMembers(states(known)) };
};

const untilReadyEnds: ReadonlySet<string> = new Set(["ready", "working", "ended", "lost"]);
const waitEnds: ReadonlySet<string> = new Set([...untilReadyEnds, "waiting"]);

const states = (reports: readonly MemberReport[]): readonly MemberReport["state"][] =>
  reports.map(({ state }) => state);

const isNews = (before: MemberReport | undefined, now: MemberReport): boolean =>
  before?.state !== now.state || before.question !== now.question;

const memberFact = ({ member, state, code, message, question }: MemberReport) =>
  ({
    type: "member",
    member,
    state,
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
    ...(question === undefined ? {} : { question }),
  }) as const;

/** A member whose start failed has no agent. One whose agent is not listed any more has ended unseen. */
const withSight = (report: MemberReport, sight: AgentSight | undefined): MemberReport => {
  if (report.state === "ended") return report;
  if (sight === undefined) return { ...report, state: "lost", code: "agent-lost" };
  const { member, provider, folder, trust } = report;
  const { state, code, message, question } = sight;
  return {
    ...{ member, provider, folder, state },
    ...(code === undefined ? {} : { code }),
    ...(trust === undefined ? {} : { trust }),
    ...(message === undefined ? {} : { message }),
    ...(question === undefined ? {} : { question }),
  };
};
