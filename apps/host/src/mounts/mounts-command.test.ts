import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { ranCli } from "../ran-cli.fixture.ts";

/** A data folder, a folder `work` next to it, and a function that runs `gatehouse mounts`. */
const prepared = () => {
  const root = realpathSync(temporaryFolder());
  const dataDir = join(root, "data");
  const folder = join(root, "work");
  for (const path of [dataDir, join(folder, "keys")]) mkdirSync(path, { recursive: true });
  const mounts = (...flags: readonly string[]) =>
    ranCli({ dataDir, home: root, cwd: root }, "mounts", ...flags);
  return { root, dataDir, folder, mounts };
};

describe("gatehouse mounts", () => {
  test("allows a folder, lists it, and denies a folder in it", async () => {
    const { folder, mounts } = prepared();
    expect((await mounts("list")).stdout).toBe("No folder may be mounted: gatehouse mounts allow --help\n");
    expect(await mounts("allow", "work")).toEqual({
      code: 0,
      stderr: "",
      stdout: `allowed ${folder} read-only; to mount it: ncl groups config add-mount\n`,
    });
    expect((await mounts("allow", folder, "--rw", "--json")).stdout).toBe(
      `{"ok":true,"path":"${folder}","access":"write"}\n`,
    );
    expect((await mounts("deny", "work/keys")).stdout).toMatch(/^denied .*\/work\/keys; an agent that runs/);
    expect((await mounts("list")).stdout).toBe(`to write to   ${folder}\nnot allowed   ${folder}/keys\n`);
    await mounts("deny", "work");
    expect(JSON.parse((await mounts("list", "--json")).stdout)).toEqual({
      ok: true,
      folders: [{ path: join(folder, "keys"), access: "none" }],
    });
  });

  test("allows the target of a link, and denies a removed folder", async () => {
    const { root, folder, mounts } = prepared();
    symlinkSync(folder, join(root, "link"));
    expect((await mounts("allow", "link")).stdout).toContain(`allowed ${folder} `);
    rmSync(folder, { recursive: true });
    expect((await mounts("deny", folder)).code).toBe(0);
    expect((await mounts("list")).stdout).toContain("No folder may be mounted");
  });

  test("denies a removed folder by its real path, and refuses to deny an unknown folder", async () => {
    const { root, folder, mounts } = prepared();
    symlinkSync(root, join(root, "link"));
    await mounts("allow", "work/keys");
    rmSync(folder, { recursive: true });
    expect((await mounts("deny", "link/work/keys")).stdout).toContain(`denied ${folder}/keys`);
    const unknown = await mounts("deny", "work/kyes");
    expect({ ...unknown, says: unknown.stderr.includes("nothing was changed") }).toMatchObject({
      code: 1,
      stdout: "",
      says: true,
    });
  });

  test.for([
    {
      what: "a missing folder",
      folder: "gone",
      says: /gone may not be mounted: it is not there \(ENOENT\)/,
    },
    { what: "the folder of all groups", folder: "data", says: /the data of all groups/ },
    { what: "keys", folder: ".ssh", says: /keys are no part of a container/ },
  ])("refuses $what", async ({ folder, says }) => {
    const { mounts } = prepared();
    const refused = await mounts("allow", folder);
    expect({ ...refused, says: says.test(refused.stderr) }).toMatchObject({
      code: 1,
      stdout: "",
      says: true,
    });
    expect((await mounts("list")).stdout).toContain("No folder may be mounted");
  });

  test("refuses a program's folder to write to, and allows it to be read", async () => {
    const { mounts } = prepared();
    expect((await mounts("allow", "/usr/share", "--rw")).stderr).toContain("mount it read-only");
    expect((await mounts("allow", "/usr/share")).code).toBe(0);
  });

  test("names a broken list, and does not overwrite it", async () => {
    const { dataDir, mounts } = prepared();
    writeFileSync(join(dataDir, "mounts.json"), "{", { mode: 0o600 });
    for (const words of [["list"], ["allow", "work"], ["deny", "work"]]) {
      const { code, stderr } = await mounts(...words);
      expect({ code, says: stderr.includes("mounts.json cannot be read") }).toEqual({ code: 1, says: true });
    }
  });

  test("needs a data folder", async () => {
    const { dataDir, mounts } = prepared();
    rmSync(dataDir, { recursive: true });
    expect((await mounts("allow", "work")).stderr).toContain("gatehouse init creates it");
  });
});
