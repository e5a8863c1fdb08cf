import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { createFetchProgress } from "@gatehouse/npm-fetch";
import { help, parseCommand, type Command } from "./args.ts";
import { checkAll, type Watch } from "./check/check-all.ts";
import { checks } from "./check/checks.ts";
import { cacheFolder } from "./clis/cli-cache.ts";
import { providers } from "@gatehouse/provider-facts";
import { clis } from "./clis/clis.ts";
import { agentRecordings } from "./record/agent-recordings.ts";
import { recordAll } from "./record/record-all.ts";
import { claudeRecordings } from "./record/recordings.ts";
import { render, reportOf, type Report } from "./report.ts";

const { stdout, stderr, argv, env } = process;

const recordings = [...claudeRecordings, ...agentRecordings];

/** Shows progress in one line that is overwritten; prints nothing on a pipe. */
const progress = (text: string): void => {
  if (stderr.isTTY) stderr.write(`\r\u001b[K${text}`);
};

const runCommand = async (command: Command, signal: AbortSignal): Promise<Report> => {
  const watch: Watch = {
    cache: cacheFolder(env),
    signal,
    onInstall: ({ provider, version }) => {
      progress("");
      const { megabytes } = clis[provider];
      return createFetchProgress(
        { name: `${provider}@${version}`, into: cacheFolder(env), megabytes },
        stderr,
      );
    },
    onScenario: (cli, scenario) => progress(`${cli}  ${scenario}`),
  };
  const named = ({ name }: { readonly name: string }) =>
    command.scenarios.length === 0 || command.scenarios.includes(name);
  const rows =
    command.verb === "record"
      ? await recordAll(command, recordings.filter(named), watch)
      : await checkAll(command, checks, watch);
  progress("");
  return reportOf(rows);
};

const publish = async (report: Report, { results }: Command): Promise<void> => {
  if (results !== null) {
    const file = resolve(env["INIT_CWD"] ?? process.cwd(), results);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(report)}\n`);
  }
  stdout.write(`${render(report)}\n`);
};

const refuse = (message: string): void => {
  stderr.write(`error: ${message}\n\n${help}`);
  process.exitCode = 2;
};

const main = async (): Promise<void> => {
  const known = {
    check: [...new Set(providers.flatMap((provider) => checks[provider].map(({ name }) => name)))],
    record: [...new Set(recordings.map(({ name }) => name))],
  };
  const parsed = parseCommand(argv.slice(2), known);
  if (!parsed.ok) return refuse(parsed.error);
  if (parsed.value.verb === "help") return void stdout.write(help);
  const interrupted = new AbortController();
  for (const [signal, exit] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)
    process.once(signal, () => interrupted.abort(exit));
  const report = await runCommand(parsed.value, interrupted.signal);
  await publish(report, parsed.value);
  const { aborted, reason } = interrupted.signal;
  process.exitCode = aborted ? (reason as number) : report.ok ? 0 : 1;
};

await main();
