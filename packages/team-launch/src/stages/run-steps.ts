import { codes, type PreflightPlan, type PreflightReport, type PreflightResult } from "@trust/preflight";
import { workspaceTrustPreflight } from "../artifact/workspace-trust-preflight.ts";
import type { LaunchError, LaunchRun, MemberReport } from "../lifecycle/launch-run.ts";
import { outcomes } from "../outcome.ts";
import type { EffectiveMember } from "../team/team.ts";
import type { LaunchFacts, LaunchStep, LaunchStop, LaunchTools } from "./launch-facts.ts";
import { memberReport, preflightWith } from "./plan-steps.ts";

/** From the run to the first agent. What these steps change, an end here takes back. */
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
      await note({ type: "storing-team" });
      await ports.store.saveTeam(facts.request.team);
      return facts;
    },
  },
];

/** The state that lists and a person see is set before anything is waited for. */
const beginRun = async (facts: LaunchFacts, { ports, note, watch }: LaunchTools): Promise<LaunchFacts> => {
  const { team, attempt = 1 } = facts.request;
  watch.onProgress?.({ state: "spawning", message: "Preparing workspace trust", members: [] });
  const previousTeam = await ports.store.team(team.name);
  const at = new Date(ports.clock.now()).toISOString();
  const run: LaunchRun = {
    id: `${at.slice(0, 19).replace(/[-:]/g, "").replace("T", "-")}-${ports.clock.nonce()}`,
    team: team.name,
    mode: previousTeam === null ? "create" : "launch",
    attempt,
    members: facts.members.map(({ name, provider, cwd }) => ({ name, provider, folder: cwd })),
    previousTeam,
  };
  await note({ type: "run", run });
  const agents = await ports.agents.list(team.name);
  const running = agents.filter(({ state }) => state !== "ended" && state !== "lost");
  const elsewhere = facts.members.flatMap((member): readonly MemberReport[] => {
    const agent = running.find((it) => it.member === member.name);
    if (agent === undefined || (agent.folder === member.cwd && agent.provider === member.provider)) return [];
    const message = `${team.name}/${member.name} runs already, as ${agent.provider} in ${agent.folder}.`;
    const fix = `gatehouse stop ${team.name}/${member.name}`;
    return [{ ...memberReport(member), state: "blocked", code: "member-runs-elsewhere", message, fix }];
  });
  return {
    ...facts,
    id: run.id,
    agents: new Map(running.map(({ member, id }) => [member, id])),
    reports: [...facts.reports, ...elsewhere],
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
 * Trusts exactly the folders of the members. If the plan refuses one of them, no CLI is started at all: the
 * refusals alone are executed, which makes their results.
 */
const executeTrust = async (facts: LaunchFacts, tools: LaunchTools): Promise<LaunchFacts | LaunchStop> => {
  const { reports } = facts;
  const [refused] = reports;
  if (refused !== undefined) return { state: "blocked", error: errorOf(refused), reports };
  if (facts.plan === null) return facts;
  const isLast = facts.worktrees.size === 0 || refusedIn(facts.plan).length > 0;
  const plan = isLast ? facts.plan : await tools.ports.trust.planFull(preflightWith(facts, "made"));
  const report = await tools.ports.trust.execute(onlyRefused(plan), { signal: tools.signal });
  const { flags, attempt = 1 } = facts.request;
  const kept = { attempt, flags, redact: tools.redact };
  await tools.note({ type: "trust", preflight: workspaceTrustPreflight(report, kept) });
  const members = facts.members.map((member) => ({
    ...memberReport(member),
    ...trustOf(resultFor(report, member)),
  }));
  const blocked = members.find(({ state, code }) => state === "blocked" && code !== undefined);
  if (blocked !== undefined) return { state: "blocked", error: errorOf(blocked), reports: members };
  if (report.results.some(({ code }) => outcomes[code] === "cancelled"))
    return { state: "cancelled", error: cancelled };
  for (const { code, message } of report.results.filter((result) => outcomes[result.code] === "soft_failed"))
    await tools.note({ type: "warning", code, message });
  return { ...facts, report, reports: members };
};

export const cancelled: LaunchError = {
  code: "cancelled",
  message: "The launch was cancelled before its first agent was started.",
};

const refusedIn = (plan: PreflightPlan | null): PreflightPlan["folders"] =>
  (plan?.folders ?? []).filter(({ verdict }) => verdict !== null && outcomes[verdict.code] === "blocked");

const onlyRefused = (plan: PreflightPlan): PreflightPlan => {
  const folders = refusedIn(plan);
  return folders.length === 0 ? plan : { ...plan, folders };
};

/** A worktree that was never made was planned as its repository. */
const resultFor = (
  { results }: PreflightReport,
  { cwd, folder, provider }: EffectiveMember,
): PreflightResult | undefined => {
  const own = results.filter((result) => result.provider === provider);
  return own.find(({ workspace }) => workspace === cwd) ?? own.find(({ workspace }) => workspace === folder);
};

/** A member without a result was not tried, since the folder of another one is refused. */
const trustOf = (result: PreflightResult | undefined): Partial<MemberReport> => {
  if (result === undefined)
    return { state: "blocked", message: "It was not started, since another member is blocked." };
  const { status: trust, code, message, fix } = result;
  if (outcomes[code] === "blocked")
    return { state: "blocked", code, trust, message, ...(fix === undefined ? {} : { fix }) };
  return { trust, ...(codes[code].exit === 0 ? {} : { code, message }) };
};

const errorOf = ({ code = "blocked", message = "", fix }: MemberReport): LaunchError => ({
  code,
  message,
  ...(fix === undefined ? {} : { fix }),
});
