import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import type { HostSide, TransportResult } from "@nc/session-db";
import {
  createSessionTables,
  issueToken,
  openAgentSide,
  openHostSide,
  serveRunners,
  sessionSignals,
  workloadOf,
  type SessionTables,
} from "@nc/session-db/node";
import { openSqlite, type Sqlite } from "@gatehouse/sqlite";
import type { SessionSignals } from "@nc/session-db/node";
import type { Chat } from "./chat.ts";

/**
 * The host's sides of some sessions in a file, each with a built runner (echo) on the other side: no host.
 */
export type Transports = {
  readonly talks: readonly Pick<Chat, "roundTrip">[];
  readonly dispose: () => Promise<void>;
};

type Parts = {
  readonly db: Sqlite<SessionTables>["db"];
  readonly signals: SessionSignals;
  readonly socket: string;
  readonly runner: string;
};

type OpenTransport = Pick<Chat, "roundTrip"> & { readonly close: () => Promise<void> };

const patienceMs = 60_000;

const nowhere = { channelType: "local", platformId: "bench", threadId: null };
const now = (): string => new Date().toISOString();

/**
 * Opens this many, and waits for one answer of each runner. `gatehouse` is the built program, with the others
 * beside it.
 */
export const openTransports = async (gatehouse: string, count: number): Promise<Transports> => {
  const built = join(dirname(gatehouse), "..", "dist");
  const base = await mkdtemp(join(tmpdir(), "bench-transports-"));
  const opened = await openSqlite<SessionTables>(join(base, "host.db"));
  if (!opened.ok) throw new Error(opened.error.code);
  const { db, close } = opened.value;
  await createSessionTables(db);
  const signals = sessionSignals();
  const server = createServer();
  const runners = serveRunners(server, {
    open: async (token) => {
      const workload = await workloadOf(db, token);
      return workload === null ? null : openAgentSide({ db, signals, ...workload });
    },
    report: (error) => process.stderr.write(`${String(error)}\n`),
  });
  const socket = join(base, "runners.sock");
  server.listen(socket);
  await once(server, "listening");
  const parts = { db, signals, socket, runner: join(built, "agent-runner.cjs") };
  const open: OpenTransport[] = [];
  const dispose = async (): Promise<void> => {
    await Promise.all(open.map(({ close }) => close()));
    runners.close();
    server.close();
    await close();
    await rm(base, { recursive: true });
  };
  try {
    for (let number = 0; number < count; number += 1) {
      const one = await openTransport(join(base, String(number)), parts);
      open.push(one);
      await one.roundTrip("hello");
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return { talks: open, dispose };
};

const openTransport = async (
  base: string,
  { runner, socket, db, signals }: Parts,
): Promise<OpenTransport> => {
  const [folder, temporary] = [join(base, "session"), join(base, "tmp")];
  for (const path of [temporary, join(folder, "in"), join(folder, "out")])
    mkdirSync(path, { recursive: true });
  writeFileSync(
    join(folder, "in", "container.json"),
    JSON.stringify({ agentGroupId: "ag-1", assistantName: "Bench", provider: "echo" }),
  );
  const sessionId = base;
  const side = { db, signals, sessionId, token: 1 };
  const host = openHostSide(side);
  const identity = { sessionId, groupId: "ag-1", groupName: "Bench", incarnation: 1, token: 1 };
  must(await host.project({ identity, routing: nowhere, destinations: [], toolRules: [] }));
  const token = must(await issueToken(side, 1));
  const child = spawn(process.execPath, [runner], {
    env: { GATEHOUSE_SESSION: folder, GATEHOUSE_WIRE: `unix:${socket}`, HOME: base, TMPDIR: temporary },
    stdio: ["pipe", "ignore", "inherit"],
  });
  child.stdin.end(token);
  return {
    roundTrip: (text) => roundTrip(host, text),
    close: async () => {
      await ended(child);
      await host.close();
    },
  };
};

const ended = async (child: ChildProcess): Promise<void> => {
  const closed = once(child, "close");
  if (!child.kill("SIGTERM")) return;
  await closed;
};

/**
 * The time from before the message is written until the host has read its answer, ms. The record of the
 * delivered answer is written afterwards, before the next message.
 */
const roundTrip = async (host: HostSide, text: string): Promise<number> => {
  const id = randomUUID();
  const answered = answerTo(host, id);
  const startedAt = performance.now();
  const sent = host.send([
    {
      ...{ id, kind: "chat", timestamp: now(), content: { text }, trigger: true, onWake: false },
      ...{ sourceSessionId: null, processAfter: null, ...nowhere },
    },
  ]);
  const [{ at, ids }] = await Promise.all([answered, sent.then(must)]);
  must(
    await host.acknowledge(
      ids.map((one) => ({ id: one, status: "delivered", platformMessageId: null, at: now() })),
    ),
  );
  must(await host.state(now()));
  return at - startedAt;
};

type Answered = { readonly at: number; readonly ids: readonly string[] };

/** Reads the agent's messages each time that it may have written, until a message's answer has arrived. */
const answerTo = (host: HostSide, id: string): Promise<Answered> =>
  new Promise((resolve, reject) => {
    let looking = Promise.resolve();
    const end = (): void => {
      unsubscribe();
      clearTimeout(timer);
    };
    const fail = (error: Error): void => {
      end();
      reject(error);
    };
    const look = async (): Promise<void> => {
      const received = await host.receive({ limit: 50, now: now() });
      const sent = must(received);
      if (!sent.some(({ inReplyTo }) => inReplyTo === id)) return;
      end();
      resolve({ at: performance.now(), ids: sent.map((one) => one.id) });
    };
    const timer = setTimeout(() => fail(new Error(`no answer within ${patienceMs} ms`)), patienceMs);
    const lookAgain = (): void => void (looking = looking.then(look).catch(fail));
    const unsubscribe = host.onChange(lookAgain);
  });

const must = <T>(result: TransportResult<T>): T => {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
