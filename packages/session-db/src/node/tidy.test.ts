import { existsSync, lstatSync, readdirSync, truncateSync } from "node:fs";
import process from "node:process";
import { expect, inject, onTestFinished, test } from "vitest";
import type { AgentEnd } from "../transport.ts";
import { foreignReader } from "./index.ts";
import { pathsOf } from "./paths.ts";
import { answer, at, later, message, projection } from "./session-messages.fixture.ts";
import { must, session } from "./session.fixture.ts";

const maxOutboundBytes = 2 ** 20;
const long = { text: "x".repeat(10_000) };

const opened = async () => {
  const made = session();
  const told: string[] = [];
  const reader = foreignReader({ program: [process.execPath, inject("programs")["foreign-child"]] });
  onTestFinished(reader.close);
  const host = made.host({ maxOutboundBytes, reader });
  const newAgent = () =>
    made.agent({ maxOutboundBytes, onSetAside: (path, why) => told.push(`${path}: ${why}`) });
  must(await host.project(projection(1)));
  const { outbound, out } = pathsOf(made.folder);
  return { ...made, host, newAgent, told, outbound, out, size: () => lstatSync(outbound).size };
};

/** Answers these messages, or sends them unasked. */
const say = async (agent: AgentEnd, ids: readonly string[], over = {}): Promise<void> => {
  const messages = ids.map((id) => answer(id, { content: long, ...over }));
  must(await agent.commit({ acknowledgements: [], messages, now: at }));
};

const delivered = (id: string) => ({ id, status: "delivered", platformMessageId: null, at }) as const;

test("a file stays small however much was said in it, and nothing that waits is lost", async () => {
  const { host, newAgent, told, size } = await opened();
  const agent = newAgent();
  await say(agent, ["late"], { deliverAfter: later(60) });
  for (let round = 0; round < 60; round += 1) {
    await host.send([message(`m-${round}`)]);
    const ended = { id: `m-${round}`, status: "completed", reason: null } as const;
    must(await agent.commit({ acknowledgements: [ended], messages: [], now: at }));
    await say(agent, [`a-${round}`, `b-${round}`]);
    const got = must(await host.receive({ limit: 10, now: at }));
    expect(got.map(({ id }) => id)).toEqual([`a-${round}`, `b-${round}`]);
    must(await host.acknowledge(got.map(({ id }) => delivered(id))));
    expect(must(await host.state(at))).toMatchObject({ due: 0, ended: [{ id: `m-${round}` }] });
  }
  // 1.2 MB were said.
  expect(size()).toBeLessThan(maxOutboundBytes / 4);
  await say(agent, ["last"]);
  const rest = must(await host.receive({ limit: 10, now: later(60) }));
  expect(rest.map(({ id }) => id)).toEqual(["late", "last"]);
  expect(rest[1]?.seq).toBeGreaterThan(240);
  expect(told).toEqual([]);
});

test("what the host has not read stays, also while the file grows beyond where it is tidied", async () => {
  const { host, newAgent, told, size } = await opened();
  const agent = newAgent();
  const ids = Array.from({ length: 60 }, (_, index) => `m-${index}`);
  for (const id of ids) await say(agent, [id]);
  expect(size()).toBeGreaterThan(maxOutboundBytes / 2);
  const seen: string[] = [];
  for (let got = must(await host.receive({ limit: 50, now: at })); got.length > 0;) {
    seen.push(...got.map(({ id }) => id));
    must(await host.acknowledge(got.map(({ id }) => delivered(id))));
    got = must(await host.receive({ limit: 50, now: at }));
  }
  expect(seen).toEqual(ids);
  expect(told).toEqual([]);
});

test("a file that is too large for the host is readable again after the container's next write, with all of it", async () => {
  const { host, newAgent, told, outbound, size } = await opened();
  const first = newAgent();
  await say(first, ["a"]);
  await first.close();
  // Whatever made it so large: nothing of it is in the file's tables.
  truncateSync(outbound, 64 * maxOutboundBytes);
  expect(await host.receive({ limit: 10, now: at })).toMatchObject({
    ok: false,
    error: { code: "unreadable", message: expect.stringContaining("too-large: it has 67108864 bytes") },
  });
  await say(newAgent(), ["b"]);
  expect(size()).toBeLessThan(maxOutboundBytes);
  expect(must(await host.receive({ limit: 10, now: at }))).toMatchObject([{ id: "a" }, { id: "b" }]);
  expect(told).toEqual([]);
});

test("one that is too large with what the host never read is set aside: its questions are asked again", async () => {
  const { host, newAgent, told, outbound, out } = await opened();
  must(await host.send([message("m")]));
  const agent = newAgent();
  const ids = Array.from({ length: 120 }, (_, index) => `o-${index}`);
  const acknowledgements = [{ id: "m", status: "completed", reason: null }] as const;
  const messages = ids.map((id) => answer(id, { content: long }));
  must(await agent.commit({ acknowledgements, messages, now: at }));
  expect(await host.state(at)).toMatchObject({ ok: false, error: { code: "unreadable" } });
  // It need not end for that: any write of it will do.
  must(await agent.set("x", 1, at));
  expect(told).toEqual([
    expect.stringMatching(
      /^.*\/outbound\.db\.damaged-1: it has \d+ bytes, and the host reads 1048576 at most$/,
    ),
  ]);
  expect(readdirSync(out).toSorted()).toEqual(["doorbell", "outbound.db", "outbound.db.damaged-1"]);
  expect(existsSync(outbound)).toBe(true);
  expect(must(await agent.receive({ isFirst: false, limit: 10, now: at }))).toMatchObject([{ id: "m" }]);
  must(await agent.commit({ acknowledgements, messages: [answer("again")], now: at }));
  expect(must(await host.receive({ limit: 10, now: at }))).toMatchObject([{ id: "again" }]);
  expect(must(await host.state(at))).toMatchObject({ due: 0, ended: [{ id: "m", status: "completed" }] });
});
