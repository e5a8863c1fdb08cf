import { mkdirSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import type { OutboundMessage } from "../../messages.ts";
import type { HostEnd } from "../../transport.ts";
import { pathsOf } from "../paths.ts";
import { answer, at, later, projection } from "../session-messages.fixture.ts";
import { must, session } from "../session.fixture.ts";

/** A host and a container that both have begun, and how often the container's file is read by a call. */
const begun = async () => {
  const { folder, reader, host: openHost, agent: openAgent } = session();
  const [host, agent] = [openHost(), openAgent()];
  must(await host.project(projection(1)));
  const write = async (message: OutboundMessage): Promise<void> => {
    must(await agent.commit({ acknowledgements: [], messages: [message], now: at }));
  };
  await write(answer("first"));
  must(await host.receive({ limit: 10, now: at }));
  await deliver(host, "first");
  const readsOf = async <T>(call: () => Promise<T>): Promise<readonly [T, number]> => {
    const before = reader.reads();
    return [await call(), reader.reads() - before];
  };
  return { folder, host, openHost, write, readsOf };
};

const deliver = async (host: HostEnd, id: string): Promise<void> => {
  must(await host.acknowledge([{ id, status: "delivered", platformMessageId: null, at }]));
};

const idsOf = async (host: HostEnd, now = at): Promise<readonly string[]> =>
  must(await host.receive({ limit: 10, now })).map(({ id }) => id);

test("one read of the container's file tells what is new, from where the host left off", async () => {
  const { host, write, readsOf } = await begun();
  for (const id of ["a", "b", "c"]) {
    await write(answer(id));
    expect(await readsOf(() => idsOf(host))).toEqual([[id], 1]);
    await deliver(host, id);
    expect(await readsOf(() => idsOf(host))).toEqual([[], 1]);
  }
});

test("what another end of this host wrote down meanwhile counts", async () => {
  const { host, openHost, write, readsOf } = await begun();
  const other = openHost();
  await write(answer("a"));
  expect(await idsOf(other)).toEqual(["a"]);
  await deliver(other, "a");
  // The second one is from behind it.
  expect(await readsOf(() => idsOf(host))).toEqual([[], 2]);
  await write(answer("late", { deliverAfter: later(60) }));
  expect(await idsOf(other)).toEqual([]);
  // It is open now, and behind the cursor.
  expect(await readsOf(() => idsOf(host, later(61)))).toEqual([["late"], 2]);
});

test("after inbound.db was lost, what was not delivered since comes again", async () => {
  const { folder, host, write, readsOf } = await begun();
  await write(answer("a"));
  rmSync(pathsOf(folder).inbound);
  must(await host.project(projection(1)));
  expect(await readsOf(() => idsOf(host))).toEqual([["first", "a"], 2]);
});

test("a host that another one follows is refused, whether there is anything new or not", async () => {
  const { folder, host, openHost, write } = await begun();
  const late = openHost({ token: 2 });
  must(await late.project(projection(2, 2)));
  expect(await host.receive({ limit: 10, now: at })).toMatchObject({ error: { code: "fenced" } });
  await write(answer("a"));
  expect(await host.receive({ limit: 10, now: at })).toMatchObject({ error: { code: "fenced" } });
  expect(await idsOf(late)).toEqual(["a"]);
  const { outbound } = pathsOf(folder);
  rmSync(outbound);
  mkdirSync(outbound);
  expect(await host.receive({ limit: 10, now: at })).toMatchObject({ error: { code: "fenced" } });
  expect(await late.receive({ limit: 10, now: at })).toMatchObject({ error: { code: "unreadable" } });
});
