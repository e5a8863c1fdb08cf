import { readFileSync } from "node:fs";
import process from "node:process";
import { startProcess } from "@gatehouse/cli-kit";

const versionOf = (packageFile: URL): string => {
  const { version } = JSON.parse(readFileSync(packageFile, "utf8")) as { version: string };
  return version;
};

const version = versionOf(new URL("../package.json", import.meta.url));
const argv = process.argv.slice(2);

// The argument parser is not loaded for this one: it would cost more than the rest.
if (argv.length === 1 && argv[0] === "--version") process.stdout.write(`${version}\n`);
else
  await startProcess("workspace-trust", async (io) => {
    const { runCli } = await import("./cli.ts");
    return runCli(argv, version, io);
  });
