import { dueMessages, project, sendToAgent } from "@gatehouse/session-rows";
import { EventEmitter } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { idsOf, inbound, must, outbound, projectionOf, start } from "@gatehouse/session-rows/testing";
import { wireLimits, wireVersion } from "./frames.ts";
import { defaultPingMs, keepAlive, mostSilences } from "./keep-alive.ts";
import { runnerPath } from "./runner-server.ts";
import { fastPingMs, relay, wireFixture } from "./wire.fixture.ts";

const { folder, path, served, dialled, remove } = await wireFixture();
afterAll(remove);

test("a half-open connection is ended by the last ping that brings nothing, and not before", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const [ping, terminate] = [vi.fn(), vi.fn()];
  const socket = Object.assign(new EventEmitter(), { OPEN: 1, readyState: 1, ping, terminate });
  keepAlive(socket as unknown as WebSocket, defaultPingMs);
  vi.advanceTimersByTime(mostSilences * defaultPingMs - 1);
  expect([ping.mock.calls.length, terminate.mock.calls.length]).toEqual([mostSilences - 1, 0]);
  vi.advanceTimersByTime(1);
  expect(terminate).toHaveBeenCalledOnce();
});

describe("a connection whose network is lost without a word", () => {
  const fixture = async (pingMs: { readonly host?: number; readonly runner?: number }) => {
    const made = await served(pingMs.host);
    const { host: openHost, token } = made.session();
    const host = openHost(1);
    await must(host.transact(project(projectionOf())));
    const at = join(folder, `relay-${Math.random()}.sock`);
    const lost = await relay(at, path);
    const shown = token();
    const runner = dialled(shown, { at, ...(pingMs.runner === undefined ? {} : { pingMs: pingMs.runner }) });
    await must(runner.agent.projection());
    return { ...made, host, ...lost, ...runner, shown };
  };

  test("is dialled again by the runner, whose call is answered once", async () => {
    const { host, agent, streams, silence } = await fixture({ runner: fastPingMs });
    await must(host.transact(sendToAgent([inbound("m")])));
    silence();
    const completed = { id: "m", status: "completed", reason: null } as const;
    await must(agent.commit({ acknowledgements: [completed], messages: [outbound("re-m")], now: start }));
    expect(streams).toHaveLength(2);
    expect(idsOf(await must(host.read(dueMessages({ limit: 10, now: start }))))).toEqual(["re-m"]);
  });

  test("is ended by the host, which says why", async () => {
    const { connections, ended, silence } = await fixture({ host: fastPingMs });
    expect(connections()).toHaveLength(1);
    silence();
    await vi.waitFor(() => expect(connections()).toEqual([]));
    expect(ended).toEqual(["silent"]);
  });

  test("gives way to a newer one of its token, which the host serves", async () => {
    const { ended, silence, shown } = await fixture({});
    silence();
    await must(dialled(shown).agent.projection());
    await vi.waitFor(() => expect(ended).toEqual(["replaced"]));
  });

  test("is kept while both sides are silent, as long as pings are answered", async () => {
    const { agent, streams, ended } = await fixture({ host: fastPingMs, runner: fastPingMs });
    const until = performance.now() + 3 * mostSilences * fastPingMs;
    await vi.waitFor(() => expect(performance.now()).toBeGreaterThan(until));
    await must(agent.projection());
    expect({ streams: streams.length, ended }).toEqual({ streams: 1, ended: [] });
  });

  test("is kept by a process that was stopped for longer than silence may last", async () => {
    const { agent, streams, ended } = await fixture({ host: fastPingMs, runner: fastPingMs });
    for (let stops = 0; stops < 3; stops += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, (mostSilences + 1) * fastPingMs);
      await must(agent.projection());
    }
    expect({ streams: streams.length, ended }).toEqual({ streams: 1, ended: [] });
  });
});

test("a runner may have any number of open calls: only a few are sent at a time", async () => {
  const { session, ended } = await served();
  const { host, token } = session();
  await must(host(1).transact(project(projectionOf())));
  const { agent } = dialled(token());
  const answers = await Promise.all(Array.from({ length: 500 }, () => agent.get("x")));
  expect(answers.filter(({ ok }) => !ok)).toEqual([]);
  expect(ended).toEqual([]);
});

describe("a runner that costs too much", () => {
  const shownTo = async (
    token: string,
  ): Promise<{ socket: WebSocket; said: string[]; ended: Promise<unknown> }> => {
    const socket = new WebSocket(`ws://host${runnerPath}`, { createConnection: () => connect(path) });
    const said: string[] = [];
    socket.on("message", (data: Buffer) => said.push(data.toString("utf8"))).on("error", () => {});
    const ended = new Promise((resolve) => socket.once("close", resolve));
    await new Promise((resolve) => socket.once("open", resolve));
    socket.send(JSON.stringify({ type: "hello", version: wireVersion, token }));
    await vi.waitFor(() => expect(said).toHaveLength(1));
    return { socket, said, ended };
  };

  test("gets the reason when too many of its calls wait, and is refused for a while", async () => {
    const { session, ended: why } = await served();
    const [{ host, token }, other] = [session(), session()];
    await must(host(1).transact(project(projectionOf())));
    const its = token();
    const { socket, said, ended } = await shownTo(its);
    for (let id = 0; id < 1_000; id += 1) socket.send(JSON.stringify({ type: "session", id }));
    await ended;
    expect(JSON.parse(said.at(-1) ?? "")).toMatchObject({ type: "bye", code: "too-much" });
    await vi.waitFor(() => expect(why).toEqual(["too-much"]));
    const again = await shownTo(its);
    expect(JSON.parse(again.said[0] ?? "")).toMatchObject({ type: "bye", code: "too-much" });
    const another = await shownTo(other.token());
    expect(JSON.parse(another.said[0] ?? "")).toMatchObject({ type: "welcome" });
  });

  test("is disconnected if it does not read the answers", async () => {
    const { session, ended: why, connections } = await served();
    const { host, token } = session();
    await must(host(1).transact(project(projectionOf())));
    const { socket } = await shownTo(token());
    const text = "x".repeat(200_000);
    await must(
      host(1).transact(
        sendToAgent(Array.from({ length: 10 }, (_, count) => inbound(`m-${count}`, { content: { text } }))),
      ),
    );
    socket.pause();
    let most = 0;
    for (let id = 0; id < 60; id += 1) {
      socket.send(JSON.stringify({ type: "next", id, isFirst: false, limit: 10, now: start }));
      await vi.waitFor(() => expect(connections()[0]?.callsWaiting ?? 0).toBe(0));
      most = Math.max(most, connections()[0]?.bytesUnread ?? 0);
    }
    await vi.waitFor(() => expect(why).toEqual(["unread"]));
    // At most one frame more than allowed.
    expect(most).toBeLessThan(wireLimits.unreadBytes + 3_000_000);
    socket.terminate();
  });

  test("is read no faster if it keeps sending after it was refused", async () => {
    const { session, ended: why } = await served();
    const stream = connect(path);
    const socket = new WebSocket(`ws://host${runnerPath}`, { createConnection: () => stream });
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("open", resolve));
    socket.send(JSON.stringify({ type: "hello", version: wireVersion, token: session().token() }));
    await new Promise((resolve) => socket.once("message", resolve));
    socket.pause();
    // A masked text frame (RFC 6455) of 65 bytes; its mask is zero.
    const call = JSON.stringify({ type: "get", id: 1, key: "x".repeat(28) });
    const frame = Buffer.concat([Buffer.from([0x81, 0x80 | call.length, 0, 0, 0, 0]), Buffer.from(call)]);
    const piece = Buffer.concat(Array.from({ length: 1_000 }, () => frame));
    const sendOn = (): void => {
      while (stream.writable && stream.write(piece));
    };
    stream.on("drain", sendOn);
    sendOn();
    await vi.waitFor(() => expect(why).toEqual(["too-much"]));
    // The bytes in the buffers of a Unix socket, and those that one second of reading takes.
    expect(stream.bytesWritten - stream.writableLength).toBeLessThan(2_000_000);
    stream.destroy();
  });
});
