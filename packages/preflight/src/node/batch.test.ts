// @module-tag rest
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { explainCast, parseCast } from "@trust/dialog-engine";
import { claudePack } from "@trust/dialog-engine/packs";
import type { PreflightProgress, PreflightReport } from "../index.ts";
import { protectedArgs } from "./dialog/prompted-claude.ts";
import { runPreflight } from "./execute.ts";
import { makeBed, setUpProfile, steps, withMoreTime, type Bed } from "@gatehouse/test-kit";
import { readConsents } from "./ledger-file.ts";

const slow = { tags: ["slow"] };
const codesOf = ({ results }: PreflightReport): readonly string[] => results.map(({ code }) => code);
const folders = (bed: Bed, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => bed.folder(`project-${at}`));

describe("many folders at once", () => {
  test("are all trusted, one commit at a time, and leave nothing behind", slow, async () => {
    const bed = makeBed({ lockMs: 20 });
    const named = folders(bed, 6);
    const report = await runPreflight(bed.request(named, { jobs: 6 }));
    expect(codesOf(report)).toEqual(named.map(() => "trusted"));
    expect([...bed.trusted()].sort()).toEqual([...named].sort());
    expect(bed.leftovers()).toEqual([]);
    const commits = bed.log().filter(({ event }) => event === "accepted" || event === "written");
    expect(commits.map(({ event }) => event)).toEqual(named.flatMap(() => ["accepted", "written"]));
  });

  test("never run more CLIs at once than jobs", slow, async () => {
    const bed = makeBed();
    let running = 0;
    let most = 0;
    const onProgress = ({ step }: PreflightProgress): void => {
      running += step === "starting" ? 1 : step === "done" ? -1 : 0;
      most = Math.max(most, running);
    };
    await runPreflight(bed.request(folders(bed, 4), { jobs: 2 }), { onProgress: steps(onProgress) });
    expect(most).toBe(2);
  });

  test("start one CLI if they share a key, and all get its result", slow, async () => {
    const bed = makeBed();
    const repo = bed.folder("repo", {
      ".git/HEAD": "",
      ".git/objects/": "",
      ".git/refs/": "",
      "a/": "",
      "b/": "",
    });
    const report = await runPreflight(bed.request([join(repo, "a"), join(repo, "b"), repo]));
    expect(codesOf(report)).toEqual(["trusted", "trusted", "trusted"]);
    expect(report.results.map(({ trustKey }) => trustKey)).toEqual([repo, repo, repo]);
    expect(bed.log().filter(({ event }) => event === "start")).toHaveLength(1);
    expect(bed.trusted()).toEqual([repo]);
    const ledger = await readConsents(join(bed.dataDir, "consents.jsonl"));
    expect(ledger.ok && ledger.value.consents.map(({ folder, outcome }) => [folder, outcome])).toEqual(
      report.results.map(({ workspace }) => [workspace, "trusted"]),
    );
  });

  test("are confirmed again after another writer removed an entry", slow, async () => {
    const bed = makeBed({ remountMs: null, deadMs: 0 });
    const [first, second] = folders(bed, 2) as [string, string];
    const other = bed.folder("other");
    const report = await runPreflight(bed.request([first, second], { jobs: 1 }), {
      onProgress: steps(({ workspace, step }) => {
        if (workspace === second && step === "starting" && !bed.trusted().includes(other))
          writeFileSync(
            bed.stateFile,
            JSON.stringify({ ...setUpProfile, projects: { [other]: { hasTrustDialogAccepted: true } } }),
          );
      }),
    });
    expect(codesOf(report)).toEqual(["trusted", "trusted"]);
    expect([...bed.trusted()].sort()).toEqual([other, first, second].sort());
    expect(bed.log().filter(({ event, cwd }) => event === "start" && cwd === first)).toHaveLength(2);
    expect(report.results[0]?.diagnostics).toMatchObject([{ code: "repeated" }]);
  });

  test("are confirmed again if trust was never seen on disk, since another CLI may have overwritten it", async () => {
    const { bed, report } = await withMoreTime(
      async (timeoutMs) => {
        const bed = makeBed({ accept: "forget-first", remountMs: null, deadMs: 0 });
        return { bed, report: await runPreflight(bed.request(folders(bed, 2), { jobs: 1, timeoutMs })) };
      },
      ({ report }) => !codesOf(report).includes("timeout"),
    );
    expect(codesOf(report)).toEqual(["trusted", "trusted"]);
    expect(bed.log().filter(({ event }) => event === "accepted")).toHaveLength(3);
    expect(report.results[0]?.diagnostics).toMatchObject([{ code: "repeated" }]);
  });

  test("fail if the entry is removed every time, and report how often", slow, async () => {
    const bed = makeBed({ remountMs: null, deadMs: 0 });
    const folder = bed.folder("project");
    const report = await runPreflight(bed.request([folder]), {
      onProgress: steps(({ step }) => {
        if (step === "done") writeFileSync(bed.stateFile, JSON.stringify(setUpProfile));
      }),
    });
    expect(report.results).toMatchObject([{ code: "trust-not-persisted" }]);
    expect(report.results[0]?.message).toMatch(/3 times/);
    expect(bed.log().filter(({ event }) => event === "start")).toHaveLength(3);
  });
});

describe("the same folder launched twice", () => {
  test("is confirmed once; the second run waits and reports it", { tags: ["slow"] }, async () => {
    const bed = makeBed({ writeMs: 300 });
    const folder = bed.folder("project");
    const reports = await Promise.all([
      runPreflight(bed.request([folder])),
      runPreflight(bed.request([folder])),
    ]);
    expect(reports.flatMap(codesOf).sort()).toEqual(["already-trusted-after-wait", "trusted"]);
    expect(bed.log().filter(({ event }) => event === "accepted")).toHaveLength(1);
    expect(bed.leftovers()).toEqual([]);
  });
});

describe("the same HOME, used by programs with different data folders", () => {
  test("gets one commit at a time", slow, async () => {
    const bed = makeBed({ writeMs: 300 });
    const folder = bed.folder("project");
    const reports = await Promise.all(
      ["one", "two", "three"].map((name) =>
        runPreflight(bed.request([folder], { dataDir: join(bed.root, name) })),
      ),
    );
    expect(reports.flatMap(codesOf).sort()).toEqual([
      "already-trusted-after-wait",
      "already-trusted-after-wait",
      "trusted",
    ]);
    expect(bed.log().filter(({ event }) => event === "accepted")).toHaveLength(1);
    expect(bed.leftovers()).toEqual([]);
  });
});

describe("a lock that a killed Claude left behind", () => {
  test("is waited for and reported", slow, async () => {
    const bed = makeBed({ patienceMs: 800, remountMs: null });
    const lock = `${bed.stateFile}.lock`;
    mkdirSync(lock);
    utimesSync(lock, new Date(0), new Date(0));
    const report = await runPreflight(bed.request([bed.folder("project")]));
    expect(report.results).toMatchObject([{ code: "trusted", diagnostics: [{ code: "stale-cli-lock" }] }]);
    expect(bed.leftovers()).toEqual([]);
  });
});

describe("a run", () => {
  test("keeps the consent and its outcome in a ledger that only its owner can read", slow, async () => {
    const bed = makeBed();
    const folder = bed.folder("project", { ".mcp.json": '{"mcpServers":{"demo":{"command":"x"}}}' });
    await runPreflight(bed.request([folder]));
    const file = join(bed.dataDir, "consents.jsonl");
    const ledger = await readConsents(file);
    expect(ledger).toMatchObject({
      ok: true,
      value: {
        unreadable: 0,
        consents: [
          {
            who: { uid: process.getuid?.() },
            provider: "claude",
            cliVersion: "2.1.328",
            folder,
            key: folder,
            grants: [{ kind: "mcp-server", name: "demo" }],
            outcome: "trusted",
          },
        ],
      },
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(bed.dataDir).mode & 0o777).toBe(0o711);
  });

  test("keeps screens and keys with --record, without the secrets and the home folder", slow, async () => {
    const bed = makeBed({ start: "unknown" });
    const secrets = {
      ANTHROPIC_API_KEY: "sk-ant-0123456789abcdefghij",
      MY_TOKEN: "of-no-known-shape",
      DB_PASS: "correct-horse",
      MYSQL_PWD: "battery-staple-of-two-rows",
    };
    const recordDir = join(bed.root, "casts");
    const folder = bed.folder(`home/with ${Object.values(secrets).join(" ")}`);
    const request = bed.request([folder], { recordDir });
    const { results } = await runPreflight({
      ...request,
      env: { ...request.env, ...secrets },
    });
    const [name = ""] = readdirSync(recordDir);
    expect(results[0]?.recording).toBe(join(recordDir, name));
    const text = readFileSync(join(recordDir, name), "utf8");
    const shown = text + results[0]?.screen;
    for (const secret of [...Object.values(secrets), bed.home]) expect(shown).not.toContain(secret);
    expect(shown).toContain("with ");
    expect(statSync(join(recordDir, name)).mode & 0o777).toBe(0o600);
    const cast = parseCast(text);
    expect(cast.ok && explainCast(cast.value, claudePack).at(-1)?.decision.type).toBe("blocked");
  });

  test(
    "starts the CLI protected, in a clean environment, without updates and other background work",
    { tags: ["slow"] },
    async () => {
      const bed = makeBed();
      const request = bed.request([bed.folder("project")]);
      const env = {
        ...request.env,
        CLAUDECODE: "1",
        NODE_OPTIONS: "--no-warnings",
        ANTHROPIC_BASE_URL: "http://x",
      };
      await runPreflight({ ...request, env });
      const start = bed.log().find(({ event }) => event === "start");
      const mcpFile = start?.args?.[3] ?? "";
      expect(start?.args).toEqual(protectedArgs(mcpFile));
      expect([mcpFile.startsWith(`${bed.root}/tmp/`), basename(mcpFile)]).toEqual([true, "mcp.json"]);
      expect(existsSync(mcpFile)).toBe(false);
      expect(start?.env).toEqual(
        expect.arrayContaining(["ANTHROPIC_BASE_URL", "DISABLE_AUTOUPDATER", "HOME", "TERM"]),
      );
      expect(start?.env).not.toEqual(expect.arrayContaining(["CLAUDECODE"]));
      expect(start?.env).not.toEqual(expect.arrayContaining(["NODE_OPTIONS"]));
    },
  );
});
