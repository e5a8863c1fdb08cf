import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { explainSkills, type SkillFile, skillFiles } from "./skill-files.ts";
import { chosenSkills } from "./skills.ts";

/** Makes a data folder with these skills. */
const withSkills = (...names: readonly string[]) => {
  const dataDir = temporaryFolder();
  const root = join(dataDir, "skills");
  mkdirSync(root);
  const add = (
    name: string,
    text = `---\nname: ${name}\ndescription: "For ${name}."\n---\nDo it.\n`,
  ): string => {
    const folder = join(root, name);
    mkdirSync(join(folder, "scripts"), { recursive: true });
    writeFileSync(join(folder, "SKILL.md"), text);
    return folder;
  };
  for (const name of names) add(name);
  const files = async (chosen: "all" | readonly string[]): Promise<readonly SkillFile[]> => {
    const read = await skillFiles((await chosenSkills(dataDir, chosen)).skills);
    return read.ok ? read.value : expect.fail(explainSkills(read.error));
  };
  return { dataDir, root, add, files };
};

describe("chosenSkills", () => {
  test("returns all skills of the host, or the named ones and the names that are missing", async () => {
    const { dataDir, root, add } = withSkills("notes", "tides");
    add("plain", "No front matter.");
    mkdirSync(join(root, "empty"));
    symlinkSync("notes", join(root, "linked"));
    writeFileSync(join(root, "tides", "instructions.md"), "The tide is high.");
    const all = await chosenSkills(dataDir, "all");
    expect(
      all.skills.map(({ name, description, instructions }) => [name, description, instructions]),
    ).toEqual([
      ["notes", "For notes.", ""],
      ["plain", "", ""],
      ["tides", "For tides.", "The tide is high."],
    ]);
    const named = await chosenSkills(dataDir, ["tides", "empty", "../notes", "gone"]);
    expect(named).toMatchObject({ skills: [{ name: "tides" }], missing: ["../notes", "empty", "gone"] });
  });

  test("returns no skills without a folder of skills", async () =>
    expect(await chosenSkills(temporaryFolder(), "all")).toEqual({ skills: [], missing: [] }));
});

describe("skillFiles", () => {
  test("lists the plain files and folders of the chosen skills, and marks programs", async () => {
    const { root, files } = withSkills("notes", "tides");
    writeFileSync(join(root, "notes", "scripts", "run.sh"), "#!/bin/sh\n");
    chmodSync(join(root, "notes", "scripts", "run.sh"), 0o700);
    const all = await files("all");
    expect(all.map(({ path, source, isProgram }) => [path, source === null, isProgram])).toEqual([
      ["notes", true, false],
      ["notes/SKILL.md", false, false],
      ["notes/scripts", true, false],
      ["notes/scripts/run.sh", false, true],
      ["tides", true, false],
      ["tides/SKILL.md", false, false],
      ["tides/scripts", true, false],
    ]);
    const run = all.find(({ isProgram }) => isProgram);
    expect([run?.source, run?.size]).toEqual([join(root, "notes", "scripts", "run.sh"), 10]);
    expect((await files(["notes"])).every(({ path }) => path.startsWith("notes"))).toBe(true);
  });

  test("returns the same list until a file changes", async () => {
    const { root, files } = withSkills("notes");
    const before = await files("all");
    expect(await files("all")).toEqual(before);
    writeFileSync(join(root, "notes", "SKILL.md"), "Do evil.");
    expect(await files("all")).not.toEqual(before);
  });

  test("does not follow links", async () => {
    const { dataDir, root, files } = withSkills("notes");
    writeFileSync(join(dataDir, "secret"), "of the host");
    symlinkSync(join(dataDir, "secret"), join(root, "notes", "leak"));
    symlinkSync(dataDir, join(root, "notes", "all"));
    expect((await files("all")).map(({ path }) => path)).toEqual([
      "notes",
      "notes/SKILL.md",
      "notes/scripts",
    ]);
  });

  test("names a skill that is too large, and refuses it", async () => {
    const { dataDir, root } = withSkills("notes");
    truncateSync(join(root, "notes", "SKILL.md"), 100);
    writeFileSync(join(root, "notes", "big"), "");
    truncateSync(join(root, "notes", "big"), 16_777_217);
    const read = await skillFiles((await chosenSkills(dataDir, "all")).skills);
    expect(read).toMatchObject({ ok: false, error: { code: "skill-too-large", skill: "notes" } });
    if (!read.ok) expect(explainSkills(read.error)).toContain("The skill notes is too large");
  });
});
