import { dueMessages, project, releaseMessages, sendToAgent, sessionState } from "@gatehouse/session-rows";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { afterAll, describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { idsOf, inbound, must, outbound, projectionOf, start } from "@gatehouse/session-rows/testing";
import { transportContract } from "@gatehouse/session-rows/testing";
import { wireVersion } from "./frames.ts";
import { dialHost } from "./runner/dial-host.ts";
import { runnerPath } from "./runner-server.ts";
import { planted, wireFixture } from "./wire.fixture.ts";

const { folder, path, served, dialled, remove } = await wireFixture();
afterAll(remove);

describe("a runner that dials its host", () => {
  test.for(transportContract)("keeps the contract of transports: $title", async ({ check }) => {
    const { session, reported } = await served();
    const { host, token } = session();
    await check({ host, agent: () => dialled(token()).agent });
    expect(reported).toEqual([]);
  });

  test("gets the reason when its token is refused, and does not dial again", async () => {
    await served();
    const { agent, streams } = dialled("stolen");
    const refused = await agent.projection();
    expect(refused).toMatchObject({ ok: false, error: { code: "closed" } });
    expect(refused.ok ? "" : refused.error.message).toContain("does not know this token");
    expect(streams).toHaveLength(1);
  });

  test("gets its secrets, which are in no row", async () => {
    const { session } = await served();
    const { host, token } = session();
    const { agent } = dialled(token());
    // Before the projection nothing is read for an agent.
    expect(await agent.secrets()).toMatchObject({ ok: false, error: { code: "unreadable" } });
    await must(host(1).transact(project(projectionOf())));
    expect(await must(agent.secrets())).toEqual(planted);
    const files = readdirSync(folder).filter((name) => name.startsWith("central.db"));
    expect(files).toContain("central.db-wal");
    for (const name of files) expect(readFileSync(join(folder, name), "latin1")).not.toContain(planted.TOKEN);
  });

  test("is replaced by a newer connection of its token", async () => {
    const { session } = await served();
    const { host, token } = session();
    await must(host(1).transact(project(projectionOf())));
    const shared = token();
    const [old, young] = [dialled(shared).agent, dialled(shared)];
    await must(young.agent.projection());
    await vi.waitFor(async () => expect(await old.projection()).toMatchObject({ ok: false }));
    await must(young.agent.projection());
  });

  test("repeats its work after a broken connection, and it counts once", async () => {
    const { session } = await served();
    const { host: openHost, token } = session();
    const host = openHost(1);
    await must(host.transact(project(projectionOf())));
    await must(host.transact(sendToAgent([inbound("m")])));
    const { agent, streams } = dialled(token());
    await must(agent.projection());
    const completed = { id: "m", status: "completed", reason: null } as const;
    const work = { acknowledgements: [completed], messages: [outbound("re-m")], now: start };
    const committed = agent.commit(work);
    streams[0]?.destroy();
    await must(committed);
    await must(agent.commit(work));
    expect(streams.length).toBeGreaterThan(1);
    expect(idsOf(await must(host.read(dueMessages({ limit: 10, now: start }))))).toEqual(["re-m"]);
  });

  test("waits for a host that is away, and continues with the next host", async () => {
    const { session, restart } = await served();
    const { host: openHost, token } = session();
    const host = openHost(1);
    await must(host.transact(project(projectionOf())));
    const { agent } = dialled(token());
    await must(agent.projection());
    await restart();
    const changed = new Promise<void>((resolve) => void agent.onChange(resolve));
    await must(host.transact(sendToAgent([inbound("m")])));
    await changed;
    expect(idsOf(await must(agent.receive({ isFirst: true, limit: 10, now: start })))).toEqual(["m"]);
  });
});

test("gives up a host that stays away after its patience", async () => {
  const nowhere = join(folder, "missing.sock");
  const startedAt = performance.now();
  const agent = dialHost({ connect: () => connect(nowhere), token: "t", patienceMs: 200 });
  onTestFinished(() => agent.close());
  const refused = await agent.projection();
  expect(refused).toEqual({
    ok: false,
    error: { code: "closed", message: "The host was away for too long." },
  });
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(200);
  expect(await agent.get("x")).toMatchObject({ ok: false, error: { code: "closed" } });
});

describe("a message whose runner is killed", { tags: ["slow"] }, () => {
  /** A runner in a process of its own, and the ids that it has claimed. */
  const started = (token: string, mode: "answers" | "claims") => {
    const child = spawn(process.execPath, [inject("programs")["echo-runner"], `unix:${path}`, mode], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    child.stdin.write(`${token}\n`);
    const received: string[] = [];
    createInterface({ input: child.stdout }).on("line", (id) => received.push(id));
    const kill = async (): Promise<void> => {
      child.kill("SIGKILL");
      await once(child, "close");
    };
    return { received, kill };
  };

  test("between claim and answer is answered once, by the next runner", async () => {
    const { session } = await served();
    const { host: openHost, token } = session();
    const host = openHost(1);
    await must(host.transact(project(projectionOf({ incarnation: 1 }))));
    await must(host.transact(sendToAgent([inbound("m")])));
    const first = started(token(), "claims");
    await vi.waitFor(() => expect(first.received).toEqual(["m"]));
    await first.kill();
    expect(await must(host.read(sessionState(start)))).toMatchObject({
      due: 0,
      claims: [{ id: "m", incarnation: 1 }],
    });
    await must(host.transact(releaseMessages({ now: start, maxTries: 5, backoffMs: () => 0 })));
    await must(host.transact(project(projectionOf({ incarnation: 2 }))));
    started(token(), "answers");
    const answers = async () => must(host.read(dueMessages({ limit: 10, now: start })));
    await vi.waitFor(async () => expect(await answers()).toHaveLength(1));
    expect(await answers()).toMatchObject([{ id: "re-m", inReplyTo: "m", content: { text: "m" } }]);
    expect(await must(host.read(sessionState(start)))).toMatchObject({
      due: 0,
      claims: [],
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
  ])("says why it closes a connection that begins with %s", async (_what, text) => {
    await served();
    const { socket, ended } = await raw();
    socket.send(text);
    expect(JSON.parse(await ended)).toMatchObject({ type: "bye" });
  });

  test("refuses a runner of another version, and names both versions", async () => {
    const { session, ended: why } = await served();
    const { socket, ended } = await raw();
    socket.send(JSON.stringify({ type: "hello", version: 99, token: session().token() }));
    expect(JSON.parse(await ended)).toEqual({
      type: "bye",
      code: "unknown-version",
      message: `The host speaks version ${wireVersion} of the wire, and the runner version 99.`,
    });
    await vi.waitFor(() => expect(why).toEqual(["unknown-version"]));
  });

  test("serves no other path", async () => {
    await served();
    const socket = new WebSocket("ws://host/chat", { createConnection: () => connect(path) });
    const failed = await new Promise<Error>((resolve) => socket.once("error", resolve));
    expect(failed.message).toContain("404");
  });

  test("closes a connection whose frame is too long", async () => {
    const { session } = await served();
    const { token } = session();
    const { socket, ended } = await raw();
    socket.send(JSON.stringify({ type: "hello", version: wireVersion, token: token() }));
    socket.send("x".repeat(2 ** 21));
    await ended;
  });
});
