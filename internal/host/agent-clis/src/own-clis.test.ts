import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { describeCli, findClis } from "./find-clis.ts";
import { chooseCli, chosenCli, chosenClisIn, pathOfAgents } from "./own-clis.ts";

const root = (): string => {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "clis-")));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** Writes a program `claude` that prints this version. */
const write = (folder: string, version: string): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "claude"), `#!/bin/sh\necho '${version} (Claude Code)'\n`);
  chmodSync(join(folder, "claude"), 0o755);
};

const fetched = (dataDir: string, version: string): void =>
  write(join(dataDir, "cli", `claude-${version}`, "node_modules", ".bin"), version);

describe("findClis", () => {
  test("returns the CLI on PATH, then those of the data folder, the newest first", async () => {
    const dataDir = root();
    const bin = join(dataDir, "bin");
    write(bin, "2.1.252");
    for (const version of ["2.1.275", "2.1.328"]) fetched(dataDir, version);
    mkdirSync(join(dataDir, "cli", "claude-2.1.300.installing-x"));
    const found = await findClis("claude", { dataDir, env: { HOME: dataDir, PATH: `${bin}:/usr/bin:/bin` } });
    expect(found.map(({ version, place, isTooOld }) => ({ version, place, isTooOld }))).toEqual([
      { version: "2.1.252", place: "path", isTooOld: true },
      { version: "2.1.328", place: "fetched", isTooOld: false },
      { version: "2.1.275", place: "fetched", isTooOld: false },
    ]);
    expect(found.map(describeCli)[0]).toBe(
      `Claude Code 2.1.252 at ${bin}/claude is too old: 2.1.275 or newer is needed`,
    );
  });

  test("returns those that the account fetched before it had a data folder", async () => {
    const [home, dataDir] = [root(), root()];
    fetched(join(home, ".gatehouse"), "2.1.328");
    fetched(dataDir, "2.1.275");
    const found = await findClis("claude", { dataDir, env: { HOME: home, PATH: "/proc/nowhere" } });
    expect(found.map(({ version, place }) => [version, place])).toEqual([
      ["2.1.328", "account"],
      ["2.1.275", "fetched"],
    ]);
  });

  test("returns no CLI on a machine without any", async () => {
    expect(
      await findClis("claude", { dataDir: root(), env: { HOME: root(), PATH: "/proc/nowhere" } }),
    ).toEqual([]);
  });
});

describe("chooseCli", () => {
  test("puts a CLI first on the PATH of agents, lets others read it, and replaces an earlier choice", async () => {
    const dataDir = root();
    for (const version of ["2.1.275", "2.1.328"]) fetched(dataDir, version);
    chmodSync(join(dataDir, "cli", "claude-2.1.328"), 0o700);
    expect(await chosenCli(dataDir, "claude")).toBeNull();
    await chooseCli(dataDir, "claude", "2.1.275");
    await chooseCli(dataDir, "claude", "2.1.328");
    expect(await chosenCli(dataDir, "claude")).toBe("claude-2.1.328");
    expect(statSync(join(dataDir, "cli", "claude-2.1.328")).mode & 0o777).toBe(0o755);
    const path = pathOfAgents(dataDir, "/usr/bin:/bin");
    expect(path).toBe(`${chosenClisIn(dataDir)}:/usr/bin:/bin`);
    const [first] = await findClis("claude", { dataDir, env: { PATH: path } });
    expect(first).toMatchObject({ version: "2.1.328", path: join(dataDir, "cli", "bin", "claude") });
  });
});
