import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeBed, steps, type Bed, type Scenario } from "@gatehouse/test-kit";
import type { PreflightReport, PreflightRequest } from "../../index.ts";
import { parseTranscript } from "../../control/transcript.ts";
import { runPreflight } from "../execute.ts";
import { readConsents } from "../ledger-file.ts";

const slow = { tags: ["slow"] };

const open = (scenario: Scenario = {}, state?: object | null): Bed =>
  makeBed({ door: "open", ...scenario }, state);

const run = (bed: Bed, folders: readonly string[], more: Partial<PreflightRequest> = {}) =>
  runPreflight(bed.request(folders, { via: "auto", ...more }));

const told = ({ results }: PreflightReport): readonly string[] =>
  results.map(({ code, via }) => `${code} by ${via}`);

const repository = { ".git/HEAD": "", ".git/objects/": "", ".git/refs/": "" };

const count = (bed: Bed, event: string): number => bed.log().filter((line) => line.event === event).length;

describe("folders of a CLI with a control protocol", () => {
  test("are trusted by one process, one after the other, and leave nothing behind", slow, async () => {
    const bed = open();
    const named = Array.from({ length: 6 }, (_, at) => bed.folder(`project-${at}`, repository));
    const report = await run(bed, named);
    expect(told(report)).toEqual(named.map(() => "trusted by control"));
    expect([...bed.trusted()].sort()).toEqual([...named].sort());
    expect([count(bed, "door"), count(bed, "start")]).toEqual([1, 0]);
    expect(bed.leftovers()).toEqual([]);
    const ledger = await readConsents(join(bed.dataDir, "consents.jsonl"));
    expect(ledger.ok && ledger.value.consents.map(({ via, outcome }) => [via, outcome])).toEqual(
      named.map(() => ["control", "trusted"]),
    );
  });

  test("are trusted although a lock from before stays, which is reported once", slow, async () => {
    const bed = open({ besideLock: true });
    mkdirSync(`${bed.stateFile}.lock`);
    const { results } = await run(bed, [bed.folder("a")]);
    expect(results).toMatchObject([{ code: "trusted", via: "control" }]);
    expect(results[0]?.diagnostics).toMatchObject([{ code: "stale-cli-lock" }]);
    expect(bed.leftovers()).toEqual(["Claude's lock"]);
  });

  test("need no HOME that is already set up", slow, async () => {
    const bed = open({}, null);
    const folder = bed.folder("project");
    expect(told(await run(bed, [folder]))).toEqual(["trusted by control"]);
    expect(bed.trusted()).toEqual([folder]);
  });

  test("are asked about again while the CLI is busy", slow, async () => {
    const bed = open({ busy: 3 });
    expect(told(await run(bed, [bed.folder("a"), bed.folder("b")]))).toEqual([
      "trusted by control",
      "trusted by control",
    ]);
  });

  test("are recorded by their keys: a sub-folder's repository, a link's target", slow, async () => {
    const bed = open();
    const repo = bed.folder("repo", { ...repository, "sub/": "" });
    const plain = bed.folder("plain");
    symlinkSync(plain, join(bed.root, "link"));
    const report = await run(bed, [join(repo, "sub"), join(bed.root, "link")]);
    expect(told(report)).toEqual(["trusted by control", "trusted by control"]);
    expect([...bed.trusted()].sort()).toEqual([plain, repo]);
  });

  test("are asked about once when two processes confirm them at once", slow, async () => {
    const bed = open({ writeMs: 100, lockMs: 50 });
    const named = [bed.folder("a"), bed.folder("b")];
    const reports = await Promise.all(
      ["one", "two"].map((name) => run(bed, named, { dataDir: join(bed.root, name) })),
    );
    expect(reports.every(({ ok }) => ok)).toBe(true);
    expect(count(bed, "accepted")).toBe(2);
    expect([...bed.trusted()].sort()).toEqual(named);
    expect(bed.leftovers()).toEqual([]);
  });

  test("leave a recording of JSON Lines with the decisions", slow, async () => {
    const bed = open();
    const folder = bed.folder("project");
    const recordDir = join(bed.root, "recordings");
    const { results } = await run(bed, [folder], {
      recordDir,
      env: { ...bed.request([]).env, MY_TOKEN: "hunter2hunter2" },
    });
    const file = results[0]?.recording ?? "";
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const read = parseTranscript(readFileSync(file, "utf8"));
    expect(read).toMatchObject({ ok: true, value: { header: { trustKey: folder } } });
    expect(
      read.ok && read.value.events.flatMap((event) => ("decision" in event ? [event.decision] : [])),
    ).toEqual([{ type: "accept", directory: folder }]);
    expect(read.ok && read.value.events.at(-1)).toMatchObject({ end: "trusted" });
  });
});

describe("home and the folders above it", () => {
  test("are never asked about", slow, async () => {
    const bed = open();
    const report = await run(bed, [bed.home, bed.root, "/"]);
    expect(report.results.map(({ status, via }) => [status, via])).toEqual(
      ["", "", ""].map(() => ["blocked", "none"]),
    );
    expect(bed.log()).toEqual([]);
  });
});

describe.each(["auto", "dialog"] as const)("grants that appear while a folder waits, via %s", (via) => {
  const grant = '{"permissions":{"allow":["Bash(ls)"]}}';
  const grantWhileWaiting = (bed: Bed, folder: string, refuseGrants: boolean) =>
    runPreflight(bed.request([folder], { via, refuseGrants }), {
      onProgress: steps(({ step }) => {
        if (step !== "waiting") return;
        mkdirSync(join(folder, ".claude"), { recursive: true });
        writeFileSync(join(folder, ".claude", "settings.json"), grant);
      }),
    });

  test("are refused with refuseGrants", slow, async () => {
    const bed = open();
    const report = await grantWhileWaiting(bed, bed.folder("a", { ".claude/": "" }), true);
    expect(report.results).toMatchObject([{ code: "grants-refused", grants: [{ name: "Bash(ls)" }] }]);
    expect(bed.trusted()).toEqual([]);
    expect(bed.leftovers()).toEqual([]);
  });

  test("are in the result and in the ledger without refuseGrants", slow, async () => {
    const bed = open();
    const report = await grantWhileWaiting(bed, bed.folder("a", { ".claude/": "" }), false);
    expect(report.results).toMatchObject([{ code: "trusted", grants: [{ name: "Bash(ls)" }] }]);
    const ledger = await readConsents(join(bed.dataDir, "consents.jsonl"));
    expect(ledger).toMatchObject({ value: { consents: [{ grants: [{ name: "Bash(ls)" }] }] } });
  });
});

describe("a CLI without a control protocol", () => {
  test("is asked once in a batch, and has its dialogs answered", slow, async () => {
    const bed = makeBed();
    const report = await run(bed, [bed.folder("a"), bed.folder("b")]);
    expect(told(report)).toEqual(["trusted by dialog", "trusted by dialog"]);
    expect(report.results[0]?.diagnostics).toMatchObject([{ code: "control-not-used" }]);
    expect(count(bed, "door")).toBe(1);
    expect(bed.leftovers()).toEqual([]);
  });

  test("fails with its own code if only the control protocol was requested", slow, async () => {
    const bed = makeBed();
    const report = await run(bed, [bed.folder("a")], { via: "control" });
    expect(told(report)).toEqual(["control-unavailable by none"]);
    expect(bed.trusted()).toEqual([]);
    expect(bed.leftovers()).toEqual([]);
  });

  test("is not asked if the dialog was requested", slow, async () => {
    const bed = open();
    expect(told(await run(bed, [bed.folder("a")], { via: "dialog" }))).toEqual(["trusted by dialog"]);
    expect(count(bed, "door")).toBe(0);
  });
});

describe("a channel that misbehaves", () => {
  /** Ends what would hang until the end of the batch; the dialogs have as much again. */
  const limit = { timeoutMs: 30_000 };
  const ways: readonly {
    readonly what: string;
    readonly scenario: Scenario;
    readonly more?: Partial<PreflightRequest>;
  }[] = [
    { what: "hangs", scenario: { door: "hangs", staysOn: true }, more: limit },
    { what: "crashes", scenario: { door: "crashes" } },
    { what: "floods", scenario: { door: "floods" } },
    { what: "names another root", scenario: { namesKey: "/elsewhere" } },
    { what: "names home", scenario: { namesFolder: "/root" } },
    { what: "answers out of order", scenario: { swapsAnswers: true } },
    { what: "hangs when it should write", scenario: { takes: "silent", staysOn: true }, more: limit },
    { what: "stays busy forever", scenario: { busy: 1_000_000 }, more: limit },
  ];
  test.each(ways)(
    "is replaced by the dialog and leaves nothing behind, if it $what",
    slow,
    async ({ scenario, more = {} }) => {
      const bed = open(scenario);
      const named = [bed.folder("a"), bed.folder("b")];
      const report = await run(bed, named, more);
      expect(told(report)).toEqual(["trusted by dialog", "trusted by dialog"]);
      expect(report.results[0]?.diagnostics?.map(({ code }) => code)).toContain("control-not-used");
      expect([...bed.trusted()].sort()).toEqual(named);
      expect(bed.leftovers()).toEqual([]);
    },
  );

  test("is asked once more by a new process if it says ok and writes nothing", slow, async () => {
    const bed = open({ takes: "forget" });
    const named = [bed.folder("a"), bed.folder("b")];
    const report = await run(bed, named);
    expect(told(report)).toEqual(["trusted by dialog", "trusted by dialog"]);
    expect(report.results[0]?.diagnostics?.map(({ code }) => code)).toContain("control-not-used");
    expect([...bed.trusted()].sort()).toEqual(named);
    expect(count(bed, "door")).toBe(2);
    expect(bed.leftovers()).toEqual([]);
  });

  test(
    "is asked once more if a CLI that starts meanwhile overwrites its entry, and the new entry stays",
    slow,
    async () => {
      const bed = open({ takes: "lose" });
      const named = [bed.folder("a"), bed.folder("b"), bed.folder("c")];
      expect(told(await run(bed, named))).toEqual(named.map(() => "trusted by control"));
      expect([...bed.trusted()].sort()).toEqual(named);
      expect(count(bed, "door")).toBe(2);
      expect(count(bed, "start")).toBe(0);
      expect(bed.leftovers()).toEqual([]);
    },
  );

  test("is reported and not asked again if it records another key", slow, async () => {
    const bed = open({ records: ["/"] });
    const report = await run(bed, [bed.folder("a")]);
    expect(report.results).toMatchObject([
      { code: "trust-wider-than-planned", unplannedKeys: ["/"], via: "control" },
    ]);
    expect(count(bed, "start")).toBe(0);
    expect(bed.leftovers()).toEqual([]);
  });

  test("is reported if it records one more key", slow, async () => {
    const bed = open();
    const folder = bed.folder("deep/a");
    const wider = makeBed({ door: "open", records: ["own", "/"] });
    expect(told(await run(bed, [folder]))).toEqual(["trusted by control"]);
    const report = await run(wider, [wider.folder("a")]);
    expect(report.results).toMatchObject([{ code: "trust-wider-than-planned", unplannedKeys: ["/"] }]);
  });

  test("is waited for before the next step if it writes late", slow, async () => {
    const bed = open({ takes: "late", lateMs: 200 });
    const folder = bed.folder("a");
    expect(told(await run(bed, [folder]))).toEqual(["trusted by control"]);
    expect(count(bed, "accepted")).toBe(1);
  });

  test("does not get a worktree accepted for which it names no key", slow, async () => {
    const bed = open({ hidesKey: true });
    const main = bed.folder("main", { ...repository, ".git/worktrees/w/": "", "sub/": "" });
    const report = await run(bed, [join(main, "sub")]);
    expect(told(report)).toEqual(["trusted by dialog"]);
    expect(bed.log().some(({ isAccepted }) => isAccepted === true)).toBe(false);
    expect(bed.trusted()).toEqual([main]);
  });
});

describe("a cancelled run", () => {
  test("ends the CLI and accepts nothing", slow, async () => {
    const bed = open({ door: "hangs" });
    const controller = new AbortController();
    const report = await runPreflight(bed.request([bed.folder("a")], { via: "auto" }), {
      signal: controller.signal,
      onProgress: steps(({ step }) => {
        if (step === "starting") setTimeout(() => controller.abort(), 300);
      }),
    });
    expect(report.results).toMatchObject([{ code: "cancelled" }]);
    expect(bed.trusted()).toEqual([]);
    expect(bed.leftovers()).toEqual([]);
  });
});
