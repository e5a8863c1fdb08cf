import { execFileSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { explainInstructions } from "./instructions-error.ts";
import { writeClaudeMd, writeInstructionFiles } from "./write-claude-md.ts";

const config = { cli_scope: "group", mcp_servers: {} } as const;

const changed = { ok: true, value: { isChanged: true, notes: [] } };
const unchanged = { ok: true, value: { isChanged: false, notes: [] } };

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
    expect(await writeClaudeMd(dataDir, "team", config)).toEqual(changed);
    const { ino } = statSync(file);
    expect(await writeClaudeMd(dataDir, "team", config)).toEqual(unchanged);
    expect(statSync(file).ino).toBe(ino);
    expect(await writeClaudeMd(dataDir, "team", { ...config, cli_scope: "global" })).toEqual(changed);
    expect({ files: readdirSync(folder), text: readFileSync(file, "utf8") }).toEqual({
      files: ["CLAUDE.md"],
      text: expect.stringContaining("every agent group") as unknown,
    });
  });

  test("makes no file if there are no instructions", async () => {
    const { dataDir, folder } = withGroup();
    const nothing = { cli_scope: "disabled", mcp_servers: {} } as const;
    expect(await writeClaudeMd(dataDir, "team", nothing)).toEqual(unchanged);
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

  describe.for(["CLAUDE.md", "AGENTS.md", "GEMINI.md", "QWEN.md"] as const)(
    "an agent that makes %s",
    (name) => {
      const provider = {
        "CLAUDE.md": "claude",
        "AGENTS.md": "codex",
        "GEMINI.md": "gemini",
        "QWEN.md": "qwen",
      }[name];

      test.for([
        { what: "a link to a file of the host", make: (file: string) => symlinkSync("/etc/hostname", file) },
        { what: "a link to nothing", make: (file: string) => symlinkSync("nothing", file) },
        { what: "a link to itself", make: (file: string) => symlinkSync(name, file) },
        { what: "a link to a folder", make: (file: string) => symlinkSync("/etc", file) },
        { what: "a link to /dev/zero", make: (file: string) => symlinkSync("/dev/zero", file) },
        { what: "a folder", make: (file: string) => mkdirSync(file) },
        {
          what: "a folder with contents",
          make: (file: string) => mkdirSync(join(file, "deep", "down"), { recursive: true }),
        },
        { what: "a pipe", make: (file: string) => execFileSync("mkfifo", [file]) },
      ])("$what does not block its group: the entry is renamed and told", async ({ make }) => {
        const { dataDir, folder } = withGroup();
        make(join(folder, name));
        const before = lstatSync(join(folder, name));
        const written = await writeInstructionFiles({ dataDir, folder: "team" }, config, [provider]);
        const [aside = ""] = readdirSync(folder).filter((one) => one !== name);
        expect(aside).toMatch(/\.aside$/);
        expect(written).toEqual({
          ok: true,
          value: { isChanged: true, notes: [expect.stringContaining(`${aside}, and the instructions`)] },
        });
        expect(lstatSync(join(folder, aside)).ino).toBe(before.ino);
        expect(lstatSync(join(folder, name)).isFile()).toBe(true);
        expect(readFileSync(join(folder, name), "utf8")).toContain("ncl");
      });
    },
  );

  test.for([
    { what: "that is not UTF-8", content: Buffer.from([0x4d, 0xff]), says: "is not UTF-8" },
    { what: "with broken markers", content: "<!-- gatehouse:end -->\n", says: "are not one pair" },
    {
      what: "with two begins",
      content: "<!-- gatehouse:begin -->\n<!-- gatehouse:begin -->\n",
      says: "not one pair",
    },
  ])("keeps a file $what as it is, tells of it, and does not block the group", async ({ content, says }) => {
    const { dataDir, folder, file } = withGroup();
    writeFileSync(file, content);
    const written = await writeClaudeMd(dataDir, "team", config);
    expect(written).toEqual({
      ok: true,
      value: { isChanged: false, notes: [expect.stringContaining(says)] },
    });
    expect(readdirSync(folder)).toEqual(["CLAUDE.md"]);
    expect(readFileSync(file)).toEqual(Buffer.from(content));
  });

  test("keeps a file that is too large for the memory as it is, and tells of it", async () => {
    const { dataDir, file } = withGroup();
    writeFileSync(file, "# Mine\n");
    truncateSync(file, 1_900_000_000);
    expect(await writeClaudeMd(dataDir, "team", config)).toMatchObject({
      value: { isChanged: false, notes: [expect.stringContaining("(EFBIG)")] },
    });
    expect(statSync(file).size).toBe(1_900_000_000);
  });

  test.for([
    { size: 4_194_304, isChanged: true },
    { size: 4_194_305, isChanged: false },
  ])("accepts text of up to 4 MiB: $size bytes", async ({ size, isChanged }) => {
    const { dataDir, file } = withGroup();
    writeFileSync(file, "x".repeat(size));
    expect(await writeClaudeMd(dataDir, "team", config)).toMatchObject({ value: { isChanged } });
  });

  test("refuses a group's folder that is a link", async () => {
    const { dataDir, folder } = withGroup();
    const other = join(dataDir, "other");
    mkdirSync(other);
    rmdirSync(folder);
    symlinkSync(other, folder);
    const written = await writeClaudeMd(dataDir, "team", config);
    expect(written).toMatchObject({ error: { code: "instructions-unusable", detail: "ENOTDIR" } });
    expect(readdirSync(other)).toEqual([]);
  });

  test("reports a missing folder", async () => {
    const written = await writeClaudeMd(temporaryFolder(), "team", config);
    expect(written).toMatchObject({ ok: false, error: { code: "instructions-unusable", detail: "ENOENT" } });
    if (!written.ok) expect(explainInstructions(written.error).message).toContain("(ENOENT)");
  });
});
