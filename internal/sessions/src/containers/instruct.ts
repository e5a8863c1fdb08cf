import { chosenSkills, explainInstructions, writeInstructionFiles } from "@gatehouse/group-workspace";
import { withFence } from "@gatehouse/control-plane";
import { fail, ok, type Result } from "@gatehouse/std";
import { explain, resolveProvider, type ContainerConfig } from "@nc/container-config";
import { containerConfigStore } from "@nc/container-config/node";
import type { LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";

/** The configuration of a group. The error is a sentence. */
export const configOf = async (
  { central: { beside: db }, now }: LoopContext,
  groupId: string,
): Promise<Result<ContainerConfig, string>> => {
  const config = await containerConfigStore(db, { now }).get(groupId);
  if (!config.ok) return fail(explain(config.error));
  return config.value === null ? fail(explain({ code: "no-configuration", groupId })) : ok(config.value);
};

type InstructedGroup = { readonly id: string; readonly name: string; readonly folder: string };

type ChosenSkills = Awaited<ReturnType<typeof chosenSkills>>;

/**
 * Brings the instructions in a group's folder up to date, for every provider that its sessions have; `kept`:
 * only those that are there already. Gives the group's skills. The error is a sentence.
 */
export const writeInstructions = async (
  context: LoopContext,
  group: InstructedGroup,
  config: ContainerConfig,
  files: "made" | "kept" = "made",
): Promise<Result<ChosenSkills, string>> => {
  const { dataDir } = context;
  const chosen = await chosenSkills(dataDir, config.skills);
  const providers = files === "made" ? await providersOf(context, group, config) : [];
  const place = { dataDir, folder: group.folder };
  const agentName = config.assistant_name ?? group.name;
  const instructed = { ...config, agentName, skillTexts: chosen.skills };
  const written = await writeInstructionFiles(place, instructed, providers);
  return written.ok ? ok(chosen) : fail(explainInstructions(written.error).message);
};

/** The group's provider, and those that sessions of it have instead. */
const providersOf = async (
  { central: { beside: db } }: LoopContext,
  group: InstructedGroup,
  config: ContainerConfig,
): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom("sessions")
    .select("agent_provider")
    .distinct()
    .where("agent_group_id", "=", group.id)
    .where("status", "=", "active")
    .where("agent_provider", "is not", null)
    .execute();
  return [{ agent_provider: null }, ...rows].map((session) => resolveProvider(session, config));
};

/** Whether this host may still write for the session. A file as database has one host. */
export const isOurs = async (
  { central: { beside: db }, isAlone }: LoopContext,
  { lease }: HeldSession,
): Promise<boolean> => isAlone || (await withFence(db, lease.sessionId, lease.token)).ok;
