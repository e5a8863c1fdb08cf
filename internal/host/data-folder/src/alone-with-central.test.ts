import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readCentral } from "@gatehouse/central-database";
import { newAddress, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import type { PostgresAddress } from "@gatehouse/postgres";
import { fail, ok, type Result } from "@gatehouse/std";
import { describe, expect, onTestFinished, test } from "vitest";
import { aloneWithCentral } from "./alone-with-central.ts";

const now = () => "2026-11-20T08:00:00.000Z";
const refusal = { code: "refused", message: "The work was refused." };

/** The entries of a data folder and of the folder above it after `work` was refused. */
const leftBy = async (dataDir: string, work: () => unknown = () => undefined): Promise<readonly string[]> => {
  const done = await aloneWithCentral({ dataDir, database: null }, now, async () => {
    await work();
    return fail(refusal);
  });
  expect(done).toMatchObject({ ok: false });
  return readdirSync(dirname(dataDir), { recursive: true, encoding: "utf8" }).toSorted();
};

/** Throws as a full disk does. */
const fullDisk = (): never => {
  throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
};

describe("work on a data folder that is refused", () => {
  test("leaves nothing of a folder that was missing", async () => {
    const dataDir = join(temporaryFolder(), "data");
    expect(await leftBy(dataDir)).toEqual([]);
    expect(await leftBy(dataDir, () => mkdirSync(join(dataDir, "groups")))).toEqual([]);
    expect(await leftBy(dataDir, fullDisk)).toEqual([]);
  });

  test("leaves a folder that was there as it was", async () => {
    const dataDir = join(temporaryFolder(), "data");
    mkdirSync(dataDir);
    expect(await leftBy(dataDir)).toEqual(["data"]);
    writeFileSync(join(dataDir, "users.yaml"), "users: []\n");
    expect(await leftBy(dataDir)).toEqual(["data", "data/users.yaml"]);
  });

  test("leaves a database that was there, and a file that came meanwhile", async () => {
    const dataDir = join(temporaryFolder(), "data");
    await (await openedCentral(dataDir)).close();
    expect(await leftBy(dataDir)).toContain("data/gatehouse.db");
    const another = join(temporaryFolder(), "data");
    const write = () => writeFileSync(join(another, "users.yaml"), "users: []\n");
    expect(await leftBy(another, write)).toEqual(["data", "data/users.yaml"]);
  });

  test("leaves an empty groups/ that was there, and removes one that was not, also beside a database", async () => {
    const dataDir = join(temporaryFolder(), "data");
    const groups = join(dataDir, "groups");
    mkdirSync(groups, { recursive: true });
    expect(await leftBy(dataDir)).toEqual(["data", "data/groups"]);
    const another = join(temporaryFolder(), "data");
    await (await openedCentral(another)).close();
    expect(await leftBy(another, () => mkdirSync(join(another, "groups")))).not.toContain("data/groups");
  });

  test("leaves the database of work that succeeds", async () => {
    const dataDir = join(temporaryFolder(), "data");
    await aloneWithCentral({ dataDir, database: null }, now, async () => ok(null));
    expect(readdirSync(dataDir)).toContain("gatehouse.db");
  });
});

describe.skipIf(process.env["GATEHOUSE_TEST_POSTGRES"] === undefined)(
  "work on a database of a server (skipped without GATEHOUSE_TEST_POSTGRES)",
  () => {
    const run = async (
      database: PostgresAddress,
      ...works: readonly (Result<null, typeof refusal> | "throws")[]
    ) => {
      const place = { dataDir: temporaryFolder(), database };
      for (const work of works)
        await aloneWithCentral(place, now, async () => (work === "throws" ? fullDisk() : work));
      return readCentral(place, async () => "a schema");
    };

    test.for([
      { what: "leaves an empty one empty if it is refused", works: [fail(refusal)], left: null },
      { what: "leaves an empty one empty if it throws", works: ["throws" as const], left: null },
      { what: "keeps the schema that was there", works: [ok(null), fail(refusal)], left: "a schema" },
      { what: "can be repeated after a refusal", works: [fail(refusal), ok(null)], left: "a schema" },
    ])("$what", async ({ works, left }) => {
      const { address, drop } = (await newAddress()) ?? expect.fail("There is no server.");
      onTestFinished(drop);
      expect(await run(address, ...works)).toEqual({ ok: true, value: left });
    });
  },
);
