import { once } from "node:events";
import { lstatSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { dialHost } from "./runner/index.ts";
import {
  issueToken,
  openHostSide,
  project,
  sendToAgent,
  sessionSignals,
  type Workload,
} from "@gatehouse/session-rows";
import { expect, onTestFinished, test, vi } from "vitest";
import { frameOf, upgradedConnection } from "./testing/index.ts";
import { openAgentServer } from "./agent-server.ts";
import { readWireState } from "./wire-state.ts";

/** A served session with one message, and the token of its first workload. */
const fixture = async () => {
  const dataDir = temporaryFolder();
  const central = await openedCentral(dataDir);
  const signals = sessionSignals();
  const side = openHostSide({ db: central.loop, signals, sessionId: "se-1", token: 1 });
  await side.transact(
    project({
      identity: { sessionId: "se-1", groupId: "ag-1", groupName: "Ana", incarnation: 1, token: 1 },
      routing: nowhere,
      destinations: [],
      toolRules: [],
    }),
  );
  await side.transact(
    sendToAgent([
      {
        id: "m-1",
        kind: "chat",
        timestamp: now(),
        content: { text: "hello" },
        trigger: true,
        onWake: false,
        sourceSessionId: null,
        processAfter: null,
        ...nowhere,
      },
    ]),
  );
  const token = await side.transact(issueToken(1));
  if (!token.ok) expect.fail(token.error.message);
  const path = join(dataDir, "agents-1.sock");
  const events: { readonly event: string; readonly fields: object }[] = [];
  const connections: { readonly workload: Workload; readonly close: () => void; hasEnded: boolean }[] = [];
  const outdated: Workload[] = [];
  const server = await openAgentServer({
    db: central.loop,
    dataDir,
    runnersSocket: path,
    signals,
    now,
    connected: (workload, close) => {
      const connection = { workload, close, hasEnded: false };
      connections.push(connection);
      return () => void (connection.hasEnded = true);
    },
    groupOf: async () => "ag-1",
    secrets: async ({ sessionId }) => ({ TOKEN: `planted for ${sessionId}` }),
    outdated: async (workload) => void outdated.push(workload),
    log: (event, fields) => void events.push({ event, fields }),
    report: (error) => expect.fail(String(error)),
  });
  onTestFinished(() => server.close());
  const dial = (shown = token.value) => {
    const agent = dialHost({ connect: () => connect(path), token: shown });
    onTestFinished(() => agent.close());
    return agent;
  };
  const happened = (event: string) => events.filter((one) => one.event === event).map(({ fields }) => fields);
  return { dataDir, path, token: token.value, dial, happened, connections, outdated };
};

const nowhere = { channelType: null, platformId: null, threadId: null };

const now = (): string => new Date().toISOString();

/** Waits until the check passes. */
const until = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { interval: 20 });

test("every account may connect, and gets nothing without a token", async () => {
  const { path, dial } = await fixture();
  expect((lstatSync(path).mode & 0o777).toString(8)).toBe("666");
  expect(await dial("x".repeat(43)).projection()).toMatchObject({ ok: false, error: { code: "closed" } });
});

test("an agent gets the secrets of its own session, and a connection without a token gets none", async () => {
  const { dataDir, dial, happened } = await fixture();
  expect(await dial().secrets()).toEqual({ ok: true, value: { TOKEN: "planted for se-1" } });
  expect(await dial("x".repeat(43)).secrets()).toMatchObject({ ok: false, error: { code: "closed" } });
  expect(JSON.stringify(happened("agent-connected"))).not.toContain("planted");
  const view = await until(() => readFileSync(join(dataDir, "agents.json"), "utf8"));
  expect(view).not.toContain("planted");
});

test("connections without a token do not shut out agents", { tags: ["slow"] }, async () => {
  const { path, dial } = await fixture();
  const early = dial();
  expect(await early.projection()).toMatchObject({ ok: true });
  const strangers = await Promise.all(
    Array.from({ length: 500 }, async () => {
      const socket = connect(path);
      socket.on("error", () => {});
      await once(socket, "connect");
      return socket;
    }),
  );
  onTestFinished(() => void strangers.forEach((socket) => socket.destroy()));
  const given = await early.receive({ isFirst: true, limit: 10, now: now() });
  expect(given).toMatchObject({ ok: true, value: [{ id: "m-1" }] });
  early.close();
  expect(await dial().projection()).toMatchObject({ ok: true });
  await until(() => expect(strangers.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(256));
});

test("the connected agents, and why one was disconnected last, are shown without texts and tokens", async () => {
  const { dataDir, dial, token, happened } = await fixture();
  const agent = dial();
  await agent.receive({ isFirst: true, limit: 10, now: now() });
  await until(async () =>
    expect(await readWireState(dataDir)).toMatchObject({
      agents: [{ incarnation: 1, version: 2, callsWaiting: 0, bytesUnread: 0, refusals: 0 }],
    }),
  );
  await agent.close();
  await dial("x".repeat(43)).projection();
  await until(async () =>
    expect(await readWireState(dataDir)).toMatchObject({
      agents: [],
      ended: { broken: 1, "unknown-token": 1 },
      lastClosed: { session: null, why: "unknown-token" },
    }),
  );
  expect(happened("agent-disconnected")).toMatchObject([{ incarnation: 1, why: "broken" }]);
  const text = readFileSync(join(dataDir, "agents.json"), "utf8");
  expect(text).not.toContain(token);
  expect(text).not.toContain("hello");
  expect((lstatSync(join(dataDir, "agents.json")).mode & 0o777).toString(8)).toBe("600");
});

test("the caller gets each connection with a token, can close it, and gets its end", async () => {
  const { dial, connections } = await fixture();
  await dial("x".repeat(43)).projection();
  expect(await dial().projection()).toMatchObject({ ok: true });
  expect(connections).toMatchObject([{ workload: { sessionId: "se-1", incarnation: 1 }, hasEnded: false }]);
  connections[0]?.close();
  await until(() => expect(connections[0]).toMatchObject({ hasEnded: true }));
});

test("a runner of another version gets no connection, and the caller gets its session", async () => {
  const { path, token, connections, outdated, happened } = await fixture();
  (await upgradedConnection(path)).write(frameOf({ type: "hello", version: 99, token }));
  await until(() => expect(outdated).toEqual([{ sessionId: "se-1", incarnation: 1 }]));
  expect(happened("agent-outdated")).toMatchObject([{ session: "se-1", incarnation: 1, version: 99 }]);
  expect(connections).toEqual([]);
});
