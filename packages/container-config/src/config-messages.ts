import type { Backfilled, BackfillReport, BrokenConfig } from "./legacy/backfill-report.ts";
import type { ConfigProblem, GroupFileError, InvalidConfig, SqliteOpenError } from "./config-error.ts";
import { entryFields } from "./fields/entry-fields.ts";
import type { EntryError } from "./changes/entry-changes.ts";
import type { GenerationConflict, StoreError } from "./store-error.ts";

/** Every error of this package. */
export type Problem = StoreError | EntryError | InvalidConfig | GroupFileError | SqliteOpenError;

/**
 * The message for an error: what is wrong, where, and the fix. It holds no value, because a value may be a
 * secret.
 */
export const explain = (problem: Problem): string => {
  switch (problem.code) {
    case "invalid-config":
      return sentences(problem.problems);
    case "no-configuration":
      return `The group ${problem.groupId} has no configuration. Either there is no such group (ncl groups list), or its container.json is broken: the host says at its start what to repair.`;
    case "unreadable-configuration":
      return `The configuration of the group ${problem.groupId} cannot be read. ${sentences(problem.problems)} Return to a readable generation: ncl groups config rollback ${problem.groupId} --to N (ncl groups config history ${problem.groupId} lists them).`;
    case "configuration-exists":
      return `The group ${problem.groupId} has a configuration already. Update it instead.`;
    case "generation-conflict":
      return `The configuration of ${problem.groupId} is at generation ${problem.current}, not ${problem.expected}. Look at it (ncl groups config ${inspectCommand(problem)}), then repeat.`;
    case "no-such-generation":
      return problem.generation > problem.current
        ? `The configuration of ${problem.groupId} has no generation ${problem.generation}: the newest is ${problem.current}.`
        : `Generation ${problem.generation} of the configuration of ${problem.groupId} is no longer kept: ncl groups config history ${problem.groupId} lists what is.`;
    case "no-such-entry":
      return `There is no ${entryFields[problem.field].noun} ${problem.entry}; there are: ${problem.known.join(", ") || "none"}.`;
    case "entry-exists":
      return `There is another ${entryFields[problem.field].noun} ${problem.entry}. Remove that one first.`;
    case "not-a-group-folder":
      return `${JSON.stringify(problem.folder)} is no folder in the groups folder (${problem.detail}). A group's folder lies directly in the groups folder and is not a link.`;
    case "file-unwritable":
      return `${problem.file} cannot be written (${problem.detail}). Let the host's user write in its folder, and check that the disk is not full.`;
    case "taken-over":
      return `${problem.file} was left as it is: another host has taken the container over.`;
    case "database-unusable":
      return `The database ${problem.file} cannot be opened (${problem.detail}). Check that its folder exists and that the host's user may write in it.`;
    case "not-a-database":
      return `${problem.file} is not a SQLite database. Move it away, or put a backup in its place.`;
  }
};

/** Problems of a backfill that the operator should know, one line each. Empty if there is no problem. */
export const explainBackfill = ({ backfilled, broken }: BackfillReport): readonly string[] => [
  ...broken.map(brokenLine),
  ...backfilled.filter(({ inDoubt }) => inDoubt).map(doubtLine),
  ...backfilled.filter(({ capped }) => capped).map(cappedLine),
  ...backfilled.filter(({ reach }) => reach.length > 0).map(reachLine),
  ...backfilled.flatMap(refusedLines),
  ...backfilled.flatMap(leftLines),
  ...backfilled.filter(({ ignored }) => ignored.length > 0).map(ignoredLine),
];

const brokenLine = ({ folder, groupId, problems }: BrokenConfig): string =>
  `${folder} (${groupId}) has no configuration yet, its container.json is left as it is. ${sentences(problems)} Repair it and start the host again.`;

const doubtLine = ({ folder, groupId }: Backfilled): string =>
  `${folder} (${groupId}) is limited to the CLI scope "group", since people other than an owner may write to it. If only an owner does: ncl groups config update ${groupId} --cli-scope global`;

const cappedLine = ({ folder, groupId, scope }: Backfilled): string =>
  `${folder} (${groupId}) keeps the CLI scope ${scope}: only a person may widen it. Only an owner writes to this group; to give it all of the CLI: ncl groups config update ${groupId} --cli-scope global`;

const reachLine = ({ folder, groupId, reach }: Backfilled): string =>
  `${folder} (${groupId}) took from its container.json: ${reach.join("; ")}.`;

const refusedLines = ({ folder, groupId, refused }: Backfilled): readonly string[] =>
  refused.map(({ path, problem }) => `${folder} (${groupId}) was not given ${path}: it ${problem}.`);

const leftLines = ({ folder, groupId, left }: Backfilled): readonly string[] =>
  left.length === 0
    ? []
    : [
        `${folder} (${groupId}): its container.json has more settings. The agent may have written them, so they were not taken. Review each command below, and run those that you want (... stands for a secret in that file):`,
        ...left.map((command) => `  ${command}`),
      ];

const ignoredLine = ({ folder, groupId, ignored }: Backfilled): string =>
  `${folder} (${groupId}): its container.json has keys that mean nothing here: ${ignored.join(", ")}.`;

const sentences = (problems: readonly ConfigProblem[]): string =>
  problems.map(({ path, problem }) => `${path} ${problem}.`).join(" ");

/**
 * The command that shows the changes since the expected generation, or the whole configuration if that
 * generation never existed.
 */
const inspectCommand = ({ groupId, expected, current }: GenerationConflict): string =>
  expected < current ? `diff ${groupId} --from ${expected}` : `get ${groupId}`;
