import { readFileSync } from "node:fs";
import process from "node:process";
import { interruptible } from "./interruptible.ts";
import { printFailure, type Io } from "./io.ts";

const versionOf = (packageFile: URL): string => {
  const { version } = JSON.parse(readFileSync(packageFile, "utf8")) as { version: string };
  return version;
};

/** What the exit code is where it is no expected failure. */
const bug = (error: unknown, argv: readonly string[], io: Io): number => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.stderr.write(`${text}\nThis is a bug in workspace-trust.\n`);
  if (argv.includes("--json")) printFailure(io, true, { code: "bug", message: String(error) });
  return 1;
};

const version = versionOf(new URL("../../package.json", import.meta.url));
const argv = process.argv.slice(2);

// The argument parser is not loaded for this one: it would cost more than the rest.
if (argv.length === 1 && argv[0] === "--version") process.stdout.write(`${version}\n`);
else {
  const { signal, endedBy } = interruptible();
  const { env, stdout, stderr } = process;
  const io: Io = { env, cwd: process.cwd(), stdout, stderr, signal };
  const { runCli } = await import("./cli.ts");
  const code = await runCli(argv, version, io).catch((error: unknown) => bug(error, argv, io));
  process.exitCode = code === 130 && endedBy() !== "SIGINT" ? 143 : code;
}
