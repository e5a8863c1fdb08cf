import { fakeRuntime } from "@nc/container-runtime/testing";
import { setVendorTrouble } from "@gatehouse/session-rows";
import { expect, test } from "vitest";
import { fromAna, install, sessionFixture, until } from "../session.fixture.ts";

test("a chat is told once that its agent waits for the vendor of its model, and the message stays open", async () => {
  const fixture = await sessionFixture();
  const { runtime } = fakeRuntime({ install });
  const host = await fixture.host({ runtime, times: { vendorWaitMs: 40 } });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  const { id: sessionId } = await fixture.session();
  const agent = fixture.agent(sessionId);
  const now = new Date().toISOString();
  const acknowledgements = [{ id: "m-1", status: "processing", reason: null }] as const;
  expect(await agent.commit({ acknowledgements, messages: [], now })).toMatchObject({ ok: true });
  const { central } = fixture;
  await central.db.updateTable("container_configs").set({ timezone: "Europe/Berlin" }).execute();
  const note = (trouble: string | null) =>
    setVendorTrouble(
      central.loop,
      { sessionId, incarnation: 1 },
      { trouble, now: "2026-11-24T11:03:00.000Z" },
    );
  await note("anthropic is overloaded (529)");
  await until(() => expect(fixture.texts()).toHaveLength(1));
  await host.receive(fromAna("m-2", "and?"));
  await note("anthropic is overloaded (529)");
  await until(() => expect(fixture.channel.calls.get("waits-m-1")).toBe(1));
  expect(fixture.channel.sent).toMatchObject([
    {
      text: "anthropic is overloaded (529) since 12:03; the agent tries again by itself. /stop ends the wait.",
      platformId: "ana",
      from: null,
      inReplyTo: null,
    },
  ]);
});
