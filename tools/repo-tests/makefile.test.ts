import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, type TestContext } from "vitest";

const root = join(import.meta.dirname, "../..");

const make = (...args: readonly string[]) => spawnSync("make", args, { cwd: root, encoding: "utf8" });

const needsMake = ({ skip }: TestContext): void => {
  if (make("--version").error !== undefined) skip("make is not installed");
};

describe("make", () => {
  test("lists its targets, without a target and with `help`", (context) => {
    needsMake(context);
    for (const args of [[], ["help"]]) {
      const { status, stdout } = make(...args);
      expect(status).toBe(0);
      for (const target of ["add-user", "remove-user", "users-doctor", "help"])
        expect(stdout).toContain(`make ${target}`);
    }
  });

  test.for(["add-user", "remove-user", "users-doctor"])(
    "%s fails without a Node, and says how to name one",
    (target, context) => {
      needsMake(context);
      const { status, stderr } = make(target, "NODE=");
      expect(status).not.toBe(0);
      expect(stderr).toContain("NODE=/path/to/node");
    },
  );

  test("starts gatehouse with the flags in ARGS and the node in NODE", (context) => {
    needsMake(context);
    const { stdout } = make("-n", "add-user", "NODE=/opt/node", "ARGS=--data '/srv/a b'");
    expect(stdout).toContain(`"/opt/node" tools/scripts/operator.mjs users add --data '/srv/a b'`);
    expect(make("-n", "users-doctor", "NODE=/opt/node").stdout).toContain("users doctor");
    expect(make("-n", "remove-user", "NODE=/opt/node").stdout).toContain("users remove");
  });
});

describe("tools/scripts/find-node.sh", () => {
  const find = (env: NodeJS.ProcessEnv): string =>
    spawnSync("/bin/sh", ["tools/scripts/find-node.sh"], {
      cwd: root,
      env,
      encoding: "utf8",
    }).stdout.trim();
  const programIn = (folder: string): string => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "node"), "#!/bin/sh\n");
    chmodSync(join(folder, "node"), 0o755);
    return join(folder, "node");
  };

  test("prefers the node on PATH", () => {
    const folder = mkdtempSync(join(tmpdir(), "find-node-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const node = programIn(folder);
    expect(find({ PATH: `${folder}:/usr/bin:/bin`, SUDO_USER: userInfo().username })).toBe(node);
  });

  test("finds the newest node of nvm in the operator's home after sudo has dropped PATH", () => {
    const folder = mkdtempSync(join(tmpdir(), "find-node-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    // PATH has a getent that knows one account, and the tools of the script, but no node.
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "getent"), `#!/bin/sh\necho "ana:x:1:1::${folder}:/bin/sh"\n`);
    chmodSync(join(bin, "getent"), 0o755);
    for (const tool of ["cut", "ls", "sort"])
      spawnSync("ln", [
        "-s",
        spawnSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).stdout.trim(),
        bin,
      ]);
    const versions = join(folder, ".nvm/versions/node");
    for (const version of ["v9.1.0", "v20.19.0", "v22.3.0", "v22.21.0"])
      programIn(join(versions, version, "bin"));
    expect(find({ PATH: bin, SUDO_USER: "ana" })).toBe(join(versions, "v22.21.0/bin/node"));
  });
});
