import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { messengerBots } from "@gatehouse/data-folder";
import { expect, onTestFinished, test } from "vitest";
import { messengerChannels } from "./messenger-channels.ts";
import { eventually } from "./messenger.fixture.ts";
import { botOf, telegramFixture, toOwner } from "./telegram/telegram.fixture.ts";

/** A running host without a bot, and two bots that nobody receives. */
const running = async () => {
  const fixture = await telegramFixture();
  const { api, host } = fixture;
  const second = api.addBot({ token: `43:${"B".repeat(35)}`, username: "lab_bot" });
  const dataDir = temporaryFolder();
  const [open] = messengerChannels({ roots: { telegram: api.url }, retryMs: 5, lookMs: 5 });
  const channel = open?.({ ...host, dataDir }) ?? expect.fail("there is no channel");
  const received: string[] = [];
  await channel.start(async ({ instance, text }) => void received.push(`${instance}: ${text}`));
  onTestFinished(() => channel.close());
  return {
    ...fixture,
    second,
    dataDir,
    channel,
    received,
    add: (bot = botOf(api)) => messengerBots.set(dataDir, bot),
    remove: (bot = "") => messengerBots.remove(dataDir, { type: "telegram", bot }),
  };
};

test("a bot that is added while the host runs receives and sends, and a removed one does neither", async () => {
  const { api, second, channel, received, add, remove } = await running();
  expect(await channel.send(toOwner())).toMatchObject({ error: { code: "no-such-chat" } });
  expect(await channel.directChat("telegram:7", null)).toBeNull();
  api.say({ text: "one" });
  await add();
  await eventually(() => expect(received).toEqual([": one"]));
  expect(await channel.send(toOwner())).toMatchObject({ ok: true });
  second.say({ text: "two" });
  await add(botOf(second, "lab"));
  await eventually(() => expect(received).toEqual([": one", "lab: two"]));
  expect(await channel.directChat("telegram:7", "lab")).toBeNull();
  expect(await channel.directChat("telegram:7", "gone")).toMatchObject({ instance: "" });
  await remove();
  await eventually(() => expect(api.isPolled()).toBe(false));
  expect(await channel.send(toOwner({ id: "re-2" }))).toMatchObject({ error: { code: "no-such-chat" } });
  second.say({ text: "three" });
  await eventually(() => expect(received.at(-1)).toBe("lab: three"));
  expect(await channel.directChat("telegram:7", null)).toMatchObject({ instance: "lab" });
});

test("a bot with another token takes the place of the one before, and cards are tried again", async () => {
  const { api, second, received, add, connected } = await running();
  await add();
  api.say({ text: "one" });
  await eventually(() => expect(received).toEqual([": one"]));
  const before = connected();
  await add(botOf(second));
  second.say({ text: "two" });
  await eventually(() => expect(received).toEqual([": one", ": two"]));
  await eventually(() => expect(api.isPolled()).toBe(false));
  expect(connected()).toBeGreaterThan(before);
});

test("the bots stay as they were while their file cannot be read, which the log says once", async () => {
  const { api, dataDir, received, logged, add } = await running();
  await add();
  await eventually(() => expect(api.isPolled()).toBe(true));
  // At once: the channel looks every 5 ms, and an empty file would be another one that it cannot read.
  const torn = join(dataDir, "torn.json");
  writeFileSync(torn, "{", { mode: 0o600 });
  renameSync(torn, messengerBots.fileIn(dataDir));
  await eventually(() => expect(logged).toHaveLength(1));
  api.say({ text: "one" });
  await eventually(() => expect(received).toEqual([": one"]));
  expect(logged).toMatchObject([{ event: "messenger-trouble", fields: { channel: "telegram" } }]);
});

test("a message that a bot could not send, since the person has left it, goes out at another bot under its id", async () => {
  const { api, second, channel, received, add } = await running();
  await add();
  await add(botOf(second, "lab"));
  api.say({ text: "one" });
  second.say({ text: "two" });
  await eventually(() => expect(received).toHaveLength(2));
  api.fault({ method: "sendMessage", kind: "error", code: 403, description: "Forbidden: bot was blocked" });
  expect(await channel.send(toOwner())).toMatchObject({ error: { code: "blocked" } });
  expect(await channel.directChat("telegram:7", "")).toMatchObject({ instance: "lab" });
  expect(await channel.send(toOwner({ instance: "lab" }))).toMatchObject({ ok: true });
  expect(await channel.send(toOwner())).toMatchObject({ error: { code: "refused" } });
  expect(second.seen().at(-1)?.plain).toBe("pong");
});
