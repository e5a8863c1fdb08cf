import process from "node:process";
import { localCli } from "../clis/obtain-cli.ts";
import { compareVersions } from "../clis/version.ts";
import { writeAgentFixture } from "./agent-fixtures.ts";
import { agentRecordings } from "./agent-recordings.ts";
import { recordAgent } from "./record-agent.ts";

/** `main.ts codex=PATH [NAME,...]`: makes new recordings of an installed CLI other than Claude Code. */
const [target = "", names = ""] = process.argv.slice(2);
const [, provider = "", path = ""] = /^(\w+)=(.+)$/.exec(target) ?? [];

const isNamed = (name: string): boolean => names === "" || names.split(",").includes(name);
const isThere = (version: string, { from = version, until = version }: { from?: string; until?: string }) =>
  compareVersions(version, from) >= 0 && compareVersions(version, until) <= 0;

const main = async (): Promise<void> => {
  const rows = agentRecordings.filter((row) => row.provider === provider && isNamed(row.name));
  if (rows.length === 0) {
    process.stderr.write("usage: main.ts codex|gemini|copilot|qwen|kimi|pi=PATH [NAME,...]\n");
    process.exitCode = 2;
    return;
  }
  const { signal } = new AbortController();
  const cli = await localCli(path, signal);
  if (!cli.ok) throw new Error(cli.error.message);
  for (const row of rows.filter((row) => isThere(cli.value.version, row))) {
    const { file, ended } = await writeAgentFixture(
      cli.value.version,
      row,
      await recordAgent(cli.value, row),
    );
    process.stdout.write(`${file}  ${ended}\n`);
  }
};

await main();
