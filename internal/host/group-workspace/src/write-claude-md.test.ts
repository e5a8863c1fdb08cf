import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { explainInstructions } from "./instructions-error.ts";
import { writeClaudeMd } from "./write-claude-md.ts";

const config = { cli_scope: "group", mcp_servers: {} } as const;

/** A data folder with the group `team`. */
const withGroup = (): { readonly dataDir: string; readonly folder: string; readonly file: string } => {
  const dataDir = temporaryFolder();
  const folder = join(dataDir, "groups", "team");
  mkdirSync(folder, { recursive: true });
  return { dataDir, folder, file: join(folder, "CLAUDE.md") };
};

describe("writeClaudeMd", () => {
  test("writes the file once, and again only if its text changes", async () => {
    const { dataDir, folder, file } = withGroup();
    expect(await writeClaudeMd(dataDir, "team", config)).toEqual({ ok: true, value: "written" });
    const { ino } = statSync(file);
    expect(await writeClaudeMd(dataDir, "team", config)).toEqual({ ok: true, value: "unchanged" });
    expect(statSync(file).ino).toBe(ino);
    expect(await writeClaudeMd(dataDir, "team", { ...config, cli_scope: "global" })).toMatchObject({
      value: "written",
    });
    expect({ files: readdirSync(folder), text: readFileSync(file, "utf8") }).toEqual({
      files: ["CLAUDE.md"],
      text: expect.stringContaining("every agent group") as unknown,
    });
  });

  test("makes no file if there are no instructions", async () => {
    const { dataDir, folder } = withGroup();
    const nothing = { cli_scope: "disabled", mcp_servers: {} } as const;
    expect(await writeClaudeMd(dataDir, "team", nothing)).toEqual({ ok: true, value: "unchanged" });
    expect(readdirSync(folder)).toEqual([]);
  });

  // The umask would remove bits of 0666 from a new file.
  test.for([{ mode: 0o640 }, { mode: 0o666 }])(
    "keeps a person's text and the file's mode $mode",
    async ({ mode }) => {
      const { dataDir, file } = withGroup();
      writeFileSync(file, "# Mine\n");
      chmodSync(file, mode);
      await writeClaudeMd(dataDir, "team", config);
      expect(readFileSync(file, "utf8").startsWith("# Mine\n\n<!-- gatehouse:begin")).toBe(true);
      expect(statSync(file).mode & 0o777).toBe(mode);
    },
  );

  test.for([
    {
      what: "a link, which could lead to a file of the host",
      make: (file: string) => {
        writeFileSync(join(file, "..", "secret"), "of the host");
        symlinkSync("secret", file);
      },
      code: "no-plain-file",
    },
    { what: "a folder", make: (file: string) => mkdirSync(file), code: "no-plain-file" },
    {
      what: "a pipe, without waiting for a writer",
      make: (file: string) => execFileSync("mkfifo", [file]),
      code: "no-plain-file",
    },
    {
      what: "a file that is not UTF-8",
      make: (file: string) => writeFileSync(file, Buffer.from([0x4d, 0xff])),
      code: "not-utf8",
    },
    {
      what: "a file with broken markers",
      make: (file: string) => writeFileSync(file, "<!-- gatehouse:end -->\n"),
      code: "broken-markers",
    },
  ])("leaves $what unchanged, and reports it", async ({ make, code }) => {
    const { dataDir, folder, file } = withGroup();
    make(file);
    const before = readdirSync(folder);
    const written = await writeClaudeMd(dataDir, "team", config);
    expect(written).toEqual({ ok: false, error: { code, file } });
    expect(readdirSync(folder)).toEqual(before);
    if (!written.ok) expect(explainInstructions(written.error).message).toContain(file);
  });

  test("leaves a file that is too large for the memory unchanged, and reports it", async () => {
    const { dataDir, file } = withGroup();
    writeFileSync(file, "# Mine\n");
    truncateSync(file, 1_900_000_000);
    expect(await writeClaudeMd(dataDir, "team", config)).toEqual({
      ok: false,
      error: { code: "instructions-unusable", file, detail: "EFBIG" },
    });
    expect(statSync(file).size).toBe(1_900_000_000);
  });

  test.for([
    { size: 4_194_304, result: { ok: true, value: "written" } },
    { size: 4_194_305, result: { ok: false, error: { detail: "EFBIG" } } },
  ])("accepts text of up to 4 MiB: $size bytes", async ({ size, result }) => {
    const { dataDir, file } = withGroup();
    writeFileSync(file, "x".repeat(size));
    expect(await writeClaudeMd(dataDir, "team", config)).toMatchObject(result);
  });

  test("reports a missing folder", async () => {
    const written = await writeClaudeMd(temporaryFolder(), "team", config);
    expect(written).toMatchObject({ ok: false, error: { code: "instructions-unusable", detail: "ENOENT" } });
    if (!written.ok) expect(explainInstructions(written.error).message).toContain("(ENOENT)");
  });
});
