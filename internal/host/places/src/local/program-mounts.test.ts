import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { programMounts } from "./program-mounts.ts";

/** Files below a temporary folder, by their paths there. */
const machineWith = (...files: readonly string[]): string => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "program-mounts-")));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), "");
  }
  return root;
};

const shown = async (root: string, programs: readonly string[], cli: string | null = null) =>
  (await programMounts(programs, cli)).map(({ source, target, isReadOnly, isReal }) => {
    expect([target, isReadOnly, isReal]).toEqual([source, true, true]);
    return source.replace(`${root}/`, "");
  });

describe("programMounts shows", () => {
  test("a program outside of the system's folders as one file, not its folder", async () => {
    const root = machineWith("home/bin/node", "home/bin/other");
    expect(await shown(root, [join(root, "home/bin/node")])).toEqual(["home/bin/node"]);
  });

  test("a program by its real path, though a link names it", async () => {
    const root = machineWith("node-22/bin/node");
    symlinkSync(join(root, "node-22"), join(root, "current"));
    expect(await shown(root, [join(root, "current/bin/node")])).toEqual(["node-22/bin/node"]);
  });

  test.each([
    ["a CLI of npm", "lib/node_modules/@anthropic-ai/claude-code/bin/claude", "lib/node_modules"],
    ["a CLI below another package", "a/node_modules/b/node_modules/c/cli.js", "a/node_modules"],
    ["a CLI that is one file", "share/claude/versions/2.1.332", "share/claude/versions/2.1.332"],
    ["a file whose folder only begins as node_modules", "node_modules_old/cli.js", "node_modules_old/cli.js"],
  ])("%s with what it needs", async (_what, cli, mounted) => {
    const root = machineWith(cli);
    expect(await shown(root, [], join(root, cli))).toEqual([mounted]);
  });

  test("each place once", async () => {
    const root = machineWith("bin/node", "runner.cjs");
    const [node, runner] = [join(root, "bin/node"), join(root, "runner.cjs")];
    expect(await shown(root, [node, runner, node, runner])).toEqual(["bin/node", "runner.cjs"]);
  });

  test("nothing of the system's folders, of a missing program, and of a bare name", async () => {
    const root = machineWith();
    expect(await shown(root, ["/usr/bin/env", join(root, "missing"), "node"], "/usr/bin/env")).toEqual([]);
  });
});
