import {
  chosenSkills,
  explainInstructions,
  explainSkills,
  groupFolder,
  makeGroupFolder,
  skillFiles,
  writeInstructionFiles,
  type Instructed,
} from "@gatehouse/group-workspace";
import type { RuntimeInUse } from "@gatehouse/agent-clis/applied";
import { agentOfSession } from "@gatehouse/session-rows";
import { fail, ok, type Result } from "@gatehouse/std";
import type { AgentChoice, ContainerConfig } from "@nc/container-config";
import type { ContainerLabel, FilesIn, WorkloadSpec } from "@nc/container-runtime";
import { instructedOf } from "./instruct.ts";
import { isolatedConfig, madeFolder, programsOf, viewOf, type ProgramDeps } from "./prepare-container.ts";
import { sessionFolder } from "./session-folder.ts";
import type { WorkloadDeps, WorkloadRows, WorkloadSession } from "./workload-deps.ts";
import { agentFilesOf, workloadOf } from "./workload-of.ts";

/** A workload without a path of a machine: what a host tells the machine that is to run it. */
export type MachineWorkload = {
  readonly label: ContainerLabel;
  /** The name of the group's folder. */
  readonly folder: string;
  readonly provider: string;
  /** The group's own image, which only Pods have; null for the image of all Pods. */
  readonly image: string | null;
  readonly limits: Pick<ContainerConfig, "cpus" | "memory_mb" | "network" | "pids">;
  /** The content of `container.json`. */
  readonly containerJson: object;
  /** From this the machine composes the instructions in the group's folder. */
  readonly instructed: Instructed;
  /** The group's skills. */
  readonly files: Omit<FilesIn, "folder">;
  /** ms */
  readonly graceMs: number;
};

/** A workload for another machine, before it has its incarnation and its token. */
export type PreparedForMachine = {
  readonly generation: number;
  readonly agent: AgentChoice;
  readonly workload: MachineWorkload;
};

/**
 * Makes a session's workload for another machine from the current database. `context.runtime` is the runtime of that
 * machine. The error is a sentence.
 */
export const prepareForMachine = async (
  context: Omit<WorkloadDeps, "runtime"> & { readonly runtime: RuntimeInUse },
  session: WorkloadSession,
  { group }: WorkloadRows,
): Promise<Result<PreparedForMachine, string>> => {
  // What a machine says of itself binds the group to nothing on the host. That a Pod is a container the host knows.
  const stored = await isolatedConfig(context, group, context.runtime.name === "kubernetes");
  if (!stored.ok) return stored;
  const agent = (await agentOfSession(context.central.loop, session.id))?.now;
  if (agent === undefined) return fail("The session no longer exists.");
  const config = {
    ...stored.value,
    provider: agent.provider.value,
    model: agent.model.value,
    // The folders of this host are not there.
    additional_mounts: [],
  };
  const view = await viewOf(context, session, { group }, config);
  if (!view.ok) return view;
  // This host may have no folder of the group: its instructions are written where the agent runs.
  const chosen = await chosenSkills(context.dataDir, config.skills);
  const skills = await skillFiles(chosen.skills);
  if (!skills.ok) return fail(explainSkills(skills.error));
  const { cpus, memory_mb, network, pids, provider } = config;
  return ok({
    generation: config.generation,
    agent,
    workload: {
      label: {
        install: context.install ?? "",
        sessionId: session.id,
        groupId: group.id,
        incarnation: 0,
        token: session.lease.token,
      },
      folder: group.folder,
      provider,
      image: config.image_tag,
      limits: { cpus, memory_mb, network, pids },
      containerJson: view.value,
      instructed: instructedOf(group, config, chosen),
      files: agentFilesOf({ account: null, skills: skills.value, instructions: [] }),
      graceMs: context.times.graceMs,
    },
  });
};

/** The part of a machine on which workloads of its host run. */
export type MachinePlace = ProgramDeps & Pick<WorkloadDeps, "dataDir">;

/**
 * Makes the specification of a workload on the machine that runs it, writes its group's instructions, and makes its
 * folders. The error is a sentence.
 */
export const specOnMachine = async (
  place: MachinePlace,
  { label, folder, provider, limits, containerJson, instructed, files, graceMs }: MachineWorkload,
): Promise<Result<WorkloadSpec, string>> => {
  const { dataDir } = place;
  const made = await makeGroupFolder(dataDir, folder);
  if (!made.ok && made.error.code !== "folder-left-over")
    return fail(`The group's folder cannot be created: ${made.error.path} (${made.error.detail}).`);
  const written = await writeInstructionFiles({ dataDir, folder }, instructed, [provider]);
  if (!written.ok) return fail(explainInstructions(written.error).message);
  const ofSession = sessionFolder({ dataDir }, label.groupId, label.sessionId);
  const madeOfSession = await madeFolder(ofSession);
  if (!madeOfSession.ok) return madeOfSession;
  const spec = workloadOf({
    ...(await programsOf(place, provider, { image: null, packages: null })),
    label,
    folder: ofSession,
    hostFolder: ofSession,
    groupFolder: groupFolder(dataDir, folder),
    config: { ...limits, additional_mounts: [] },
    containerJson,
    hasMounts: false,
    graceMs,
    account: null,
    skills: [],
    instructions: [],
  });
  const { whole, entries, folder: placed } = spec.files;
  return ok({
    ...spec,
    files: {
      folder: placed,
      whole: [...new Set([...whole, ...files.whole])],
      entries: [...entries, ...files.entries],
    },
  });
};
