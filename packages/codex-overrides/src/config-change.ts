import { quoted } from "./inline-toml.ts";

/** A config.toml at one moment, without its content: its file status, and digests. */
export type ConfigSnapshot = {
  readonly file: string;
  /** `null` if there is no such file. */
  readonly stat: { readonly size: number; readonly mtimeMs: number; readonly inode: number } | null;
  /** SHA-256 of the bytes, in hex; `null` if there is no file. */
  readonly digest: string | null;
  /** A digest for each top-level key and each entry of `projects`; `null` if the file is not TOML. */
  readonly keys: ReadonlyMap<string, string> | null;
};

/** The name of an entry of `projects` in TOML spelling. */
export const projectKey = (folder: string): string => `projects.${quoted(folder)}`;

/**
 * A change of config.toml while Codex ran with overrides. The first name is part of the contract with team
 * runtimes. It means that `projects` changed, or that the changed keys are not known.
 * `config-changed-elsewhere` means any other change, such as the `tui` that 0.125.0 and 0.169.0 write in a
 * fresh profile.
 */
export type ConfigChange = {
  readonly code: "codex_config_changed_during_trust_override" | "config-changed-elsewhere";
  readonly file: string;
  /**
   * Names of keys, never values; at most `maxNames`. Empty if the content is the same, or if the file is not
   * TOML.
   */
  readonly changed: readonly string[];
  /** The number of further names. */
  readonly more: number;
};

const maxNames = 20;
const none: ReadonlyMap<string, string> = new Map();

/** The names whose digests differ, or that only one side has. */
const changedKeys = (
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));

const isSame = (before: ConfigSnapshot, after: ConfigSnapshot): boolean =>
  before.digest === after.digest &&
  before.stat?.mtimeMs === after.stat?.mtimeMs &&
  before.stat?.inode === after.stat?.inode;

const isAboutProjects = (key: string): boolean => key === "projects" || key.startsWith("projects.");

/** Compares two snapshots; `null` if nothing was written. It reports a change and does not repair it. */
export const configChange = (before: ConfigSnapshot, after: ConfigSnapshot): ConfigChange | null => {
  if (isSame(before, after)) return null;
  const keysOf = ({ keys, stat }: ConfigSnapshot) => (stat === null ? none : keys);
  const [old, now] = [keysOf(before), keysOf(after)];
  const known = before.digest === after.digest ? [] : old && now && changedKeys(old, now);
  const changed = known ?? [];
  const elsewhere = known !== null && !changed.some(isAboutProjects);
  return {
    code: elsewhere ? "config-changed-elsewhere" : "codex_config_changed_during_trust_override",
    file: before.file,
    changed: changed.slice(0, maxNames),
    more: Math.max(changed.length - maxNames, 0),
  };
};
