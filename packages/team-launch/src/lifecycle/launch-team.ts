import { fail, ok, type Result } from "@gatehouse/std";
import { redacted } from "../artifact/launch-artifact.ts";
import { workspaceTrustPreflight } from "../artifact/workspace-trust-preflight.ts";
import type { LaunchFlags } from "../flags.ts";
import { trustPolicy } from "../trust-policy.ts";
import {
  defaultTimeoutMs,
  isStop,
  type LaunchFacts,
  type LaunchRequest,
  type LaunchStop,
  type LaunchTools,
  type LaunchWatch,
} from "../stages/launch-facts.ts";
import { agentSteps } from "../stages/agent-steps.ts";
import { factsOf, memberReport, planSteps } from "../stages/plan-steps.ts";
import { cancelled } from "../stages/cancelled.ts";
import { notStarted, runSteps } from "../stages/run-steps.ts";
import { isSpawned, lastOf, type JournalEntry } from "./journal.ts";
import { launchJournal, type LaunchJournal } from "./launch-journal.ts";
import type { LaunchPorts } from "./launch-ports.ts";
import type { LaunchError, LaunchReport, MemberReport } from "./launch-run.ts";
import { pruneLaunches } from "./prune-launches.ts";
import { endKilledLaunches } from "./end-killed-launches.ts";
import { applyUndos } from "./apply-undos.ts";
import { undosIn } from "./undo.ts";
import { whyNotReady } from "./why-not-ready.ts";

/** The listeners of a launch, and the function that redacts texts before they are kept. */
export type LaunchSetting = LaunchWatch & { readonly redact: (text: string) => string };

/**
 * Launches a new or a known team. Before its first agent is started, a launch is all or nothing; after that its changes
 * stay. With the flag `retry`, a launch that failed only because trust was missing is tried once more from its
 * beginning. The team's lock is held over both attempts, so that no other process sees an end between them. The error
 * is for a launch that never began.
 */
export const launchTeam = async (
  request: LaunchRequest,
  ports: LaunchPorts,
  setting: LaunchSetting,
): Promise<Result<LaunchReport, LaunchError>> => {
  const { team, timeoutMs = defaultTimeoutMs } = request;
  const lock = await ports.store.lock(team.name, { timeoutMs, signal: setting.signal });
  if (!lock.ok) return lock;
  try {
    if (request.isNew === true && (await isRunning(team.name, ports))) return fail(teamRuns(team.name));
    const first = await launchOnce(request, ports, setting);
    const isRetried = trustPolicy(request.flags).retries > 0 && isRetriable(first);
    await ports.stops.look();
    if (!isRetried || setting.signal.aborted) return first.end;
    return (await launchOnce({ ...request, attempt: 2 }, ports, setting)).end;
  } finally {
    await lock.value.release();
  }
};

const isRunning = async (team: string, { agents }: LaunchPorts): Promise<boolean> =>
  ((await agents.list(team)) ?? []).some(({ state }) => state !== "ended");

const teamRuns = (team: string): LaunchError => ({
  code: "team-runs",
  message: `Agents of a team ${team} run already, and this launch is for a new one.`,
  fix: "choose another name",
});

/** The end of an attempt, and its journal. */
type Attempt = {
  readonly end: Result<LaunchReport, LaunchError>;
  readonly entries: readonly JournalEntry[];
};

const isRetriable = ({ end, entries }: Attempt): boolean => end.ok && onlyLacksTrust(end.value, entries);

/** A member in one of these states has passed its gate, so it is trusted: its end has another reason. */
const passedStates: ReadonlySet<string> = new Set(["ready", "working"]);
const failedStates: ReadonlySet<string> = new Set(["ended", "lost", "blocked"]);

/**
 * True if every failed member failed because trust was missing, and none of them was ready before. Ready members do not
 * count: a second attempt keeps them running.
 */
const onlyLacksTrust = ({ launch, members }: LaunchReport, entries: readonly JournalEntry[]): boolean => {
  if (launch.state === "cancelled") return false;
  const wereReady = new Set(
    entries.flatMap((entry) =>
      entry.type === "member" && passedStates.has(entry.state) ? [entry.member] : [],
    ),
  );
  // In a blocked launch a member without a code has no failure of its own.
  const faulty = members.filter(({ state, code }) => failedStates.has(state) && code !== undefined);
  return (
    faulty.length > 0 &&
    faulty.every(({ member, code }) => code === "workspace_trust_required" && !wereReady.has(member))
  );
};

/** One attempt, under the team's lock. */
const launchOnce = async (
  request: LaunchRequest,
  ports: LaunchPorts,
  setting: LaunchSetting,
): Promise<Attempt> => {
  const { name } = request.team;
  await endKilledLaunches(name, ports, setting);
  const journal = launchJournal(ports);
  const end = await takeSteps(request, { ports, journal }, setting);
  await ports.store.forgetKept(name);
  await pruneLaunches(name, ports);
  return { end, entries: journal.entries };
};

const takeSteps = async (
  request: LaunchRequest,
  { ports, journal }: { readonly ports: LaunchPorts; readonly journal: LaunchJournal },
  { redact, ...watch }: LaunchSetting,
): Promise<Result<LaunchReport, LaunchError>> => {
  const { signal } = watch;
  const tools: LaunchTools = { ports, signal, note: journal.note, watch, redact };
  let facts = factsOf(request);
  for (const step of [...planSteps, ...runSteps, ...agentSteps]) {
    await ports.stops.look();
    // After the caller cancelled or another process stopped the launch, no further step begins.
    if (signal.aborted && !isSpawned(journal.entries)) {
      const error = cancelled(ports);
      if (facts.id === "") return fail(error);
      return ok(await stop({ state: "cancelled", error }, facts, { tools, journal }));
    }
    await journal.note({ type: "step", step: step.name });
    const end = await step.act(facts, tools);
    if (isStop(end)) return ok(await stop(end, facts, { tools, journal }));
    facts = end;
  }
  return ok(await finish(facts, { tools, journal }));
};

type Ending = { readonly tools: LaunchTools; readonly journal: LaunchJournal };

/** Ends a launch before its first agent: reports progress, undoes changes, saves the artifact, then returns the error. */
const stop = async (
  { state, error, reports }: LaunchStop,
  facts: LaunchFacts,
  { tools, journal }: Ending,
): Promise<LaunchReport> => {
  const { ports, note, watch } = tools;
  const { flags, team } = facts.request;
  const { name } = team;
  const members = facts.members.map(
    (member): MemberReport =>
      reports?.find((report) => report.member === member.name) ?? {
        ...memberReport(member),
        state: "blocked",
        ...(reports === undefined ? {} : { message: notStarted }),
      },
  );
  watch.onProgress?.({ state, message: error.message, members });
  await applyUndos(name, undosIn(journal.entries), { ports, note });
  const report = { ok: false, launch: { id: facts.id, team: name, state }, members, error };
  if (state === "blocked") await saveArtifact(report, error, { tools, journal, flags });
  await note({ type: "ended", state, error });
  return report;
};

const finish = async (facts: LaunchFacts, { tools, journal }: Ending): Promise<LaunchReport> => {
  const { ports, note, signal } = tools;
  const { id, reports: members, request } = facts;
  await ports.stops.look();
  const state = signal.aborted ? "cancelled" : facts.state;
  const team = request.team.name;
  await ports.store.saveSnapshot({ launch: id, team, state, members });
  const error = state === "cancelled" ? cancelledAfterStart(team, ports) : whyNotReady(members, state);
  const report = {
    ok: state === "ready",
    launch: { id, team, state },
    members,
    ...(error === undefined ? {} : { error }),
  };
  if (state === "ended" && error !== undefined)
    await saveArtifact(report, error, { tools, journal, flags: request.flags });
  await note({ type: "ended", state, ...(error === undefined ? {} : { error }) });
  return report;
};

/** The outcome of the agents after a cancel. A caller that stops a launch ends its agents next. */
const cancelledAfterStart = (team: string, { stops }: LaunchPorts): LaunchError =>
  stops.isAsked()
    ? {
        code: "cancelled",
        message: `The launch was stopped, and the agents of ${team} with it.`,
      }
    : {
        code: "cancelled",
        message: `You cancelled the wait. The agents of ${team} that were started go on running.`,
        fix: `stop ${team} to end them, or launch it again to wait for them`,
      };

const saveArtifact = async (
  { launch, members }: LaunchReport,
  error: LaunchError,
  { tools, journal: { entries }, flags }: Ending & { readonly flags: LaunchFlags },
): Promise<void> => {
  const run = lastOf(entries, "run")?.run;
  if (run === undefined) return;
  const { id, team, mode, attempt } = run;
  const none = workspaceTrustPreflight(null, { attempt, flags, redact: tools.redact });
  const preflight = lastOf(entries, "trust")?.preflight ?? none;
  const artifact = {
    version: 1,
    launch: { id, team, mode, attempt },
    state: launch.state,
    error,
    members,
    flags: { workspaceTrustPreflight: preflight },
  } as const;
  await tools.ports.store.saveArtifact(redacted(artifact, tools.redact));
};
