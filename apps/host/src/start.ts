import { readFileSync } from "node:fs";
import { startProcess } from "@gatehouse/cli-kit";
import { runCli } from "./cli.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

/** Runs gatehouse as this process. To a host a hang-up is no reason to end. */
export const start = (argv: readonly string[], isHost: boolean): Promise<void> =>
  startProcess(
    "gatehouse",
    (io) => runCli(argv, version, io),
    isHost ? ["SIGINT", "SIGTERM"] : ["SIGINT", "SIGTERM", "SIGHUP"],
  );
