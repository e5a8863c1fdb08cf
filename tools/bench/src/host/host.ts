import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { OnEnd } from "../measurement.ts";
import { startProgram } from "../programs.ts";
import { command } from "./ask.ts";
import { openChat, type Chat } from "./chat.ts";

/** The built host, in a data folder of its own. */
export type Host = {
  readonly dataDir: string;
  readonly pid: number;
  /** A chat with a new group, and so with a new session. Its agent starts with the first message. */
  readonly openGroup: () => Promise<Chat>;
};

export type HostOptions = {
  readonly provider: "echo" | "claude";
  /** What runs the agents. Default: processes. */
  readonly runtime?: "process" | "sandbox";
  readonly env?: NodeJS.ProcessEnv;
  /** Anthropic's API, if it is not the real one, and the key for it. */
  readonly model?: { readonly address: string; readonly key: string };
};

/** Starts a host whose agents are of this provider. */
export const startHost = async (
  gatehouse: string,
  { provider, runtime = "process", env = process.env, model }: HostOptions,
  onEnd: OnEnd,
): Promise<Host> => {
  const dataDir = await mkdtemp(join(tmpdir(), "bench-host-"));
  onEnd(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
  const own = { ...env, GATEHOUSE_DATA: dataDir, GATEHOUSE_DATABASE: "" };
  const run = (line: string, input = ""): void =>
    void execFileSync(process.execPath, [gatehouse, ...line.split(" ")], { env: own, input });
  run(`init --name Ana --folder ana --owner local:ana --provider ${provider}`);
  if (model !== undefined) run("secrets set anthropic", model.key);
  const upstream = model === undefined ? [] : ["--upstream", `anthropic=${model.address}`];
  const host = await startProgram([gatehouse, "up", "--runtime", runtime, ...upstream], own);
  onEnd(host.stop);
  return {
    dataDir,
    pid: host.pid,
    openGroup: async () => {
      const name = `g-${randomUUID()}`;
      const socket = join(dataDir, "ncl.sock");
      const { id } = await command(socket, "groups-create", { name, folder: name });
      await command(socket, "groups-config-update", { id, provider });
      const chat = await openChat(join(dataDir, "chat.sock"), id);
      onEnd(async () => chat.close());
      return chat;
    },
  };
};

/** A host whose sessions have answered a message each, so that their runners are live. */
export type SessionsHost = Host & { readonly chats: readonly Chat[] };

/** Starts a host with this many sessions, whose agents answer with what they are told. */
export const startSessions = async (
  gatehouse: string,
  count: number,
  onEnd: OnEnd,
): Promise<SessionsHost> => {
  const host = await startHost(gatehouse, { provider: "echo" }, onEnd);
  const chats: Chat[] = [];
  while (chats.length < count) {
    const chat = await host.openGroup();
    await chat.roundTrip("hello");
    chats.push(chat);
  }
  return { ...host, chats };
};
