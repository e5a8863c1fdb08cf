import type { Skill } from "@gatehouse/group-workspace";
import type { LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";
import { hasRun } from "../lifecycle/step.ts";
import { sessionFacts } from "../held/session-rows.ts";
import { personOfSession } from "@gatehouse/control-plane";
import { readAgentFiles } from "./agent-files.ts";
import { configOf, isOurs, writeInstructions } from "./instruct.ts";
import { projectionOf } from "./projection.ts";
import { agentFilesOf } from "./workload-of.ts";

/**
 * Makes a function that brings the agents of groups up to date: of those with a session that this host holds,
 * and of those whose configuration changed since it was called last. The first call looks at every group: the
 * last host may have been killed between a change and its instructions.
 */
export const refreshChanged = (context: LoopContext): (() => Promise<void>) => {
  let seen: ReadonlyMap<string, number> = new Map();
  return async () => {
    if (isClosing(context)) return;
    const now = await generationsOf(context);
    const changed = [...now].filter(([id, generation]) => seen.get(id) !== generation).map(([id]) => id);
    const held = context.held.all().map(({ groupId }) => groupId);
    for (const groupId of new Set([...held, ...changed])) {
      if (isClosing(context)) return;
      await refreshGroup(context, groupId);
    }
    seen = now;
  };
};

const isClosing = ({ phase }: LoopContext): boolean => phase.is === "closing";

const generationsOf = async ({
  central: { beside: db },
}: LoopContext): Promise<ReadonlyMap<string, number>> => {
  const rows = await db.selectFrom("container_configs").select(["agent_group_id", "generation"]).execute();
  return new Map(rows.map(({ agent_group_id: id, generation }) => [id, generation]));
};

/**
 * Brings what a group's agents see up to date with the database: the instructions in its folder, the skills and
 * the destinations of its sessions that run. What cannot be written is in the log; the next start writes it.
 */
const refreshGroup = async (context: LoopContext, groupId: string): Promise<void> => {
  const { beside: db } = context.central;
  const group = await db
    .selectFrom("agent_groups")
    .select(["id", "name", "folder"])
    .where("id", "=", groupId)
    .executeTakeFirst();
  if (group === undefined) return;
  const config = await configOf(context, groupId);
  const isUsed = context.held.all().some((session) => session.groupId === groupId);
  // Where nobody works yet, no file is made; one that is there must not teach what no longer holds.
  const only = isUsed ? "made" : "kept";
  const skills = config.ok ? await writeInstructions(context, group, config.value, only) : config;
  if (!skills.ok) context.log("not-refreshed", { group: groupId, reason: skills.error });
  for (const session of context.held.all()) {
    const { workload } = session.state();
    if (session.groupId !== groupId) continue;
    if (!hasRun(workload)) {
      // What kept a container from starting may be mended by the change.
      void session.tell({ type: "configured" }).catch(context.report);
      continue;
    }
    if (skills.ok) await refreshFiles(context, session, group.folder, skills.value.skills);
    // Another one may run by now.
    const { workload: current } = session.state();
    if (hasRun(current)) await refreshProjection(context, session, current.run.incarnation);
  }
};

const refreshFiles = async (
  context: LoopContext,
  session: HeldSession,
  groupFolder: string,
  skills: readonly Skill[],
): Promise<void> => {
  const notRefreshed = (reason: string): void =>
    context.log("not-refreshed", { session: session.id, reason });
  const person = await personOfSession(context.central.beside, session.id);
  // A chat that became one of people with different accounts keeps its file: the next start refuses it.
  if (!person.ok) return notRefreshed(person.error);
  const { account = null, userId = null } = person.value ?? {};
  const files = await readAgentFiles({ dataDir: context.dataDir, groupFolder, account, userId }, skills);
  if (!files.ok) return notRefreshed(files.error);
  if (!(await isOurs(context, session))) return notRefreshed("Another host now has this session.");
  const replaced = await session.container?.replaceFiles(agentFilesOf(files.value));
  if (replaced?.ok === false) notRefreshed(replaced.error.message);
};

const refreshProjection = async (
  context: LoopContext,
  session: HeldSession,
  incarnation: number,
): Promise<void> => {
  const { beside: db } = context.central;
  const facts = await sessionFacts(db, session.id);
  if (facts === null) return;
  const projected = await session.end.project(await projectionOf(db, session, facts, incarnation));
  if (!projected.ok) context.log("not-refreshed", { session: session.id, reason: projected.error.message });
};
