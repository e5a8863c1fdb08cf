import type { EndedMessage } from "@gatehouse/channels";
import process from "node:process";
import { containerConfigStore } from "@nc/container-config/node";
import { describe, expect, test } from "vitest";
import { at } from "@gatehouse/central-database/testing";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { aboutSessions, fromAna, sessionFixture, shownLease, until } from "./session.fixture.ts";

describe("a message of a person", () => {
  test("a person's message is answered once, by a runner that was started for it", async () => {
    const fixture = await sessionFixture();
    const host = await fixture.host();
    await host.receive(fromAna("m-1", "hello"));
    await until(() => expect(fixture.texts()).toEqual(["hello"]));
    const place = { platformId: "ana", instance: "", threadId: null };
    expect(fixture.channel.sent).toEqual([
      { id: "re-m-1", ...place, text: "hello", inReplyTo: "m-1", from: "Ana", ...shownLease },
    ]);
    await host.receive(fromAna("m-1", "hello"));
    await host.receive(fromAna("m-2", "again"));
    await until(() => expect(fixture.texts()).toEqual(["hello", "again"]));
    expect(fixture.happened("container-started")).toHaveLength(1);
  });

  test("a person's message is answered once even if its runner is killed meanwhile", async () => {
    const fixture = await sessionFixture();
    let asked = 0;
    const host = await fixture.host({
      answerAgent: async () => {
        asked += 1;
        if (asked === 1) process.kill(Number(fixture.happened("container-started")[0]?.["pid"]), "SIGKILL");
        return { id: "1", ok: true, data: "all is well" };
      },
    });
    await host.receive(fromAna("m-1", "/ncl help"));
    await until(() => expect(fixture.texts()).toEqual(["all is well"]));
    expect(asked).toBe(2);
    expect(fixture.happened("container-ended")).toMatchObject([{ incarnation: 1, signal: "SIGKILL" }]);
    expect(fixture.happened("container-started")).toHaveLength(2);
    await host.receive(fromAna("m-2", "hello"));
    await until(() => expect(fixture.texts()).toEqual(["all is well", "hello"]));
  });

  test("a message that crashes every runner is reported as failed, with the reason", async () => {
    const fixture = await sessionFixture();
    const host = await fixture.host({ times: { retryMs: 10, wakeRetryMs: 10 } });
    await host.receive(fromAna("m-1", "/crash"));
    await until(() => expect(fixture.channel.sent.map(({ inReplyTo }) => inReplyTo)).toContain("m-1"));
    const last = fixture.channel.sent.at(-1);
    expect(last?.text).toBe(
      "This message could not be answered: The agent's process ended 5 times while it worked on this message.",
    );
    expect(last).toMatchObject({ from: null, failed: true });
    await host.receive(fromAna("m-2", "hello"));
    await until(() => expect(fixture.texts().at(-1)).toBe("hello"));
  });
});

test("a failing start is reported once with its reason, and the message is answered when a start succeeds", async () => {
  const fixture = await sessionFixture();
  const configs = containerConfigStore(fixture.central.db, { now: () => at });
  await configs.updateScalars("ag-1", { provider: "pi" }, {});
  const host = await fixture.host();
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("wake-failed").length).toBeGreaterThan(1));
  expect(fixture.texts()).toHaveLength(1);
  expect(fixture.texts()[0]).toMatch(/^The agent could not be started: .*There is no provider "pi"/);
  await configs.updateScalars("ag-1", { provider: "echo" }, {});
  await until(() => expect(fixture.texts().at(-1)).toBe("hello"));
});

test("a message that the runner could not handle is marked failed in the chat, with its reason", async () => {
  const fixture = await sessionFixture();
  const host = await fixture.host();
  await host.receive(fromAna("m-1", "/fail no more credit"));
  await until(() => expect(fixture.channel.sent).toHaveLength(1));
  expect(fixture.channel.sent).toMatchObject([
    { text: "No answer: no more credit", inReplyTo: "m-1", from: "Ana", failed: true },
  ]);
});

test("the runner's text about a failure is in the chat, and not in the log", async () => {
  const fixture = await sessionFixture();
  const host = await fixture.host();
  await host.receive(fromAna("m-1", "/fail my words"));
  await until(() => expect(fixture.texts()).toEqual(["No answer: my words"]));
  await until(() => expect(fixture.happened("message-failed")).toMatchObject([{ id: "m-1" }]));
  expect(JSON.stringify(fixture.events)).not.toContain("my words");
});

test("a message that the agent does not answer is ended in its channel, and an answered one is not", async () => {
  const fixture = await sessionFixture();
  const ended: EndedMessage[] = [];
  const anasChat = { platformId: "ana", instance: "", threadId: null };
  const channel = { ...fixture.channel, ended: async (message: EndedMessage) => void ended.push(message) };
  const host = await fixture.host({ channels: [channel] });
  await host.receive(fromAna("m-1", "/say nothing of this is sent"));
  await host.receive(fromAna("m-2", "hello"));
  await until(() => expect(fixture.texts()).toEqual(["hello"]));
  await until(() => expect(ended).toEqual([{ ...anasChat, id: "m-1", failure: null, ...shownLease }]));
});

test("a changed configuration is tried at once, before the next try is due", async () => {
  const fixture = await sessionFixture();
  const configs = containerConfigStore(fixture.central.db, { now: () => at });
  await configs.updateScalars("ag-1", { provider: "pi" }, {});
  const host = await fixture.host({ times: { wakeRetryMs: 600_000 } });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("wake-failed")).toHaveLength(1));
  await configs.updateScalars("ag-1", { provider: "echo" }, {});
  await host.refresh();
  await until(() => expect(fixture.texts().at(-1)).toBe("hello"));
});

describe("an agent with a name of its own", () => {
  test("an agent's own name is the sender of its messages, and is in its prompt and its instructions", async () => {
    const fixture = await sessionFixture();
    const configs = containerConfigStore(fixture.central.db, { now: () => at });
    await configs.updateScalars("ag-1", { assistant_name: "Ada" }, {});
    const host = await fixture.host();
    await host.receive(fromAna("m-1", "/prompt"));
    await until(() => expect(fixture.texts()).toHaveLength(1));
    expect(fixture.channel.sent[0]?.from).toMatch(/^Ada \(.+\)$/);
    const { name } = await fixture.central.db
      .selectFrom("agent_groups")
      .select("name")
      .executeTakeFirstOrThrow();
    expect(fixture.channel.sent[0]?.from).toBe(`Ada (${name})`);
    expect(fixture.texts()[0]).toMatch(
      /^<context you="Ada" [^>]*>Send with &lt;message to=[^\n]*is not sent/,
    );
    const file = join(fixture.dataDir, "groups", "ana", "CLAUDE.md");
    expect(readFileSync(file, "utf8")).toContain("Your name is Ada.");
  });

  test("only the message elements of a model's text are sent", async () => {
    const fixture = await sessionFixture();
    const host = await fixture.host();
    const row = { agent_group_id: "ag-1", local_name: "home", target_type: "channel", target_id: "mg-1" };
    await fixture.central.db
      .insertInto("agent_destinations")
      .values({ ...row, created_at: at })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const names = await fixture.central.db.selectFrom("agent_destinations").select("local_name").execute();
    const to = names[0]?.local_name ?? "";
    await host.receive(
      fromAna("m-1", `/say I think.\n<message to="${to}">It is done.</message>\nI am done.`),
    );
    await until(() => expect(fixture.texts()).toEqual(["It is done."]));
  });
});

describe("a restart of a group", () => {
  test("a restart message reaches the new container once, and the stopping container never", async () => {
    const fixture = await sessionFixture();
    const host = await fixture.host();
    await host.receive(fromAna("m-1", "hello"));
    await until(() => expect(fixture.texts()).toEqual(["hello"]));
    const [session] = await fixture.central.db.selectFrom("sessions").select("id").execute();
    const payload = { sessionIds: [session?.id ?? ""], groupId: "ag-1", message: "be well", reason: "" };
    expect(await host.handlers.restart(payload, "in-1")).toEqual({
      ok: true,
      value: { data: { restarted: 1, rebuilt: false, kept: 0 }, warnings: [] },
    });
    await until(() => expect(fixture.texts()).toEqual(["hello", "be well"]));
    // If a host dies before the outcome is written, the next one carries the intent out again.
    await host.handlers.restart(payload, "in-1");
    await host.receive(fromAna("m-2", "still there"));
    await until(() => expect(fixture.texts()).toEqual(["hello", "be well", "still there"]));
    expect(fixture.happened("container-started").map(({ incarnation }) => incarnation)).toEqual([1, 2, 3]);
  });

  test("messages in work continue at once after a restart without a message", async () => {
    const fixture = await sessionFixture();
    let restart = async (): Promise<void> => {};
    const host = await fixture.host({
      times: { retryMs: 600_000 },
      answerAgent: async () => {
        await restart();
        return { id: "1", ok: true, data: "all is well" };
      },
    });
    let left = 1;
    restart = async () => {
      left -= 1;
      if (left < 0) return;
      const { id } = await fixture.session();
      await host.handlers.restart(aboutSessions(id), `in-${left}`);
    };
    await host.receive(fromAna("m-1", "/ncl help"));
    await until(() => expect(fixture.texts()).toEqual(["all is well"]));
    expect(fixture.happened("container-started")).toHaveLength(2);
  });
});

test("a container gets its configuration and its instructions, and its generation is recorded", async () => {
  const fixture = await sessionFixture();
  const host = await fixture.host();
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.texts()).toEqual(["hello"]));
  const session = await fixture.central.db.selectFrom("sessions").selectAll().executeTakeFirstOrThrow();
  expect(session).toMatchObject({ container_status: "running", config_generation: 1, incarnation: 1 });
  const json: unknown = JSON.parse(
    readFileSync(join(fixture.folderOf(session.id), "in", "container.json"), "utf8"),
  );
  expect(json).toMatchObject({ agentGroupId: "ag-1", groupName: "Ana", provider: "echo" });
  const instructions = join(fixture.dataDir, "groups", "ana", "CLAUDE.md");
  expect(readFileSync(instructions, "utf8")).toContain("## The admin CLI: `ncl`");
  const configs = containerConfigStore(fixture.central.db, { now: () => at });
  await configs.updateScalars("ag-1", { cli_scope: "disabled" }, {});
  await host.refresh();
  expect(readFileSync(instructions, "utf8")).not.toContain("ncl");
  await host.close();
  const closed = await fixture.central.db.selectFrom("sessions").selectAll().executeTakeFirstOrThrow();
  expect(closed).toMatchObject({ container_status: "stopped", incarnation: 1 });
});

test("messages that a killed runner had claimed together reach the next runner as the same batch", async () => {
  const fixture = await sessionFixture();
  const host = await fixture.host();
  await host.receive(fromAna("m-1", "/slow 1000"));
  await host.receive(fromAna("m-2", "/batch"));
  const claimed = async () => {
    const rows = fixture.central.loop.selectFrom("session_messages_in").select(["id", "batch", "claimed_by"]);
    return rows.orderBy("batch_place").execute();
  };
  const batch = await until(async () => {
    const rows = await claimed();
    expect(rows.map(({ claimed_by }) => claimed_by)).toEqual([1, 1]);
    return rows[0]?.batch;
  });
  process.kill(Number(fixture.happened("container-started")[0]?.["pid"]), "SIGKILL");
  await until(() => expect(fixture.texts()).toEqual(["/slow 1000", `${batch} m-1 m-2`]));
});
