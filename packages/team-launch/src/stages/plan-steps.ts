import { launchArguments } from "../arguments/make-arguments.ts";
import { argumentsResolver, launchSurfaces, patchArguments } from "../arguments/patch-arguments.ts";
import { everyMember, type EffectiveMember } from "../team/team.ts";
import type { Provider } from "@trust/preflight";
import type { ArgsPlan } from "../lifecycle/launch-ports.ts";
import type { WorktreePlan } from "../lifecycle/worktree.ts";
import type { MemberReport } from "../lifecycle/launch-run.ts";
import { earlyPairs } from "../workspaces/collect-workspaces.ts";
import { trustPolicy } from "../trust-policy.ts";
import type { LaunchFacts, LaunchRequest, LaunchStep, LaunchTools } from "./launch-facts.ts";
import { isPrepared, preflightRequest, withWorkspaces } from "./launch-workspaces.ts";

/** Everything before the run exists. These steps read, and never end a launch: what they refuse, `execute` tells. */
export const planSteps: readonly LaunchStep[] = [
  {
    name: "environment",
    act: async (facts) => {
      const { via } = trustPolicy(facts.request.flags);
      return { ...facts, preflight: { ...preflightRequest(facts.request), via } };
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
  { name: "final-patches", act: (facts, tools) => withTrust(facts, tools) },
  {
    name: "identity",
    act: async (facts, tools) => {
      const { plan, members } = facts;
      for (const provider of new Set(members.map((member) => member.provider))) {
        if (plan !== null && plan.cli[provider] === undefined)
          await tools.note({ ...noCli, message: `No CLI of ${provider} was found.` });
        const args = await argsFor("provider_facts_probe", provider, facts, tools);
        const problem = await tools.ports.agents.checkProvider?.({ provider, args });
        if (problem != null) await tools.note({ type: "warning", ...problem });
      }
      return facts;
    },
  },
];

const noCli = { type: "warning", code: "cli-not-found" } as const;

/** The folder that each member will work in. */
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

/** A member without a model gets its runtime's default, asked for with the early patches. */
const withModels = async (facts: LaunchFacts, tools: LaunchTools): Promise<LaunchFacts> => {
  const { agents } = tools.ports;
  if (agents.defaultModel === undefined) return facts;
  const models = new Map<Provider, string | null>();
  for (const { provider } of facts.members.filter(({ model }) => model === undefined)) {
    if (models.has(provider)) continue;
    const args = await argsFor("default_model_probe", provider, facts, tools);
    models.set(provider, await agents.defaultModel({ provider, args }));
  }
  const members = facts.members.map((member) => {
    const model = member.model ?? models.get(member.provider) ?? null;
    return model === null ? member : { ...member, model };
  });
  return { ...facts, members };
};

/** The arguments by which a provider is asked for its default model, or its facts. */
const argsFor = async (
  phase: "default_model_probe" | "provider_facts_probe",
  provider: Provider,
  { args, patches }: LaunchFacts,
  { ports }: LaunchTools,
): Promise<readonly string[]> => {
  const own = args.byProvider[provider] ?? [];
  if (patches.length === 0) return own;
  return argumentsResolver(patches, await ports.trust.context())({ provider, args: own, phase });
};

/** The patches of these arguments for Codex, or none where trust is not passed so. What was refused is noted. */
const patchesIn = async (
  args: () => Promise<ArgsPlan>,
  facts: LaunchFacts,
  { note }: LaunchTools,
): Promise<LaunchFacts["patches"]> => {
  if (!isPrepared(facts) || !trustPolicy(facts.request.flags).passesSettings) return [];
  const { patches, diagnostics } = await args();
  for (const { code, message } of diagnostics) await note({ type: "warning", code, message });
  return patches;
};

/** The arguments with the patches that are known now. One that is there already is not added again. */
const patched = async (facts: LaunchFacts, { ports }: LaunchTools): Promise<LaunchFacts> => {
  if (facts.patches.length === 0) return facts;
  const { arguments: args } = patchArguments(facts.args, facts.patches, await ports.trust.context());
  return { ...facts, args };
};

/** The arguments with Codex's trust in the planned folders. */
export const withTrust = async (facts: LaunchFacts, tools: LaunchTools): Promise<LaunchFacts> => {
  const { plan } = facts;
  if (plan === null) return patched({ ...facts, patches: [] }, tools);
  const args = () => tools.ports.trust.argsOfPlan(plan, launchSurfaces);
  return patched({ ...facts, patches: await patchesIn(args, facts, tools) }, tools);
};

/** What is known before the first step. Until the disk was looked at, a repository stands for its worktree. */
export const factsOf = (request: LaunchRequest): LaunchFacts => {
  const members = everyMember(request.team).map((member) => ({ ...member, cwd: member.folder }));
  return {
    request,
    members,
    args: launchArguments(members, {}),
    patches: [],
    preflight: preflightRequest(request),
    workspaces: [],
    plan: null,
    report: null,
    worktrees: new Map(),
    id: "",
    previousTeam: null,
    agents: new Map(),
    state: "spawning",
    reports: [],
  };
};

/** A member of which nothing is known yet. */
export const memberReport = ({ name, provider, cwd }: EffectiveMember): MemberReport => ({
  member: name,
  provider,
  folder: cwd,
  state: "starting",
});
