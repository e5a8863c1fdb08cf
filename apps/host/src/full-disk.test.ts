// @module-tag soak
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, inject, test } from "vitest";
import { openedCentral, temporaryFolder, addRow } from "@gatehouse/central-database/testing";
import { centralFile } from "@gatehouse/central-database";
import { runLimited } from "./run-limited.fixture.ts";
import { spawnHost } from "./up/host.fixture.ts";

const { gatehouse, ncl, "open-later": openLater } = inject("programs");
const slow = { tags: ["slow"] };

/** A database of 2 MB as a killed program leaves it: all of it is in the write-ahead log. */
const allInItsLog = async (): Promise<string> => {
  const [dataDir, copy] = [temporaryFolder(), temporaryFolder()];
  const { db } = await openedCentral(dataDir);
  await addRow(db, "messaging_groups", { name: "x".repeat(2_000_000) });
  for (const suffix of ["", "-wal"]) copyFileSync(centralFile(dataDir) + suffix, centralFile(copy) + suffix);
  return copy;
};

const unusable = (dataDir: string): unknown => ({
  ok: false,
  error: {
    code: "data-folder-unusable",
    message: expect.stringMatching(`^The data folder ${dataDir} cannot be used \\(SQLITE_`) as unknown,
    fix: expect.stringContaining("free space") as unknown,
  },
});

describe("on a full disk", () => {
  test(
    "a later build refuses a database that it cannot back up, and leaves no incomplete copy",
    slow,
    async () => {
      const dataDir = await allInItsLog();
      for (let times = 0; times < 2; times += 1)
        expect(runLimited(1_000, openLater, [dataDir]).stdout).toContain('"code":"backup-failed"');
      expect(readdirSync(join(dataDir, "backups"))).toEqual([]);
      const { db } = await openedCentral(dataDir);
      expect(await db.selectFrom("messaging_groups").select("id").execute()).toHaveLength(1);
    },
  );

  describe("init", () => {
    const init = async (more: readonly string[]) => {
      const dataDir = temporaryFolder();
      await (await openedCentral(dataDir)).close();
      const args = ["init", "--name", "Ana", "--folder", "ana", "--data", dataDir, "--json", ...more];
      const { code, stdout, stderr } = runLimited(40, gatehouse, args);
      const { db } = await openedCentral(dataDir);
      const groups = await db.selectFrom("agent_groups").select("name").execute();
      return { dataDir, code, stderr, groups, said: JSON.parse(stdout) as unknown };
    };

    test("changes nothing and reports the reason if its rows do not fit", slow, async () => {
      const { dataDir, ...ended } = await init(["--owner", "telegram:7"]);
      expect(ended).toEqual({ code: 1, stderr: "", groups: [], said: unusable(dataDir) });
      expect(existsSync(join(dataDir, "groups", "ana"))).toBe(false);
    });

    test(
      "succeeds if its rows fit, although the write-ahead log cannot be copied into the file",
      slow,
      async () => {
        expect(await init([])).toMatchObject({ code: 0, groups: [{ name: "Ana" }], said: { ok: true } });
      },
    );
  });

  test("a host that must write at its start exits with the reason", slow, async () => {
    const dataDir = temporaryFolder();
    const central = await openedCentral(dataDir);
    for (let group = 0; group < 300; group += 1)
      await addRow(central.db, "agent_groups", { id: `ag-${group}`, folder: `team-${group}` });
    await central.close();
    const { code, stdout, stderr } = runLimited(40, gatehouse, [
      "up",
      "--runtime",
      "process",
      "--data",
      dataDir,
      "--json",
    ]);
    expect({ code, stderr, said: JSON.parse(stdout) as unknown }).toEqual({
      code: 1,
      stderr: expect.not.stringContaining("bug") as unknown,
      said: unusable(dataDir),
    });
    expect(readdirSync(dataDir).filter((name) => name.startsWith("host."))).toEqual([]);
  });

  test(
    "a running host keeps running, refuses messages with the reason, and accepts them again later",
    slow,
    async () => {
      const dataDir = temporaryFolder();
      const run = (program: string, args: readonly string[], input = "") => {
        const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
          encoding: "utf8",
          input,
          timeout: 240_000,
          killSignal: "SIGKILL",
        });
        return { status, stdout, stderr };
      };
      const owner = ["--name", "Ana", "--folder", "ana", "--owner", "local:ana"];
      expect(run(gatehouse, ["init", ...owner, "--data", dataDir])).toMatchObject({ status: 0 });
      const host = spawnHost(dataDir);
      await host.ready();
      const provider = ["groups", "config", "update", "Ana", "--provider", "echo"];
      expect(run(ncl, [...provider, "--socket", host.socket])).toMatchObject({ status: 0 });
      const chat = (text: string) =>
        run(gatehouse, ["chat", "--group", "ana", "--data", dataDir], `${text}\n`);
      expect(chat("before")).toEqual({ status: 0, stdout: "before\n", stderr: "" });
      // The limit of file sizes makes writes fail as on a full disk.
      const limit = (bytes: string) =>
        expect(
          spawnSync("prlimit", ["--pid", String(host.child.pid), `--fsize=${bytes}:unlimited`]),
        ).toMatchObject({ status: 0 });
      limit("100");
      for (const text of ["one", "two"])
        expect(chat(text)).toEqual({
          status: 1,
          stdout: "",
          stderr: "error: The host's disk is full, so the message was not taken. Send it again later.\n",
        });
      expect(host.child.exitCode).toBeNull();
      limit("unlimited");
      expect(chat("after")).toEqual({ status: 0, stdout: "after\n", stderr: "" });
      host.child.kill("SIGTERM");
      const { code, stderr } = await host.ended;
      expect(code).toBe(143);
      expect(stderr).toMatch(/The log .*host\.log cannot be written \(EFBIG\)/);
      expect(readFileSync(join(dataDir, "host.log"), "utf8")).toMatch(/"event":"log-lines-lost"/);
    },
  );
});
