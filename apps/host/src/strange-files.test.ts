import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { describe, expect, inject, test } from "vitest";
import { temporaryFolder } from "@gatehouse/central-database/testing";

const { gatehouse } = inject("programs");

/** Time after which a hanging program is killed, ms. Its `signal` then fails the test. */
const hangsMs = 100_000;

const run = (dataDir: string, args: readonly string[]) => {
  const env = { ...process.env, HOME: dataDir, GATEHOUSE_DATA: dataDir };
  const options = { encoding: "utf8", timeout: hangsMs, killSignal: "SIGKILL", cwd: dataDir, env } as const;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [gatehouse, ...args], options);
  return { status, signal, stdout, stderr };
};

const makePipe = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  expect(spawnSync("mkfifo", [path]).status).toBe(0);
};

const record = "019a0000-0000-7000-8000-000000000000.json";
const id = "20261123-000000-abcd";

describe("named pipes and devices in place of files", { tags: ["slow"] }, () => {
  test.for([
    { args: ["launch", "team.yaml"], pipe: "team.yaml", status: 1, says: /team\.yaml is not a regular file/ },
    { args: ["ps"], pipe: `held/holders/${record}`, status: 0, says: /is not a complete record/ },
    { args: ["ps"], pipe: `held/groups/${record}`, status: 0, says: /^/ },
    { args: ["ps"], pipe: `held/states/${record}`, status: 0, says: /^/ },
    { args: ["stop", "--all"], pipe: `held/holders/${record}`, status: 1, says: /is not a complete record/ },
    { args: ["stop", "--all"], pipe: `held/states/${record}`, status: 1, says: /is not a complete record/ },
    { args: ["launches", "list"], pipe: `launches/journals/${id}.jsonl`, status: 0, says: /^/ },
    { args: ["logs"], pipe: "host.log", status: 1, says: /host\.log cannot be read \(not-a-file\)/ },
    { args: ["logs"], pipe: "host.log.1", status: 0, says: /^/ },
    {
      args: ["up", "--runtime", "process"],
      pipe: "host.log",
      status: 1,
      says: /host\.log is not a regular file/,
    },
  ])("gatehouse $args does not wait for a named pipe at $pipe", ({ args, pipe, status, says }) => {
    const dataDir = temporaryFolder();
    makePipe(join(dataDir, pipe));
    const ended = run(dataDir, args);
    expect(ended).toMatchObject({ status, signal: null });
    expect(ended.stdout + ended.stderr).toMatch(says);
    expect(ended.stderr).not.toMatch(/bug|^ +at /m);
  });

  test("gatehouse launch refuses /dev/zero as a team file, without a stack trace", () => {
    const { status, signal, stderr } = run(temporaryFolder(), ["launch", "/dev/zero"]);
    expect({ status, signal }).toEqual({ status: 1, signal: null });
    expect(stderr).toMatch(/^error: \/dev\/zero is not a regular file\.\nfix: .*\n$/);
  });
});
