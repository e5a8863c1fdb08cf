import type { PreflightRequest, PreflightResult, Provider } from "@trust/preflight";
import { defined } from "@gatehouse/std";
import { explain } from "../problem-messages.ts";
import type { EffectiveMember } from "../team/team.ts";
import { trustPolicy } from "../trust-policy.ts";
import { collectWorkspaces, type Collected } from "../workspaces/collect-workspaces.ts";
import { trustScope } from "../workspaces/trust-scope.ts";
import type { Workspace } from "../workspaces/workspace.ts";
import { defaultTimeoutMs, type LaunchFacts, type LaunchRequest, type LaunchTools } from "./launch-facts.ts";

/** True if this launch uses preflight. */
export const isPrepared = ({ members, request }: LaunchFacts): boolean =>
  trustScope(request.entry ?? "launch", members, request.flags).isPrepared;

/** True if the flags leave this provider's trust as it is. */
export const isLeftAlone = (provider: Provider, { request }: Pick<LaunchFacts, "request">): boolean =>
  trustPolicy(request.flags).leaves.includes(provider);

/** `planned`: a worktree that does not exist yet counts as its repository. `made`: all worktrees exist. */
type Moment = "planned" | "made";

/** Adds the workspaces of all members. An unknown provider is a warning in the journal. */
export const withWorkspaces = async (
  facts: LaunchFacts,
  { ports, note }: LaunchTools,
  at: Moment,
): Promise<LaunchFacts> => {
  const placed = facts.members.map((member) => {
    const isMade = at === "made" || facts.worktrees.get(member.name)?.exists !== false;
    return isMade ? member : { ...member, cwd: member.folder };
  });
  const found = await ports.folders.look([...new Set(placed.map(({ cwd }) => cwd))]);
  const { workspaces, pairs, diagnostics } = collectWorkspaces(placed, {
    homes: ports.folders.homes,
    ...(ports.folders.platform === undefined ? {} : { platform: ports.folders.platform }),
    factsOf: (folder) => found.get(folder) ?? null,
    ...(facts.request.gate === undefined ? {} : { gate: facts.request.gate }),
  });
  if (at === "planned") await noteUnknown(diagnostics, note);
  const planned = pairs.filter(({ provider }) => !isLeftAlone(provider, facts));
  return { ...facts, workspaces, preflight: { ...facts.preflight, pairs: planned } };
};

const noteUnknown = async (
  diagnostics: Collected["diagnostics"],
  note: LaunchTools["note"],
): Promise<void> => {
  for (const diagnostic of diagnostics)
    await note({ type: "warning", code: diagnostic.code, message: explain(diagnostic).message });
};

type Named = Pick<EffectiveMember, "name" | "provider">;
type OfFolder = Pick<PreflightResult, "workspace" | "provider">;

/** Returns a lookup from a member to a planned folder, or to a result, for its folder and provider. */
export const byMember = <F extends OfFolder>(
  folders: readonly F[],
  workspaces: readonly Workspace[],
): ((member: Named) => F | undefined) => {
  const places = new Map(
    workspaces.flatMap(({ uses, display }) => uses.map(({ memberId }) => [memberId, display] as const)),
  );
  const known = new Map<string, F[]>();
  for (const folder of folders) {
    const here = known.get(folder.workspace);
    if (here === undefined) known.set(folder.workspace, [folder]);
    else here.push(folder);
  }
  return ({ name, provider }) =>
    known.get(places.get(name) ?? "")?.find((folder) => folder.provider === provider);
};

/** The request without its folders, which later steps add. */
export const preflightRequest = (request: LaunchRequest): PreflightRequest => {
  const { env, dataDir, cli, consents, timeoutMs = defaultTimeoutMs } = request;
  return {
    folders: [],
    pairs: [],
    env,
    dataDir,
    // A caller that allows more than the usual time has a slow machine, which needs more time for trust too.
    ...(timeoutMs > defaultTimeoutMs ? { timeoutMs } : {}),
    ...defined({ cli, consents }),
  };
};
