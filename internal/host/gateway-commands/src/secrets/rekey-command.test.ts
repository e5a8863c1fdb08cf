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
  const files = jsonFilesIn(dataDir, () => {});
  await settingsSharing({ db, dataDir, files, host: "one", key, now: () => at, log: () => {} }).share();
  const rows = () => db.selectFrom("shared_settings").selectAll().orderBy("name").execute();
  return { db, key, file: join(temporaryFolder(), "next"), rows, before: await rows() };
};

/** The database as it is for a host after which another one changes the second of two files. */
const overtaken = (db: Central["db"]): Central["db"] => {
  let updates = 0;
  return db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) =>
      result.numAffectedRows !== undefined && (updates += 1) === 2
        ? { ...result, numAffectedRows: 0n }
        : result,
  });
};

test("a rekey that another host overtakes changes nothing, makes no file, and works when it is tried again", async () => {
  const { db, key, file, rows, before } = await sealed();
  expect(await sealWithNew(overtaken(db), key, file)).toMatchObject({
    error: { code: "settings-changed", message: expect.stringMatching(/changed .*secrets\.json/) as unknown },
  });
  expect([await rows(), existsSync(file)]).toEqual([before, false]);
  expect(await sealWithNew(db, key, file)).toEqual({ ok: true, value: 2 });
  const made = await readSettingsKey(file);
  expect(new Set((await rows()).map(({ key_id }) => key_id))).toEqual(new Set([made.ok && made.value.id]));
});

test("a rekey with another key than that of the secrets changes nothing, and makes no file", async () => {
  const { db, file, rows, before } = await sealed();
  expect(await sealWithNew(db, await newKey(), file)).toMatchObject({ error: { code: "settings-key" } });
  expect([await rows(), existsSync(file)]).toEqual([before, false]);
});

test("a rekey leaves a file that is there as it is", async () => {
  const { db, key, file, rows, before } = await sealed();
  writeFileSync(file, "another one's");
  expect(await sealWithNew(db, key, file)).toMatchObject({
    error: { message: expect.stringContaining("EEXIST") as unknown },
  });
  expect([await rows(), readFileSync(file, "utf8")]).toEqual([before, "another one's"]);
});

test("a rekey whose transaction does not begin makes no file", async () => {
  const { key, file } = await sealed();
  const away = { startTransaction: () => ({ execute: () => Promise.reject(new Error("It is away.")) }) };
  await expect(sealWithNew(away as unknown as Central["db"], key, file)).rejects.toThrow("It is away.");
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
  await expect(sealWithNew(away, key, file)).rejects.toThrow("It is away.");
  const made = await readSettingsKey(file);
  expect((await rows()).map(({ key_id }) => key_id)).toContain(made.ok && made.value.id);
});
