import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { pathLine } from "./path-line.ts";

/** A clone whose programs are in node_modules/.bin, and a folder of a person's own with the same. */
const machine = (programs: readonly string[] = ["gatehouse", "ncl"]) => {
  const root = mkdtempSync(join(tmpdir(), "path line-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const [clone, own] = [join(root, "clone", "node_modules", ".bin"), join(root, "bin")];
  for (const folder of [clone, own]) {
    mkdirSync(folder, { recursive: true });
    for (const name of programs) writeFileSync(join(folder, name), "");
  }
  return { clone, own };
};

describe("the line that puts our programs on PATH", () => {
  test("names their folder, quoted, where the shell lacks it", () => {
    const { clone } = machine();
    expect(pathLine({ PATH: "/usr/bin" }, join(clone, "gatehouse"))).toBe(`export PATH='${clone}':"$PATH"`);
  });

  test("counts no folder that npm has added for this program alone", () => {
    const { clone } = machine();
    const env = { PATH: `${clone}:/usr/bin`, npm_command: "exec" };
    expect(pathLine(env, "/srv/clone/apps/host/dist/main.js")).toBe(`export PATH='${clone}':"$PATH"`);
    expect(pathLine({ PATH: env.PATH }, "/srv/clone/apps/host/dist/main.js")).toBeNull();
  });

  test("is none where they are on PATH, or nowhere to be found", () => {
    const { clone, own } = machine();
    expect(pathLine({ PATH: `/usr/bin:${own}` }, join(clone, "gatehouse"))).toBeNull();
    expect(pathLine({ PATH: "/usr/bin" }, "/nowhere/gatehouse")).toBeNull();
    expect(pathLine({}, "")).toBeNull();
  });

  test("is none where only one of them is there: a line that helps half would mislead", () => {
    const { clone } = machine(["gatehouse"]);
    expect(pathLine({ PATH: "/usr/bin" }, join(clone, "gatehouse"))).toBeNull();
  });
});
