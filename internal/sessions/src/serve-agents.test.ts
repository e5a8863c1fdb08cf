import { spawn } from "node:child_process";
import { once } from "node:events";
import { lstatSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { dialHost } from "@nc/session-db/node";
import { expect, onTestFinished, test } from "vitest";
import { readWireState } from "./wire-state.ts";
import { fromAna, install, sessionBed, until } from "./session-bed.fixture.ts";

const bed = async () => {
  const made = await sessionBed();
  const fake = fakeRuntime({ install });
  const host = await made.host({ runtime: fake.runtime });
  await host.take(fromAna("m-1", "hello"));
  await until(() => expect(made.happened("container-started")).toHaveLength(1));
  const path = join(made.dataDir, "agents-1.sock");
  const token = fake.containers[0]?.spec.input ?? "";
  const dial = (shown = token) => {
    const agent = dialHost({ connect: () => connect(path), token: shown });
    onTestFinished(() => agent.close());
    return agent;
  };
  return { ...made, fake, host, path, token, dial };
};

const agentOf = (path: string, token: string) => dialHost({ connect: () => connect(path), token });

const now = (): string => new Date().toISOString();

test("an agent has its token on its stdin, neither in its arguments nor in its environment", async () => {
  const { fake, token, dial } = await bed();
  const { command, env } = fake.containers[0]?.spec ?? expect.fail("nothing was started");
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(JSON.stringify({ command, env })).not.toContain(token);
  const given = await dial().receive({ isFirst: true, limit: 10, now: now() });
  expect(given).toMatchObject({ ok: true, value: [{ content: { text: "hello" } }] });
});

test("every account may connect, and is told nothing without a token", async () => {
  const { path, dial } = await bed();
  expect((lstatSync(path).mode & 0o777).toString(8)).toBe("666");
  expect(await dial("x".repeat(43)).projection()).toMatchObject({ ok: false, error: { code: "closed" } });
});

test("a token ends with its agent, also for a connection that is made later", async () => {
  const { fake, happened, dial, central } = await bed();
  fake.containers[0]?.end({ code: 1 });
  await until(() => expect(happened("container-ended")).toHaveLength(1));
  await until(async () =>
    expect(await central.rows.selectFrom("session_tokens").select("incarnation").execute()).toEqual([]),
  );
  expect(await dial().projection()).toMatchObject({ ok: false, error: { code: "closed" } });
});

test("connections without a token keep no agent out", { tags: ["slow"] }, async () => {
  const { path, dial } = await bed();
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

test(
  "a runner of another version is stopped, which counts as no try, and another one started",
  { tags: ["slow"] },
  async () => {
    const { fake, happened, path, token, central } = await bed();
    const earlier = agentOf(path, token);
    await earlier.commit({
      ...{ acknowledgements: [{ id: "m-1", status: "processing", reason: null }], messages: [], now: now() },
    });
    await earlier.close();
    const kept = fileURLToPath(new URL("../../../test-fixtures/runners/wire-99.mjs", import.meta.url));
    const runner = spawn(process.execPath, [kept, path, "answers"], { stdio: ["pipe", "ignore", "ignore"] });
    onTestFinished(() => void runner.kill("SIGKILL"));
    runner.stdin.write(`${token}\n`);
    await until(() => expect(happened("agent-outdated")).toMatchObject([{ incarnation: 1, versions: "99" }]));
    await until(() => expect(fake.containers).toHaveLength(2));
    const { tries, claimed_by } = await central.rows
      .selectFrom("session_messages_in")
      .select(["tries", "claimed_by"])
      .where("id", "=", "m-1")
      .executeTakeFirstOrThrow();
    expect({ tries, claimed_by }).toEqual({ tries: 0, claimed_by: null });
  },
);

test("which agents are connected, and why one was closed last, is shown without a text and a token", async () => {
  const { dataDir, dial, token, happened } = await bed();
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
      ...{ agents: [], ended: { broken: 1, "unknown-token": 1 } },
      lastClosed: { session: null, why: "unknown-token" },
    }),
  );
  expect(happened("agent-disconnected")).toMatchObject([{ incarnation: 1, why: "broken" }]);
  const text = readFileSync(join(dataDir, "agents.json"), "utf8");
  expect(text).not.toContain(token);
  expect(text).not.toContain("hello");
  expect((lstatSync(join(dataDir, "agents.json")).mode & 0o777).toString(8)).toBe("600");
});
