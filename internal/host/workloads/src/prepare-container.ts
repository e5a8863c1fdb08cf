import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { noteOwners, startedGenerations } from "@gatehouse/central-database";
import { cliOnPath } from "@gatehouse/agent-clis";
import { isolationMissing, isolationOf, notApplied, type RuntimeInUse } from "@gatehouse/agent-clis/applied";
import { agentOfSession, personOfSession } from "@gatehouse/session-rows";
import { makeFolder } from "@gatehouse/fs-kit";
import { groupFolder, makeGroupFolder } from "@gatehouse/group-workspace";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { explain, isWeaker, type AgentChoice, type ContainerConfig } from "@nc/container-config";
import { mountRuleIn } from "@gatehouse/mounts";
import { containerConfigStore, containerView } from "@nc/container-config/node";
import type { Mount, WorkloadSpec } from "@nc/container-runtime";
import { readAgentFiles } from "./agent-files.ts";
import { configOf, writeInstructions } from "./instruct.ts";
import type {
  AgentDoors,
  AgentSandbox,
  WorkloadDeps,
  WorkloadRows,
  WorkloadSession,
} from "./workload-deps.ts";
import { programMounts } from "./program-mounts.ts";
import { workloadOf, type AgentFiles, type WorkloadFacts } from "./workload-of.ts";

/** The specification of a container, before it has its incarnation and its token. */
export type Prepared = {
  readonly generation: number;
  readonly agent: AgentChoice;
  readonly spec: WorkloadSpec;
};

/**
 * Makes a container's specification from the current database, writes the group's instructions, and makes the
 * session's folder. The error is a sentence.
 */
export const prepareContainer = async (
  context: WorkloadDeps,
  session: WorkloadSession,
  facts: WorkloadRows,
): Promise<Result<Prepared, string>> => {
  const config = await isolatedConfig(context, facts.group);
  if (!config.ok) return config;
  const { account = null, userId = null } = (await personOfSession(context.central.loop, session.id)) ?? {};
  const agent = (await agentOfSession(context.central.loop, session.id))?.now;
  if (agent === undefined) return fail("The session no longer exists.");
  const chosen = { ...config.value, provider: agent.provider.value, model: agent.model.value };
  const view = await viewOf(context, session, facts, chosen);
  if (!view.ok) return view;
  const made = await madeFolder(session.folder);
  if (!made.ok) return made;
  // If the group was made on another host, this data folder has no folder for it yet.
  if (!context.isAlone) await makeGroupFolder(context.dataDir, facts.group.folder);
  const instructed = await writeInstructions(context, facts.group, config.value, [chosen.provider]);
  if (!instructed.ok) return instructed;
  const { skills, missing } = instructed.value;
  if (missing.length > 0) context.log("skills-missing", { session: session.id, skills: missing.join(", ") });
  const reader = { dataDir: context.dataDir, groupFolder: facts.group.folder, account, userId };
  const files = await readAgentFiles(reader, skills);
  if (!files.ok) return files;
  const owner = { sessionId: session.id, account, hostFolder: session.folder };
  const folder = await context.runtime.folderOf(owner);
  if (!folder.ok) return fail(folder.error.message);
  const image = await imageOf(context, chosen);
  if (!image.ok) return image;
  const packages = (await context.sandbox?.folderOf(chosen)) ?? ok(null);
  if (!packages.ok) return packages;
  const parts = {
    programs: await programsOf(context, chosen.provider, { image: image.value, packages: packages.value }),
    config: chosen,
    containerJson: view.value,
    files: files.value,
    folder: folder.value,
  };
  return ok({ generation: chosen.generation, agent, spec: specOf(context, session, facts, parts) });
};

/**
 * Reads the configuration of a group that may run under the isolation of this runtime. A group that runs under more isolation
 * than before keeps to it from then on, unless `isKept` is false.
 */
export const isolatedConfig = async (
  context: Pick<WorkloadDeps, "central" | "now"> & { readonly runtime: RuntimeInUse },
  group: { readonly id: string; readonly name: string },
  isKept = true,
): Promise<Result<ContainerConfig, string>> => {
  const config = await configOf(context, group.id);
  if (!config.ok) return config;
  const here = isolationOf(context.runtime);
  if (isWeaker(here, config.value.isolation)) {
    const reason = isolationMissing({ ...group, isolation: config.value.isolation }, here);
    const at = context.now();
    // Owners are told once a day for each group.
    const id = `isolation/${at.slice(0, 10)}/${group.id}`;
    await noteOwners(context.central.loop, [{ id, text: reason, created_at: at }]);
    return fail(reason);
  }
  if (!isKept || here === config.value.isolation) return config;
  const store = containerConfigStore(context.central.loop, { now: context.now, pinned: startedGenerations });
  const origin = { actor: "host", reason: `its agent runs in ${context.runtime.name}` };
  const raised = await store.updateScalars(group.id, {}, { ...origin, atLeast: here });
  return raised.ok ? ok(raised.value.config) : fail(explain(raised.error));
};

/** Makes the session's folder, with the log and the files for agents of the host's account. */
export const madeFolder = async (path: string): Promise<Result<null, string>> => {
  try {
    await makeFolder(path, 0o700);
    return ok(null);
  } catch (error) {
    return fail(`The session's folder cannot be created (${systemCode(error)}).`);
  }
};

/** Returns the content of `container.json`. Checks the mounts again, because a folder may have become a link. */
export const viewOf = async (
  context: Pick<WorkloadDeps, "dataDir" | "log"> & { readonly runtime: RuntimeInUse },
  session: WorkloadSession,
  { group }: WorkloadRows,
  config: ContainerConfig & { readonly provider: string },
): Promise<Result<object, string>> => {
  const { dataDir, runtime, log } = context;
  const idle = notApplied(config, { runtime, provider: config.provider }).map(({ field }) => field);
  if (idle.length > 0) log("not-applied", { session: session.id, fields: idle.join(", ") });
  const hasAny = config.additional_mounts.length > 0;
  const view = await containerView(config, group, {
    dataDir,
    home: homedir(),
    ...(hasAny ? { mountRule: await mountRuleIn(dataDir) } : {}),
    hasMounts: hasMounts(context),
    notApplied: idle,
  });
  return view.ok ? view : fail(explain(view.error));
};

/** Returns the group's own image, or else the image with its packages. Null for programs of the machine. */
const imageOf = async (
  { image }: WorkloadDeps,
  config: ContainerConfig,
): Promise<Result<string | null, string>> => {
  if (image === undefined) return ok(null);
  return config.image_tag === null ? image.nameOf(config) : ok(config.image_tag);
};

type Made = {
  readonly programs: Programs;
  readonly config: ContainerConfig;
  readonly containerJson: object;
  readonly files: AgentFiles;
  readonly folder: string;
};

const specOf = (
  context: WorkloadDeps,
  session: WorkloadSession,
  { group }: WorkloadRows,
  { programs, config, containerJson, files, folder }: Made,
): WorkloadSpec =>
  workloadOf({
    ...files,
    label: {
      install: installOf(context),
      sessionId: session.id,
      groupId: group.id,
      incarnation: 0,
      token: session.lease.token,
    },
    folder,
    config,
    containerJson,
    hostFolder: session.folder,
    groupFolder: groupFolder(context.dataDir, group.folder),
    hasMounts: hasMounts(context),
    ...programs,
    graceMs: context.times.graceMs,
  });

type Programs = Pick<WorkloadFacts, "clis" | "gateway" | "ncl" | "path" | "runner" | "walls" | "wire">;

/** The image of a container, or the folder with packages of a sandbox; null for neither. */
type Found = { readonly image: string | null; readonly packages: Mount | null };

/** The programs of a machine and of gatehouse, and the sockets of its agents. */
export type ProgramDeps = Pick<
  WorkloadDeps,
  "clis" | "dial" | "gatewaySocket" | "image" | "ncl" | "runner"
> & { readonly sandbox?: AgentDoors & Pick<AgentSandbox, "node"> };

/** Returns the programs of an agent and the addresses that it connects to: in its image, its sandbox, or on this machine. */
export const programsOf = async (
  { image, sandbox, ...context }: ProgramDeps,
  provider: string,
  found: Found,
): Promise<Programs> => {
  const { runner, ncl } = context;
  const doors = image ?? sandbox;
  const path = [...(context.clis === undefined ? [] : [context.clis]), hostPath()].join(delimiter);
  if (doors === undefined)
    return {
      walls: null,
      clis: [],
      runner,
      ncl,
      path,
      wire: context.dial.address,
      gateway: gatewayOf(context),
    };
  const { target } = doors.sockets;
  const reached = { wire: `unix:${target}/${doors.wire}`, gateway: `unix:${target}/${doors.gateway}` };
  if (image !== undefined && found.image !== null)
    return {
      ...reached,
      runner: image.runner,
      ncl: image.ncl,
      path: image.path,
      clis: [],
      walls: { image: found.image, mounts: [doors.sockets, ...image.programs] },
    };
  const cli = await cliOnPath(provider, path);
  const mounts = await programMounts([...runner, ...ncl], cli?.path ?? null);
  const node = sandbox?.node() ?? null;
  const { packages } = found;
  return {
    ...reached,
    runner: byNode(runner, node),
    ncl: byNode(ncl, node),
    clis: cli === null ? [] : [cli],
    // A program of a package replaces none of the machine's.
    path: packages === null ? path : [path, join(packages.target, "bin")].join(delimiter),
    walls: {
      image: null,
      mounts: [doors.sockets, ...mounts, ...[node, packages].filter((mount) => mount !== null)],
    },
  };
};

/** Returns the gateway's address: behind the TLS port of the host if agents dial that, else at its socket. */
const gatewayOf = ({ dial, gatewaySocket }: Pick<WorkloadDeps, "dial" | "gatewaySocket">): string | null => {
  if (gatewaySocket === undefined) return null;
  return dial.address.startsWith("tls:") ? dial.address : `unix:${gatewaySocket}`;
};

/** The command of a program of ours, by another Node. */
const byNode = (
  [own, ...args]: readonly [string, ...string[]],
  node: Mount | null,
): readonly [string, ...string[]] => [node?.target ?? own, ...args];

const hostPath = (): string =>
  process.env["PATH"] ?? [dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter);

/** True if a workload sees a folder at another path than the host does. */
const hasMounts = ({ runtime }: { readonly runtime: RuntimeInUse }): boolean =>
  runtime.cannot.mountTargets === undefined;

/** Returns the id that distinguishes this installation from others on the machine. */
const installOf = ({ install, dataDir }: Pick<WorkloadDeps, "install" | "dataDir">): string =>
  install ?? createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
