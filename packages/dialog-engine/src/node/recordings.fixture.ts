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

/** Where the recordings of this program were made: Codex refuses a home below /tmp. */
export const startedIn = (provider: string): StartedFolder => {
  const home = provider === "codex" ? "/opt/h/home" : "/tmp/h/home";
  return { path: `${home}/w/proj`, home };
};

/** A screen in one word: the rule that knows it without its provider, else what it is. */
export const nameOf = (seen: Observation): string => {
  if (seen.type === "yes-no") return `${seen.ruleId?.split("/")[1] ?? "unknown"} (y/n)`;
  return "rule" in seen ? (seen.rule.id.split("/")[1] ?? "") : seen.type;
};

/**
 * The screens of a recording in their order. One that is cut off by the next piece of output is "unknown" for
 * a moment, and a composer may be drawn before the dialog that takes its place: what follows says what they
 * were.
 */
export const shownIn = (cast: Cast, pack: RulePack): string => {
  const folder = startedIn(pack.provider);
  const names = explainCast(cast, pack, undefined, folder).map(({ seen }) => nameOf(seen));
  const settled = names.filter(
    (name, at) => name !== "nothing" && (at === names.length - 1 || !["unknown", "ready"].includes(name)),
  );
  return settled.filter((name, at) => name !== settled[at - 1]).join(" ");
};

/** What the index beside the recordings says of one. */
export type FixtureRow = {
  readonly file: string;
  readonly consents: Consents;
  /** `ready`, `consent-needed claude/api-key`, `exited 1`. */
  readonly ended: string;
};

export const fixturesOf = (provider: string): FixtureRow[] =>
  JSON.parse(readFileSync(new URL("index.json", folderOf(provider)), "utf8")) as FixtureRow[];
