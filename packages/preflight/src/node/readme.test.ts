import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { codes } from "../verdict.ts";
import { makeBed } from "@gatehouse/test-kit";

const example = new URL("../../examples/trust-folders.ts", import.meta.url);
const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const trust = readFileSync(new URL("../../docs/trust.md", import.meta.url), "utf8");

describe("the README", () => {
  test("names every status", () => {
    const statuses = new Set(Object.values(codes).map(({ status }) => status));
    for (const status of statuses) expect(readme).toContain(`\`${status}\``);
    expect(readme).toContain("(docs/trust.md#codes)");
  });

  test.each(Object.keys(codes))("links to the meaning and the fix of %s", (code) => {
    expect(trust).toMatch(new RegExp(`^\\| .*\`${code}\`.* \\|$`, "m"));
  });

  test("has an example that trusts a folder", { tags: ["slow"] }, () => {
    const bed = makeBed();
    const folder = bed.folder("project");
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    const args = ["--import", tsx, "--conditions=@nc/source", fileURLToPath(example), folder];
    const ran = spawnSync(process.execPath, args, { env: bed.request([]).env, encoding: "utf8" });
    expect(ran).toMatchObject({ status: 0, stdout: `trusted ${folder}\n` });
    expect(ran.stderr).toContain(`${folder} asks claude/trust\n`);
  });
});
