import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { messengerBots } from "@gatehouse/data-folder";
import { expect, test } from "vitest";
import { printedBy, ranCli } from "./ran-cli.fixture.ts";
import { openTerminal } from "./users/terminal.fixture.ts";

const usedFolder = async (): Promise<string> => {
  const dataDir = temporaryFolder();
  const { close } = await openedCentral(dataDir);
  await close();
  return dataDir;
};

test("status, channels list and their --json name a bot, and never its token", async () => {
  const dataDir = await usedFolder();
  const bot = { type: "telegram", bot: "", username: "gate_bot" };
  await messengerBots.set(dataDir, { ...bot, token: "42:hunter2" });
  const line = "telegram   @gate_bot: no host receives its messages, nothing received yet\n";
  const waiting = { count: 0, oldest: null };
  const state = { ...bot, receiver: null, heardAt: null, lastUpdateAt: null, trouble: null, waiting };
  expect(await printedBy(dataDir, "channels", "list")).toBe(line);
  expect(JSON.parse(await printedBy(dataDir, "channels", "list", "--json"))).toEqual({
    ok: true,
    channels: [state],
  });
  const status = await printedBy(dataDir, "status");
  expect(status).toContain(line);
  const document = await printedBy(dataDir, "status", "--json");
  expect(JSON.parse(document)).toMatchObject({ channels: [state] });
  expect(status + document).not.toContain("hunter2");
});

test.for([
  { what: "a file that is missing", file: "gone", code: "token-unreadable" },
  { what: "a file without a token", file: "token", code: "invalid-token" },
])("channels add refuses $what before it asks Telegram", async ({ file, code }) => {
  const dataDir = await usedFolder();
  writeFileSync(join(dataDir, "token"), "hunter2\n");
  const args = ["channels", "add", "telegram", "--token-file", join(dataDir, file), "--json"];
  const { stdout, stderr, ...ended } = await ranCli({ dataDir }, ...args);
  expect({ ...ended, stderr }).toEqual({ code: 1, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code } });
  expect(stdout).not.toContain("hunter2");
  expect(existsSync(messengerBots.fileIn(dataDir))).toBe(false);
});

test("channels add shows nothing of a token that is typed at a terminal", { tags: ["slow"] }, async () => {
  const dataDir = await usedFolder();
  const person = await openTerminal(["channels", "add", "telegram", "--data", dataDir]);
  await person.sees(/@BotFather/);
  await person.answers("The bot's token", "hunter2\r");
  await person.sees("That is not the bot's token as Telegram makes it.");
  expect(person.screen()).not.toContain("hunter2");
  expect(await person.ended).toMatchObject({ exitCode: 1 });
});

test("channels takes no messenger that it does not know", async () => {
  const { code, stderr } = await ranCli({ dataDir: await usedFolder() }, "channels", "add", "pigeon");
  expect(code).toBe(2);
  expect(stderr).toContain("telegram");
});
