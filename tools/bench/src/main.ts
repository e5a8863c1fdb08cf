import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { findCli } from "./claude/find-cli.ts";
import { measure, type Measured } from "./measure.ts";
import { measurements } from "./measurements.ts";
import { formatReport, thisMachine, type Report } from "./report.ts";

const names = measurements.map(({ name }) => name);

const help = `npm run bench -- [--only NAME,...] [--quick] [--claude PATH] [--json FILE]

Measures Gatehouse beside the least that the same work costs.

  --only NAME,...  only these measurements, or those that begin so (pages, pods): ${names.join(", ")}
  --quick          fewer rounds: a first look, not figures to publish
  --claude PATH    the Claude Code to use (default: the newest that compat has fetched, else the first on PATH)
  --json FILE      also writes the JSON document to a file
`;

const options = {
  only: { type: "string", multiple: true },
  quick: { type: "boolean" },
  claude: { type: "string" },
  json: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

type Flags = ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];

/** Resolves a path from the caller's folder: npm runs this in the repository's root. */
const fromCaller = (path: string): string => resolve(process.env["INIT_CWD"] ?? process.cwd(), path);

const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
};

const usageError = (message: string): never => {
  process.stderr.write(`error: ${message}\n\n${help}`);
  process.exit(2);
};

const flagsOf = (args: readonly string[]): Flags => {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    return usageError(error instanceof Error ? error.message : String(error));
  }
};

const run = async (flags: Flags, wanted: readonly string[], signal: AbortSignal): Promise<Report> => {
  const { quick = false, claude } = flags;
  const cli = await findCli(claude === undefined ? undefined : fromCaller(claude));
  const measured: Measured[] = [];
  for (const measurement of measurements.filter(({ name }) => wanted.includes(name))) {
    if (signal.aborted) break;
    const onRun = (contender: string) => progress(`${measurement.name}: ${contender}`);
    measured.push(await measure(measurement, { quick, cli, signal }, onRun));
  }
  progress("");
  return {
    at: new Date().toISOString(),
    quick,
    claude: cli.ok ? cli.value.version : null,
    machine: thisMachine(),
    measurements: measured,
  };
};

/** Rounds figures to three decimals: more are not significant. */
const toJson = (report: Report): string =>
  JSON.stringify(report, (_, value: unknown) =>
    typeof value === "number" ? Math.round(value * 1000) / 1000 : value,
  );

const main = async (): Promise<void> => {
  const flags = flagsOf(process.argv.slice(2));
  if (flags.help) return void process.stdout.write(help);
  const named = flags.only?.flatMap((list) => list.split(",")) ?? names;
  const isOf = (one: string) => (name: string) => name === one || name.startsWith(`${one}-`);
  const unknown = named.find((one) => !names.some(isOf(one)));
  if (unknown !== undefined) usageError(`no such measurement: ${unknown}`);
  const wanted = names.filter((name) => named.some((one) => isOf(one)(name)));
  // An interrupted run ends after the current contender. It leaves nothing behind and prints nothing.
  const interruption = new AbortController();
  for (const [name, exitCode] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)
    process.once(name, () => interruption.abort(exitCode));
  const report = await run(flags, wanted, interruption.signal);
  const { aborted, reason } = interruption.signal;
  if (aborted) return void (process.exitCode = reason as number);
  process.stdout.write(`${formatReport(report)}\n`);
  if (flags.json !== undefined) await writeFile(fromCaller(flags.json), `${toJson(report)}\n`);
  process.exitCode = report.measurements.some(({ failed }) => failed !== undefined) ? 1 : 0;
};

await main();
