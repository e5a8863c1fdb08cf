import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tempFolder } from "@gatehouse/socket-server/testing";
import { describe, expect, test } from "vitest";
import { refusalIn } from "./opencode-folder.ts";

const references = { x: { repository: "https://example.com/x.git" } };

/** A working folder two levels below a temporary one, with a file named from it. */
const folderWith = (file: string, text: string): string => {
  const cwd = join(realpathSync(tempFolder()), "groups/ada");
  mkdirSync(cwd, { recursive: true });
  mkdirSync(dirname(join(cwd, file)), { recursive: true });
  writeFileSync(join(cwd, file), text);
  return cwd;
};

describe("OpenCode's work in a folder", () => {
  test.each([
    ["opencode.json", JSON.stringify({ references })],
    ["opencode.jsonc", `// a comment\n{"references" /* and one */: ${JSON.stringify(references)},}`],
    ["opencode.json", JSON.stringify({ reference: references })],
    ["opencode.json", `{"\\u0072eferences": ${JSON.stringify(references)}}`],
    [".opencode/opencode.json", JSON.stringify({ references })],
    [".opencode/opencode.jsonc", JSON.stringify({ references })],
    ["../opencode.json", JSON.stringify({ references })],
    ["../../.opencode/opencode.jsonc", JSON.stringify({ references })],
    ["opencode.json", " ".repeat(1_000_001)],
  ])("is refused with references in %s", async (file, text) => {
    const cwd = folderWith(file, text);
    const refusal = await refusalIn(cwd);
    expect(refusal).toMatchObject({ code: "failed" });
    expect(refusal?.message).toContain(join(cwd, file));
  });

  test("is refused with references above the real place of a linked folder", async () => {
    const cwd = folderWith("../opencode.json", JSON.stringify({ references }));
    const link = join(realpathSync(tempFolder()), "link");
    symlinkSync(cwd, link);
    expect(await refusalIn(link)).not.toBeNull();
  });

  test.each([
    ["opencode.json", JSON.stringify({ model: "x", instructions: ["for reference"] })],
    ["sub/opencode.json", JSON.stringify({ references })],
    ["opencode.json/x", "a folder of that name"],
    [".opencode/plugins/x.js", "held by the settings"],
  ])("is allowed with %s", async (file, text) => {
    expect(await refusalIn(folderWith(file, text))).toBeNull();
  });
});
