import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { idsOf, inbound, must, outbound, projectionOf, start } from "../../testing/contract-case.ts";
import { wireLimits } from "../../wire/frames.ts";
import { defaultPing } from "./keep-alive.ts";
import { runnerPath } from "./serve-runners.ts";
import { fastPing, relay, wireBed } from "./wire.fixture.ts";

const { folder, path, served, dialled, remove } = await wireBed();
afterAll(remove);

test("a half-open connection is noticed within 45 s, by pings each 20 s", () => {
  expect(defaultPing).toEqual({ everyMs: 20_000, silentMs: 45_000 });
});

describe("a connection whose network is lost without a word", () => {
  const bed = async (ping: { readonly host?: typeof fastPing; readonly runner?: typeof fastPing }) => {
    const made = await served(ping.host);
    const { host: openHost, token } = made.session();
    const host = openHost(1);
    await must(host.project(projectionOf()));
    const at = join(folder, `relay-${Math.random()}.sock`);
    const lost = await relay(at, path);
    const shown = token();
    const runner = dialled(shown, { at, ...(ping.runner === undefined ? {} : { ping: ping.runner }) });
    await must(runner.agent.projection());
    return { ...made, host, ...lost, ...runner, shown };
  };

  test("is dialled again by the runner, whose call is answered once", async () => {
    const { host, agent, streams, silence } = await bed({ runner: fastPing });
    await must(host.send([inbound("m")]));
    silence();
    const completed = { id: "m", status: "completed", reason: null } as const;
    await must(agent.commit({ acknowledgements: [completed], messages: [outbound("re-m")], now: start }));
    expect(streams).toHaveLength(2);
    expect(idsOf(await must(host.receive({ limit: 10, now: start })))).toEqual(["re-m"]);
  });

  test("is ended by the host, which says why", async () => {
    const { connections, ended, silence } = await bed({ host: fastPing });
    expect(connections()).toHaveLength(1);
    silence();
    await vi.waitFor(() => expect(connections()).toEqual([]));
    expect(ended).toEqual(["silent"]);
  });

  test("gives way to a newer one of its token, which the host serves", async () => {
    const { ended, silence, shown } = await bed({});
    silence();
    await must(dialled(shown).agent.projection());
    await vi.waitFor(() => expect(ended).toEqual(["replaced"]), { timeout: 5_000 });
  });

  test("is kept where nothing is said for long, but pings are answered", async () => {
    const { agent, streams, ended } = await bed({ host: fastPing, runner: fastPing });
    const until = performance.now() + 3 * fastPing.silentMs;
    await vi.waitFor(() => expect(performance.now()).toBeGreaterThan(until), { timeout: 5_000 });
    await must(agent.projection());
    expect({ streams: streams.length, ended }).toEqual({ streams: 1, ended: [] });
  });
});

test("a runner may have any number of calls open: they are sent a few at a time", async () => {
  const { session, ended } = await served();
  const { host, token } = session();
  await must(host(1).project(projectionOf()));
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
    socket.send(JSON.stringify({ type: "hello", versions: [1], token }));
    await vi.waitFor(() => expect(said).toHaveLength(1));
    return { socket, said, ended };
  };

  test("is told that too many of its calls wait, and is not welcome for a while", async () => {
    const { session, ended: why } = await served();
    const [{ host, token }, other] = [session(), session()];
    await must(host(1).project(projectionOf()));
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

  test("and reads nothing of what it asked for is cut off", async () => {
    const { session, ended: why, connections } = await served();
    const { host, token } = session();
    await must(host(1).project(projectionOf()));
    const { socket } = await shownTo(token());
    const text = "x".repeat(200_000);
    await must(
      host(1).send(Array.from({ length: 10 }, (_, count) => inbound(`m-${count}`, { content: { text } }))),
    );
    socket.pause();
    let most = 0;
    for (let id = 0; id < 60; id += 1) {
      socket.send(JSON.stringify({ type: "next", id, isFirst: false, limit: 10, now: start }));
      await vi.waitFor(() => expect(connections()[0]?.callsWaiting ?? 0).toBe(0));
      most = Math.max(most, connections()[0]?.bytesUnread ?? 0);
    }
    await vi.waitFor(() => expect(why).toEqual(["unread"]));
    // One frame more than may wait, at most.
    expect(most).toBeLessThan(wireLimits.unreadBytes + 3_000_000);
    socket.terminate();
  });

  test("and sends on when it was told why it is not welcome is read no faster", async () => {
    const { session, ended: why } = await served();
    const stream = connect(path);
    const socket = new WebSocket(`ws://host${runnerPath}`, { createConnection: () => stream });
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("open", resolve));
    socket.send(JSON.stringify({ type: "hello", versions: [2], token: session().token() }));
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
    await vi.waitFor(() => expect(why).toEqual(["too-much"]), { timeout: 10_000 });
    // What lies in the buffers of a Unix socket, and what a second brings.
    expect(stream.bytesWritten - stream.writableLength).toBeLessThan(2_000_000);
    stream.destroy();
  });
});
