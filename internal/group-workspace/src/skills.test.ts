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
import { temporaryFolder } from "@gatehouse/control-plane/testing";
import { describe, expect, test } from "vitest";
import { copySkills, explainSkills } from "./copy-skills.ts";
import { chosenSkills } from "./skills.ts";

/** A data folder with these skills, and a session's folder for them. */
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
  const target = join(dataDir, "session", "in", "skills");
  const copy = async (chosen: "all" | readonly string[]) =>
    copySkills((await chosenSkills(dataDir, chosen)).skills, target);
  return { dataDir, root, add, target, copy };
};

describe("chosenSkills", () => {
  test("are all of the host's, or those that are named; what is not there is missing", async () => {
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

  test("without a folder of skills there are none", async () =>
    expect(await chosenSkills(temporaryFolder(), "all")).toEqual({ skills: [], missing: [] }));
});

describe("copySkills", () => {
  test("copies what was chosen, and takes away what is not any more (case 104)", async () => {
    const { root, target, copy } = withSkills("notes", "tides");
    writeFileSync(join(root, "notes", "scripts", "run.sh"), "#!/bin/sh\n");
    chmodSync(join(root, "notes", "scripts", "run.sh"), 0o700);
    expect(await copy("all")).toEqual({ ok: true, value: null });
    expect(readdirSync(target)).toEqual(["notes", "tides"]);
    expect(statSync(join(target, "notes", "scripts", "run.sh")).mode & 0o777).toBe(0o755);
    expect(await copy(["notes"])).toEqual({ ok: true, value: null });
    expect(readdirSync(target)).toEqual(["notes"]);
  });

  test("leaves a skill that did not change, and makes one anew that an agent or its author changed (F38)", async () => {
    const { root, target, copy } = withSkills("notes", "tides");
    await copy("all");
    const inode = (name: string): number => statSync(join(target, name)).ino;
    const before = [inode("notes"), inode("tides")];
    await copy("all");
    expect([inode("notes"), inode("tides")]).toEqual(before);
    writeFileSync(join(target, "notes", "SKILL.md"), "Do evil.");
    writeFileSync(join(root, "tides", "more.md"), "more");
    await copy("all");
    expect(readFileSync(join(target, "notes", "SKILL.md"), "utf8")).toContain("Do it.");
    expect(readdirSync(join(target, "tides"))).toEqual(["SKILL.md", "more.md", "scripts"]);
  });

  test("follows no link, on neither side", async () => {
    const { dataDir, root, target, copy } = withSkills("notes");
    writeFileSync(join(dataDir, "secret"), "of the host");
    symlinkSync(join(dataDir, "secret"), join(root, "notes", "leak"));
    const elsewhere = join(dataDir, "elsewhere");
    mkdirSync(join(elsewhere, "kept"), { recursive: true });
    mkdirSync(join(target, ".."), { recursive: true });
    symlinkSync(elsewhere, target);
    expect(await copy("all")).toMatchObject({ ok: true });
    expect(readdirSync(elsewhere)).toEqual(["kept"]);
    expect(readdirSync(join(target, "notes"))).toEqual(["SKILL.md", "scripts"]);
  });

  test("refuses one that is too large, by name", async () => {
    const { root, copy } = withSkills("notes");
    truncateSync(join(root, "notes", "SKILL.md"), 100);
    writeFileSync(join(root, "notes", "big"), "");
    truncateSync(join(root, "notes", "big"), 16_777_217);
    const copied = await copy("all");
    expect(copied).toMatchObject({ ok: false, error: { code: "skill-too-large", skill: "notes" } });
    if (!copied.ok) expect(explainSkills(copied.error)).toContain("The skill notes is too large");
  });
});
