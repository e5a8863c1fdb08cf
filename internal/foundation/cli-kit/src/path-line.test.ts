import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { pathLine } from "./path-line.ts";

/** A clone with its programs in node_modules/.bin, and a person's own folder with the same programs. */
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

describe("pathLine", () => {
  test("names the programs' folder, quoted, if it is not on the shell's PATH", () => {
    const { clone } = machine();
    expect(pathLine({ PATH: "/usr/bin" }, join(clone, "gatehouse"))).toBe(`export PATH='${clone}':"$PATH"`);
  });

  test("ignores a folder that npm has added only for this program", () => {
    const { clone } = machine();
    const env = { PATH: `${clone}:/usr/bin`, npm_command: "exec" };
    expect(pathLine(env, "/srv/clone/apps/host/dist/main.js")).toBe(`export PATH='${clone}':"$PATH"`);
    expect(pathLine({ PATH: env.PATH }, "/srv/clone/apps/host/dist/main.js")).toBeNull();
  });

  test("is null if the programs are on PATH, or not found", () => {
    const { clone, own } = machine();
    expect(pathLine({ PATH: `/usr/bin:${own}` }, join(clone, "gatehouse"))).toBeNull();
    expect(pathLine({ PATH: "/usr/bin" }, "/proc/nowhere/gatehouse")).toBeNull();
    expect(pathLine({}, "")).toBeNull();
  });

  test("is null if only one program is found, since the line would help only half", () => {
    const { clone } = machine(["gatehouse"]);
    expect(pathLine({ PATH: "/usr/bin" }, join(clone, "gatehouse"))).toBeNull();
  });
});
