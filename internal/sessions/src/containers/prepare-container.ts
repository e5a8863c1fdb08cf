import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { delimiter, dirname } from "node:path";
import process from "node:process";
import { personOfSession } from "@gatehouse/control-plane";
import { makeFolder } from "@gatehouse/fs-kit";
import { groupFolder, makeGroupFolder } from "@gatehouse/group-workspace";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { explain, notApplied, resolveProvider, type ContainerConfig } from "@nc/container-config";
import { containerView } from "@nc/container-config/node";
import type { WorkloadSpec } from "@nc/container-runtime";
import type { LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";
import type { SessionFacts } from "../held/session-rows.ts";
import { readAgentFiles } from "./agent-files.ts";
import { configOf, writeInstructions } from "./instruct.ts";
import { workloadOf, type AgentFiles } from "./workload-of.ts";

/** What a container is started with; its incarnation is counted afterwards, and its token made then. */
export type Prepared = { readonly generation: number; readonly spec: WorkloadSpec };

/**
 * Makes what a container is started with, from the database as it is now. It writes the group's instructions, and
 * makes the session's folder. The error is a sentence.
 */
export const prepareContainer = async (
  context: LoopContext,
  session: HeldSession,
  facts: SessionFacts,
): Promise<Result<Prepared, string>> => {
  const config = await configOf(context, facts.group.id);
  if (!config.ok) return config;
  const person = await personOfSession(context.central.beside, session.id);
  if (!person.ok) return person;
  const { account = null, userId = null } = person.value ?? {};
  const view = await viewOf(context, session, facts, config.value);
  if (!view.ok) return view;
  const made = await madeFolder(session.folder);
  if (!made.ok) return made;
  // A group that was made on another host has no folder in this data folder yet.
  if (!context.isAlone) await makeGroupFolder(context.dataDir, facts.group.folder);
  const instructed = await writeInstructions(context, facts.group, config.value);
  if (!instructed.ok) return instructed;
  const { skills, missing } = instructed.value;
  if (missing.length > 0) context.log("skills-missing", { session: session.id, skills: missing.join(", ") });
  const reader = { dataDir: context.dataDir, groupFolder: facts.group.folder, account, userId };
  const files = await readAgentFiles(reader, skills);
  if (!files.ok) return files;
  const owner = { sessionId: session.id, account, hostFolder: session.folder };
  const folder = await context.runtime.folderOf(owner);
  if (!folder.ok) return fail(folder.error.message);
  const parts = { config: config.value, containerJson: view.value, files: files.value, folder: folder.value };
  return ok({ generation: config.value.generation, spec: specOf(context, session, facts, parts) });
};

/** For the log, and for what an agent of the host's own account is given. */
const madeFolder = async (path: string): Promise<Result<null, string>> => {
  try {
    await makeFolder(path, 0o700);
    return ok(null);
  } catch (error) {
    return fail(`The session's folder cannot be made (${systemCode(error)}).`);
  }
};

/** The content of `container.json`. Its mounts are looked at again: a folder may be a link by now. */
const viewOf = async (
  context: LoopContext,
  session: HeldSession,
  { group, provider: override }: SessionFacts,
  config: ContainerConfig,
): Promise<Result<object, string>> => {
  const { dataDir, runtime, log } = context;
  const provider = resolveProvider({ agent_provider: override }, config);
  const idle = notApplied(config, { runtime, provider });
  if (idle.length > 0)
    log("not-applied", { session: session.id, fields: idle.map(({ field }) => field).join(", ") });
  const view = await containerView({ ...config, provider }, group, {
    ...{ dataDir, home: homedir() },
    hasMounts: hasMounts(context),
    runtime,
  });
  return view.ok ? view : fail(explain(view.error));
};

type Made = {
  readonly config: ContainerConfig;
  readonly containerJson: object;
  readonly files: AgentFiles;
  readonly folder: string;
};

const specOf = (
  context: LoopContext,
  session: HeldSession,
  { group }: SessionFacts,
  { config, containerJson, files, folder }: Made,
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
    ...{ folder, config, containerJson },
    hostFolder: session.folder,
    groupFolder: groupFolder(context.dataDir, group.folder),
    hasMounts: hasMounts(context),
    runner: context.runner,
    ncl: context.ncl,
    wire: context.dial.address,
    path: process.env["PATH"] ?? [dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter),
    graceMs: context.times.graceMs,
  });

/** Whether a workload sees a folder elsewhere than the host does. */
const hasMounts = ({ runtime }: LoopContext): boolean => runtime.cannot.mountTargets === undefined;

/** Tells this installation from another one on the same machine. */
const installOf = ({ install, dataDir }: Pick<LoopContext, "install" | "dataDir">): string =>
  install ?? createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
