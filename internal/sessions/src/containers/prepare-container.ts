import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { makeFolder } from "@gatehouse/fs-kit";
import { withFence } from "@gatehouse/control-plane";
import { explainInstructions, groupFolder, makeGroupFolder, writeClaudeMd } from "@gatehouse/group-workspace";
import { fail, ok, type Result } from "@gatehouse/std";
import { explain, resolveProvider, type ContainerConfig } from "@nc/container-config";
import { containerConfigStore, materialise } from "@nc/container-config/node";
import type { ContainerSpec } from "@nc/container-runtime";
import type { LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";
import type { SessionFacts } from "../held/session-rows.ts";

/** What a container is started with; its incarnation is counted afterwards. */
export type Prepared = { readonly generation: number; readonly spec: ContainerSpec };

/**
 * Writes what a container finds when it starts, from the database as it is now: `container.json` in the
 * session's `in/`, and the group's instructions. The error is a sentence.
 */
export const prepareContainer = async (
  context: LoopContext,
  session: HeldSession,
  facts: SessionFacts,
): Promise<Result<Prepared, string>> => {
  const config = await configOf(context, facts.group.id);
  if (!config.ok) return config;
  const { value: saved } = config;
  const provider = resolveProvider(
    { agent_provider: facts.provider },
    { provider: saved.provider ?? facts.group.provider },
  );
  const home = join(session.folder, "home");
  await makeFolder(join(session.folder, "in"), 0o711);
  await makeFolder(home, 0o700);
  // A group that was made on another host has no folder in this data folder yet.
  if (context.isAlone !== true) await makeGroupFolder(context.dataDir, facts.group.folder);
  const written = await materialise(
    { ...saved, provider },
    { id: facts.group.id, name: facts.group.name, folder: "in" },
    {
      groupsDir: session.folder,
      dataDir: context.dataDir,
      home: homedir(),
      isOurs: async () => (await withFence(context.central.db, session.id, session.lease.token)).ok,
    },
  );
  if (!written.ok) return fail(explain(written.error));
  const instructed = await writeInstructions(context, facts.group.folder, saved);
  if (!instructed.ok) return instructed;
  return ok({ generation: saved.generation, spec: specOf(context, session, facts, home) });
};

/** The configuration of a group. The error is a sentence. */
export const configOf = async (
  { central: { db }, now }: LoopContext,
  groupId: string,
): Promise<Result<ContainerConfig, string>> => {
  const config = await containerConfigStore(db, { now }).get(groupId);
  if (!config.ok) return fail(explain(config.error));
  return config.value === null ? fail(explain({ code: "no-configuration", groupId })) : ok(config.value);
};

/** Brings the instructions in a group's folder up to date. The error is a sentence. */
export const writeInstructions = async (
  { dataDir }: LoopContext,
  folder: string,
  config: ContainerConfig,
): Promise<Result<null, string>> => {
  const written = await writeClaudeMd(dataDir, folder, config);
  return written.ok ? ok(null) : fail(explainInstructions(written.error).message);
};

const specOf = (
  context: LoopContext,
  session: HeldSession,
  { group }: SessionFacts,
  home: string,
): ContainerSpec => ({
  label: {
    install: installOf(context),
    sessionId: session.id,
    groupId: group.id,
    incarnation: 0,
    token: session.lease.token,
  },
  command: context.runner,
  env: {
    GATEHOUSE_TRANSPORT: session.folder,
    HOME: home,
    PATH: process.env["PATH"] ?? [dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter),
  },
  folder: groupFolder(context.dataDir, group.folder),
  mounts: [],
  image: null,
  osUser: null,
  logFile: join(session.folder, "runner.log"),
});

/** Tells this installation from another one on the same machine. */
export const installOf = ({ install, dataDir }: Pick<LoopContext, "install" | "dataDir">): string =>
  install ?? createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
