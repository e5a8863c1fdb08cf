import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { opencode } from "../acp/opencode.ts";
import { tryAcp, tryCodex } from "./try-handshakes.ts";

/** A PATH with a program of this name and script. `pid` has its process id, and `tmp` the folders of trials. */
const machine = (name: string, script: string | null) => {
  const root = mkdtempSync(join(tmpdir(), "trials-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [bin, temporary] = [join(root, "bin"), join(root, "tmp")];
  for (const folder of [bin, temporary]) mkdirSync(folder);
  vi.stubEnv("TMPDIR", temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  if (script !== null) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho $$ >'${root}/pid'\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return {
    env: { PATH: `${bin}:/usr/bin:/bin` },
    left: () => readdirSync(temporary),
    /** The program's process id; null if it was not started. */
    pid: () => (existsSync(join(root, "pid")) ? Number(readFileSync(join(root, "pid"), "utf8")) : null),
  };
};

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Answers `initialize` with a line, and each later call with an error. */
const codexThat = (userAgent: string, error = "invalid thread id"): string => `
while read line; do
  id=$(echo "$line" | sed -n 's/.*"id":\\([0-9]*\\).*/\\1/p')
  case "$line" in
    *'"method":"initialize"'*) echo '{"id":'$id',"result":{"userAgent":"${userAgent}"}}' ;;
    *'"method":"initialized"'*) ;;
    *) echo '{"id":'$id',"error":{"code":-32600,"message":"${error}"}}' ;;
  esac
done`;

const acpThat = (result: object): string =>
  `read line\necho '${JSON.stringify({ jsonrpc: "2.0", id: 0, result })}'\ncat >/dev/null`;

const able = { agentCapabilities: { loadSession: true } };

type Case = { readonly what: string; readonly script: string | null; readonly says: RegExp | null };

/** Runs a trial, and checks that it leaves no process and no folder. */
const runs = async (name: string, tryIt: ReturnType<typeof tryAcp>, { script, says }: Case) => {
  const { env, left, pid } = machine(name, script);
  const tried = await tryIt({ env, limitMs: script === silent ? 500 : 20_000 });
  if (says === null) expect(tried).toEqual({ ok: true, value: null });
  else expect(tried).toMatchObject({ ok: false, error: { message: expect.stringMatching(says) as unknown } });
  expect(left()).toEqual([]);
  const started = pid();
  expect(started !== null && isRunning(started)).toBe(false);
};

const silent = "cat >/dev/null";

describe("the trial of Codex", () => {
  test.for<Case>([
    {
      what: "accepts a Codex with the needed methods",
      script: codexThat("gatehouse/0.169.0 (Debian)"),
      says: null,
    },
    { what: "refuses a missing program", script: null, says: /^Codex cannot be started \(ENOENT\)/ },
    {
      what: "refuses a version below the floor",
      script: codexThat("gatehouse/0.166.0 (Debian)"),
      says: /too old: 0\.169\.0 or newer is needed/,
    },
    {
      what: "refuses a Codex without a needed method",
      script: codexThat("gatehouse/0.169.0", "unknown variant thread/revert"),
      says: /too old: .* unknown variant thread\/revert/,
    },
    { what: "refuses one that exits", script: "echo no >&2; exit 3", says: /^Codex exited \(3\): no/ },
    { what: "ends one that says nothing", script: silent, says: /did not finish its trial within 0\.5 s/ },
  ])("$what", (row) => runs("codex", tryCodex, row));
});

describe("the trial of OpenCode", () => {
  test.for<Case>([
    {
      what: "accepts an agent that resumes sessions",
      script: acpThat({ protocolVersion: 1, ...able }),
      says: null,
    },
    { what: "refuses a missing program", script: null, says: /^opencode cannot be started \(ENOENT\)/ },
    {
      what: "refuses another version of the protocol",
      script: acpThat({ protocolVersion: 2, ...able }),
      says: /speaks version 2 of the Agent Client Protocol, not 1/,
    },
    {
      what: "refuses an agent that resumes no session",
      script: acpThat({ protocolVersion: 1 }),
      says: /cannot resume a session/,
    },
    { what: "refuses one that exits", script: "echo no >&2; exit 3", says: /^opencode exited \(3\): no/ },
    { what: "ends one that says nothing", script: silent, says: /did not finish its trial within 0\.5 s/ },
  ])("$what", (row) => runs("opencode", tryAcp(opencode), row));
});
