import { readdirSync, readFileSync } from "node:fs";
import type { Consents } from "../consents.ts";
import { explainCast } from "../recording/explain-cast.ts";
import type { Observation } from "../rules/observe.ts";
import { parseCast, type Cast } from "../recording/recording.ts";
import type { RulePack } from "../rules/rule.ts";
import type { StartedFolder } from "../wording/shown-folder.ts";

/** A fixture: one start of a real program, `<provider>-<version>-<scenario>.cast`. */
export type RecordedStart = {
  readonly file: string;
  readonly version: string;
  readonly scenario: string;
  readonly cast: Cast;
};

const folderOf = (provider: string): URL =>
  new URL(`../../../../test-fixtures/${provider}/`, import.meta.url);

/** Every recording of this program. Throws if one of them cannot be read. */
export const recordingsOf = (provider: string): RecordedStart[] => {
  const name = new RegExp(`^${provider}-([\\d.]+)-(.+)\\.cast$`, "u");
  return readdirSync(folderOf(provider)).flatMap((file) => {
    const [, version, scenario] = name.exec(file) ?? [];
    if (version === undefined || scenario === undefined) return [];
    return [{ file, version, scenario, cast: readCast(new URL(file, folderOf(provider))) }];
  });
};

/** One recording, by its path below test-fixtures and without `.cast`. */
export const recordingOf = (name: string): Cast =>
  readCast(new URL(`../../../../test-fixtures/${name}.cast`, import.meta.url));

const readCast = (file: URL): Cast => {
  const cast = parseCast(readFileSync(file, "utf8"));
  if (!cast.ok) throw new Error(`${file.pathname}: ${cast.error.message}`);
  return cast.value;
};

/** The folder in which this program's recordings were made. Codex refuses a home below /tmp. */
export const startedIn = (provider: string): StartedFolder => {
  const home = provider === "codex" ? "/opt/h/home" : "/tmp/h/home";
  return { path: `${home}/w/proj`, home };
};

/** A one-word name of a screen: the id of its rule without the provider, or else its type. */
export const nameOf = (seen: Observation): string => {
  if (seen.type === "yes-no") return `${seen.ruleId?.split("/")[1] ?? "unknown"} (y/n)`;
  return "rule" in seen ? (seen.rule.id.split("/")[1] ?? "") : seen.type;
};

/**
 * The names of a recording's screens, in order. A screen that the next piece of output completes is "unknown" for a
 * moment, and a composer may be drawn before the dialog that replaces it. Both are left out unless they come last.
 */
export const shownIn = (cast: Cast, pack: RulePack): string => {
  const folder = startedIn(pack.provider);
  const names = explainCast(cast, pack, undefined, folder).map(({ seen }) => nameOf(seen));
  const settled = names.filter(
    (name, at) => name !== "nothing" && (at === names.length - 1 || !["unknown", "ready"].includes(name)),
  );
  return settled.filter((name, at) => name !== settled[at - 1]).join(" ");
};

/** A recording's row in the index beside it. */
export type FixtureRow = {
  readonly file: string;
  readonly consents: Consents;
  /** `ready`, `consent-needed claude/api-key`, `exited 1`. */
  readonly ended: string;
};

export const fixturesOf = (provider: string): FixtureRow[] =>
  JSON.parse(readFileSync(new URL("index.json", folderOf(provider)), "utf8")) as FixtureRow[];
