import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { listenOnSocket, type ListenOptions } from "./listen-on-socket.ts";
import { tempFolder } from "./socket.fixture.ts";

const listen = async (path: string, more: Partial<ListenOptions> = {}) => {
  const listening = await listenOnSocket({
    path,
    maxConnections: 1,
    accept: () => {},
    report: () => {},
    ...more,
  });
  if (listening.ok) onTestFinished(() => void listening.value.close());
  return listening;
};

describe("listenOnSocket", () => {
  test("makes a socket for its owner, or for all accounts", async () => {
    const folder = tempFolder();
    for (const [name, isOpenToAll, mode] of [
      ["own.sock", false, 0o600],
      ["all.sock", true, 0o666],
    ] as const) {
      expect((await listen(join(folder, name), { isOpenToAll })).ok).toBe(true);
      expect(statSync(join(folder, name)).mode & 0o777).toBe(mode);
    }
    expect(readdirSync(folder).toSorted()).toEqual(["all.sock", "own.sock"]);
  });

  // A umask applies to the whole process: folders that other threads made then lacked the right to enter.
  test("does not change the mode of files that the process makes meanwhile", async () => {
    const folder = tempFolder();
    const paths = Array.from({ length: 400 }, (_, index) => join(folder, `${index}`));
    const [made] = await Promise.all([
      Promise.all(paths.map((path) => mkdir(path, { mode: 0o700 }).then(() => stat(path)))),
      Promise.all(paths.map((path) => listen(`${path}.sock`))),
    ]);
    expect(new Set(made.map(({ mode }) => mode & 0o777))).toEqual(new Set([0o700]));
  });

  test("makes a socket after a host was killed while it made one", async () => {
    const path = join(tempFolder(), "ncl.sock");
    mkdirSync(join(dirname(path), ".ncl"));
    const left = createServer();
    await new Promise<void>((resolve) => left.listen(join(dirname(path), ".ncl", "s"), resolve));
    onTestFinished(() => void left.close());
    expect((await listen(path)).ok).toBe(true);
    expect(readdirSync(dirname(path))).toEqual(["ncl.sock"]);
  });

  test("refuses a path whose temporary folder exists and is not empty", async () => {
    const path = join(tempFolder(), "ncl.sock");
    mkdirSync(join(dirname(path), ".ncl"));
    writeFileSync(join(dirname(path), ".ncl", "notes"), "mine");
    const error = { code: "socket-unavailable", path, detail: "ENOTEMPTY" };
    expect(await listen(path)).toEqual({ ok: false, error });
    expect(readdirSync(join(dirname(path), ".ncl"))).toEqual(["notes"]);
  });

  test("gives the socket to one of several concurrent hosts", async () => {
    const path = join(tempFolder(), "ncl.sock");
    const listening = await Promise.all(Array.from({ length: 8 }, () => listen(path)));
    expect(listening.filter(({ ok }) => ok)).toHaveLength(1);
    expect(statSync(path).isSocket()).toBe(true);
  });

  // In a process of its own: the defect of Node concerns packages that were not loaded before.
  test("lets the process load a package afterwards", () => {
    const program = fileURLToPath(new URL("load-after-listen.fixture.ts", import.meta.url));
    const args = ["--conditions=@nc/source", "--import", import.meta.resolve("tsx"), program];
    const path = join(tempFolder(), "host.sock");
    expect(execFileSync(process.execPath, [...args, path], { encoding: "utf8" })).toBe("loaded");
  });
});
