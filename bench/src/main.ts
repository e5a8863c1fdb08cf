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
  readonly json?: string;
  readonly write?: true;
};

const names = measurements.map(({ name }) => name);

const program = new Command("npm run bench --")
  .description(
    "Measures Gatehouse beside the alternatives. Only ratios can fail: exit 1 where one misses its bound.",
  )
  .option("--quick", "fewer rounds: a look, not a figure to publish")
  .option("--only <name...>", `only these: ${names.join(", ")}`)
  .option("--claude <path>", "the Claude Code to use (default: compat's, else the first on PATH)")
  .option("--json <file>", "write the JSON document there (default: the last line of the output)")
  .option("--write", "keep the table in docs/benchmarks.md")
  .addHelpText("after", "\nExamples:\n  npm run bench\n  npm run bench -- --quick --only one-folder\n");

const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
};

const run = async ({
  quick = false,
  only = names,
  claude,
}: Omit<Flags, "quick"> & { quick?: boolean }): Promise<BenchReport> => {
  const cli = await findCli(claude === undefined ? undefined : fromCaller(claude));
  const measured: Measured[] = [];
  for (const measurement of measurements.filter(({ name }) => only.includes(name))) {
    const onRun = (round: number, contender: string) =>
      progress(`${measurement.name}: round ${round}, ${contender}`);
    measured.push(await measure(measurement, { quick, cli }, onRun));
  }
  progress("");
  const at = new Date().toISOString();
  const version = cli.ok ? cli.value.version : null;
  return {
    ok: measured.every(holds),
    at,
    quick,
    claude: version,
    machine: thisMachine(),
    measurements: measured,
  };
};

/** npm runs us in the repository's root; a path is meant where the person stood. */
const fromCaller = (path: string): string => resolve(process.env["INIT_CWD"] ?? process.cwd(), path);

const flags = program.parse().opts<Flags>();
const unknown = (flags.only ?? []).filter((name) => !names.includes(name));
if (unknown.length > 0) program.error(`no such measurement: ${unknown.join(", ")}`, { exitCode: 2 });

const report = await run(flags);
const json = JSON.stringify(report);
process.stdout.write(`${formatReport(report)}\n\n`);
if (flags.json === undefined) process.stdout.write(`${json}\n`);
else await writeFile(fromCaller(flags.json), `${json}\n`);
if (flags.write) await writeFile(new URL("../../docs/benchmarks.md", import.meta.url), docsPage(report));
process.exitCode = report.ok ? 0 : 1;
