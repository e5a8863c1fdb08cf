import { messengerTypes } from "../messengers.ts";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { messengerBots } from "@gatehouse/data-folder";
import { expect, onTestFinished, test } from "vitest";
import { checkBots } from "../check-bots.ts";
import { eventually } from "../messenger.fixture.ts";
import { stubPlatform } from "../stub.fixture.ts";
import { telegramFixture } from "../telegram/telegram.fixture.ts";
import { discordStandin } from "../testing/discord-standin.ts";
import { telegramStandin } from "../testing/telegram-standin.ts";
import { addCommand, listCommand, removeCommand } from "./channels-command.ts";

/** A data folder, and functions that run `gatehouse channels` on it. */
const prepared = async () => {
  const api = await telegramStandin();
  onTestFinished(api.close);
  const dataDir = temporaryFolder();
  const { close } = await openedCentral(dataDir);
  await close();
  const ran = async (run: (io: Parameters<typeof addCommand>[2]) => Promise<number>) => {
    let [stdout, stderr] = ["", ""];
    const code = await run({
      env: { HOME: dataDir },
      cwd: "/",
      signal: new AbortController().signal,
      stdout: { write: (text: string) => (stdout += text) },
      stderr: { write: (text: string) => (stderr += text) },
    });
    return { code, stdout, stderr };
  };
  const add = (token: string, flags: { readonly bot?: string; readonly json?: boolean } = {}) => {
    const tokenFile = join(dataDir, "typed");
    writeFileSync(tokenFile, `${token}\n`);
    return ran((io) => addCommand("telegram", { ...flags, data: dataDir, tokenFile }, io, { root: api.url }));
  };
  const flags = { data: dataDir };
  return {
    api,
    dataDir,
    add,
    ran,
    list: (json = false) => ran((io) => listCommand({ ...flags, json }, io)),
    remove: () => ran((io) => removeCommand("telegram", flags, io)),
  };
};

test("adds a bot that Telegram knows, lists it and removes it; no output has the token", async () => {
  const { api, dataDir, add, list, remove } = await prepared();
  expect((await list()).stdout).toBe(
    `There are no bots: gatehouse channels add ${messengerTypes.join("|")}\n`,
  );
  const added = await add(api.token);
  expect(added).toMatchObject({ code: 0, stderr: expect.stringContaining("@BotFather") as string });
  expect(added.stdout).toMatch(/^added the bot @gate_bot\..*\n.*https:\/\/t\.me\/gate_bot/);
  expect(readFileSync(messengerBots.fileIn(dataDir), "utf8")).toContain(api.token);
  const listed = await list();
  expect(listed.stdout).toBe("telegram   @gate_bot: no host receives its messages, nothing received yet\n");
  const asJson = await list(true);
  expect(JSON.parse(asJson.stdout)).toMatchObject({ ok: true, channels: [{ type: "telegram", bot: "" }] });
  const removed = await remove();
  expect(removed.stdout).toContain("removed the bot and its secrets.");
  expect((await remove()).stdout).toContain("there was no such bot");
  for (const { stdout, stderr } of [added, listed, asJson, removed])
    expect(stdout + stderr).not.toContain(api.token.split(":")[1]);
});

test.for([
  { what: "an unknown token", token: `41:${"A".repeat(35)}`, code: "token-refused" },
  { what: "a text that is no token", token: "hello", code: "invalid-token" },
  { what: "half a token", token: "42:AAH", code: "invalid-token" },
])("refuses $what, quotes nothing of it and keeps nothing", async ({ token, code }) => {
  const { dataDir, add } = await prepared();
  const refused = await add(token, { json: true });
  expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false, error: { code } });
  expect(refused.stdout + refused.stderr).not.toContain(token);
  expect(existsSync(messengerBots.fileIn(dataDir))).toBe(false);
});

test.for([
  {
    what: "a bot without its intent",
    close: false,
    code: "bot-refused",
    says: /Message Content Intent is off/,
  },
  { what: "a platform that is away", close: true, code: "discord-unreachable", says: /cannot be reached/ },
])("tells $what by its code", async ({ close, code, says }) => {
  const { dataDir, ran } = await prepared();
  const api = await discordStandin({ hasIntent: false });
  onTestFinished(api.close);
  if (close) await api.close();
  const tokenFile = join(dataDir, "typed");
  writeFileSync(tokenFile, api.token);
  const flags = { json: true, data: dataDir, tokenFile };
  const refused = await ran((io) => addCommand("discord", flags, io, { root: api.url }));
  expect(JSON.parse(refused.stdout)).toMatchObject({
    ok: false,
    error: { code, message: expect.stringMatching(says) as string },
  });
  expect(existsSync(messengerBots.fileIn(dataDir))).toBe(false);
});

test("refuses one bot under two names, and a name that is none", async () => {
  const { api, add } = await prepared();
  await add(api.token);
  expect((await add(api.token, { bot: "second" })).stderr).toContain(
    "@gate_bot is a bot of this host already",
  );
  expect((await add(api.token, { bot: "No Name" })).stderr).toContain(
    "--bot is a name of lower-case letters",
  );
  expect(await add(api.token)).toMatchObject({ code: 0 });
});

test("doctor sends the token of a messenger that this build does not have nowhere", async () => {
  const { api, dataDir } = await prepared();
  await messengerBots.set(dataDir, { type: "matrix", bot: "", username: "gate", token: "syt_abc" });
  const checks = await checkBots({ dataDir, database: null }, { roots: { telegram: api.url } });
  expect(checks).toMatchObject([{ ok: false, message: "This build has no messenger matrix." }]);
  expect(api.calls("getMe")).toEqual([]);
});

test("doctor says who receives a bot's messages, and what is wrong", async () => {
  const { api, dataDir } = await prepared();
  const place = { dataDir, database: null };
  const roots = { telegram: api.url };
  expect(await checkBots(place, { roots })).toEqual([]);
  await messengerBots.set(dataDir, { type: "telegram", bot: "", username: "gate_bot", token: api.token });
  expect(await checkBots(place, { roots })).toEqual([
    { ok: true, message: "telegram: @gate_bot: no host receives its messages, nothing received yet" },
  ]);
  await messengerBots.set(dataDir, {
    type: "telegram",
    bot: "",
    username: "gate_bot",
    token: `41:${"A".repeat(35)}`,
  });
  expect(await checkBots(place, { roots })).toMatchObject([
    { ok: false, message: "Telegram refuses the bot's token." },
  ]);
  await api.close();
  expect(await checkBots(place, { roots })).toMatchObject([
    { ok: false, message: expect.stringMatching(/cannot be reached/) as string },
  ]);
});

test.for([
  {
    what: "what its host says to do",
    trouble: "Stub says: no. To mend it, ask the stub",
    shown: "Stub says: no.",
    fix: "ask the stub",
  },
  {
    what: "no fix for one chat that is not handed over",
    trouble: "Stub does not hand over what was said in the chat C1. Stub says: busy",
    shown: "Stub does not hand over what was said in the chat C1. Stub says: busy",
    fix: undefined,
  },
])("doctor says of a bot with trouble $what", async ({ trouble, shown, fix }) => {
  const { row } = stubPlatform();
  const dataDir = temporaryFolder();
  const { db, close } = await openedCentral(dataDir);
  const secrets = { token: "stt_1", more: { app: "sta_good" } };
  await messengerBots.set(dataDir, { type: "stub", bot: "", username: "stubby", ...secrets });
  const leased = { session_id: null, owner: "place-12-uuid", expires_at: "2999-01-01T00:00:00.000Z" };
  await addRow(db, "leases", { name: "stub/", ...leased });
  await addRow(db, "messenger_bots", { type: "stub", bot: "", trouble });
  await close();
  const [check] = await checkBots({ dataDir, database: null }, { table: { stub: row } });
  expect(check).toMatchObject({ ok: false, message: expect.stringContaining("tries to receive") as string });
  expect(check?.message.endsWith(`. ${shown}`)).toBe(true);
  expect(check?.fix).toBe(fix);
});

test("list tells of messages that wait since a host ended, for each bot", async () => {
  const { dataDir, list } = await prepared();
  for (const [bot, username] of [
    ["", "gate_bot"],
    ["lab", "lab_bot"],
  ] as const)
    await messengerBots.set(dataDir, { type: "telegram", bot, username, token: `42:${username}` });
  const { db, close } = await openedCentral(dataDir);
  const updates = [
    { update_id: 1, at: "2026-11-28T06:00:00.000Z", routed_at: null },
    { update_id: 2, at: "2026-11-28T06:05:00.000Z", routed_at: null },
    { update_id: 3, at: "2026-11-28T05:00:00.000Z", routed_at: "2026-11-28T05:00:01.000Z" },
  ];
  for (const update of updates) await addRow(db, "messenger_updates", { ...update, bot: "lab" });
  await close();
  const none = "no host receives its messages, nothing received yet";
  expect((await list()).stdout.split("\n")).toEqual([
    `telegram   @gate_bot: ${none}`,
    `telegram   @lab_bot: ${none}, 2 wait to be handed over since 2026-11-28T06:00:00.000Z`,
    "",
  ]);
  expect(JSON.parse((await list(true)).stdout)).toMatchObject({
    channels: [{ waiting: { count: 0 } }, { waiting: { count: 2, oldest: "2026-11-28T06:00:00.000Z" } }],
  });
});

test("doctor and list tell of another program that receives the bot's messages", async () => {
  const { api, central, started } = await telegramFixture();
  api.fault({
    method: "getUpdates",
    kind: "error",
    code: 409,
    description: "Conflict: other.",
    times: 1_000,
  });
  await started();
  const { botStates, botText } = await import("../state.ts");
  const dataDir = temporaryFolder();
  await messengerBots.set(dataDir, { type: "telegram", bot: "", username: "gate_bot", token: api.token });
  await eventually(async () => {
    const [state] = await botStates(dataDir, central.db);
    expect(state).toMatchObject({
      username: "gate_bot",
      receiver: expect.stringContaining("process") as string,
    });
    expect(state === undefined ? "" : botText(state)).toMatch(
      /Another program receives the updates of this bot\. .*\. To mend it, end the other program/,
    );
  });
});
