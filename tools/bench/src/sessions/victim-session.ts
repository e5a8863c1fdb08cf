import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import type { HostileFile } from "@gatehouse/sessions/testing";
import Libsql from "libsql";
import type { Chat } from "../host/chat.ts";
import { childrenOf } from "../host/process-time.ts";
import type { SessionsHost } from "../host/sessions.ts";

/** What is wrong with a session for a while. Gives what mends it: then the session answers again. */
export type Trouble = (victim: Victim) => Promise<() => Promise<void>>;

type Victim = {
  readonly host: SessionsHost;
  readonly chat: Chat;
  /** The session's folder. */
  readonly folder: string;
};

/** The session of a chat, by its group's folder: chats are made one after the other. */
export const victimOf = (host: SessionsHost, chat: Chat, text: string): Victim => {
  const found = readdirSync(host.dataDir, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("outbound.db"))
    .map((path) => join(host.dataDir, path))
    .find((path) => hasSaid(path, text));
  if (found === undefined) throw new Error(`no session has answered "${text}"`);
  return { host, chat, folder: dirname(dirname(found)) };
};

const hasSaid = (outbound: string, text: string): boolean => {
  const database = new Libsql(`file:${outbound}?mode=ro`);
  const rows = database.prepare("select 1 from messages_out where content like ?").all(`%${text}%`);
  database.close();
  return rows.length > 0;
};

/** Between two times that the file comes into its place, ms: each time the host looks at it. */
const nudgeMs = 300;

/** Its agent stands still and another file is in the place of its own. It is put there again and again. */
export const hostile =
  ({ put }: HostileFile): Trouble =>
  async (victim) => {
    const out = join(victim.folder, "out");
    const [place, good] = [join(out, "outbound.db"), join(victim.folder, "good.db")];
    const aside = join(victim.folder, "hostile");
    mkdirSync(aside, { recursive: true });
    const bad = join(aside, "outbound.db");
    const goOn = freeze(victim);
    renameSync(place, good);
    const stop = put(bad, good);
    renameSync(bad, place);
    ring(out);
    let isOver = false;
    const nudging = (async (): Promise<void> => {
      for (let left = 3; left > 0 && !isOver; left -= 1) {
        await after(nudgeMs);
        // A host that had enough of it has started another agent, which put it aside.
        if (!existsSync(place)) return;
        renameSync(place, bad);
        renameSync(bad, place);
        ring(out);
      }
    })();
    return async () => {
      isOver = true;
      await nudging;
      await stop?.();
      rmSync(place, { force: true });
      renameSync(good, place);
      goOn();
      await victim.chat.roundTrip("again");
    };
  };

/** Has the host look, as a commit of the session's agent does. */
const ring = (out: string): void => writeFileSync(join(out, "doorbell"), "\n");

/** A reader of inbound.db never ends its transaction, while messages come for the session. */
export const heldInbound: Trouble = async ({ folder, chat }) => {
  const database = new Libsql(join(folder, "in", "inbound.db"));
  // The host may be in a commit.
  database.exec("pragma busy_timeout = 1000; begin; select 1 from messages_in limit 1");
  const answered = chat.roundTrip("held");
  return async () => {
    database.exec("rollback");
    database.close();
    await answered;
  };
};

/** Has the session's agent stand still. Returns what lets it go on. */
const freeze = ({ host, folder }: Victim): (() => void) => {
  const pids = childrenOf(host.pid).containers.filter((pid) => environmentOf(pid).includes(folder));
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  return () => {
    for (const pid of pids) if (environmentOf(pid) !== "") process.kill(pid, "SIGCONT");
  };
};

const environmentOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
};
