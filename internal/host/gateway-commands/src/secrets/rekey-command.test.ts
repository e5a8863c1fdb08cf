import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Central } from "@gatehouse/central-database";
import { at, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { jsonFilesIn, makeSettingsKey, readSettingsKey, settingsSharing } from "@gatehouse/shared-settings";
import { expect, test } from "vitest";
import { sealWithNew } from "./rekey-command.ts";

const newKey = async () => {
  const made = await makeSettingsKey(join(temporaryFolder(), "key"));
  return made.ok ? made.value : expect.fail(made.error);
};

/** A database with two sealed files of one host. */
const sealed = async () => {
  const [{ db }, key, dataDir] = [await openedCentral(temporaryFolder()), await newKey(), temporaryFolder()];
  for (const name of ["secrets.json", "mcp-secrets.json"]) writeFileSync(join(dataDir, name), "1");
  const flaws = { "secrets.json": () => null, "mcp-secrets.json": () => null };
  const files = jsonFilesIn(dataDir, flaws, () => {});
  await settingsSharing({ db, dataDir, files, host: "one", key, now: () => at, log: () => {} }).share();
  const rows = () => db.selectFrom("shared_settings").selectAll().orderBy("name").execute();
  return { db, key, file: join(temporaryFolder(), "next"), rows, before: await rows() };
};

test("a rekey seals all files with the new key, which is then the one key of the database", async () => {
  const { db, key, file, rows } = await sealed();
  expect(await sealWithNew(db, { old: key, file, force: false })).toEqual({
    ok: true,
    value: { resealed: 2, unopened: [] },
  });
  const made = await readSettingsKey(file);
  expect(new Set((await rows()).map(({ key_id }) => key_id))).toEqual(new Set([made.ok && made.value.id]));
});

test("--force removes what the key does not open, and seals the rest", async () => {
  const { db, key, file, rows } = await sealed();
  await db
    .updateTable("shared_settings")
    .set({ content: (await newKey()).seal("mcp-secrets.json 1", "1") })
    .where("name", "=", "mcp-secrets.json")
    .execute();
  expect(await sealWithNew(db, { old: key, file, force: false })).toMatchObject({
    error: { message: expect.stringContaining("mcp-secrets.json") as unknown },
  });
  expect(await sealWithNew(db, { old: key, file, force: true })).toEqual({
    ok: true,
    value: { resealed: 1, unopened: ["mcp-secrets.json"] },
  });
  expect((await rows()).map(({ name }) => name)).toEqual(["seal", "secrets.json"]);
});

test("without any key, a rekey changes nothing unless it is forced", async () => {
  const { db, file, rows, before } = await sealed();
  expect(await sealWithNew(db, { old: null, file, force: false })).toMatchObject({
    error: { message: expect.stringContaining("no key opens them here") as unknown },
  });
  expect([await rows(), existsSync(file)]).toEqual([before, false]);
  expect(await sealWithNew(db, { old: null, file, force: true })).toMatchObject({ ok: true });
});

test("a rekey with another key than that of the secrets changes nothing, and makes no file", async () => {
  const { db, file, rows, before } = await sealed();
  expect(await sealWithNew(db, { old: await newKey(), file, force: false })).toMatchObject({
    error: { code: "settings-key" },
  });
  expect([await rows(), existsSync(file)]).toEqual([before, false]);
});

test("a rekey leaves a file that is there as it is", async () => {
  const { db, key, file, rows, before } = await sealed();
  writeFileSync(file, "another one's");
  expect(await sealWithNew(db, { old: key, file, force: false })).toMatchObject({
    error: { message: expect.stringContaining("EEXIST") as unknown },
  });
  expect([await rows(), readFileSync(file, "utf8")]).toEqual([before, "another one's"]);
});

test("a rekey whose transaction does not begin makes no file", async () => {
  const { key, file } = await sealed();
  const away = { startTransaction: () => ({ execute: () => Promise.reject(new Error("It is away.")) }) };
  await expect(
    sealWithNew(away as unknown as Central["db"], { old: key, file, force: false }),
  ).rejects.toThrow("It is away.");
  expect(existsSync(file)).toBe(false);
});

test("a rekey keeps the new key if the answer to its commit is lost: the secrets may need it", async () => {
  const { db, key, file, rows } = await sealed();
  const transaction = await db.startTransaction().execute();
  const execute = async (): Promise<never> => {
    await transaction.commit().execute();
    throw new Error("It is away.");
  };
  const lost = new Proxy(transaction, {
    get: (target, name) =>
      name === "commit"
        ? () => ({ execute })
        : (Reflect.get(target, name) as (() => unknown) | undefined)?.bind(target),
  });
  const away = { startTransaction: () => ({ execute: async () => lost }) } as unknown as Central["db"];
  await expect(sealWithNew(away, { old: key, file, force: false })).rejects.toThrow("It is away.");
  const made = await readSettingsKey(file);
  expect((await rows()).map(({ key_id }) => key_id)).toContain(made.ok && made.value.id);
});
