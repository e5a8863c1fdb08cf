import type { PlannedFolder, PreflightPlan, PreflightReport, PreflightResult } from "@trust/preflight";
import { workspaceTrustPreflight } from "../artifact/workspace-trust-preflight.ts";
import { fixInLaunch } from "../fix-in-launch.ts";
import type { LaunchError, LaunchRun, MemberReport } from "../lifecycle/launch-run.ts";
import { outcomeOf, outcomes, worstFirst, type Outcome } from "../outcome.ts";
import { cancelled } from "./cancelled.ts";
import type { LaunchFacts, LaunchStep, LaunchStop, LaunchTools } from "./launch-facts.ts";
import { leftAloneWarning } from "./left-alone-warning.ts";
import { byMember, isLeftAlone, isPrepared, withWorkspaces } from "./launch-workspaces.ts";
import { teamToStore } from "./running-members.ts";
import { reportTrustEnd, reportTrustEvent } from "./report-trust.ts";
import { memberReport, withTrust } from "./plan-steps.ts";

/** The steps from the run to the first agent. A launch that ends in one of them undoes their changes. */
export const runSteps: readonly LaunchStep[] = [
  { name: "run", act: (facts, tools) => beginRun(facts, tools) },
  { name: "worktrees", act: (facts, tools) => makeWorktrees(facts, tools) },
  { name: "execute", act: (facts, tools) => executeTrust(facts, tools) },
  {
    name: "clear",
    act: async (facts, { ports, note }) => {
      const { name } = facts.request.team;
      await note({ type: "clearing", snapshot: await ports.store.snapshot(name) });
      await ports.store.removeSnapshot(name);
      return facts;
    },
  },
  {
    name: "bootstrap",
    act: async (facts, { ports, note }) => {
      await ports.store.keepTeam(facts.request.team.name);
      await note({ type: "storing-team" });
      await ports.store.saveTeam(teamToStore(facts));
      return facts;
    },
  },
];

/** Creates the run. Reports progress first, so that lists and a person see the state before any wait. */
const beginRun = async (facts: LaunchFacts, { ports, note, watch }: LaunchTools): Promise<LaunchFacts> => {
  const { team, attempt = 1 } = facts.request;
  const members = facts.members.map(memberReport);
  const message = isPrepared(facts) ? "Preparing workspace trust" : "Preparing the agents";
  watch.onProgress?.({ state: "spawning", message, members });
  const previousTeam = await ports.store.team(team.name);
  const at = new Date(ports.clock.now()).toISOString();
  const run: LaunchRun = {
    id: `${at.slice(0, 19).replace(/[-:]/g, "").replace("T", "-")}-${ports.clock.nonce()}`,
    team: team.name,
    mode: previousTeam === null ? "create" : "launch",
    attempt,
    members: facts.members.map(({ name, provider, cwd }) => ({ name, provider, folder: cwd })),
  };
  await note({ type: "run", run });
  // A running agent that cannot be listed now is found when its member is started.
  const agents = (await ports.agents.list(team.name)) ?? [];
  const running = agents.filter(({ state }) => state !== "ended" && state !== "lost");
  const isRunning = (name: string): boolean => running.some(({ member }) => member === name);
  const conflicting = facts.members.flatMap((member): readonly MemberReport[] => {
    const agent = running.find((it) => it.member === member.name);
    if (agent === undefined || (agent.folder === member.cwd && agent.provider === member.provider)) return [];
    const message = `${team.name}/${member.name} runs already, as ${agent.provider} in ${agent.folder}.`;
    const fix = `stop ${team.name}/${member.name}, and launch again`;
    return [{ ...memberReport(member), state: "blocked", code: "member-runs-elsewhere", message, fix }];
  });
  return {
    ...facts,
    id: run.id,
    previousTeam,
    agents: new Map(running.map(({ member, id }) => [member, id])),
    // A running member needs no CLI.
    reports: [
      ...facts.reports.filter(({ code, member }) => code !== "cli-not-found" || !isRunning(member)),
      ...conflicting,
    ],
  };
};

const makeWorktrees = async (
  facts: LaunchFacts,
  { ports, note, signal }: LaunchTools,
): Promise<LaunchFacts | LaunchStop> => {
  if (facts.reports.length > 0 || refusedIn(facts.plan).length > 0) return facts;
  for (const [member, plan] of facts.worktrees) {
    if (plan.exists) continue;
    if (signal.aborted) return facts;
    const { path, source, branch, isNewBranch } = plan;
    await note({ type: "making-worktree", member, worktree: { path, source, branch, isNewBranch } });
    const made = await ports.worktrees.make(plan);
    if (made.ok) continue;
    const reports = facts.members
      .filter(({ name }) => name === member)
      .map((it) => ({ ...memberReport(it), state: "blocked" as const, ...made.error }));
    return { state: "blocked", error: made.error, reports };
  }
  return facts;
};

/**
 * Trusts exactly the folders of the members. If the plan refuses a folder, no CLI is started: only the refused folders
 * are executed, to get their results.
 */
const executeTrust = async (facts: LaunchFacts, tools: LaunchTools): Promise<LaunchFacts | LaunchStop> => {
  const { reports: refused } = facts;
  if (refused[0] !== undefined) return { state: "blocked", error: errorOf(refused[0]), reports: refused };
  if (facts.plan === null) return facts;
  const now = await withMadeWorktrees(facts, facts.plan, tools);
  const report = await tools.ports.trust.execute(onlyRefused(now.plan), {
    signal: tools.signal,
    onProgress: (event) => reportTrustEvent(event, now.facts, tools),
  });
  const { flags, attempt = 1 } = facts.request;
  const kept = { attempt, flags, redact: tools.redact, workspaces: now.facts.workspaces };
  await tools.note({ type: "trust", preflight: workspaceTrustPreflight(report, kept) });
  const outcome = outcomeOf(report.results);
  if (outcome === "cancelled") return { state: "cancelled", error: cancelled(tools.ports) };
  const resultOf = byMember(report.results, now.facts.workspaces);
  const reports = now.facts.members.map((member) => {
    const result = resultOf(member);
    return { ...memberReport(member), ...trustOf(result, outcome) };
  });
  const [worst] = worstFirst(report.results);
  if (outcome === "blocked" && worst !== undefined)
    return { state: "blocked", error: errorOf({ ...worst, ...fixInLaunch(worst) }), reports };
  // Preflight was not asked about members with an unknown provider.
  const asked = now.facts.workspaces
    .flatMap(({ uses }) => uses)
    .flatMap(({ memberId, provider }) => (isLeftAlone(provider, facts) ? [] : [memberId]));
  const unknown = reports.filter(({ member, trust }) => trust === undefined && asked.includes(member));
  if (unknown.length > 0) return { state: "blocked", error: unknownTrust, reports: unknown.map(blockedBy) };
  for (const { code, message } of report.results.filter((result) => outcomes[result.code] === "soft_failed"))
    await tools.note({ type: "warning", code, message });
  reportTrustEnd(report, now.facts, tools);
  const told = reports.map((member) => ({
    ...member,
    ...softFailure(member),
    ...leftAloneWarning(member, facts),
  }));
  return { ...(await withRecordedTrust(now, report, tools)), report, reports: told };
};

/** Why the folder's trust could not be prepared. The report keeps it even if the agent becomes ready. */
const softFailure = ({ code, message }: MemberReport): Pick<MemberReport, "warning"> =>
  code === undefined || message === undefined ? {} : { warning: { code, message } };

/**
 * The arguments with Codex's trust in the recorded folders. A folder that the ledger could not record is removed, by the
 * report.
 */
const withRecordedTrust = (
  { facts, plan }: Awaited<ReturnType<typeof withMadeWorktrees>>,
  { results }: PreflightReport,
  tools: LaunchTools,
): Promise<LaunchFacts> => {
  const isRecorded = ({ workspace, provider }: PlannedFolder): boolean =>
    results.some(
      (result) =>
        result.workspace === workspace && result.provider === provider && result.code === "passed-at-launch",
    );
  return withTrust(facts, { ...plan, folders: plan.folders.filter(isRecorded) }, tools);
};

/** Plans again if worktrees were made since the plan. */
const withMadeWorktrees = async (
  facts: LaunchFacts,
  plan: PreflightPlan,
  tools: LaunchTools,
): Promise<{ readonly facts: LaunchFacts; readonly plan: PreflightPlan }> => {
  const isMade = [...facts.worktrees.values()].some(({ exists }) => !exists);
  if (!isMade || refusedIn(plan).length > 0) return { facts, plan };
  const collected = await withWorkspaces(facts, tools, "made");
  const again = await tools.ports.trust.planFull(collected.preflight);
  return { facts: { ...collected, plan: again }, plan: again };
};

const refusedIn = (plan: PreflightPlan | null): PreflightPlan["folders"] =>
  (plan?.folders ?? []).filter(({ verdict }) => verdict !== null && outcomes[verdict.code] === "blocked");

const onlyRefused = (plan: PreflightPlan): PreflightPlan => {
  const folders = refusedIn(plan);
  return folders.length === 0 ? plan : { ...plan, folders };
};

/** The message of a member that was not started because of another member. */
export const notStarted = "It was not started, since another member is blocked.";

/** Preflight was asked about the folder. Without an answer the folder's gate was not passed. */
const unknownTrust: LaunchError = {
  code: "trust-unknown",
  message: "Preflight gave no result for its folder.",
};

const blockedBy = (report: MemberReport): MemberReport => ({ ...report, state: "blocked", ...unknownTrust });

/** In a blocked launch no member is started, regardless of the result of its own folder. */
const trustOf = (result: PreflightResult | undefined, outcome: Outcome): Partial<MemberReport> => {
  const refused = { state: "blocked", message: notStarted } as const;
  if (result === undefined) return outcome === "blocked" ? refused : {};
  const { status, code, message } = result;
  const trust = { trust: status, trustCode: code } as const;
  if (outcomes[code] === "blocked")
    return { state: "blocked", code, ...trust, message, ...fixInLaunch(result) };
  if (outcome === "blocked") return { ...refused, ...trust };
  return { ...trust, ...(outcomes[code] === "ok" ? {} : { code, message }) };
};

const errorOf = ({
  code = "blocked",
  message = "",
  fix,
  provider,
}: Pick<MemberReport, "code" | "message" | "fix" | "provider">): LaunchError => ({
  code,
  ...setUpTitle(code, provider),
  message,
  ...(fix === undefined ? {} : { fix }),
});

/** Codes that need a person: no launch of this CLI can work before its set-up. */
const needsSetUp: ReadonlySet<string> = new Set(["sign-in-needed", "no-connection"]);

/** `Claude setup required`, the seed's title, with the provider's name; no title for other codes. */
export const setUpTitle = (code: string, provider: string): { readonly title?: string } =>
  needsSetUp.has(code)
    ? { title: `${provider.charAt(0).toUpperCase()}${provider.slice(1)} setup required` }
    : {};
