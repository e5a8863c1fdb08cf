import { addRow } from "@gatehouse/central-database/testing";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { describe, expect, test } from "vitest";
import { fromAna, given, install, sessionFixture, until } from "../session.fixture.ts";
import { hostOrderIn } from "./host-orders.ts";

/** A host whose containers do nothing: the test plays the agent. */
const hosted = async () => {
  const fixture = await sessionFixture();
  const cost = async ({ groupId }: { readonly groupId: string }) => ({
    text: `The cost of ${groupId}.`,
    failed: false,
  });
  const orders = { "/cost": { answer: cost } };
  const restart = () => fixture.host({ runtime: fakeRuntime({ install }).runtime, orders });
  const host = await restart();
  const agent = async () => {
    const side = fixture.agent((await fixture.session()).id);
    await until(async () => expect((await side.projection()).ok).toBe(true));
    return side;
  };
  const claim = async (id: string): Promise<void> => {
    const acknowledgements = [{ id, status: "processing", reason: null } as const];
    await (await agent()).commit({ acknowledgements, messages: [], now: new Date().toISOString() });
  };
  return { ...fixture, restart, host, agent, claim };
};

describe("/withdraw", () => {
  test("/withdraw removes the sender's newest message before an agent gets it", async () => {
    const { host, agent, texts } = await hosted();
    await host.receive(fromAna("m-1", "keep this"));
    await host.receive(fromAna("m-2", "not this"));
    await host.receive(fromAna("o-1", " /WITHDRAW "));
    expect(texts()).toEqual(["Withdrawn: not this"]);
    expect(await given(await agent())).toEqual(["keep this"]);
  });

  test("/withdraw in a changed message is a text: no order is carried out again", async () => {
    const { host, agent } = await hosted();
    await host.receive(fromAna("m-1", "keep this"));
    await host.receive(fromAna("m-2", "/withdraw", { edits: "m-0" }));
    expect(await given(await agent())).toEqual(["keep this", "/withdraw"]);
  });

  test("/withdraw tells the channel that the message has ended", async () => {
    const fixture = await sessionFixture();
    const ended: unknown[] = [];
    const channel = { ...fixture.channel, ended: async (message: object) => void ended.push(message) };
    const host = await fixture.host({ runtime: fakeRuntime({ install }).runtime, channels: [channel] });
    await host.receive(fromAna("m-1", "not this"));
    await host.receive(fromAna("o-1", "/withdraw"));
    await until(() =>
      expect(ended).toMatchObject([{ id: "m-1", failure: "Withdrawn by /withdraw.", ordered: true }]),
    );
    expect(fixture.happened("message-failed")).toEqual([]);
  });

  test("/withdraw is carried out once, even if the host was killed before it noted the order", async () => {
    const { host, agent, texts } = await hosted();
    await host.receive(fromAna("m-1", "first"));
    await host.receive(fromAna("m-2", "second"));
    await host.receive(fromAna("o-1", "/withdraw"));
    await host.receive(fromAna("o-1", "/withdraw"));
    expect(texts()).toEqual(["Withdrawn: second"]);
    expect(await given(await agent())).toEqual(["first"]);
  });

  test("/withdraw is answered by the next host if a host was killed between withdrawal and answer", async () => {
    const fixture = await hosted();
    await fixture.host.receive(fromAna("m-1", "first"));
    await fixture.host.receive(fromAna("m-2", "second"));
    fixture.channel.fails = () => {
      throw new Error("killed");
    };
    await expect(fixture.host.receive(fromAna("o-1", "/withdraw"))).rejects.toThrow("killed");
    fixture.channel.fails = () => null;
    await fixture.host.close();
    const next = await fixture.restart();
    await next.receive(fromAna("o-1", "/withdraw"));
    expect(fixture.texts()).toContain("Withdrawn: second");
    expect(await given(await fixture.agent())).toEqual(["first"]);
  });

  test("/withdraw is carried out by the host that receives it, and the host with the lease tells the end, once", async () => {
    const fixture = await sessionFixture();
    const ended: unknown[] = [];
    const channel = { ...fixture.channel, ended: async (message: object) => void ended.push(message) };
    const shared = { runtime: fakeRuntime({ install }).runtime, isAlone: false, channels: [channel] };
    const [first, second] = [await fixture.host(shared), await fixture.host(shared)];
    await first.receive(fromAna("m-1", "hello"));
    await second.receive(fromAna("o-1", "/withdraw"));
    await until(() => expect(fixture.texts()).toEqual(["Withdrawn: hello"]));
    await until(() => expect(ended).toMatchObject([{ id: "m-1", failure: "Withdrawn by /withdraw." }]));
  });

  test.each([
    { name: "a message that the agent works on", claims: true, says: /already works on it/ },
    { name: "nothing that waits", claims: false, says: /no message that waits/ },
  ])("/withdraw says that there is $name", async ({ claims, says }) => {
    const { host, claim, texts } = await hosted();
    if (claims) {
      await host.receive(fromAna("m-1", "hello"));
      await claim("m-1");
    }
    await host.receive(fromAna("o-1", "/withdraw"));
    expect(texts()).toEqual([expect.stringMatching(says)]);
  });

  test("/withdraw removes no message of another sender in the same chat", async () => {
    const { central, host, agent, texts } = await hosted();
    await addRow(central.db, "users", { id: "local:bo", kind: "local" });
    await addRow(central.db, "user_roles", { user_id: "local:bo", role: "owner", agent_group_id: null });
    await host.receive(fromAna("m-1", "of Bo", { userId: "local:bo" }));
    await host.receive(fromAna("o-1", "/withdraw"));
    expect(texts()).toEqual(["You have no message that waits."]);
    expect(await given(await agent())).toEqual(["of Bo"]);
  });

  test.each(["/withdrawn", "please /withdraw", "/withdraw it", "withdraw"])(
    "%s is a message for the agent",
    async (text) => {
      const { host, agent } = await hosted();
      await host.receive(fromAna("m-1", text));
      expect(await given(await agent())).toEqual([text]);
    },
  );

  test("/withdraw of a person without the right to write to the agent does nothing", async () => {
    const { host, happened, texts } = await hosted();
    await host.receive(fromAna("o-1", "/withdraw", { userId: "local:eve" }));
    expect(happened("message-dropped")).toHaveLength(1);
    expect(texts()).not.toContain("You have no message that waits.");
  });
});

test("an order that the options of the host define is answered, and makes no session", async () => {
  const { central, host, texts } = await hosted();
  await host.receive(fromAna("o-1", "/cost"));
  expect(texts()).toEqual(["The cost of ag-1."]);
  expect(await central.db.selectFrom("sessions").selectAll().execute()).toEqual([]);
});

describe("an order in a text", () => {
  const answer = async () => ({ text: "", failed: false });
  const orders = { "/cost": { answer }, "/model": { answer, takesWords: true } } as const;
  test.for([
    { text: "/model", words: [] },
    { text: " /MODEL opus ", words: ["opus"] },
    { text: "/model\nopus --yes", words: ["opus", "--yes"] },
    { text: "/cost", words: [] },
    { text: "/withdraw", words: [] },
    { text: "/cost now", words: null },
    { text: "/models", words: null },
    { text: "please /model opus", words: null },
    { text: "/stop", words: null },
    { text: "/constructor", words: null },
    { text: "constructor", words: null },
    { text: "", words: null },
  ])("the order $text has the words $words", ({ text, words }) => {
    expect(hostOrderIn({ orders }, text)?.words ?? null).toEqual(words);
  });
});
