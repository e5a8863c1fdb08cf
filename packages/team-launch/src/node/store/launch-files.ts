import { join } from "node:path";

/** The paths of the launches' files in a data folder. */
export type LaunchFiles = {
  readonly folders: readonly string[];
  readonly journals: string;
  readonly locks: string;
  readonly team: (name: string) => string;
  /** The copy of the team from before the running launch. */
  readonly before: (team: string) => string;
  readonly snapshot: (team: string) => string;
  /** The id of the launch that began last. */
  readonly newest: (team: string) => string;
  /** The ids of a team's launches, one per line, oldest first. */
  readonly history: (team: string) => string;
  readonly journal: (id: string) => string;
  readonly artifact: (id: string) => string;
  readonly lock: (team: string) => string;
  /** Its content changes when a stop of the team's launches is requested. */
  readonly stop: (team: string) => string;
};

/** The decoded names of the files with this ending. */
export const namesIn = (files: readonly string[], ending: string): readonly string[] =>
  files
    .filter((file) => file.endsWith(ending))
    .map((file) => decodeURIComponent(file.slice(0, -ending.length)));

/** Names of teams and launches come from files and arguments, so they are encoded in paths. */
export const launchFiles = (dataDir: string): LaunchFiles => {
  const root = join(dataDir, "launches");
  const named =
    (folder: string, ending: string) =>
    (name: string): string =>
      join(root, folder, `${encodeURIComponent(name)}${ending}`);
  return {
    folders: ["teams", "before", "last", "newest", "history", "journals", "artifacts", "locks", "stops"].map(
      (name) => join(root, name),
    ),
    journals: join(root, "journals"),
    locks: join(root, "locks"),
    team: named("teams", ".json"),
    before: named("before", ".json"),
    snapshot: named("last", ".json"),
    newest: named("newest", ".txt"),
    history: named("history", ".txt"),
    journal: named("journals", ".jsonl"),
    artifact: named("artifacts", ".json"),
    lock: named("locks", ".lock"),
    stop: named("stops", ".txt"),
  };
};
