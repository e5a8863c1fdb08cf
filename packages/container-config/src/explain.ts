import type { Backfilled, BackfillReport, BrokenConfig } from "./backfill-report.ts";
import type { ConfigProblem, InvalidConfig } from "./config-error.ts";
import type { EntryError } from "./entry-changes.ts";
import type { GroupFileError } from "./group-file-error.ts";
import type { SqliteOpenError } from "./sqlite-error.ts";
import type { StoreError } from "./store-error.ts";

/** Everything this package refuses with, by code. */
export type Problem = StoreError | EntryError | InvalidConfig | GroupFileError | SqliteOpenError;

/** All prose of this package: what is wrong, where, and what to do. No value is in it: it may be a secret. */
export const explain = (problem: Problem): string => {
  switch (problem.code) {
    case "invalid-config":
      return sentences(problem.problems);
    case "no-configuration":
      return `The group ${problem.groupId} has no configuration. Set something in it, or repair its container.json and start the host again.`;
    case "unreadable-configuration":
      return `The configuration of the group ${problem.groupId} cannot be read. ${sentences(problem.problems)} Go back to a generation that can: ncl groups config rollback ${problem.groupId} --to N (ncl groups config history ${problem.groupId} lists them).`;
    case "configuration-exists":
      return `The group ${problem.groupId} has a configuration already. Update that one.`;
    case "generation-conflict":
      return `The configuration of ${problem.groupId} is at generation ${problem.current}, not ${problem.expected}: somebody changed it meanwhile. Look at it again, then repeat.`;
    case "no-such-generation":
      return `The configuration of ${problem.groupId} has no generation ${problem.generation}: there are 1 to ${problem.current}.`;
    case "no-such-entry":
      return `${problem.field} has no ${problem.entry}. There ${list(problem.known)}.`;
    case "entry-exists":
      return `${problem.field} has ${problem.entry} already, for something else. Remove that first, or take another name.`;
    case "not-a-group-folder":
      return `${JSON.stringify(problem.folder)} is no folder in the groups folder (${problem.detail}). A group's folder is a folder there itself, not a link.`;
    case "file-unwritable":
      return `${problem.file} cannot be written (${problem.detail}). Give the host's user the right to write in its folder, and look for a full disk.`;
    case "database-unusable":
      return `The database ${problem.file} cannot be opened (${problem.detail}). Look whether its folder is there and the host's user may write in it.`;
    case "not-a-database":
      return `${problem.file} is no SQLite database. Move it away, or put a backup in its place.`;
  }
};

/** What a backfill has to say to the operator, a line for each thing; nothing where all went as it should. */
export const explainBackfill = ({ backfilled, broken }: BackfillReport): readonly string[] => [
  ...broken.map(brokenLine),
  ...backfilled.filter(({ inDoubt }) => inDoubt).map(doubtLine),
  ...backfilled.filter(({ capped }) => capped).map(cappedLine),
  ...backfilled.filter(({ reach }) => reach.length > 0).map(reachLine),
  ...backfilled.flatMap(leftLines),
  ...backfilled.filter(({ ignored }) => ignored.length > 0).map(ignoredLine),
];

const brokenLine = ({ folder, groupId, problems }: BrokenConfig): string =>
  `${folder} (${groupId}) has no configuration yet, its container.json is left as it is. ${sentences(problems)} Repair it and start the host again.`;

const doubtLine = ({ folder, groupId }: Backfilled): string =>
  `${folder} (${groupId}) got the CLI scope group: it is not certain that only an owner writes to it. If so: ncl groups config update ${groupId} --cli-scope global`;

const cappedLine = ({ folder, groupId, scope }: Backfilled): string =>
  `${folder} (${groupId}) keeps the CLI scope ${scope}: none is widened without a person. Only an owner writes to it; to give it all of the CLI: ncl groups config update ${groupId} --cli-scope global`;

const reachLine = ({ folder, groupId, reach }: Backfilled): string =>
  `${folder} (${groupId}) took from its container.json: ${reach.join("; ")}.`;

const leftLines = ({ folder, groupId, left }: Backfilled): readonly string[] =>
  left.length === 0
    ? []
    : [
        `${folder} (${groupId}): its container.json says more, which its agent may have written, so it was not taken. To take it, look at each (... stands for a secret in that file):`,
        ...left.map((command) => `  ${command}`),
      ];

const ignoredLine = ({ folder, groupId, ignored }: Backfilled): string =>
  `${folder} (${groupId}): its container.json has keys that mean nothing here: ${ignored.join(", ")}.`;

const sentences = (problems: readonly ConfigProblem[]): string =>
  problems.map(({ path, problem }) => `${path} ${problem}.`).join(" ");

const list = (known: readonly string[]): string =>
  known.length === 0 ? "is nothing in it" : `are ${known.join(", ")}`;
