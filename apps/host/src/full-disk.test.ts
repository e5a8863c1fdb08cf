import { copyFileSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { openedCentral, temporaryFolder, addRow } from "@gatehouse/control-plane/testing";
import { migrations, centralFile } from "@gatehouse/control-plane";
import { runLimited } from "./run-limited.fixture.ts";

const { gatehouse, "limited-open": open } = inject("programs");
const slow = { tags: ["slow"] };

/** An older database of 2 MB, as a program that was killed left it: all of it in the write-ahead log. */
const olderInItsLog = async (): Promise<string> => {
  const [dataDir, copy] = [temporaryFolder(), temporaryFolder()];
  const { db } = await openedCentral(dataDir, migrations.slice(0, -1));
  await addRow(db, "users", { display_name: "x".repeat(2_000_000) });
  for (const suffix of ["", "-wal"]) copyFileSync(centralFile(dataDir) + suffix, centralFile(copy) + suffix);
  return copy;
};

const unusable = (dataDir: string): unknown => ({
  ok: false,
  error: {
    code: "data-folder-unusable",
    message: expect.stringMatching(`^The data folder ${dataDir} cannot be used \\(SQLITE_`) as unknown,
    fix: expect.stringContaining("make room") as unknown,
  },
});

describe("on a full disk", () => {
  test(
    "an older database that cannot be copied is refused as such, and no half of a copy is left",
    slow,
    async () => {
      const dataDir = await olderInItsLog();
      for (let times = 0; times < 2; times += 1)
        expect(JSON.parse(runLimited(1_000, open, [dataDir]).stdout)).toMatchObject({
          code: "backup-failed",
        });
      expect(readdirSync(join(dataDir, "backups"))).toEqual([]);
      const { db } = await openedCentral(dataDir);
      expect(await db.selectFrom("users").select("id").execute()).toHaveLength(1);
    },
  );

  describe("init", () => {
    const init = async (more: readonly string[]) => {
      const dataDir = temporaryFolder();
      await (await openedCentral(dataDir)).close();
      const args = ["init", "--name", "Ana", "--folder", "ana", "--data", dataDir, "--json", ...more];
      const { code, stdout, stderr } = runLimited(40, gatehouse, args);
      const { db } = await openedCentral(dataDir);
      const groups = await db.selectFrom("agent_groups").select("name").execute();
      return { dataDir, code, stderr, groups, said: JSON.parse(stdout) as unknown };
    };

    test("that does not fit changes nothing, and says why", slow, async () => {
      const { dataDir, ...ended } = await init(["--owner", "telegram:7"]);
      expect(ended).toEqual({ code: 1, stderr: "", groups: [], said: unusable(dataDir) });
      expect(existsSync(join(dataDir, "groups", "ana"))).toBe(false);
    });

    test("that fits is done, although its log cannot be brought into the file", slow, async () => {
      expect(await init([])).toMatchObject({ code: 0, groups: [{ name: "Ana" }], said: { ok: true } });
    });
  });

  test("a host that has something to write at its start ends, and says why", slow, async () => {
    const dataDir = temporaryFolder();
    const central = await openedCentral(dataDir);
    for (let group = 0; group < 300; group += 1)
      await addRow(central.db, "agent_groups", { id: `ag-${group}`, folder: `team-${group}` });
    await central.close();
    const { code, stdout, stderr } = runLimited(40, gatehouse, ["up", "--data", dataDir, "--json"]);
    expect({ code, stderr, said: JSON.parse(stdout) as unknown }).toEqual({
      code: 1,
      stderr: expect.not.stringContaining("bug") as unknown,
      said: unusable(dataDir),
    });
    expect(readdirSync(dataDir).filter((name) => name.startsWith("host."))).toEqual([]);
  });
});
