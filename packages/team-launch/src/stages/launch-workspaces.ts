import type { PreflightRequest, PreflightResult, Provider } from "@trust/preflight";
import { explain } from "../explain.ts";
import type { EffectiveMember } from "../team/team.ts";
import { trustPolicy } from "../trust-policy.ts";
import { collectWorkspaces, type Collected } from "../workspaces/collect-workspaces.ts";
import { trustScope } from "../workspaces/trust-scope.ts";
import type { Workspace } from "../workspaces/workspace.ts";
import { defaultTimeoutMs, type LaunchFacts, type LaunchRequest, type LaunchTools } from "./launch-facts.ts";

/** Whether this launch asks preflight for anything. */
export const isPrepared = ({ members, request }: LaunchFacts): boolean =>
  trustScope(request.entry ?? "launch", members, request.flags).isPrepared;

/** True if the flags leave this provider's trust as it is. */
export const isLeft = (provider: Provider, { request }: Pick<LaunchFacts, "request">): boolean =>
  trustPolicy(request.flags).leaves.includes(provider);

/** `planned`: a worktree that is not there yet is its repository. `made`: all of them are there. */
type Moment = "planned" | "made";

/** The workspaces of all members. A provider that is not known is a warning in the journal. */
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
  const planned = pairs.filter(({ provider }) => !isLeft(provider, facts));
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

/** Tells what is known of a member's folder for its provider: a planned folder, or a result. */
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

/** The request without its folders, which the steps add. */
export const preflightRequest = (request: LaunchRequest): PreflightRequest => {
  const { env, dataDir, cli, consents, timeoutMs = defaultTimeoutMs } = request;
  return {
    ...{ folders: [], pairs: [], env, dataDir },
    // A machine that is given more than the usual time needs it for trust too.
    ...(timeoutMs > defaultTimeoutMs ? { timeoutMs } : {}),
    ...(cli === undefined ? {} : { cli }),
    ...(consents === undefined ? {} : { consents }),
  };
};
