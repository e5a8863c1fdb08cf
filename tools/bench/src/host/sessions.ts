import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { ask } from "./ask.ts";
import { openChat, type Chat } from "./chat.ts";
import { startListening } from "./programs.ts";

const run = promisify(execFile);

/** The built host, with a live runner for each session. */
export type SessionsHost = {
  readonly dataDir: string;
  /** The host's process. */
  readonly pid: number;
  /** One for each session; each session has its own group. */
  readonly chats: readonly Chat[];
  readonly dispose: () => Promise<void>;
};

/** Number of sessions that are started at one time. */
const atOnce = 4;

/** A database on a server; another host may have set it up. */
export type ServerDatabase = { readonly address: string; readonly isNew: boolean };

/**
 * Starts a host with this many sessions, and waits for one answer of each runner. Its default database is a
 * file.
 */
export const startSessions = async (
  gatehouse: string,
  count: number,
  { address, isNew }: ServerDatabase = { address: "", isNew: true },
): Promise<SessionsHost> => {
  const dataDir = await mkdtemp(join(tmpdir(), "bench-sessions-"));
  const at = ["--data", dataDir];
  const env = { ...process.env, GATEHOUSE_DATABASE: address };
  const owner = ["--name", "Ana", "--folder", "ana", "--owner", "local:ana"];
  if (isNew) await run(process.execPath, [gatehouse, "init", ...owner, ...at], { env });
  const host = await startListening([gatehouse, "up", "--yes", ...at], address);
  const chats: Chat[] = [];
  const dispose = async (): Promise<void> => {
    for (const chat of chats) chat.close();
    await host.stop();
    await rm(dataDir, { recursive: true });
  };
  try {
    for (let next = 0; next < count; next += atOnce) {
      const numbers = Array.from({ length: Math.min(atOnce, count - next) }, (_, index) => next + index);
      chats.push(...(await Promise.all(numbers.map((number) => oneSession(dataDir, number)))));
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return { dataDir, pid: host.pid, chats, dispose };
};

const oneSession = async (dataDir: string, number: number): Promise<Chat> => {
  const command = async (name: string, args: object): Promise<{ readonly id: string }> => {
    const line = await ask(join(dataDir, "ncl.sock"), { id: "1", command: name, args });
    const answer = JSON.parse(line) as { readonly ok: boolean; readonly data: { readonly id: string } };
    if (!answer.ok) throw new Error(`${name}: ${line}`);
    return answer.data;
  };
  const name = `${basename(dataDir)}-${number}`.toLowerCase();
  const { id } = await command("groups-create", { name, folder: name });
  await command("groups-config-update", { id, provider: "echo" });
  const chat = await openChat(join(dataDir, "chat.sock"), id);
  await chat.roundTrip("hello");
  return chat;
};
