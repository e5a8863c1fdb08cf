import { Command } from "commander";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import process from "node:process";
import { holds, type BenchReport, type Measured } from "./bench-report.ts";
import { findCli } from "./claude/find-cli.ts";
import { docsPage, formatReport } from "./format-report.ts";
import { thisMachine } from "./machine.ts";
import { measure } from "./measure.ts";
import { measurements } from "./measurements.ts";

type Flags = {
  readonly quick?: true;
  readonly only?: readonly string[];
  readonly claude?: string;
  readonly before?: string;
  readonly json?: string;
  readonly write?: true;
};

const names = measurements.map(({ name }) => name);

const examples = `
Measurements: ${names.join(", ")}

Examples:
  npm run bench
  npm run bench -- --quick --only one-folder
  npm run bench -- --claude ./node_modules/.bin/claude --json bench.json`;

const program = new Command("npm run bench --")
  .description("Measures Gatehouse beside the alternatives. Exit 1 where a bound is missed.")
  .option("--quick", "fewer rounds: a look, not a figure to publish")
  .option("--only <name...>", "only these measurements")
  .option("--claude <path>", "the Claude Code to use (default: compat's, else the first on PATH)")
  .option("--before <dir>", "a checkout of another build, for the measurements named before-...")
  .option("--json <file>", "write the JSON document there (default: the last line of the output)")
  .option("--write", "keep the table of a full run in docs/benchmarks.md")
  .addHelpText("after", examples)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));

const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
};

/** Resolves a path from the caller's folder: npm runs this in the repository's root. */
const fromCaller = (path: string): string => resolve(process.env["INIT_CWD"] ?? process.cwd(), path);

const run = async (flags: Flags, signal: AbortSignal): Promise<BenchReport> => {
  const cli = await findCli(flags.claude === undefined ? undefined : fromCaller(flags.claude));
  const before = flags.before === undefined ? null : fromCaller(flags.before);
  const context = { quick: flags.quick === true, cli, before, signal };
  const measured: Measured[] = [];
  const wanted = flags.only ?? names.filter((name) => before !== null || !name.startsWith("before-"));
  for (const measurement of measurements.filter(({ name }) => wanted.includes(name))) {
    const { name } = measurement;
    measured.push(await measure(measurement, context, (contender) => progress(`${name}: ${contender}`)));
  }
  progress("");
  return {
    ok: measured.every(holds),
    at: new Date().toISOString(),
    quick: context.quick,
    claude: cli.ok ? cli.value.version : null,
    machine: thisMachine(),
    measurements: measured,
  };
};

/** Rounds figures to three decimals: more are not significant. */
const toJson = (report: BenchReport): string =>
  JSON.stringify(report, (_, value: unknown) =>
    typeof value === "number" ? Math.round(value * 1000) / 1000 : value,
  );

const publish = async (report: BenchReport, { json, write }: Flags): Promise<void> => {
  process.stdout.write(`${formatReport(report)}\n\n`);
  if (json === undefined) process.stdout.write(`${toJson(report)}\n`);
  else await writeFile(fromCaller(json), `${toJson(report)}\n`);
  if (write) await writeFile(new URL("../../../docs/benchmarks.md", import.meta.url), docsPage(report));
};

const flags = program.parse().opts<Flags>();
const unknown = (flags.only ?? []).filter((name) => !names.includes(name));
if (unknown.length > 0)
  program.error(`error: no such measurement: ${unknown.join(", ")} (there are: ${names.join(", ")})`);
if (flags.write && (flags.quick || flags.only)) program.error("error: --write keeps a full run only");

/** An interrupted run ends after the current contender. It leaves nothing behind and prints nothing. */
const interruption = new AbortController();
for (const [name, exitCode] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  process.once(name, () => {
    process.exitCode = exitCode;
    interruption.abort();
  });

const report = await run(flags, interruption.signal);
if (!interruption.signal.aborted) {
  await publish(report, flags);
  process.exitCode = report.ok ? 0 : 1;
}
