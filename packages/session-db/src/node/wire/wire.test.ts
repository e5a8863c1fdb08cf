import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { openSqlite, type Sqlite } from "@gatehouse/sqlite";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { idsOf, inbound, must, outbound, projectionOf, start } from "../../testing/contract-case.ts";
import { transportContract } from "../../testing/transport-contract.ts";
import type { AgentEnd, HostEnd } from "../../transport.ts";
import { openAgentSide } from "../store/agent-side.ts";
import { createSessionTables } from "../store/create-session-tables.ts";
import { openHostSide } from "../store/host-side.ts";
import { sessionSignals } from "../store/session-signals.ts";
import type { SessionTables } from "../store/session-tables.ts";
import { dialHost } from "./dial-host.ts";
import { runnerPath, serveRunners, type RunnerServer } from "./serve-runners.ts";

const folder = mkdtempSync(join(tmpdir(), "wire-"));
const path = join(folder, "runners.sock");
let sqlite: Sqlite<SessionTables>;
beforeAll(async () => {
  const opened = await openSqlite<SessionTables>(join(folder, "central.db"));
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  sqlite = opened.value;
  await createSessionTables(sqlite.db);
});
afterAll(async () => {
  await sqlite.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A host that serves runners on the socket; each token is one of a session. */
const served = async () => {
  const signals = sessionSignals();
  const tokens = new Map<string, string>();
  const reported: unknown[] = [];
  const open = async (token: string): Promise<AgentEnd | null> => {
    const sessionId = tokens.get(token);
    return sessionId === undefined ? null : openAgentSide({ db: sqlite.db, signals, sessionId });
  };
  let [server, runners]: [Server, RunnerServer] = await listening(open, reported);
  const close = async (): Promise<void> => {
    runners.close();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return {
    reported,
    /** Stops the host, and starts another one at the same place. */
    restart: async (): Promise<void> => {
      await close();
      [server, runners] = await listening(open, reported);
    },
    /** A new session: the host's side of it, and a token for its agent. */
    session: () => {
      const sessionId = randomUUID();
      return {
        host: (token: number): HostEnd => openHostSide({ db: sqlite.db, signals, sessionId, token }),
        token: (): string => {
          const token = randomUUID();
          tokens.set(token, sessionId);
          return token;
        },
      };
    },
  };
};

const listening = async (
  open: (token: string) => Promise<AgentEnd | null>,
  reported: unknown[],
): Promise<[Server, RunnerServer]> => {
  const server = createServer();
  const runners = serveRunners(server, { open, report: (error) => void reported.push(error) });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return [server, runners];
};

/** A runner, and the streams that it has opened. */
const dialled = (token: string): { readonly agent: AgentEnd; readonly streams: readonly Socket[] } => {
  const streams: Socket[] = [];
  const agent = dialHost({
    token,
    connect: () => {
      const stream = connect(path);
      streams.push(stream);
      return stream;
    },
  });
  onTestFinished(() => agent.close());
  return { agent, streams };
};

describe("a runner that dials its host", () => {
  test.for(transportContract)("keeps the contract of transports: $title", async ({ check }) => {
    const { session, reported } = await served();
    const { host, token } = session();
    await check({ host, agent: () => dialled(token()).agent });
    expect(reported).toEqual([]);
  });

  test("is told why its token is refused, and does not dial again", async () => {
    await served();
    const { agent, streams } = dialled("stolen");
    const refused = await agent.projection();
    expect(refused).toMatchObject({ ok: false, error: { code: "closed" } });
    expect(refused.ok ? "" : refused.error.message).toContain("does not know this token");
    expect(streams).toHaveLength(1);
  });

  test("is replaced by a newer connection of its token", async () => {
    const { session } = await served();
    const { host, token } = session();
    await must(host(1).project(projectionOf()));
    const shared = token();
    const [old, young] = [dialled(shared).agent, dialled(shared)];
    await must(young.agent.projection());
    await vi.waitFor(async () => expect(await old.projection()).toMatchObject({ ok: false }));
    await must(young.agent.projection());
  });

  test("gives its work again after the connection broke, and it counts once", async () => {
    const { session } = await served();
    const { host: openHost, token } = session();
    const host = openHost(1);
    await must(host.project(projectionOf()));
    await must(host.send([inbound("m")]));
    const { agent, streams } = dialled(token());
    await must(agent.projection());
    const completed = { id: "m", status: "completed", reason: null } as const;
    const work = { acknowledgements: [completed], messages: [outbound("re-m")], now: start };
    const committed = agent.commit(work);
    streams[0]?.destroy();
    await must(committed);
    await must(agent.commit(work));
    expect(streams.length).toBeGreaterThan(1);
    expect(idsOf(await must(host.receive({ limit: 10, now: start })))).toEqual(["re-m"]);
  });

  test("waits for a host that is away, and goes on with the next one", async () => {
    const { session, restart } = await served();
    const { host: openHost, token } = session();
    const host = openHost(1);
    await must(host.project(projectionOf()));
    const { agent } = dialled(token());
    await must(agent.projection());
    await restart();
    const told = new Promise<void>((resolve) => void agent.onChange(resolve));
    await must(host.send([inbound("m")]));
    await told;
    expect(idsOf(await must(agent.receive({ isFirst: true, limit: 10, now: start })))).toEqual(["m"]);
  });
});

test("a host that stays away is given up after the time for it", async () => {
  const nowhere = join(folder, "nobody.sock");
  const agent = dialHost({ connect: () => connect(nowhere), token: "t", patienceMs: 200 });
  onTestFinished(() => agent.close());
  const startedAt = performance.now();
  const refused = await agent.projection();
  expect(refused).toEqual({
    ok: false,
    error: { code: "closed", message: "The host was away for too long." },
  });
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(200);
  expect(await agent.get("x")).toMatchObject({ ok: false, error: { code: "closed" } });
});

describe("a message whose runner is killed", { tags: ["slow"] }, () => {
  /** A runner in a process of its own, and the ids that it has taken into work. */
  const started = (token: string, mode: "answers" | "claims") => {
    const child = spawn(process.execPath, [inject("programs")["echo-runner"], path, mode], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    child.stdin.write(`${token}\n`);
    const taken: string[] = [];
    createInterface({ input: child.stdout }).on("line", (id) => taken.push(id));
    const kill = async (): Promise<void> => {
      child.kill("SIGKILL");
      await once(child, "close");
    };
    return { taken, kill };
  };

  test("between claim and answer is answered once, by the next one", async () => {
    const { session } = await served();
    const { host: openHost, token } = session();
    const host = openHost(1);
    await must(host.project(projectionOf({ incarnation: 1 })));
    await must(host.send([inbound("m")]));
    const first = started(token(), "claims");
    await vi.waitFor(() => expect(first.taken).toEqual(["m"]));
    await first.kill();
    expect(await must(host.state(start))).toMatchObject({ due: 0, claims: [{ id: "m", incarnation: 1 }] });
    await must(host.release({ now: start, maxTries: 5, backoffMs: () => 0 }));
    await must(host.project(projectionOf({ incarnation: 2 })));
    started(token(), "answers");
    const answers = async () => must(host.receive({ limit: 10, now: start }));
    await vi.waitFor(async () => expect(await answers()).toHaveLength(1));
    expect(await answers()).toMatchObject([{ id: "re-m", inReplyTo: "m", content: { text: "m" } }]);
    expect(await must(host.state(start))).toMatchObject({
      ...{ due: 0, claims: [] },
      ended: [{ id: "m", status: "completed", tries: 1 }],
    });
  });
});

describe("a host that is dialled", () => {
  const raw = async (): Promise<{ readonly socket: WebSocket; readonly ended: Promise<string> }> => {
    const socket = new WebSocket(`ws://host${runnerPath}`, { createConnection: () => connect(path) });
    let last = "";
    socket.on("message", (data: Buffer) => (last = data.toString("utf8")));
    const ended = new Promise<string>((resolve) => socket.once("close", () => resolve(last)));
    await new Promise((resolve) => socket.once("open", resolve));
    return { socket, ended };
  };

  test.each([
    ["no JSON", "{"],
    ["no hello", JSON.stringify({ type: "beat", id: 1 })],
    ["another version", JSON.stringify({ type: "hello", versions: [99], token: "t" })],
  ])("says why it ends a connection that begins with %s", async (_what, text) => {
    await served();
    const { socket, ended } = await raw();
    socket.send(text);
    expect(JSON.parse(await ended)).toMatchObject({ type: "bye" });
  });

  test("serves no other path", async () => {
    await served();
    const socket = new WebSocket("ws://host/chat", { createConnection: () => connect(path) });
    const failed = await new Promise<Error>((resolve) => socket.once("error", resolve));
    expect(failed.message).toContain("404");
  });

  test("ends a connection whose frame is longer than it may be", async () => {
    const { session } = await served();
    const { token } = session();
    const { socket, ended } = await raw();
    socket.send(JSON.stringify({ type: "hello", versions: [1], token: token() }));
    socket.send("x".repeat(2 ** 21));
    await ended;
  });
});
