import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { instructionsIn, writeInstructionFiles } from "./write-claude-md.ts";

const group = { cli_scope: "group", mcp_servers: {} } as const;
const disabled = { cli_scope: "disabled", mcp_servers: {} } as const;

const withGroup = () => {
  const dataDir = temporaryFolder();
  const folder = join(dataDir, "groups", "team");
  mkdirSync(folder, { recursive: true });
  const place = { dataDir, folder: "team" };
  const text = (name: string): string | null =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : null;
  return { folder, place, text };
};

describe("writeInstructionFiles", () => {
  test.for([
    { provider: "claude", file: "CLAUDE.md" },
    { provider: "codex", file: "AGENTS.md" },
    { provider: "gemini", file: "GEMINI.md" },
    { provider: "qwen", file: "QWEN.md" },
    { provider: "echo", file: "CLAUDE.md" },
  ])("makes only $file, which $provider reads", async ({ provider, file }) => {
    const { place } = withGroup();
    await writeInstructionFiles(place, group, [provider]);
    expect((await instructionsIn(place.dataDir, "team")).map(({ name }) => name)).toEqual([file]);
  });

  test("makes a file for each of several providers", async () => {
    const { place, text } = withGroup();
    await writeInstructionFiles(place, group, ["claude", "gemini"]);
    expect([text("CLAUDE.md"), text("GEMINI.md"), text("AGENTS.md")]).toEqual([
      expect.stringContaining("ncl"),
      expect.stringContaining("ncl"),
      null,
    ]);
  });

  test("removes ncl from all files once it is disabled, also from that of an earlier provider", async () => {
    const { place, folder, text } = withGroup();
    writeFileSync(join(folder, "AGENTS.md"), "# Mine\n");
    await writeInstructionFiles(place, group, ["codex"]);
    await writeInstructionFiles(place, group, ["claude"]);
    await writeInstructionFiles(place, disabled, ["claude"]);
    expect([text("AGENTS.md"), text("CLAUDE.md")]).toEqual(["# Mine\n\n", ""]);
  });

  test("does not change a person's file or link with the name of another provider's file", async () => {
    const { place, folder, text } = withGroup();
    writeFileSync(join(folder, "AGENTS.md"), "# Mine\n");
    symlinkSync("/etc/passwd", join(folder, "GEMINI.md"));
    expect(await writeInstructionFiles(place, group, ["claude"])).toMatchObject({
      value: { isChanged: true, notes: [] },
    });
    expect(text("AGENTS.md")).toBe("# Mine\n");
  });

  test("follows a link to another instruction file, and renames a link out of the folder", async () => {
    const { place, folder, text } = withGroup();
    symlinkSync("CLAUDE.md", join(folder, "AGENTS.md"));
    expect(await writeInstructionFiles(place, group, ["codex"])).toMatchObject({ ok: true });
    expect(text("CLAUDE.md")).toContain("ncl");
    symlinkSync("../other/GEMINI.md", join(folder, "GEMINI.md"));
    const written = await writeInstructionFiles(place, group, ["gemini"]);
    expect(written.ok && written.value.notes.join()).toContain(
      `${join(folder, "GEMINI.md")} was not a plain file`,
    );
    expect(text("GEMINI.md")).toContain("ncl");
  });

  test("keeps a person's text at the top each time it writes", async () => {
    const { place, folder, text } = withGroup();
    writeFileSync(join(folder, "CLAUDE.md"), "You are Ana, and brief.\n");
    const skill = { name: "notes", description: "Keeps notes.", instructions: "Notes are in `notes/`." };
    for (const skillTexts of [[skill], [], [skill, { ...skill, name: "tides" }], [skill]]) {
      await writeInstructionFiles(place, { ...group, skillTexts }, ["claude"]);
      expect(text("CLAUDE.md")).toMatch(/^You are Ana, and brief\.\n\n<!-- gatehouse:begin/);
    }
    expect(text("CLAUDE.md")?.match(/^## Skill.*|^- .*/gm)).toEqual([
      "## Skills",
      "- notes: Keeps notes.",
      "## Skill: notes",
    ]);
  });
});
