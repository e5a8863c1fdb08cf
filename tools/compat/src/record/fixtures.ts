import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DriveResult } from "@trust/dialog-engine";
import type { DrivenCast } from "./record.ts";
import type { Recording } from "./recordings.ts";

/** The folder of the fixtures. */
export const fixtureFolder: string = fileURLToPath(
  new URL("../../../../test-fixtures/claude/", import.meta.url),
);

/** The facts about a fixture that are not in its bytes: enough to replay it and to compare how it ends. */
export type Fixture = {
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

/** One word for how a run ended: `ready`, `consent-needed claude/api-key`, `exited 1`. */
export const endingOf = (result: DriveResult): string => {
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

const index = join(fixtureFolder, "index.json");
const readIndex = (): Promise<readonly Fixture[]> =>
  readFile(index, "utf8").then(
    (text) => JSON.parse(text) as Fixture[],
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      return [];
    },
  );

/** Writes the recording, and its row in `index.json`. Replaces an earlier row of the same name. */
export const writeFixture = async (
  cliVersion: string,
  { name, why, consents }: Recording,
  { text, result }: DrivenCast,
): Promise<Fixture> => {
  const file = `claude-${cliVersion}-${name}.cast`;
  const { dialogs, keys } = result;
  const fixture = { file, cliVersion, scenario: name, why, consents, ended: endingOf(result), dialogs, keys };
  await mkdir(fixtureFolder, { recursive: true });
  await writeFile(join(fixtureFolder, file), text);
  const rows = [...(await readIndex()).filter((row) => row.file !== file), fixture];
  rows.sort((a, b) => a.file.localeCompare(b.file, "en", { numeric: true }));
  await writeFile(index, `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`);
  return fixture;
};
