import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AgentRecording } from "./agent-recordings.ts";
import { endingOf, type Fixture } from "./fixtures.ts";
import type { DrivenCast } from "./record.ts";

/**
 * Writes the recording, and its row in the folder's `index.json`. Replaces an earlier row of the same name.
 */
export const writeAgentFixture = async (
  cliVersion: string,
  { provider, name, why, consents }: AgentRecording,
  { text, result }: DrivenCast,
): Promise<Fixture> => {
  const folder = fileURLToPath(new URL(`../../../../test-fixtures/${provider}/`, import.meta.url));
  const file = `${provider}-${cliVersion}-${name}.cast`;
  const { dialogs, keys } = result;
  const fixture = { file, cliVersion, scenario: name, why, consents, ended: endingOf(result), dialogs, keys };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), text);
  const rows = [...(await readIndex(folder)).filter((row) => row.file !== file), fixture];
  rows.sort((a, b) => a.file.localeCompare(b.file, "en", { numeric: true }));
  const lines = rows.map((row) => `  ${JSON.stringify(row)}`);
  await writeFile(join(folder, "index.json"), `[\n${lines.join(",\n")}\n]\n`);
  return fixture;
};

const readIndex = (folder: string): Promise<readonly Fixture[]> =>
  readFile(join(folder, "index.json"), "utf8").then(
    (text) => JSON.parse(text) as Fixture[],
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      return [];
    },
  );
