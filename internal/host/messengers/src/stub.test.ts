import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { channelContract } from "@gatehouse/channels/testing";
import { messengerBots } from "@gatehouse/data-folder";
import { afterEach, expect, test, vi } from "vitest";
import { checkBots } from "./check-bots.ts";
import { addCommand, removeCommand } from "./commands/channels-command.ts";
import { messengerChannel } from "./messenger-channel.ts";
import { messengerFixture, sendsOf } from "./messenger.fixture.ts";
import { messengers } from "./messengers.ts";
import { stubPlatform } from "./stub.fixture.ts";

const stubBot = { type: "stub", bot: "", username: "stubby", token: "stt_1" };

channelContract("a platform that is a folder and a row", async () => {
  const platform = stubPlatform();
  const { central, open } = await messengerFixture({
    messenger: platform.stub,
    bot: stubBot,
    ownerId: "stub:7",
  });
  const sends = sendsOf(central);
  return {
    open,
    db: central.db,
    userId: "stub:7",
    platformId: "stub:dm-7",
    strangerId: "stub:99",
    say: (text, files) => Promise.resolve(platform.say(text, files)),
    edit: (id, text) => void platform.edit(id, text),
    answer: async ({ cardId, option, words }) => {
      const { platformMessageId, options } = await sends.card(cardId);
      if (words !== undefined) platform.reply(platformMessageId, words);
      else platform.press(platformMessageId, `${cardId}:${options.findIndex(({ id }) => id === option)}`);
    },
    seen: () =>
      sends.messages(
        platform.shown.map(({ id, text, buttons: labels, files: [file] }) => ({
          platformIds: [id],
          text,
          labels,
          file,
        })),
      ),
  };
});

/** A data folder for a build that has the stub, too. No request may leave this process. */
const build = async () => {
  const calls = vi.spyOn(globalThis, "fetch");
  const platform = stubPlatform();
  const table = { ...messengers, stub: platform.row };
  const dataDir = temporaryFolder();
  await (await openedCentral(dataDir)).close();
  const ran = async (run: (io: Parameters<typeof addCommand>[2]) => Promise<number>) => {
    let output = "";
    const write = (text: string) => (output += text);
    const signal = new AbortController().signal;
    const code = await run({
      env: { HOME: dataDir },
      cwd: "/",
      signal,
      stdout: { write },
      stderr: { write },
    });
    return { code, output };
  };
  const add = (lines: string, bot?: string) => {
    const tokenFile = join(dataDir, "typed");
    writeFileSync(tokenFile, lines);
    const flags = { data: dataDir, tokenFile, ...(bot === undefined ? {} : { bot }) };
    return ran((io) => addCommand("stub", flags, io, { table }));
  };
  return {
    ...platform,
    dataDir,
    calls,
    add,
    check: () => checkBots({ dataDir, database: null }, { table }),
    remove: () => ran((io) => removeCommand("stub", { data: dataDir }, io, { table })),
  };
};

afterEach(() => vi.restoreAllMocks());

test("a bot of which another secret has changed is connected anew", async () => {
  const { stub } = stubPlatform();
  const connect = vi.fn(stub.connect);
  const messenger = { ...stub, connect };
  const { host } = await messengerFixture({ messenger, bot: stubBot, ownerId: "stub:7" });
  const channel = messengerChannel(messenger, host);
  for (const app of ["sta_1", "sta_1", "sta_2"]) await channel.use([{ ...stubBot, more: { app } }]);
  expect(connect.mock.calls.map(([{ more }]) => more)).toEqual([{ app: "sta_1" }, { app: "sta_2" }]);
  await channel.close();
});

test("add, doctor and remove ask in the platform's words, and give each secret to it and to nobody else", async () => {
  const { asked, calls, dataDir, add, check, remove } = await build();
  const added = await add("stt_1\nsta_good\n");
  expect(added).toMatchObject({ code: 0 });
  expect(added.output).toBe(
    [
      "Ask the stub for the bot's token.",
      "Ask the stub for the app's token.",
      "added the bot @stubby. A host that runs receives its messages within ten seconds: gatehouse channels list",
      "Write to stubby.\n",
    ].join("\n"),
  );
  const secrets = { token: "stt_1", more: { app: "sta_good" } };
  const bot = { type: "stub", bot: "", username: "stubby", id: "stt_1" };
  expect(await messengerBots.read(dataDir)).toEqual({ ok: true, value: [{ ...bot, ...secrets }] });
  const [checked] = await check();
  expect(checked).toMatchObject({ ok: true, message: expect.stringContaining("stub: @stubby") as string });
  expect(asked).toMatchObject([secrets, secrets]);
  expect((await add("stt_1\nsta_good", "second")).output).toContain("@stubby is a bot of this host already");
  expect((await remove()).output).toContain("the stub's page ends both");
  expect(calls).not.toHaveBeenCalled();
});

test.for([
  {
    what: "the other's token",
    lines: "42:AAAA\nsta_good",
    says: "That is not the bot's token as Stub makes it.",
  },
  { what: "both in the wrong order", lines: "sta_good\nstt_1", says: "That is not the bot's token as Stub" },
  { what: "one of two", lines: "stt_1", says: "That is not the app's token as Stub makes it." },
  {
    what: "one that the platform refuses",
    lines: "stt_1\nsta_old",
    says: "Stub does not know the app's token.",
  },
])("add refuses $what, quotes nothing of it and keeps nothing", async ({ lines, says }) => {
  const { calls, dataDir, add } = await build();
  const { code, output } = await add(lines);
  expect(code).toBe(1);
  expect(output).toContain(says);
  for (const line of lines.split("\n")) expect(output).not.toContain(line);
  expect(await messengerBots.read(dataDir)).toEqual({ ok: true, value: [] });
  expect(calls).not.toHaveBeenCalled();
});

test("doctor names the secret that the platform refuses, and where to copy it again", async () => {
  const { dataDir, check } = await build();
  const secrets = { token: "stt_1", more: { app: "sta_old" } };
  await messengerBots.set(dataDir, { type: "stub", bot: "", username: "stubby", ...secrets });
  expect(await check()).toEqual([
    {
      ok: false,
      message: "Stub refuses the app's token.",
      fix: "gatehouse channels add stub, with the app's token from the stub's page",
    },
  ]);
});
