import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { agreedSessions } from "@gatehouse/control-plane";
import { openedCentral } from "@gatehouse/control-plane/testing";
import { tempFolder } from "@gatehouse/socket-server/testing";
import { expect, test } from "vitest";
import { shareSessions } from "./share-sessions.ts";

test("the first host names the folder, and leaves nothing beside its id", async () => {
  const central = await openedCentral(tempFolder());
  const folder = join(tempFolder(), "sessions");
  expect(await shareSessions(central, folder)).toMatchObject({ ok: true });
  expect(readdirSync(folder)).toEqual(["sessions-id"]);
  const id = readFileSync(join(folder, "sessions-id"), "utf8").trim();
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(await agreedSessions(central.db)).toEqual({ id, dir: folder });
});

test("of hosts that begin at once, all have the same id", async () => {
  const central = await openedCentral(tempFolder());
  const folder = join(tempFolder(), "sessions");
  const shared = await Promise.all(Array.from({ length: 8 }, () => shareSessions(central, folder)));
  expect(shared.filter(({ ok }) => !ok)).toEqual([]);
  expect(readdirSync(folder)).toEqual(["sessions-id"]);
});

test("another folder is refused, with the way back, and nothing is made there", async () => {
  const central = await openedCentral(tempFolder());
  const [first, other] = [join(tempFolder(), "a"), join(tempFolder(), "b")];
  await shareSessions(central, first);
  const refused = await shareSessions(central, other);
  expect(refused).toMatchObject({ ok: false, error: { code: "sessions-folder-differs" } });
  expect(existsSync(other)).toBe(false);
  const id = (await agreedSessions(central.db))?.id ?? "";
  expect(refused.ok ? "" : refused.error.fix).toContain(id);
  mkdirSync(other);
  writeFileSync(join(other, "sessions-id"), `${id}\n`);
  expect(await shareSessions(central, other)).toMatchObject({ ok: true });
});
