import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { recordIn, verifyLog } from "@gatehouse/command-context";
import { makeSettingsKey, readSettingsKey, resealAll } from "@gatehouse/shared-settings";
import { prepareLog } from "./prepare-log.ts";

const at = "2026-11-20T08:00:00.000Z";

const databaseOfHosts = async () => {
  const central = await openedCentral(temporaryFolder());
  onTestFinished(() => central.close());
  const { db } = central;
  let ids = 0;
  const host = (isShared: boolean, keyFile: string | null, dataDir = temporaryFolder()) => ({
    dataDir,
    prepare: (isKeyLost = false) => prepareLog({ db, dataDir, isShared, keyFile, isKeyLost }),
    write: () => {
      const entry = {
        actor: { type: "host" },
        command: "x",
        args: {},
        effect: "allow",
        ruleId: "r",
        reason: "y",
      } as const;
      const deps = { dataDir, now: () => at, id: (prefix: string) => `${prefix}-${(ids += 1)}` };
      return db.transaction().execute((transaction) => recordIn(transaction, entry, deps));
    },
    verify: () => verifyLog(db, dataDir, at),
  });
  return { db, host };
};

const newKeyFile = async (): Promise<string> => {
  const file = join(temporaryFolder(), "key");
  await makeSettingsKey(file);
  return file;
};

describe("prepareLog", () => {
  test("gives all hosts with one key of secrets one key of the log, also after a rekey", async () => {
    const { db, host } = await databaseOfHosts();
    const [old, next] = [await newKeyFile(), await newKeyFile()];
    const [one, two, three] = [host(true, old), host(true, old), host(true, next)];
    expect(await Promise.all([one.prepare(), two.prepare()])).toEqual([[], []]);
    const [from, to] = [await readSettingsKey(old), await readSettingsKey(next)];
    if (!from.ok || !to.ok) expect.fail("The keys cannot be read.");
    await db
      .transaction()
      .execute((within) => resealAll(within, { from: from.value, to: to.value, now: at }));
    expect(await three.prepare()).toEqual([]);
    for (const each of [one, two, three, one]) await each.write();
    for (const each of [one, two, three])
      expect(await each.verify()).toMatchObject({ ok: true, value: { decisions: 4 } });
  });

  test("leaves decisions of a host without the key of the log unsealed, and says so", async () => {
    const { db, host } = await databaseOfHosts();
    const [one, two] = [host(true, null), host(true, null)];
    expect(await one.prepare()).toEqual([]);
    expect(await two.prepare()).toEqual([expect.stringContaining("copy log.key from another host")]);
    expect(existsSync(join(two.dataDir, "log.key"))).toBe(false);
    await one.write();
    await two.write();
    expect(await one.verify()).toMatchObject({ ok: false, error: { row: "de-2" } });
    await db.deleteFrom("decisions").where("id", "=", "de-2").execute();
    expect(await one.verify()).toMatchObject({ ok: true, value: { decisions: 1 } });
  });

  test("begins anew on a host alone whose key is gone, and proves the log from there", async () => {
    const { db, host } = await databaseOfHosts();
    const one = host(false, null);
    await one.prepare();
    for (let count = 0; count < 3; count += 1) await one.write();
    rmSync(join(one.dataDir, "log.key"));
    await db.updateTable("decisions").set({ actor: "somebody" }).where("seq", "=", 2).execute();
    expect(await one.prepare()).toEqual([expect.stringContaining("begins anew")]);
    await one.write();
    expect(await one.verify()).toMatchObject({ ok: true, value: { decisions: 5 } });
    await db.updateTable("decisions").set({ actor: "host" }).where("seq", "=", 2).execute();
    expect(await one.verify()).toMatchObject({ ok: false, error: { row: "de-2" } });
  });

  test("begins anew beside other hosts once a person says that the key is lost, and they take the new one", async () => {
    const { host } = await databaseOfHosts();
    const keyFile = await newKeyFile();
    const lost = host(true, null);
    await lost.prepare();
    await lost.write();
    const [one, two] = [host(true, keyFile), host(true, keyFile)];
    expect(await one.prepare()).toEqual([expect.stringContaining("gatehouse up --log-key-lost")]);
    expect(existsSync(join(one.dataDir, "log.key"))).toBe(false);
    expect(await one.prepare(true)).toEqual([expect.stringContaining("begins anew")]);
    expect(await two.prepare()).toEqual([]);
    await two.write();
    await one.write();
    for (const each of [one, two])
      expect(await each.verify()).toMatchObject({ ok: true, value: { decisions: 4 } });
    expect(await lost.verify()).toMatchObject({ ok: false });
  });

  test.for([
    { what: "this host has it", isOwn: true },
    { what: "another host shares it", isOwn: false },
  ])("does not begin anew although a person says that the key is lost, if $what", async ({ isOwn }) => {
    const { host } = await databaseOfHosts();
    const keyFile = await newKeyFile();
    const [one, two] = [host(true, keyFile), host(true, keyFile)];
    await one.prepare();
    await one.write();
    expect(await (isOwn ? one : two).prepare(true)).toEqual([]);
    for (const each of [one, ...(isOwn ? [] : [two])])
      expect(await each.verify()).toMatchObject({ ok: true, value: { decisions: 1 } });
  });

  test("does not begin anew because the database says so", async () => {
    const { db, host } = await databaseOfHosts();
    const one = host(false, null);
    await one.prepare();
    await one.write();
    await db.updateTable("log_head").set({ key_id: "another" }).execute();
    expect(await one.prepare()).toEqual([expect.stringContaining("ncl decisions verify")]);
    expect(await one.verify()).toMatchObject({ ok: false });
  });
});
