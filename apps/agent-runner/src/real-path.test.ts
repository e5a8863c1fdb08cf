import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "@gatehouse/socket-server/testing";
import { describe, expect, test } from "vitest";
import { hasLinkOut, longestPath, realPathOf, toolPaths } from "./real-path.ts";

/** A group's folder and a session's folder, with links in the former. */
const place = () => {
  const base = realpathSync(tempFolder());
  const [folder, cwd, home] = [join(base, "session"), join(base, "group"), join(base, "home")];
  for (const path of [`${folder}/out/tmp`, `${folder}/in`, `${cwd}/src`, home])
    mkdirSync(path, { recursive: true });
  writeFileSync(join(base, "secret"), "x");
  writeFileSync(join(home, "rc"), "x");
  const links = {
    secret: "../secret",
    docs: base,
    rc: "../home/rc",
    new: "../home/new",
    in: "src",
    loop: "loop",
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(cwd, name));
  symlinkSync(`${folder}/in`, join(cwd, "src/deep"));
  symlinkSync("../secret", join(cwd, "\u00e9"));
  symlinkSync("../secret", join(cwd, "a\nb"));
  return { base, folder, cwd, home };
};

type PathFixture = ReturnType<typeof place>;

describe("the real path", () => {
  test.each<[string, string, (of: PathFixture) => string]>([
    ["a file", "src/a", ({ cwd }) => `${cwd}/src/a`],
    ["a link", "secret", ({ base }) => `${base}/secret`],
    ["a link to a missing file", "new", ({ home }) => `${home}/new`],
    ["a folder link", "docs/secret", ({ base }) => `${base}/secret`],
    ["a missing file below a folder link", "docs/x/y", ({ base }) => `${base}/x/y`],
    [".. after a folder link", "src/deep/../out", ({ folder }) => `${folder}/out`],
    ["a loop", "loop", () => ""],
    ["a name with a line break", "a\nb", ({ base }) => `${base}/secret`],
  ])("is found for %s", async (_, path, real) => {
    const of = place();
    expect(await realPathOf(`${of.cwd}/${path}`)).toBe(real(of));
  });

  test("does not depend on the process that looks: /proc/self/root is followed, /proc/self/fd is not", async () => {
    const { base, cwd } = place();
    expect(await realPathOf(`/proc/self/root${cwd}/secret`)).toBe(`${base}/secret`);
    expect(await realPathOf("/proc/self/fd/0")).toBe("/proc/self/fd/0");
  });
});

describe("the paths of a tool's input", () => {
  test.each<[string, (of: PathFixture) => unknown, (of: PathFixture) => readonly object[]]>([
    [
      "file_path",
      () => ({ file_path: "rc" }),
      ({ home }) => [{ field: "file_path", realPath: `${home}/rc` }],
    ],
    [
      "filePath",
      ({ cwd }) => ({ filePath: `${cwd}/rc` }),
      ({ home }) => [{ field: "filePath", realPath: `${home}/rc` }],
    ],
    [
      "a file to be made",
      () => ({ file_path: "new" }),
      ({ home }) => [{ field: "file_path", realPath: `${home}/new` }],
    ],
    [
      "notebook_path",
      () => ({ notebook_path: "docs/x.ipynb" }),
      ({ base }) => [{ field: "notebook_path", realPath: `${base}/x.ipynb` }],
    ],
    [
      "a list",
      () => ({ changes: [{ path: "a" }, { path: "rc" }] }),
      ({ home }) => [{ field: "changes[1].path", realPath: `${home}/rc` }],
    ],
    [
      "the folder of a command",
      ({ cwd }) => ({ command: "ls", cwd: `${cwd}/docs` }),
      ({ base }) => [{ field: "cwd", realPath: base }],
    ],
    [
      "a field of another name",
      () => ({ what: "./rc" }),
      ({ home }) => [{ field: "what", realPath: `${home}/rc` }],
    ],
    [
      "a composed name of a decomposed one",
      () => ({ file_path: "e\u0301" }),
      ({ base }) => [{ field: "file_path", realPath: `${base}/secret` }],
    ],
    [
      "spaces around it",
      () => ({ file_path: " rc " }),
      ({ home }) => [{ field: "file_path", realPath: `${home}/rc` }],
    ],
    [
      ".. after a link",
      () => ({ path: "src/deep/../x" }),
      ({ folder }) => [{ field: "path", realPath: `${folder}/x` }],
    ],
  ])("are named where they lead elsewhere: %s", async (_, input, realPaths) => {
    const of = place();
    expect((await toolPaths(input(of), of)).realPaths).toEqual(realPaths(of));
  });

  test.each<[string, unknown]>([
    ["a plain file", { file_path: "src/a.txt" }],
    ["a file to be made", { file_path: "src/new/a.txt" }],
    ["a path that names its place", { file_path: "../secret" }],
    ["a command", { command: "/bin/sh -c ls" }],
    ["what is written", { file_path: "src/a.txt", content: "./rc", old_string: "/proc/self/cwd" }],
    ["a pattern", { pattern: "./rc" }],
    ["no text", { n: 1, list: [true, null], nothing: {} }],
  ])("are not named for %s", async (_, input) => {
    expect((await toolPaths(input, place())).realPaths).toEqual([]);
  });

  test.each<[string, (of: PathFixture) => unknown, boolean]>([
    ["a file of the group", () => ({ file_path: "src/a.txt", limit: 5 }), true],
    ["its absolute path", ({ cwd }) => ({ file_path: `${cwd}/src/a.txt` }), true],
    ["a temporary file of the session", ({ folder }) => ({ file_path: `${folder}/out/tmp/a` }), true],
    ["no path", () => ({ pattern: "**/*.ts" }), true],
    ["a link within", () => ({ path: "in", pattern: "x" }), true],
    ["a link out", () => ({ file_path: "secret" }), false],
    ["a folder link out", () => ({ path: "docs", pattern: "sk-" }), false],
    ["a loop", () => ({ file_path: "loop" }), false],
    ["another place", () => ({ file_path: "/etc/shadow" }), false],
    ["..", () => ({ path: ".." }), false],
    ["the session's settings", ({ folder }) => ({ file_path: `${folder}/in/container.json` }), false],
    ["the session's folder", ({ folder }) => ({ path: folder }), false],
    ["HOME", () => ({ file_path: "~/rc" }), false],
    ["HOME after a space", () => ({ file_path: " ~" }), false],
    ["another place after a space", () => ({ file_path: " /etc/shadow" }), false],
    ["another place after a no-break space", () => ({ file_path: "\u00a0/etc/shadow" }), false],
    ["a pattern of another place", () => ({ pattern: "/etc/*" }), false],
    ["a pattern with ..", () => ({ pattern: "{a,../../etc}/*" }), false],
    ["a field of another name", () => ({ file_path: "a", also: "/etc/shadow" }), false],
    ["a decomposed name", () => ({ file_path: "e\u0301" }), false],
    ["a NUL", () => ({ file_path: "a\0b" }), false],
    ["a text as long as a path", () => ({ file_path: "a".repeat(longestPath) }), true],
    ["a text longer than a path", () => ({ file_path: "a".repeat(longestPath + 1) }), false],
    ["a list", () => ({ paths: ["src", "/etc"] }), false],
  ])("say of %s whether it is inside: %#", async (_, input, isInside) => {
    const of = place();
    expect((await toolPaths(input(of), of)).isInside).toBe(isInside);
  });
});

describe("a link out of the agent's folders", () => {
  const empty = () => {
    const base = realpathSync(tempFolder());
    const [folder, cwd] = [join(base, "session"), join(base, "group")];
    for (const path of [`${folder}/in/skills`, `${folder}/out/tmp`, `${cwd}/src/deep`])
      mkdirSync(path, { recursive: true });
    writeFileSync(join(cwd, "src/a.txt"), "x");
    return { base, folder, cwd };
  };

  test.each<[string, (of: ReturnType<typeof empty>) => void, boolean]>([
    ["no link", () => {}, false],
    ["a link within", ({ cwd }) => symlinkSync("src/a.txt", `${cwd}/l`), false],
    [
      "a link to the skills of the host",
      ({ cwd, folder }) => symlinkSync(`${folder}/in/skills`, `${cwd}/skills`),
      false,
    ],
    ["a broken link within", ({ cwd }) => symlinkSync("missing", `${cwd}/l`), false],
    [
      "a link to a file",
      ({ cwd, base }) => (writeFileSync(`${base}/f`, ""), symlinkSync(`${base}/f`, `${cwd}/l`)),
      true,
    ],
    ["a link to a missing file", ({ cwd }) => symlinkSync("../missing", `${cwd}/l`), true],
    ["a folder link", ({ cwd }) => symlinkSync("/etc", `${cwd}/l`), true],
    ["a deep link", ({ cwd }) => symlinkSync("/etc", `${cwd}/src/deep/l`), true],
    ["a hidden link", ({ cwd }) => (mkdirSync(`${cwd}/.git`), symlinkSync("/etc", `${cwd}/.git/l`)), true],
    ["a link to the session's settings", ({ cwd, folder }) => symlinkSync(`${folder}/in`, `${cwd}/l`), true],
    [
      "a link by two links",
      ({ cwd }) => (symlinkSync("..", `${cwd}/src/up`), symlinkSync("src/up/..", `${cwd}/l`)),
      true,
    ],
    [
      "a link to a part of the session that is a link itself",
      ({ cwd, folder }) => {
        rmSync(`${folder}/out/tmp`, { recursive: true });
        symlinkSync("/etc", `${folder}/out/tmp`);
        symlinkSync(`${folder}/out/tmp/passwd`, `${cwd}/l`);
      },
      true,
    ],
  ])("is found: %s", async (_, make, expected) => {
    const of = empty();
    make(of);
    expect(await hasLinkOut(of)).toBe(expected);
  });
});
