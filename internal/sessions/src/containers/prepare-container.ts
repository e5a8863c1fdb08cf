import { createHash } from "node:crypto";
import { chmod } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { personOfSession } from "@gatehouse/control-plane";
import { groupFolder, makeGroupFolder } from "@gatehouse/group-workspace";
import { fail, ok, type Result } from "@gatehouse/std";
import { explain, notApplied, resolveProvider, type ContainerConfig } from "@nc/container-config";
import { materialise } from "@nc/container-config/node";
import type { ContainerSpec } from "@nc/container-runtime";
import { shareFolder } from "@nc/session-db/node";
import type { LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";
import type { SessionFacts } from "../held/session-rows.ts";
import { configOf, isOurs, writeInstructions, writeSkills } from "./instruct.ts";
import { pathWith, writeNcl } from "./ncl-on-path.ts";
import { makeHome, makeWorkFolder, placesOf } from "./session-places.ts";

/** What a container is started with; its incarnation is counted afterwards, and its token made then. */
export type Prepared = { readonly generation: number; readonly spec: ContainerSpec };

/**
 * Writes what a container finds when it starts, from the database as it is now: `container.json` in the
 * session's `in/`, the group's instructions, its skills. The error is a sentence.
 */
export const prepareContainer = async (
  context: LoopContext,
  session: HeldSession,
  facts: SessionFacts,
): Promise<Result<Prepared, string>> => {
  const config = await configOf(context, facts.group.id);
  if (!config.ok) return config;
  const person = await personOfSession(context.central.db, session.id);
  if (!person.ok) return person;
  const { account = null, userId = null } = person.value ?? {};
  const shared = shareFolder(session.folder, account);
  if (!shared.ok) return fail(`The session's folder cannot be prepared (${shared.error}).`);
  const written = await writeSettings(context, session, facts, config.value);
  if (!written.ok) return written;
  const places = placesOf(session);
  await chmod(join(places.in, "container.json"), account === null ? 0o600 : 0o644);
  // A group that was made on another host has no folder in this data folder yet.
  if (!context.isAlone) await makeGroupFolder(context.dataDir, facts.group.folder);
  const instructed = await writeInstructions(context, facts.group, config.value);
  if (!instructed.ok) return instructed;
  const { skills, missing } = instructed.value;
  if (missing.length > 0) context.log("skills-missing", { session: session.id, skills: missing.join(", ") });
  const copied = await writeSkills(context, session, skills);
  if (!copied.ok) return copied;
  const callable = await writeNcl(places.in, context.ncl);
  if (!callable.ok) return callable;
  const made = await (account === null
    ? makeHome(places)
    : makeWorkFolder(places, { dataDir: context.dataDir, groupFolder: facts.group.folder, userId }));
  if (!made.ok) return made;
  const spec = specOf(context, session, facts, { account, config: config.value });
  return ok({ generation: config.value.generation, spec });
};

/** `container.json`, for this session alone. Its mounts are looked at again: a folder may be a link by now. */
const writeSettings = async (
  context: LoopContext,
  session: HeldSession,
  { group, provider: override }: SessionFacts,
  config: ContainerConfig,
): Promise<Result<null, string>> => {
  const { dataDir, runtime } = context;
  const provider = resolveProvider({ agent_provider: override }, config);
  const idle = notApplied(config, { runtime: runtime.name, provider });
  if (idle.length > 0)
    context.log("not-applied", { session: session.id, fields: idle.map(({ field }) => field).join(", ") });
  const written = await materialise(
    { ...config, provider },
    { id: group.id, name: group.name, folder: "in" },
    {
      groupsDir: session.folder,
      dataDir,
      home: homedir(),
      hasMounts: runtime.hasMounts,
      runtime: runtime.name,
      isOurs: () => isOurs(context, session),
    },
  );
  return written.ok ? ok(null) : fail(explain(written.error));
};

type For = { readonly account: string | null; readonly config: ContainerConfig };

const specOf = (
  context: LoopContext,
  session: HeldSession,
  { group }: SessionFacts,
  { account, config }: For,
): ContainerSpec => {
  const places = placesOf(session);
  return {
    label: {
      install: installOf(context),
      sessionId: session.id,
      groupId: group.id,
      incarnation: 0,
      token: session.lease.token,
    },
    command: context.runner,
    env: {
      GATEHOUSE_SESSION: session.folder,
      GATEHOUSE_WIRE: context.dial.address,
      GATEHOUSE_SKILLS: places.skills,
      // Another account has its own HOME, with its sign-in: sudo sets it.
      ...(account === null ? { HOME: places.home } : {}),
      PATH: pathWith(places.in),
    },
    folder: account === null ? groupFolder(context.dataDir, group.folder) : places.work,
    mounts: config.additional_mounts.map(({ hostPath, containerPath, readonly: isReadOnly = true }) => ({
      source: hostPath,
      target: context.runtime.hasMounts ? containerPath : hostPath,
      isReadOnly,
    })),
    image: null,
    osUser: account,
    logFile: join(session.folder, "runner.log"),
  };
};

/** Tells this installation from another one on the same machine. */
const installOf = ({ install, dataDir }: Pick<LoopContext, "install" | "dataDir">): string =>
  install ?? createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
