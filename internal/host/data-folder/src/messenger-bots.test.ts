import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { expect, test } from "vitest";
import { messengerBots } from "./messenger-bots.ts";

const first = { type: "telegram", bot: "", username: "first_bot", token: "1:first" };
const second = { type: "telegram", bot: "second", username: "second_bot", token: "2:second" };

test("keeps a token for each bot in a file that only its owner may read", async () => {
  const dataDir = temporaryFolder();
  expect(await messengerBots.read(dataDir)).toEqual({ ok: true, value: [] });
  for (const bot of [first, second])
    expect(await messengerBots.set(dataDir, bot)).toEqual({ ok: true, value: true });
  const replaced = { ...second, token: "2:new" };
  expect(await messengerBots.set(dataDir, replaced)).toEqual({ ok: true, value: true });
  expect(await messengerBots.set(dataDir, replaced)).toEqual({ ok: true, value: false });
  expect(await messengerBots.read(dataDir)).toEqual({ ok: true, value: [first, replaced] });
  expect(statSync(messengerBots.fileIn(dataDir)).mode & 0o777).toBe(0o600);
  expect(await messengerBots.remove(dataDir, { type: "telegram", bot: "" })).toEqual({
    ok: true,
    value: true,
  });
  expect(await messengerBots.remove(dataDir, { type: "telegram", bot: "" })).toEqual({
    ok: true,
    value: false,
  });
  expect(await messengerBots.read(dataDir)).toEqual({ ok: true, value: [replaced] });
});

test.for([
  { what: "a file that others may read", text: null, mode: 0o644 },
  { what: "a file of another form", text: '{"v":1,"secrets":[{"type":"telegram"}]}', mode: 0o600 },
])("refuses $what, quotes nothing of it and leaves it as it was", async ({ text, mode }) => {
  const dataDir = temporaryFolder();
  await messengerBots.set(dataDir, first);
  const file = messengerBots.fileIn(dataDir);
  if (text !== null) writeFileSync(file, text);
  chmodSync(file, mode);
  const before = readFileSync(file, "utf8");
  for (const refused of [await messengerBots.read(dataDir), await messengerBots.set(dataDir, second)]) {
    expect(refused).toMatchObject({ ok: false, error: { code: "secrets-unreadable" } });
    expect(JSON.stringify(refused)).not.toContain("1:first");
  }
  expect(readFileSync(file, "utf8")).toBe(before);
});
