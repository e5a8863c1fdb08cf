import { homedir } from "node:os";
import { noteOwners, startedGenerations } from "@gatehouse/central-database";
import { isolationMissing, notApplied } from "@gatehouse/agent-clis/applied";
import { ownProviderOf } from "@gatehouse/agent-clis";
import { agentOfSession, personOfSession } from "@gatehouse/session-rows";
import { chosenSkills, explainSkills, skillFiles } from "@gatehouse/group-workspace";
import { fail, ok, type Result } from "@gatehouse/std";
import {
  explain,
  isWeaker,
  type AgentChoice,
  type ContainerConfig,
  type Mount,
  type Settings,
} from "@nc/container-config";
import { mountRuleIn } from "@gatehouse/mounts";
import { containerConfigStore, containerView } from "@nc/container-config/node";
import { agentFilesOf } from "./agent-files.ts";
import { configOf, instructedOf, providersOf } from "./instruct.ts";
import type { Place } from "./place.ts";
import type { WorkloadDeps, WorkloadGroup, WorkloadSession } from "./workload-deps.ts";
import type { Workload } from "./workload.ts";

/** A workload, before it has its incarnation. */
export type Prepared = {
  readonly generation: number;
  readonly agent: AgentChoice;
  readonly workload: Workload;
};

/** Makes a session's workload for a place, from the current database. The error is a sentence. */
export const prepare = async (
  context: WorkloadDeps,
  place: Place,
  session: WorkloadSession,
  group: WorkloadGroup,
): Promise<Result<Prepared, string>> => {
  const { loop: db } = context.central;
  const stored = await isolatedConfig(context, place, group);
  if (!stored.ok) return stored;
  const agent = (await agentOfSession(db, session.id))?.now;
  if (agent === undefined) return fail("The session no longer exists.");
  const config = { ...stored.value, provider: agent.provider.value, model: agent.model.value };
  const idle = notApplied(config, { runtime: place, provider: config.provider }).map(({ field }) => field);
  if (idle.length > 0) context.log("not-applied", { session: session.id, fields: idle.join(", ") });
  const { dataDir } = context;
  const view = await checkedView(config, group, { dataDir, cannot: place.cannot, notApplied: idle });
  if (!view.ok) return fail(explain(view.error));
  const chosen = await chosenSkills(dataDir, config.skills);
  const { missing } = chosen;
  if (missing.length > 0) context.log("skills-missing", { session: session.id, skills: missing.join(", ") });
  const skills = await skillFiles(chosen.skills);
  if (!skills.ok) return fail(explainSkills(skills.error));
  const { account = null, folder: personFolder = null } = (await personOfSession(db, session.id)) ?? {};
  const own = await ownProviderOf(dataDir, config.provider);
  if (!own.ok) return own;
  const { cpus, memory_mb, network, pids, provider, packages_apt, packages_npm } = config;
  return ok({
    generation: config.generation,
    agent,
    workload: {
      // The place has the name of its installation, and the start has the incarnation.
      label: {
        install: "",
        sessionId: session.id,
        groupId: group.id,
        incarnation: 0,
        token: session.lease.token,
      },
      folder: group.folder,
      provider,
      image: config.image_tag,
      limits: { cpus, memory_mb, network, pids },
      containerJson: own.value === null ? view.value : { ...view.value, ownProvider: own.value },
      instructed: instructedOf(group, config, chosen),
      files: agentFilesOf({ account: null, skills: skills.value, instructions: [] }),
      graceMs: context.times.graceMs,
      here: {
        account,
        personFolder,
        mounts: config.additional_mounts,
        packages: { packages_apt, packages_npm },
        providers: [provider, ...(await providersOf(context, group, stored.value))],
      },
    },
  });
};

/**
 * Reads the configuration of a group that may run under the isolation of this place. A group that runs under more isolation
 * than before keeps to it from then on, if the place binds it.
 */
export const isolatedConfig = async (
  context: Pick<WorkloadDeps, "central" | "now">,
  { name, isolation: here, bindsGroups }: Pick<Place, "name" | "isolation" | "bindsGroups">,
  group: Pick<WorkloadGroup, "id" | "name">,
): Promise<Result<ContainerConfig, string>> => {
  const config = await configOf(context, group.id);
  if (!config.ok) return config;
  if (isWeaker(here, config.value.isolation)) {
    const needing = { ...group, isolation: config.value.isolation };
    // Of all places a machine alone binds no group.
    const reason = isolationMissing(needing, here, bindsGroups ? "host" : "machine");
    const at = context.now();
    // Owners are told once a day for each group.
    const id = `isolation/${at.slice(0, 10)}/${group.id}`;
    await noteOwners(context.central.loop, [{ id, text: reason, created_at: at }]);
    return fail(reason);
  }
  if (!bindsGroups || here === config.value.isolation) return config;
  const store = containerConfigStore(context.central.loop, { now: context.now, pinned: startedGenerations });
  const origin = { actor: "host", reason: `its agent runs in ${name}` };
  const raised = await store.updateScalars(group.id, {}, { ...origin, atLeast: here });
  return raised.ok ? ok(raised.value.config) : fail(explain(raised.error));
};

/**
 * Checks a stored configuration for a start, and returns the content of `container.json`. Checks the mounts again, because a
 * folder may have become a link. A place that does not see the host's folders gets none of them. `older`: the mounts that a
 * first start allows, if the list has none of groups.
 */
export const checkedView = async (
  config: ContainerConfig,
  group: Pick<WorkloadGroup, "id" | "name">,
  { dataDir, cannot, notApplied: idle = [], older = [] }: ViewedFrom,
): ReturnType<typeof containerView> => {
  const additional_mounts = cannot.mounts === undefined ? config.additional_mounts : [];
  return containerView({ ...config, additional_mounts }, group, {
    dataDir,
    home: homedir(),
    ...(additional_mounts.length > 0 ? { mountRule: await mountRuleIn(dataDir, older) } : {}),
    hasMounts: cannot.mountTargets === undefined,
    notApplied: idle,
  });
};

type ViewedFrom = Pick<WorkloadDeps, "dataDir"> &
  Pick<Place, "cannot"> & {
    readonly notApplied?: readonly (keyof Settings)[];
    readonly older?: readonly Mount[];
  };
