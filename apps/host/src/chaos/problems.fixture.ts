import { noteId } from "@gatehouse/approvals";
import { isDeepStrictEqual } from "node:util";
import {
  diffConfigs,
  fieldNames,
  keptGenerations,
  type ContainerConfig,
  type Settings,
} from "@nc/container-config";
import { team } from "./clients.fixture.ts";
import type { Journal } from "./journal.fixture.ts";
import type { Snapshot } from "./snapshot.fixture.ts";

/**
 * The problems of a snapshot, one line each: half a command, a lost change, a gap, an approval that was run
 * twice.
 */
export const problemsIn = (snapshot: Snapshot, journal: Journal): readonly string[] => [
  ...journal.problems,
  ...databaseProblems(snapshot),
  ...configProblems(snapshot),
  ...folderProblems(snapshot, journal),
  ...lostGroups(snapshot, journal),
  ...lostChanges(snapshot, journal),
  ...approvalProblems(snapshot, journal),
  ...missingDecisions(snapshot, journal),
  ...halfRefused(snapshot, journal),
];

/** Changes that were refused as unchanged, and that exist. */
const halfRefused = ({ groups, history, approvals }: Snapshot, { refused }: Journal): readonly string[] => {
  const there = new Set<string | null>([
    ...groups.flatMap(({ name, folder }) => [name, folder]),
    ...history.flatMap(({ settings }) => [
      ...settings.packages_apt,
      ...Object.keys(settings.mcp_servers),
      settings.model,
    ]),
    ...approvals.map(({ apt }) => apt),
  ]);
  return refused
    .filter((name) => name !== null && there.has(name))
    .map((name) => `${name}: it was refused as unchanged, and exists`);
};

const databaseProblems = ({ integrity, brokenKeys }: Snapshot): readonly string[] => [
  ...integrity.filter((line) => line !== "ok").map((line) => `integrity_check: ${line}`),
  ...brokenKeys.map((key) => `foreign_key_check: ${JSON.stringify(key)}`),
];

/**
 * Groups without a configuration, gaps in its generations, and generations that differ from the one before by more
 * than one command.
 */
const configProblems = ({ groups, configs, history }: Snapshot): readonly string[] => {
  const ids = new Set(
    [...groups, ...configs.map((config) => ({ id: config.agent_group_id }))].map(({ id }) => id),
  );
  const strays = new Set(history.map(({ groupId }) => groupId).filter((id) => !ids.has(id)));
  return [
    ...[...strays].map((id) => `${id}: history of no group`),
    ...[...ids].flatMap((id) => {
      const config = configs.find(({ agent_group_id }) => agent_group_id === id);
      if (config === undefined) return [`${id}: a group without a configuration`];
      if (!groups.some((group) => group.id === id)) return [`${id}: a configuration without a group`];
      return generationProblems(
        config,
        history.filter(({ groupId }) => groupId === id),
      ).map((what) => `${id}: ${what}`);
    }),
  ];
};

/** Problems of a history. It may have older generations than `keptGenerations`: containers use them until a change. */
const generationProblems = (config: ContainerConfig, all: Snapshot["history"]): readonly string[] => {
  const kept = Math.min(config.generation, keptGenerations);
  const history = all.filter(({ generation }) => generation > config.generation - kept);
  const numbers = history.map(({ generation }) => generation);
  const wanted = Array.from({ length: kept }, (_, index) => config.generation - kept + index + 1);
  if (!isDeepStrictEqual(numbers, wanted))
    return [`generation ${config.generation}, and a history of ${numbers.join(" ")}`];
  const present = Object.fromEntries(fieldNames.map((name) => [name, config[name]]));
  const steps = history.slice(1).flatMap(({ generation, settings }, index) => {
    const before = history[index]?.settings;
    const distance = before === undefined ? 0 : distanceOf(before, settings);
    return distance === 1 ? [] : [`generation ${generation} is ${distance} changes after the one before`];
  });
  return isDeepStrictEqual(history.at(-1)?.settings, present)
    ? steps
    : [...steps, "the configuration is not the newest of its history"];
};

/** The number of values and entries in which two configurations differ. One command changes one. */
const distanceOf = (before: Settings, after: Settings): number =>
  diffConfigs(before, after)
    .map((change) => entryDistance(namesIn(change.before), namesIn(change.after)))
    .reduce((sum, one) => sum + one, 0);

const namesIn = (value: unknown): readonly string[] =>
  Array.isArray(value)
    ? value.map(String)
    : typeof value === "object" && value !== null
      ? Object.keys(value)
      : [];

const entryDistance = (before: readonly string[], after: readonly string[]): number => {
  const [gone, added] = [
    before.filter((name) => !after.includes(name)),
    after.filter((name) => !before.includes(name)),
  ];
  return Math.max(1, gone.length + added.length);
};

/** The folder in which folders of groups deleted with `--purge` wait to be removed, at the latest by the next host. */
export const purging = ".purging";

/**
 * Groups without their folder, and folders without a group. A folder without a group is allowed if it is empty,
 * since its name can be used again, or if its group was being deleted.
 */
const folderProblems = ({ groups, folders }: Snapshot, journal: Journal): readonly string[] => {
  const owned = new Set(groups.map(({ folder }) => folder));
  const left = new Set(journal.groups.filter(({ fate }) => fate !== "kept").map(({ folder }) => folder));
  const missing = [...owned].filter((folder) => !folders.has(folder));
  const strays = [...folders].filter(
    ([folder, content]) =>
      !owned.has(folder) && !left.has(folder) && folder !== purging && content.length > 0,
  );
  return [
    ...missing.map((folder) => `${folder}: a group without its folder`),
    ...strays.map(([folder]) => `${folder}: a folder of no group, with something in it`),
  ];
};

const lostGroups = ({ groups, members }: Snapshot, journal: Journal): readonly string[] =>
  journal.groups.flatMap(({ id, names, sure, fate, members: wanted }) => {
    const group = groups.find((each) => each.id === id);
    if (fate === "gone") return group === undefined ? [] : [`${id}: it was deleted`];
    if (group === undefined) return fate === "leaving" ? [] : [`${id}: it was made`];
    const mayBe = names.slice(sure);
    const here = new Set(members.filter(({ groupId }) => groupId === id).map(({ userId }) => userId));
    return [
      ...(mayBe.includes(group.name)
        ? []
        : [`${id}: its name is ${group.name}, not one of ${mayBe.join(" ")}`]),
      ...[...wanted].filter((user) => !here.has(user)).map((user) => `${id}: ${user} was made a member`),
    ];
  });

/** Acknowledged changes that are missing in their generation, if the history still has it. */
const lostChanges = ({ groups, configs, history }: Snapshot, { saved }: Journal): readonly string[] => {
  const ids = new Set(groups.map(({ id }) => id));
  const oldest = new Map(
    configs.map(({ agent_group_id, generation }) => [agent_group_id, generation - keptGenerations]),
  );
  const settings = new Map(history.map((row) => [`${row.groupId} ${row.generation}`, row.settings]));
  return saved
    .filter(({ groupId }) => ids.has(groupId))
    .filter(({ groupId, generation }) => generation > (oldest.get(groupId) ?? 0))
    .filter(({ groupId, generation, isIn }) => {
      const then = settings.get(`${groupId} ${generation}`);
      return then === undefined || !isIn(then);
    })
    .map(({ groupId, generation, what }) => `${groupId}: ${what} was saved as generation ${generation}`);
};

/** The number of times that each package was added to the team's configuration. */
const arrivals = (history: Snapshot["history"]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  let before: readonly string[] = [];
  for (const { settings } of history.filter(({ groupId }) => groupId === team.groupId)) {
    for (const apt of settings.packages_apt)
      if (!before.includes(apt)) counts.set(apt, (counts.get(apt) ?? 0) + 1);
    before = settings.packages_apt;
  }
  return counts;
};

/**
 * Approvals that break a rule: an approved one is run once and sends its session one message, any other none; at
 * most one approver gets the answer that it was run. The run may be missing if the history lost its generation.
 */
const approvalProblems = ({ approvals, told, history }: Snapshot, journal: Journal): readonly string[] => {
  const arrived = arrivals(history);
  const isWhole = history.find(({ groupId }) => groupId === team.groupId)?.generation === 1;
  const known = new Set(approvals.map(({ id }) => id));
  const lost = [...journal.approved.keys()]
    .filter((id) => !known.has(id))
    .map((id) => `${id}: it was approved`);
  return [
    ...lost,
    ...approvals.flatMap(({ id, status, apt }) => {
      const times = status === "approved" ? 1 : 0;
      const found = {
        run: arrived.get(apt) ?? 0,
        told: told.filter((each) => each.startsWith(noteId(id, "outcome"))).length,
        approved: journal.approved.get(id) ?? 0,
      };
      const isRun = found.run === times || (!isWhole && found.run < times);
      const isFit = isRun && found.told === times && found.approved <= times;
      const isKnown = status === "approved" || status === "pending";
      return isFit && isKnown ? [] : [`${id} is ${status}: ${JSON.stringify(found)}`];
    }),
  ];
};

const missingDecisions = ({ decisions, approvals }: Snapshot, { answered }: Journal): readonly string[] => {
  const run = approvals.filter(({ status }) => status === "approved").length;
  const agent = `approve agent:${team.groupId}/${team.sessionId} groups config add-package`;
  const wanted = new Map([[agent, approvals.length + run]]);
  for (const [words, count] of answered) wanted.set(`allow host ${words}`, count);
  return [...wanted]
    .filter(([key, count]) => (decisions.get(key) ?? 0) < count)
    .map(([key, count]) => `${key}: ${decisions.get(key) ?? 0} decisions for ${count} that were done`);
};
