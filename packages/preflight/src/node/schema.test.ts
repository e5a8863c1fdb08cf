import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { codes, providers, type PreflightEvent, type PreflightReport } from "../index.ts";
import { reportSchema } from "../report-schema.ts";
import { runPreflight } from "./execute.ts";
import { readStatus } from "./read-status.ts";
import { installCli, makeBed, type Bed } from "@gatehouse/test-kit";

const slow = { tags: ["slow"] };
const file = fileURLToPath(new URL("../../schema.json", import.meta.url));
const published = JSON.parse(readFileSync(file, "utf8")) as object;
const ajv = new Ajv2020({ allErrors: true });
const isValid = ajv.compile(published);

/** The value that another program reads. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

const problemsOf = (value: unknown): readonly string[] =>
  isValid(asJson(value))
    ? []
    : (isValid.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);

test("schema.json matches the types (update it with `vitest -u`)", async () => {
  await expect(`${JSON.stringify(reportSchema)}\n`).toMatchFileSnapshot(file);
});

const grantingFiles = { ".claude/settings.json": JSON.stringify({ permissions: { allow: ["Bash"] } }) };
type Scene = { readonly what: string; readonly codes: readonly string[]; readonly run: () => Promise<Told> };
type Told = { readonly report: PreflightReport; readonly events: readonly PreflightEvent[] };

const told = async (bed: Bed, ...[folders, more]: Parameters<Bed["request"]>): Promise<Told> => {
  const events: PreflightEvent[] = [];
  const report = await runPreflight(bed.request(folders, more), {
    onProgress: (event) => void events.push(event),
  });
  return { report, events };
};

const scenes: readonly Scene[] = [
  {
    what: "the dialog, with a recording",
    codes: ["trusted"],
    run: () => {
      const bed = makeBed();
      return told(bed, [bed.folder("a")], { recordDir: join(bed.root, "casts") });
    },
  },
  {
    what: "the control protocol",
    codes: ["trusted"],
    run: () => {
      const bed = makeBed({ door: "open" });
      return told(bed, [bed.folder("a")], { via: "control" });
    },
  },
  {
    what: "no control protocol",
    codes: ["trusted"],
    run: () => {
      const bed = makeBed({ door: "crashes" });
      return told(bed, [bed.folder("a")], { via: "auto" });
    },
  },
  {
    what: "a screen for a person",
    codes: ["consent-needed", "home-not-persistable", "not-a-folder"],
    run: () => {
      const bed = makeBed();
      return told(bed, [bed.folder("a", grantingFiles), bed.home, join(bed.root, "missing")]);
    },
  },
  {
    what: "an unknown dialog",
    codes: ["unknown-dialog"],
    run: () => {
      const bed = makeBed({ says: "The same goes for ALL PARENT FOLDERS." });
      return told(bed, [bed.folder("a")]);
    },
  },
  {
    what: "an unplanned key",
    codes: ["trust-wider-than-planned"],
    run: () => {
      const bed = makeBed({ records: ["own", "/"] });
      return told(bed, [bed.folder("a")]);
    },
  },
  {
    what: "every provider",
    codes: ["trusted", "passed-at-launch", "consent-needed", "version-not-proven"],
    run: () => {
      const bed = makeBed();
      installCli(bed, "codex", "0.169.0");
      return told(bed, [bed.folder("a", { ".git/HEAD": "" })], { providers });
    },
  },
  {
    what: "a CLI that ends",
    codes: ["cli-exited"],
    run: () => {
      const bed = makeBed({ start: "crash" });
      return told(bed, [bed.folder("a")]);
    },
  },
];

describe("schema.json", () => {
  test.each(scenes)(
    "accepts the report and events of a run with $what",
    slow,
    async ({ run, codes: expected }) => {
      const { report, events } = await run();
      expect(report.results.map(({ code }) => code)).toEqual(expect.arrayContaining([...expected]));
      expect(events.length).toBeGreaterThan(0);
      expect([report, ...events].flatMap(problemsOf)).toEqual([]);
    },
  );
});

test("schema.json accepts the status of every provider", slow, async () => {
  const bed = makeBed();
  const [trusted, granting] = [bed.folder("a"), bed.folder("b", grantingFiles)];
  await runPreflight(bed.request([trusted]));
  const folders = [trusted, granting, bed.home, join(bed.root, "missing")];
  const { env } = bed.request(folders);
  const report = await readStatus({ folders, cwd: bed.root, env, providers, cli: undefined });
  expect(report.results.map(({ state }) => state)).toEqual(
    expect.arrayContaining(["trusted", "untrusted", "unknown"]),
  );
  expect(report.results).toHaveLength(folders.length * providers.length);
  expect(problemsOf(report)).toEqual([]);
});

describe("schema.json for documents written by hand", () => {
  const timings = { lockWaitMs: 0, spawnToDialogMs: 0, decideMs: 0, commitMs: 0, settleMs: 0 };
  const result = {
    workspace: "/w",
    provider: "claude",
    cliVersion: null,
    status: "trusted",
    code: "trusted",
    message: "m",
    trustKey: null,
    via: "dialog",
    grants: null,
    durationMs: 1,
    timings,
  };
  const report = { version: 1, ok: true, results: [result] };
  const event = { version: 1, type: "result", result };
  const step = { version: 1, type: "step", workspace: "/w", provider: "pi", step: "asked", text: "t" };
  const folderStatus = {
    workspace: "/w",
    provider: "claude",
    state: "untrusted",
    code: "no-key",
    key: "/w",
    file: "/f",
    why: "w",
    grants: [],
  };
  const withStatus = (changed: object): object => ({
    ...report,
    results: [{ ...folderStatus, ...changed }],
  });
  const withResult = (changed: object): object => ({ ...report, results: [{ ...result, ...changed }] });

  test("accepts a report with each code, both kinds of events, and a status", () => {
    expect([report, event, step, withStatus({})].flatMap(problemsOf)).toEqual([]);
    const each = Object.entries(codes).map(([code, { status }]) => withResult({ code, status }));
    expect(each.flatMap(problemsOf)).toEqual([]);
  });

  test.each<{ what: string; value: object }>([
    { what: "another version", value: { ...report, version: 2 } },
    { what: "no version", value: { ok: true, results: [] } },
    { what: "a report without results", value: { version: 1, ok: true } },
    { what: "an unknown field", value: { ...report, result: [] } },
    { what: "a result's misspelt field", value: withResult({ trustkey: null }) },
    { what: "a missing field", value: withResult({ message: undefined }) },
    { what: "a code of another status", value: withResult({ status: "blocked" }) },
    { what: "a status that is a code", value: withResult({ status: "covered-by-parent" }) },
    { what: "an unknown provider", value: withResult({ provider: "cursor" }) },
    { what: "an unknown way", value: withResult({ via: "pty" }) },
    { what: "half a millisecond", value: withResult({ durationMs: 0.5 }) },
    { what: "a missing stage", value: withResult({ timings: { ...timings, settleMs: undefined } }) },
    {
      what: "a diagnostic with an unknown code",
      value: withResult({ diagnostics: [{ code: "x", message: "m" }] }),
    },
    {
      what: "a grant's value",
      value: withResult({ grants: [{ kind: "env", name: "A", file: "f", value: "v" }] }),
    },
    {
      what: "a launch with names only",
      value: withResult({ launch: { settings: null, args: [], env: ["A"] } }),
    },
    {
      what: "a launch of an unknown provider",
      value: { ...report, launch: { cursor: { settings: null, args: [], env: {} } } },
    },
    { what: "an event of another type", value: { ...event, type: "results" } },
    { what: "an event of two types", value: { ...step, result } },
    { what: "a status without a version", value: { ...withStatus({}), version: undefined } },
    { what: "an unknown state", value: withStatus({ state: "blocked" }) },
    { what: "a status without its reason", value: withStatus({ why: undefined }) },
    { what: "a status among results", value: { ...report, results: [result, folderStatus] } },
    { what: "an unknown step", value: { ...step, step: "asks" } },
  ])("refuses $what", ({ value }) => {
    expect(problemsOf(value)).not.toEqual([]);
  });
});
