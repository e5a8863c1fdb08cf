import { once } from "node:events";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { addRow } from "@gatehouse/central-database/testing";
import { issueToken, openHostSide, sessionSignals } from "@gatehouse/session-rows";
import { gatewayTokenOf } from "@gatehouse/session-rows/messages";
import { describe, expect, onTestFinished, test } from "vitest";
import { gatewayFixture, hello, type GatewayFixture } from "../gateway.fixture.ts";
import { openGate, type Slot } from "./bounds.ts";

const one = { sessionId: "se-1", groupId: "ag-1" };

/** A clock that stands still until it is set. */
const clock = (): { at: number; readonly now: () => number } => {
  const time = { at: 60_000 * 1_000, now: () => time.at };
  return time;
};

describe("what an agent may hold and ask", () => {
  test("is 60 questions in a minute, and 120 of its group", () => {
    const time = clock();
    const gate = openGate(time.now);
    const asked = (sessionId: string): boolean => {
      const slot = gate.admit({ ...one, sessionId }, true);
      if (slot.ok) slot.value.release();
      return slot.ok;
    };
    const passed = (sessionId: string) => Array.from({ length: 100 }, () => asked(sessionId)).filter(Boolean);
    expect(passed("se-1")).toHaveLength(60);
    expect(passed("se-2")).toHaveLength(60);
    expect(passed("se-3")).toHaveLength(0);
    time.at += 59_999;
    expect(gate.admit(one, true)).toMatchObject({ error: { status: 429, headers: { "retry-after": "1" } } });
    expect(gate.admit(one, false)).toMatchObject({ ok: true });
    time.at += 1;
    expect(passed("se-3")).toHaveLength(60);
  });

  test("is 64 requests at once, and 256 of its group", () => {
    const gate = openGate(clock().now);
    const open = (sessionId: string) =>
      Array.from({ length: 100 }, () => gate.admit({ ...one, sessionId }, false));
    const first = open("se-1");
    expect(first.filter(({ ok }) => ok)).toHaveLength(64);
    for (const session of ["se-2", "se-3", "se-4"])
      expect(open(session).filter(({ ok }) => ok)).toHaveLength(64);
    expect(gate.admit({ ...one, sessionId: "se-5" }, false)).toMatchObject({ error: { status: 429 } });
    for (const slot of first) if (slot.ok) slot.value.release();
    expect(open("se-5").filter(({ ok }) => ok)).toHaveLength(64);
    expect(gate.admit({ sessionId: "se-9", groupId: "ag-2" }, false)).toMatchObject({ ok: true });
  });

  test("is 64 MiB of requests at once, and 128 MiB of its group", () => {
    const gate = openGate(clock().now);
    const slotOf = (sessionId: string) => {
      const slot = gate.admit({ ...one, sessionId }, false);
      return slot.ok ? slot.value : expect.fail(slot.error.message);
    };
    const [first, second, third] = [slotOf("se-1"), slotOf("se-1"), slotOf("se-2")];
    expect([first.take(2 ** 25), second.take(2 ** 25)]).toEqual([null, null]);
    expect(second.take(1)).toMatchObject({
      status: 429,
      message: expect.stringContaining("This agent has 64 MiB") as unknown,
    });
    expect(third.take(2 ** 26)).toBeNull();
    expect(slotOf("se-3").take(1)).toMatchObject({
      message: expect.stringContaining("This group has 128 MiB") as unknown,
    });
    second.release();
    expect(first.take(2 ** 25)).toBeNull();
  });
});

describe("what all agents hold together", () => {
  /** Slots of groups that hold 128 MiB together, and one more. */
  const fullGate = () => {
    const gate = openGate(clock().now);
    const slotOf = (groupId: string) => {
      const slot = gate.admit({ sessionId: `se-${groupId}`, groupId }, false);
      return slot.ok ? slot.value : expect.fail(slot.error.message);
    };
    const [first, second] = [slotOf("ag-1"), slotOf("ag-2")];
    const waiting = [slotOf("ag-3"), slotOf("ag-4")];
    expect([first.take(2 ** 26), first.room(), second.take(2 ** 26)]).toEqual([null, null, null]);
    return { first, second, waiting };
  };

  test("is 128 MiB, beyond which a body waits until another request ends", async () => {
    const { first, second, waiting } = fullGate();
    const order: string[] = [];
    const rooms = waiting.map((slot, index) => {
      expect(slot.take(2 ** 21)).toBeNull();
      return slot.room()?.then(() => order.push(String(index)));
    });
    first.release();
    await Promise.all(rooms);
    expect(order).toEqual(["0", "1"]);
    expect([waiting[0]?.room(), second.room()]).toEqual([null, null]);
  });

  test("is more for a group that holds 1 MiB or less", () => {
    const { waiting } = fullGate();
    expect([waiting[0]?.take(2 ** 20), waiting[0]?.room()]).toEqual([null, null]);
  });

  test("lets the body go on whose group holds least, though nothing ends", async () => {
    const { second, waiting } = fullGate();
    const [other] = waiting;
    if (other === undefined) return expect.fail("no slot");
    other.take(2 ** 21);
    const order: string[] = [];
    const goOn = async (name: string, slot: Slot): Promise<void> => {
      for (const piece of [1, 2]) {
        await slot.room();
        order.push(`${name} ${piece}`);
      }
    };
    await Promise.all([goOn("much", second), goOn("little", other)]);
    expect(order).toEqual(["little 1", "little 2", "much 1", "much 2"]);
  });
});

/** A request whose body never ends. */
const holding = ({ path, token }: Pick<GatewayFixture, "path" | "token">, body = "") => {
  const sent = request({
    socketPath: path,
    path: "/v1/messages",
    method: "POST",
    agent: false,
    headers: {
      authorization: `Bearer ${token}`,
      "anthropic-version": "2023-06-01",
      "content-length": 2 ** 24,
    },
  }).on("error", () => {});
  sent.write(body === "" ? " " : body);
  onTestFinished(() => void sent.destroy());
  return sent;
};

describe("the gateway", () => {
  test("answers no more questions with a day that is used up than with another", async () => {
    const time = clock();
    const { ask } = await gatewayFixture(undefined, { now: time.now });
    const questions = [
      { path: "/v1/messages/count_tokens" },
      { path: "/v1/models", method: "GET" },
      { path: "/v1/models/claude-opus-4-5", method: "GET" },
    ];
    for (let count = 0; count < 60; count += 1)
      expect(await ask(questions[count % questions.length])).toMatchObject({ status: 200 });
    for (const question of questions)
      expect(await ask(question)).toMatchObject({ status: 429, headers: { "retry-after": "60" } });
    expect(await ask()).toMatchObject({ status: 200 });
  });

  test("lets one agent hold 64 requests, and another go on", { tags: ["slow"] }, async () => {
    const fixture = await gatewayFixture();
    const { central, ask } = fixture;
    const held = Array.from({ length: 64 }, () => holding(fixture));
    // A question may have taken the place of one of them.
    const askOnceMore = async (): Promise<number | undefined> => {
      held.push(holding(fixture));
      return (await ask()).status;
    };
    await expect.poll(askOnceMore).toBe(429);
    await addRow(central.db, "messaging_groups", { id: "mg-2", platform_id: "2" });
    await addRow(central.db, "sessions", { id: "se-2", agent_group_id: "ag-1", messaging_group_id: "mg-2" });
    const signals = sessionSignals();
    const side = openHostSide({ db: central.loop, signals, sessionId: "se-2", token: 1 });
    const issued = await side.transact(issueToken(1));
    const other = gatewayTokenOf(issued.ok ? issued.value : expect.fail(issued.error.message));
    expect(await ask({ headers: { authorization: `Bearer ${other}` } })).toMatchObject({ status: 200 });
    for (const each of held) each.destroy();
    await expect.poll(async () => (await ask()).status).toBe(200);
  });

  test("keeps no more than 64 MiB of one agent's unfinished requests", { tags: ["slow"] }, async () => {
    const fixture = await gatewayFixture();
    // Four of them leave room for a small request.
    const part = " ".repeat(2 ** 24 - 2 ** 16);
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1)
      holding(fixture, part).once("response", ({ statusCode = 0 }) => statuses.push(statusCode));
    await expect.poll(() => statuses).toEqual([429, 429]);
    expect(await fixture.ask({ body: hello })).toMatchObject({ status: 200 });
  });

  test("answers an agent behind 4,200 strangers who hold connections", { tags: ["slow"] }, async () => {
    const { path, ask } = await gatewayFixture();
    const strangers: Socket[] = [];
    onTestFinished(() => strangers.forEach((socket) => socket.destroy()));
    // The kernel keeps 511 connections that are not accepted yet.
    for (let count = 0; count < 42; count += 1) {
      const some = Array.from({ length: 100 }, () =>
        connect(path)
          .resume()
          .on("error", () => {}),
      );
      strangers.push(...some);
      await Promise.all(some.map((socket) => once(socket, "connect")));
      if (count > 2) expect(await ask()).toMatchObject({ status: 200 });
    }
    await expect.poll(() => strangers.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(256);
  });

  test("keeps the agents that were there before the strangers", { tags: ["slow"] }, async () => {
    let finish = (): void => {};
    const { path, ask, vendor } = await gatewayFixture(async (_, response) => {
      await new Promise<void>((resolve) => (finish = resolve));
      response.end("{}");
    });
    const answered = ask();
    await expect.poll(() => vendor.received).toHaveLength(1);
    const strangers = Array.from({ length: 400 }, () =>
      connect(path)
        .resume()
        .on("error", () => {}),
    );
    onTestFinished(() => strangers.forEach((socket) => socket.destroy()));
    await expect.poll(() => strangers.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(256);
    finish();
    expect(await answered).toMatchObject({ status: 200 });
  });
});
