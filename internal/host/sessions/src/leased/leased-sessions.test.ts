import { takeLease } from "@gatehouse/session-rows";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { describe, expect, test } from "vitest";
import type { HostContext } from "../context.ts";
import { defaultTimes } from "../loop-times.ts";
import { fromAna, install, sessionFixture, until } from "../session.fixture.ts";
import { leasedSessions } from "./leased-sessions.ts";

/** A session that no host leases, and a host whose `settle` waits until the test calls `settle`. */
const withHeldSettle = async () => {
  const fixture = await sessionFixture();
  const host = await fixture.host({ runtime: fakeRuntime({ install }).runtime });
  await host.receive(fromAna("m-1", "hello"));
  await host.close();
  const { id } = await fixture.session();
  const { central, dataDir, signals } = fixture;
  const context = {
    central,
    dataDir,
    signals,
    owner: "host-2",
    isAlone: false,
    times: defaultTimes,
    report: (error: unknown) => expect.fail(String(error)),
  } as unknown as HostContext;
  const order: string[] = [];
  let settle = (): void => {};
  const held = new Promise<void>((resolve) => (settle = resolve));
  const leased = leasedSessions(context, {
    settle: () => held.then(() => void order.push("settled")),
    deliver: async () => undefined,
    reconcile: async () => void order.push("reconciled"),
    perform: async () => undefined,
  });
  const first = leased.open(id);
  const session = await until(() => leased.get(id) ?? expect.fail("is not leased yet"));
  /** Ends the wait of `settle`. Another use of the database comes before, which takes longer than a promise. */
  const settleLater = async (): Promise<void> => {
    const refused = await takeLease(central.loop, { sessionId: id, owner: "host-3", ttlMs: 1_000 });
    expect(refused).toMatchObject({ ok: false });
    settle();
  };
  return { leased, session, order, first, settleLater };
};

describe("a leased session before it is settled", () => {
  test("a second caller gets the session once it is settled", async () => {
    const { leased, session, order, first, settleLater } = await withHeldSettle();
    const second = leased.open(session.id).then((opened) => {
      order.push("opened");
      return opened;
    });
    await settleLater();
    expect([await first, await second]).toEqual([session, session]);
    expect(order).toEqual(["settled", "opened"]);
    await leased.release(session);
  });

  test("the session is reconciled once it is settled", async () => {
    const { leased, session, order, settleLater } = await withHeldSettle();
    const reconciled = session.reconcile();
    await settleLater();
    await reconciled;
    expect(order).toEqual(["settled", "reconciled"]);
    await leased.release(session);
  });
});
