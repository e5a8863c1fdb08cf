import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DriveResult } from "@trust/dialog-engine";
import type { AgentName } from "./agents.ts";
import type { DrivenCast } from "./record.ts";
import type { Recording } from "./recordings.ts";

/** The folder of a CLI's recordings. */
export const fixtureFolder = (provider: AgentName): string =>
  fileURLToPath(new URL(`../../../../test-fixtures/${provider}/`, import.meta.url));

/** The facts about a fixture that are not in its bytes: enough to replay it and to compare how it ends. */
type Fixture = {
  readonly file: string;
  readonly cliVersion: string;
  readonly scenario: string;
  readonly why: string;
  readonly consents: Recording["consents"];
  /** The engine's outcome when it was recorded, with the dialog at which it stopped, or the exit code. */
  readonly ended: string;
  readonly dialogs: readonly string[];
  readonly keys: number;
};

/** How a run ended: `ready`, `consent-needed claude/api-key`, `exited 1`. */
const endingOf = (result: DriveResult): string => {
  switch (result.outcome) {
    case "blocked":
      return `${result.code} ${result.dialog}`;
    case "exited":
      return `exited ${result.exitCode}`;
    case "timeout":
      return `timeout ${result.limit}`;
    default:
      return result.outcome;
  }
};

/** Writes the recording, and its row in the folder's `index.json`. Replaces an earlier row of the same name. */
export const writeFixture = async (
  cliVersion: string,
  { provider, name, why, consents }: Recording,
  { text, result }: DrivenCast,
): Promise<Fixture> => {
  const folder = fixtureFolder(provider);
  const index = join(folder, "index.json");
  const file = `${provider}-${cliVersion}-${name}.cast`;
  const { dialogs, keys } = result;
  const fixture = { file, cliVersion, scenario: name, why, consents, ended: endingOf(result), dialogs, keys };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), text);
  const earlier = existsSync(index) ? (JSON.parse(await readFile(index, "utf8")) as readonly Fixture[]) : [];
  const rows = [...earlier.filter((row) => row.file !== file), fixture];
  rows.sort((a, b) => a.file.localeCompare(b.file, "en", { numeric: true }));
  await writeFile(index, `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`);
  return fixture;
};
