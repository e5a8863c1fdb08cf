import { noteOwners } from "@gatehouse/central-database";
import {
  chosenSkills,
  explainInstructions,
  writeInstructionFiles,
  type Instructed,
} from "@gatehouse/group-workspace";
import { fail, ok, type Result } from "@gatehouse/std";
import { explain, resolveProvider, type AgentChoice, type ContainerConfig } from "@nc/container-config";
import { containerConfigStore } from "@nc/container-config/node";
import type { WorkloadDeps, WorkloadGroup } from "./workload-deps.ts";

/** Reads the configuration of a group. The error is a sentence. */
export const configOf = async (
  { central: { loop: db }, now }: Pick<WorkloadDeps, "central" | "now">,
  groupId: string,
): Promise<Result<ContainerConfig, string>> => {
  const config = await containerConfigStore(db, { now }).get(groupId);
  if (!config.ok) return fail(explain(config.error));
  return config.value === null ? fail(explain({ code: "no-configuration", groupId })) : ok(config.value);
};

type ChosenSkills = Awaited<ReturnType<typeof chosenSkills>>;

/**
 * Updates the instructions in a group's folder for every provider of its sessions; with `kept`, only files that exist
 * already. Returns the group's skills. The error is a sentence.
 */
export const writeInstructions = async (
  context: Pick<WorkloadDeps, "central" | "dataDir" | "now" | "log">,
  group: WorkloadGroup,
  config: ContainerConfig,
  files: "all" | "kept",
): Promise<Result<ChosenSkills, string>> => {
  const { dataDir } = context;
  const chosen = await chosenSkills(dataDir, config.skills);
  const providers = files === "kept" ? [] : await providersOf(context, group, config);
  const place = { dataDir, folder: group.folder };
  const written = await writeInstructionFiles(place, instructedOf(group, config, chosen), providers);
  if (!written.ok) return fail(explainInstructions(written.error).message);
  await tellOfFiles(context, group.id, written.value.notes);
  return ok(chosen);
};

/** The parts of a group's configuration from which its instructions are composed. They name no path of this host. */
export const instructedOf = (
  { name }: Pick<WorkloadGroup, "name">,
  { cli_scope, mcp_servers, assistant_name }: ContainerConfig,
  { skills }: ChosenSkills,
): Instructed => ({
  cli_scope,
  mcp_servers,
  agentName: assistant_name ?? name,
  skillTexts: skills.map(({ name: skill, description, instructions }) => ({
    name: skill,
    description,
    instructions,
  })),
});

/** Owners are told of a group's files once a day: its agent can make such files again and again. */
export const tellOfFiles = async (
  { central, now, log }: Pick<WorkloadDeps, "central" | "now" | "log">,
  group: string,
  notes: readonly string[],
): Promise<void> => {
  if (notes.length === 0) return;
  const at = now();
  const row = await central.loop
    .selectFrom("agent_groups")
    .select("name")
    .where("id", "=", group)
    .executeTakeFirst();
  const name = row?.name ?? group;
  const text = `In the folder of ${name}: ${notes.join(" ")}`;
  log("instructions-in-the-way", { group, reason: notes.join(" ") });
  await noteOwners(central.loop, [{ id: `instructions/${at.slice(0, 10)}/${group}`, text, created_at: at }]);
};

/** Returns the group's provider, and the other providers that its sessions name or have started with. */
export const providersOf = async (
  { central: { loop: db } }: Pick<WorkloadDeps, "central">,
  group: Pick<WorkloadGroup, "id">,
  config: ContainerConfig,
): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom("sessions")
    .select(["agent_provider", "container_agent"])
    .distinct()
    .where("agent_group_id", "=", group.id)
    .where("status", "=", "active")
    .where((eb) => eb.or([eb("agent_provider", "is not", null), eb("container_agent", "is not", null)]))
    .execute();
  const started = rows.flatMap(({ container_agent: agent }) => startedProvider(agent));
  const named = [{ agent_provider: null }, ...rows].map((session) => resolveProvider(session, config));
  return [...new Set([...named, ...started])];
};

const startedProvider = (agent: string | null): readonly string[] =>
  agent === null ? [] : [(JSON.parse(agent) as AgentChoice).provider.value];
