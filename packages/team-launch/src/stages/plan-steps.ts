import { launchArguments } from "../arguments/make-arguments.ts";
import { launchSurfaces, patchArguments } from "../arguments/patch-arguments.ts";
import { everyMember, type EffectiveMember } from "../team/team.ts";
import type { PreflightRequest } from "@trust/preflight";
import type { WorktreePlan } from "../lifecycle/worktree.ts";
import type { MemberReport } from "../lifecycle/launch-run.ts";
import { earlyPairs } from "../workspaces/collect-workspaces.ts";
import { trustScope } from "../workspaces/trust-scope.ts";
import type { LaunchFacts, LaunchRequest, LaunchStep, LaunchTools } from "./launch-facts.ts";

/** Everything before the run exists. These steps read, and never end a launch: what they refuse, `execute` tells. */
export const planSteps: readonly LaunchStep[] = [
  {
    name: "environment",
    act: async (facts) => ({ ...facts, preflight: preflightOf(facts.request, facts.members) }),
  },
  {
    name: "plan-args",
    act: async (facts, tools) => {
      const early = { ...facts.preflight, pairs: earlyPairs(facts.members) };
      return { ...facts, patches: await patchesFor(early, facts, tools) };
    },
  },
  { name: "early-patches", act: (facts, tools) => patched(facts, tools) },
  {
    name: "members",
    act: async (facts, { ports }) => {
      const worktrees = new Map<string, WorktreePlan>();
      const refused: MemberReport[] = [];
      for (const member of facts.members.filter(({ worktree }) => worktree)) {
        const planned = await ports.worktrees.plan(facts.request.team.name, member);
        if (planned.ok) worktrees.set(member.name, planned.value);
        else refused.push({ ...memberReport(member), state: "blocked", ...planned.error });
      }
      const members = facts.members.map((member) => ({
        ...member,
        cwd: worktrees.get(member.name)?.cwd ?? member.folder,
      }));
      return { ...facts, members, worktrees, reports: refused };
    },
  },
  {
    name: "plan",
    act: async (facts, { ports }) => {
      if (!isPrepared(facts)) return facts;
      return { ...facts, plan: await ports.trust.planFull(preflightWith(facts, "planned")) };
    },
  },
  {
    name: "final-patches",
    act: async (facts, tools) => {
      const patches = await patchesFor(preflightWith(facts, "planned"), facts, tools);
      return patched({ ...facts, patches }, tools);
    },
  },
  {
    name: "identity",
    act: async (facts, { note }) => {
      const { plan, members } = facts;
      const missing = [...new Set(members.map(({ provider }) => provider))].filter(
        (provider) => plan !== null && plan.cli[provider] === undefined,
      );
      for (const provider of missing)
        await note({ type: "warning", code: "cli-not-found", message: `No CLI of ${provider} was found.` });
      return facts;
    },
  },
];

/** Whether this launch prepares trust: a team of OpenCode alone has no gate, and a flag turns it off. */
const isPrepared = ({ members, request }: LaunchFacts): boolean =>
  trustScope("launch", members, request.flags).isPrepared;

const patchesFor = async (
  preflight: PreflightRequest,
  facts: LaunchFacts,
  { ports, note }: LaunchTools,
): Promise<LaunchFacts["patches"]> => {
  if (!isPrepared(facts) || !facts.request.flags.codexSettings) return [];
  const { patches, diagnostics } = await ports.trust.planArgsOnly(preflight, launchSurfaces);
  for (const { code, message } of diagnostics) await note({ type: "warning", code, message });
  return patches;
};

/** The arguments with the patches that are known now. One that is there already is not added again. */
const patched = async (facts: LaunchFacts, { ports }: LaunchTools): Promise<LaunchFacts> => {
  if (facts.patches.length === 0) return facts;
  const { arguments: args } = patchArguments(facts.args, facts.patches, await ports.trust.context());
  return { ...facts, args };
};

/** What is known before the first step. Until the disk was looked at, a repository stands for its worktree. */
export const factsOf = (request: LaunchRequest): LaunchFacts => {
  const members = everyMember(request.team).map((member) => ({ ...member, cwd: member.folder }));
  return {
    request,
    members,
    args: launchArguments(members, {}),
    patches: [],
    preflight: preflightOf(request, members),
    plan: null,
    report: null,
    worktrees: new Map(),
    id: "",
    agents: new Map(),
    state: "spawning",
    reports: [],
  };
};

const preflightOf = (request: LaunchRequest, members: readonly EffectiveMember[]): PreflightRequest => {
  const { env, dataDir, cli, consents, flags } = request;
  return {
    folders: [],
    pairs: members.map(({ folder, provider }) => ({ folder, provider })),
    env,
    dataDir,
    ...(cli === undefined ? {} : { cli }),
    ...(consents === undefined ? {} : { consents }),
    ...(flags.claudePty ? {} : { via: "control" as const }),
  };
};

/** The request for exactly the folders of the members; a worktree that is not there yet is its repository. */
export const preflightWith = (facts: LaunchFacts, at: "planned" | "made"): PreflightRequest => ({
  ...facts.preflight,
  pairs: facts.members.map(({ name, provider, cwd, folder }) => {
    const isMade = at === "made" || facts.worktrees.get(name)?.exists !== false;
    return { provider, folder: isMade ? cwd : folder };
  }),
});

/** A member of which nothing is known yet. */
export const memberReport = ({ name, provider, cwd }: EffectiveMember): MemberReport => ({
  member: name,
  provider,
  folder: cwd,
  state: "starting",
});
