import { everyMember, type EffectiveMember } from "../team/team.ts";
import type { PreflightRequest } from "@trust/preflight";
import type { CodexPatch } from "../lifecycle/launch-ports.ts";
import type { WorktreePlan } from "../lifecycle/worktree.ts";
import type { MemberReport } from "../lifecycle/launch-run.ts";
import type { LaunchFacts, LaunchRequest, LaunchStep } from "./launch-facts.ts";

/** Everything before the run exists. These steps read, and never end a launch: what they refuse, `execute` tells. */
export const planSteps: readonly LaunchStep[] = [
  {
    name: "environment",
    act: async (facts) => ({ ...facts, preflight: preflightOf(facts.request, facts.members) }),
  },
  {
    name: "plan-args",
    act: async (facts, { ports, note }) => {
      const { flags } = facts.request;
      if (!flags.preflight || !flags.codexSettings) return facts;
      const { patches, diagnostics } = await ports.trust.planArgsOnly(facts.preflight, earlySurfaces);
      for (const { code, message } of diagnostics) await note({ type: "warning", code, message });
      return { ...facts, patches };
    },
  },
  { name: "early-patches", act: async (facts) => facts },
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
      if (!facts.request.flags.preflight) return facts;
      return { ...facts, plan: await ports.trust.planFull(preflightWith(facts, "planned")) };
    },
  },
  { name: "final-patches", act: async (facts) => facts },
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

const earlySurfaces: readonly CodexPatch["targetSurface"][] = ["provider_facts_probe", "default_model_probe"];

/** What is known before the first step. Until the disk was looked at, a repository stands for its worktree. */
export const factsOf = (request: LaunchRequest): LaunchFacts => {
  const members = everyMember(request.team).map((member) => ({ ...member, cwd: member.folder }));
  return {
    request,
    members,
    args: { primary: { provider: request.team.lead.provider, args: [] }, crossProvider: [], byProvider: {} },
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
