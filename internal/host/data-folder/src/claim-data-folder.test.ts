import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "@gatehouse/socket-server/testing";
import { describe, expect, test } from "vitest";
import { claimDataFolder } from "./claim-data-folder.ts";

/** Claims a folder, and releases it. Returns the refusal; null if there was none. */
const refusalOf = async (dataDir: string): Promise<unknown> => {
  const claimed = await claimDataFolder(dataDir);
  if (!claimed.ok) return claimed.error;
  await claimed.value.release();
  return null;
};

describe("claimDataFolder", () => {
  test.each(["host.pid", "folder-id", "host.log", "gatehouse.db", "gatehouse.db-wal"])(
    "refuses a folder in which %s is a link, and leaves it to the next host",
    async (name) => {
      const dataDir = join(tempFolder(), "data");
      expect(await refusalOf(dataDir)).toBeNull();
      const path = join(dataDir, name);
      symlinkSync("nothing", path);
      expect(await refusalOf(dataDir)).toEqual({
        code: "data-folder-unsafe",
        dataDir,
        place: { code: "link", path },
      });
      rmSync(path);
      expect(await refusalOf(dataDir)).toBeNull();
    },
  );

  test.each([
    { what: "a file of its own", make: (path: string) => writeFileSync(path, "") },
    { what: "a folder", make: (path: string) => mkdirSync(path) },
  ])("takes a folder in which host.log is $what", async ({ make }) => {
    const dataDir = join(tempFolder(), "data");
    expect(await refusalOf(dataDir)).toBeNull();
    make(join(dataDir, "host.log"));
    expect(await refusalOf(dataDir)).toBeNull();
  });
});
