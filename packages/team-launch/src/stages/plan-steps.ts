import { launchArguments } from "../arguments/launch-arguments.ts";
import { launchSurfaces, patchArguments } from "../arguments/patch-arguments.ts";
import { explain } from "@trust/codex-overrides";
import { ok, type Result } from "@gatehouse/std";
import { everyMember, type EffectiveMember } from "../team/team.ts";
import type { PreflightPlan, Provider } from "@trust/preflight";
import type { ArgsPlan } from "../lifecycle/launch-ports.ts";
import type { WorktreePlan } from "../lifecycle/worktree.ts";
import type { LaunchError, MemberReport } from "../lifecycle/launch-run.ts";
import { earlyPairs } from "../workspaces/collect-workspaces.ts";
import type { LaunchFacts, LaunchRequest, LaunchStep, LaunchTools } from "./launch-facts.ts";
import { isLeftAlone, isPrepared, preflightRequest, withWorkspaces } from "./launch-workspaces.ts";

/** The steps before the run exists. They only read, and never end a launch: the step `execute` reports refusals. */
export const planSteps: readonly LaunchStep[] = [
  {
    name: "environment",
    act: async (facts) => {
      return { ...facts, preflight: preflightRequest(facts.request) };
    },
  },
  {
    name: "plan-args",
    act: async (facts, tools) => {
      const early = { ...facts.preflight, pairs: earlyPairs(facts.members) };
      const args = () => tools.ports.trust.planArgsOnly(early, launchSurfaces);
      return { ...facts, patches: await patchesIn(args, facts, tools) };
    },
  },
  { name: "early-patches", act: (facts, tools) => patched(facts, tools) },
  {
    name: "members",
    act: async (facts, tools) => withModels(await withFolders(facts, tools), tools),
  },
  {
    name: "plan",
    act: async (facts, tools) => {
      if (!isPrepared(facts)) return facts;
      const collected = await withWorkspaces(facts, tools, "planned");
      return { ...collected, plan: await tools.ports.trust.planFull(collected.preflight) };
    },
  },
  { name: "final-patches", act: (facts, tools) => withTrust(facts, facts.plan, tools) },
  {
    name: "identity",
    act: async (facts, tools) => {
      const clis = new Map<Provider, Result<string, LaunchError>>();
      for (const provider of new Set(facts.members.map((member) => member.provider))) {
        const found = await findCli(provider, facts, tools);
        if (found !== null) clis.set(provider, found);
        const args = facts.args.byProvider[provider] ?? [];
        const problem = await tools.ports.agents.checkProvider?.({ provider, args });
        if (problem != null) await tools.note({ type: "warning", ...problem });
      }
      const refused = facts.members.flatMap((member): readonly MemberReport[] => {
        const found = clis.get(member.provider);
        return found === undefined || found.ok
          ? []
          : [{ ...memberReport(member), state: "blocked", ...found.error }];
      });
      return { ...facts, clis, reports: [...facts.reports, ...refused] };
    },
  },
];

/**
 * The CLI for a provider's members: the runtime's answer, or else preflight's CLI; a missing one is then a warning.
 * Null if it was not searched for.
 */
const findCli = async (
  provider: Provider,
  { plan, ...facts }: LaunchFacts,
  { ports, note }: LaunchTools,
): Promise<Result<string, LaunchError> | null> => {
  const found = await ports.agents.findCli?.(provider);
  if (found !== undefined) return found;
  if (plan === null || isLeftAlone(provider, facts)) return null;
  const path = plan.cli[provider]?.path;
  if (path !== undefined) return ok(path);
  await note({ type: "warning", code: "cli-not-found", message: `No CLI of ${provider} was found.` });
  return null;
};

/** Adds the folder in which each member will work. */
const withFolders = async (facts: LaunchFacts, { ports }: LaunchTools): Promise<LaunchFacts> => {
  const worktrees = new Map<string, WorktreePlan>();
  const refused: MemberReport[] = [];
  for (const member of facts.members.filter(({ worktree }) => worktree)) {
    const planned = await ports.worktrees.plan(facts.request.team.name, member);
    if (planned.ok) worktrees.set(member.name, planned.value);
    else refused.push({ ...memberReport(member), state: "blocked", ...planned.error });
  }
  const members = facts.members.map((member) => {
    const cwd = worktrees.get(member.name)?.cwd ?? member.folder;
    return cwd === member.cwd ? member : { ...member, cwd };
  });
  return { ...facts, members, worktrees, reports: refused };
};

/** Gives members without a model the runtime's default model, which is asked for with the early patches. */
const withModels = async (facts: LaunchFacts, tools: LaunchTools): Promise<LaunchFacts> => {
  const { agents } = tools.ports;
  if (agents.defaultModel === undefined) return facts;
  const models = new Map<Provider, string | null>();
  for (const { provider } of facts.members.filter(({ model }) => model === undefined)) {
    if (models.has(provider)) continue;
    const args = facts.args.byProvider[provider] ?? [];
    models.set(provider, await agents.defaultModel({ provider, args }));
  }
  const members = facts.members.map((member) => {
    const model = member.model ?? models.get(member.provider) ?? null;
    return model === null ? member : { ...member, model };
  });
  return { ...facts, members };
};

/** The patches for Codex from this plan; none if trust is not passed to Codex. Records refused folders as warnings. */
const patchesIn = async (
  args: () => Promise<ArgsPlan>,
  facts: LaunchFacts,
  { note }: LaunchTools,
): Promise<LaunchFacts["patches"]> => {
  if (!isPrepared(facts) || isLeftAlone("codex", facts)) return [];
  const { patches, diagnostics } = await args();
  for (const { code, message } of diagnostics) await note({ type: "warning", code, message });
  return patches;
};

/** The caller's arguments with the present patches, without earlier ones. A patch that cannot be applied is a warning. */
const patched = async (facts: LaunchFacts, { ports, note }: LaunchTools): Promise<LaunchFacts> => {
  const { unpatched, patches } = facts;
  if (patches.length === 0) return { ...facts, args: unpatched };
  const { arguments: args, diagnostics } = patchArguments(unpatched, patches, await ports.trust.context());
  for (const problem of diagnostics)
    await note({ type: "warning", code: problem.code, message: explain(problem) });
  return { ...facts, args };
};

/** The arguments with Codex's trust in exactly the folders of this plan. */
export const withTrust = async (
  facts: LaunchFacts,
  plan: PreflightPlan | null,
  tools: LaunchTools,
): Promise<LaunchFacts> => {
  if (plan === null) return patched({ ...facts, patches: [] }, tools);
  const args = () => tools.ports.trust.argsOfPlan(plan, launchSurfaces);
  return patched({ ...facts, patches: await patchesIn(args, facts, tools) }, tools);
};

/** The facts before the first step. Until the disk was read, a member's repository counts as its worktree. */
export const factsOf = (request: LaunchRequest): LaunchFacts => {
  const members = everyMember(request.team).map((member) => ({ ...member, cwd: member.folder }));
  const unpatched = launchArguments(members, request.args ?? {});
  return {
    request,
    members,
    unpatched,
    args: unpatched,
    patches: [],
    preflight: preflightRequest(request),
    workspaces: [],
    plan: null,
    clis: new Map(),
    report: null,
    worktrees: new Map(),
    id: "",
    previousTeam: null,
    agents: new Map(),
    state: "spawning",
    reports: [],
  };
};

/** The report of a member before anything is known about it. */
export const memberReport = ({ name, provider, cwd }: EffectiveMember): MemberReport => ({
  member: name,
  provider,
  folder: cwd,
  state: "starting",
});
