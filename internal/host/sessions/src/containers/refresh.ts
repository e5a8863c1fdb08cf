import { existsSync } from "node:fs";
import { groupFolder, makeGroupFolder, type Skill } from "@gatehouse/group-workspace";
import { agentFilesOf, configOf, readAgentFiles, writeInstructions } from "@gatehouse/workloads";
import { isOurs, type LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { hasRun } from "../lifecycle/step.ts";
import { sessionFacts } from "../leased/session-facts.ts";
import { personOfSession } from "@gatehouse/session-rows";
import { projectTo } from "./projection.ts";
import { changedRun } from "./agent-changed.ts";

/**
 * Returns a function that updates the agents of groups: of groups with a session that this host leases, and
 * of groups whose configuration changed since its last call. The first call checks every group, because the
 * last host may have been killed between a change and the update of the instructions.
 */
export const refreshChanged = (context: LoopContext): (() => Promise<void>) => {
  let seen: ReadonlyMap<string, number> = new Map();
  return async () => {
    if (isClosing(context)) return;
    const now = await generationsOf(context);
    const changed = [...now].filter(([id, generation]) => seen.get(id) !== generation).map(([id]) => id);
    const leased = context.leased.all().map(({ groupId }) => groupId);
    for (const groupId of new Set([...leased, ...changed])) {
      if (isClosing(context)) return;
      await refreshGroup(context, groupId);
    }
    seen = now;
  };
};

const isClosing = ({ phase }: LoopContext): boolean => phase.is === "closing";

const generationsOf = async ({
  central: { loop: db },
}: LoopContext): Promise<ReadonlyMap<string, number>> => {
  const rows = await db.selectFrom("container_configs").select(["agent_group_id", "generation"]).execute();
  return new Map(rows.map(({ agent_group_id: id, generation }) => [id, generation]));
};

/**
 * Updates what a group's agents see: the instructions in its folder, and the skills and destinations of its
 * running sessions. Write errors are logged; the next start writes again.
 */
const refreshGroup = async (context: LoopContext, groupId: string): Promise<void> => {
  const { loop: db } = context.central;
  const group = await db
    .selectFrom("agent_groups")
    .select(["id", "name", "folder"])
    .where("id", "=", groupId)
    .executeTakeFirst();
  if (group === undefined) return;
  const config = await configOf(context, groupId);
  const isUsed = context.leased.all().some((session) => session.groupId === groupId);
  // The group was made at another host, and its agents run elsewhere: there is no folder of it here.
  if (!context.isAlone && !existsSync(groupFolder(context.dataDir, group.folder))) {
    if (!isUsed) return;
    await makeGroupFolder(context.dataDir, group.folder);
  }
  // Without a running session no file is made, but an existing file must not contain outdated instructions.
  const only = isUsed ? "all" : "kept";
  const skills = config.ok ? await writeInstructions(context, group, config.value, only) : config;
  if (!skills.ok) context.log("not-refreshed", { group: groupId, reason: skills.error });
  for (const session of context.leased.all()) {
    const { workload } = session.state();
    if (session.groupId !== groupId) continue;
    if (!hasRun(workload)) {
      // The change may remove the reason why a container could not start.
      void session.dispatch({ type: "configured" }).catch(context.report);
      continue;
    }
    const outdated = await changedRun(context, session);
    if (outdated !== null) await session.dispatch({ type: "agent-changed", incarnation: outdated });
    if (skills.ok) await refreshFiles(context, session, group.folder, skills.value.skills);
    // Another workload may have started meanwhile.
    const { workload: current } = session.state();
    if (hasRun(current)) await refreshProjection(context, session, current.run.incarnation);
  }
};

const refreshFiles = async (
  context: LoopContext,
  session: LeasedSession,
  groupFolder: string,
  skills: readonly Skill[],
): Promise<void> => {
  const notRefreshed = (reason: string): void =>
    context.log("not-refreshed", { session: session.id, reason });
  const person = await personOfSession(context.central.loop, session.id);
  const { account = null, folder: personFolder = null } = person ?? {};
  const files = await readAgentFiles(
    { dataDir: context.dataDir, groupFolder, account, personFolder },
    skills,
  );
  if (!files.ok) return notRefreshed(files.error);
  if (!(await isOurs(context, session))) return notRefreshed("Another host now has this session.");
  const replaced = await session.container?.replaceFiles(agentFilesOf(files.value));
  if (replaced?.ok === false) notRefreshed(replaced.error.message);
};

const refreshProjection = async (
  context: LoopContext,
  session: LeasedSession,
  incarnation: number,
): Promise<void> => {
  const facts = await sessionFacts(context.central.loop, session.id);
  if (facts === null) return;
  const projected = await projectTo(context, session, facts, incarnation);
  if (!projected.ok) context.log("not-refreshed", { session: session.id, reason: projected.error.message });
};
