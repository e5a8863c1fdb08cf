import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import type { HostEnd, TransportResult } from "@nc/session-db";
import { foreignReader, openHostEnd } from "@nc/session-db/node";
import type { Chat } from "./chat.ts";

/** The host's ends of some sessions, with a built runner (echo) at the other end of each: no host, no database. */
export type Transports = {
  readonly talks: readonly Pick<Chat, "roundTrip">[];
  readonly dispose: () => Promise<void>;
};

type Parts = { readonly reader: ReturnType<typeof foreignReader>; readonly runner: string };

type OpenTransport = Pick<Chat, "roundTrip"> & { readonly close: () => Promise<void> };

const patienceMs = 60_000;

/** From a look at a file that could not be read, mostly since the runner held it, until the next one, ms. */
const againMs = 2;

const nowhere = { channelType: "local", platformId: "bench", threadId: null };
const now = (): string => new Date().toISOString();

/** Opens so many, and has each runner answer once. `gatehouse` is the built program, which has the others beside it. */
export const openTransports = async (gatehouse: string, count: number): Promise<Transports> => {
  const built = join(dirname(gatehouse), "..", "dist");
  const base = await mkdtemp(join(tmpdir(), "bench-transports-"));
  const reader = foreignReader({ program: [process.execPath, join(built, "foreign-child.js")] });
  const parts = { reader, runner: join(built, "agent-runner.cjs") };
  const open: OpenTransport[] = [];
  const dispose = async (): Promise<void> => {
    await Promise.all(open.map(({ close }) => close()));
    await reader.close();
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

const openTransport = async (base: string, { reader, runner }: Parts): Promise<OpenTransport> => {
  const [folder, temporary] = [join(base, "session"), join(base, "tmp")];
  for (const path of [temporary, join(folder, "in"), join(folder, "out")])
    mkdirSync(path, { recursive: true });
  writeFileSync(
    join(folder, "in", "container.json"),
    JSON.stringify({ agentGroupId: "ag-1", assistantName: "Bench", provider: "echo" }),
  );
  const host = openHostEnd({ folder, token: 1, reader });
  const identity = { sessionId: "s-1", groupId: "ag-1", groupName: "Bench", incarnation: 1, token: 1 };
  must(await host.project({ identity, routing: nowhere, destinations: [] }));
  const child = spawn(process.execPath, [runner], {
    env: { GATEHOUSE_TRANSPORT: folder, HOME: base, TMPDIR: temporary },
    stdio: ["ignore", "ignore", "inherit"],
  });
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
 * The time from before the message is written until the host has read its answer, ms. That the answer was
 * delivered is written after it, before the next message.
 */
const roundTrip = async (host: HostEnd, text: string): Promise<number> => {
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
  must(await host.state(now(), "as-received"));
  return at - startedAt;
};

type Answered = { readonly at: number; readonly ids: readonly string[] };

/** Reads what the agent sends each time that it may have written, until a message's answer is there. */
const answerTo = (host: HostEnd, id: string): Promise<Answered> =>
  new Promise((resolve, reject) => {
    let looking = Promise.resolve();
    let isOver = false;
    const end = (): void => {
      isOver = true;
      unsubscribe();
      clearTimeout(timer);
    };
    const fail = (error: Error): void => {
      end();
      reject(error);
    };
    const look = async (): Promise<void> => {
      const received = await host.receive({ limit: 50, now: now() });
      // The journal is gone a moment before the lock on the file is; on a busy machine a read may be too slow.
      if (!received.ok) return void (isOver || setTimeout(lookAgain, againMs));
      const sent = received.value;
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
