import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { inject, onTestFinished } from "vitest";
import type { HostProcess } from "./host.fixture.ts";
import { run } from "./run.fixture.ts";

const { gatehouse } = inject("programs");

/** A data folder with the group Ana, whose agent is `echo`. */
export const folderWithAna = (): string => {
  const dataDir = temporaryFolder();
  const group = ["--name", "Ana", "--folder", "ana", "--owner", "local:ana", "--provider", "echo"];
  run(gatehouse, "init", ...group, "--data", dataDir);
  return dataDir;
};

/** Says a line to Ana's agent. Returns stdout and stderr of the chat. */
export const chatWithAna = async (dataDir: string, line: string): Promise<readonly [string, string]> => {
  const child = spawn(process.execPath, [gatehouse, "chat", "--group", "ana", "--data", dataDir]);
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdin.end(`${line}\n`);
  return Promise.all([text(child.stdout), text(child.stderr)]);
};

/** Ends a host. Returns its stderr. */
export const endHost = async (host: HostProcess): Promise<string> => {
  host.child.kill("SIGTERM");
  return (await host.ended).stderr;
};

export const logOfHost = (dataDir: string): string => readFileSync(join(dataDir, "host.log"), "utf8");
