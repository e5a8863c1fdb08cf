import { readFileSync } from "node:fs";
import process from "node:process";
import { startProcess } from "@gatehouse/cli-kit";
import { runCli } from "./cli.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

await startProcess("orchestrator-adapter", (io) => runCli(process.argv.slice(2), version, io));
