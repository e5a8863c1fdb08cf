import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { chatSocketIn } from "@gatehouse/channels/client";
import { startedChat, type StartedChat } from "../chat/started-chat.fixture.ts";
import { printedBy } from "../ran-cli.fixture.ts";
import type { HostProcess } from "./host.fixture.ts";

/** A data folder with the group Ana of this person, whose agent is `echo`. */
export const folderWithAna = async (owner = "local:ana"): Promise<string> => {
  const dataDir = temporaryFolder();
  const group = ["--name", "Ana", "--folder", "ana", "--owner", owner, "--provider", "echo"];
  await printedBy(dataDir, "init", ...group);
  return dataDir;
};

/** Says lines to a group in this process, as `gatehouse chat` does in a pipe. It ends once all are answered. */
export const startChat = (dataDir: string, lines: string, group = "ana"): StartedChat =>
  startedChat(chatSocketIn(dataDir), Readable.from([lines]), { group });

/** Says a line to Ana's agent. Returns stdout and stderr of the chat. */
export const chatWithAna = async (dataDir: string, line: string): Promise<readonly [string, string]> => {
  const { exitCode, out, err } = startChat(dataDir, `${line}\n`);
  await exitCode;
  return [out(), err()];
};

/** Ends a host. Returns its stderr. */
export const endHost = async (host: HostProcess): Promise<string> => {
  host.child.kill("SIGTERM");
  return (await host.ended).stderr;
};

export const logOfHost = (dataDir: string): string => readFileSync(join(dataDir, "host.log"), "utf8");
