// @module-tag rest
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PreflightEvent, PreflightReport, PreflightRequest, PreflightResult } from "../index.ts";
import { runPreflight } from "./execute.ts";
import { installCli, makeBed, setUpProfile, steps, type Bed } from "@gatehouse/test-kit";

const slow = { tags: ["slow"] };

/** The reported events, in order: a folder's step, or its code for its result. */
type Told = { readonly events: readonly PreflightEvent[]; readonly report: PreflightReport };

const stream = async (
  request: PreflightRequest,
  listen: (event: PreflightEvent) => void = () => {},
  signal?: AbortSignal,
): Promise<Told> => {
  const events: PreflightEvent[] = [];
  const report = await runPreflight(request, {
    ...(signal === undefined ? {} : { signal }),
    onProgress: (event) => {
      events.push(event);
      listen(event);
    },
  });
  return { events, report };
};

const resultsIn = ({ events }: Told): readonly PreflightResult[] =>
  events.flatMap((event) => (event.type === "result" ? [event.result] : []));

/** Expects one result event per folder, and the same results in the report. */
const expectOneEach = (told: Told): void => {
  const results = resultsIn(told);
  expect(results).toHaveLength(told.report.results.length);
  expect(new Set(results)).toEqual(new Set(told.report.results));
};

const placeOf = ({ events }: Told, is: (event: PreflightEvent) => boolean): number => {
  const at = events.findIndex(is);
  expect(at).toBeGreaterThanOrEqual(0);
  return at;
};
const resultOf =
  (workspace: string) =>
  (event: PreflightEvent): boolean =>
    event.type === "result" && event.result.workspace === workspace;
const stepOf =
  (workspace: string, step: string) =>
  (event: PreflightEvent): boolean =>
    event.type === "step" && event.workspace === workspace && event.step === step;

const trusting = (...keys: readonly string[]): string =>
  JSON.stringify({
    ...setUpProfile,
    projects: Object.fromEntries(keys.map((key) => [key, { hasTrustDialogAccepted: true }])),
  });

describe("a final result", () => {
  test.each(["dialog", "control"] as const)(
    "is sent before a CLI starts for folders that need none, and at the end for trusted ones, by %s",
    slow,
    async (via) => {
      const bed = makeBed({ door: "open" });
      const [done, a, b] = [bed.folder("done"), bed.folder("a"), bed.folder("b")];
      const file = join(bed.folder("files", { "a-file": "" }), "a-file");
      writeFileSync(bed.stateFile, trusting(done));
      const told = await stream(bed.request([a, bed.home, done, file, b], { via, jobs: 1 }));
      expectOneEach(told);
      const started = placeOf(told, stepOf(a, "starting"));
      for (const refused of [bed.home, file]) expect(placeOf(told, resultOf(refused))).toBeLessThan(started);
      const through = Math.max(placeOf(told, stepOf(a, "done")), placeOf(told, stepOf(b, "done")));
      for (const rests of [done, a, b]) expect(placeOf(told, resultOf(rests))).toBeGreaterThan(through);
    },
  );

  test("is sent at once for every folder of a plan without open folders", async () => {
    const bed = makeBed();
    const done = bed.folder("done");
    writeFileSync(bed.stateFile, trusting(done));
    const told = await stream(bed.request([done, bed.home, join(bed.root, "missing")]));
    expectOneEach(told);
    expect(
      resultsIn(told)
        .map(({ code }) => code)
        .sort(),
    ).toEqual(["already-trusted", "home-not-persistable", "not-a-folder"]);
    expect(told.events.map(({ type, version }) => `${type} ${version}`)).toEqual(Array(3).fill("result 1"));
  });

  test("is sent for a folder whose CLI got no answer before the next CLI starts", slow, async () => {
    const bed = makeBed();
    const asks = bed.folder("asks", granting);
    const next = bed.folder("next");
    const told = await stream(bed.request([asks, next], { jobs: 1 }));
    expectOneEach(told);
    expect(told.report.results.map(({ code }) => code)).toEqual(["consent-needed", "trusted"]);
    expect(placeOf(told, resultOf(asks))).toBeLessThan(placeOf(told, stepOf(next, "starting")));
  });

  test("waits for no other provider, except for a launch", slow, async () => {
    const bed = makeBed();
    installCli(bed, "codex", "0.169.0");
    const folder = bed.folder("project", { ".git/HEAD": "" });
    const providers = ["codex", "claude", "opencode"] as const;
    const told = await stream(bed.request([folder], { providers }));
    expectOneEach(told);
    expect(resultsIn(told).map(({ provider }) => provider)).toEqual(["opencode", "claude", "codex"]);
  });

  test("is sent once, at the end, for a folder whose entry another writer removed", slow, async () => {
    const bed = makeBed({ remountMs: null, deadMs: 0 });
    const [first, second] = [bed.folder("first"), bed.folder("second")];
    const told = await stream(
      bed.request([first, second], { jobs: 1 }),
      steps(({ workspace, step }) => {
        if (workspace === second && step === "starting" && bed.trusted().includes(first))
          writeFileSync(bed.stateFile, JSON.stringify(setUpProfile));
      }),
    );
    expectOneEach(told);
    expect(resultsIn(told).find(({ workspace }) => workspace === first)).toMatchObject({
      code: "trusted",
      diagnostics: [{ code: "repeated" }],
    });
  });

  test.each([
    { accept: "trust", code: "trusted" },
    { accept: "crash", code: "cli-exited" },
  ])("includes a key that appears after the folder's turn, which ended as $code", slow, async (row) => {
    const bed = makeBed({ remountMs: null, deadMs: 0, accept: row.accept });
    const [first, second] = [bed.folder("w/first"), bed.folder("other/second")];
    const wide = join(bed.root, "w");
    const atItsTurn: string[] = [];
    const told = await stream(
      bed.request([first, second], { jobs: 1 }),
      steps(({ workspace, step, text }) => {
        if (step === "done") atItsTurn.push(text);
        if (workspace === second && step === "done")
          writeFileSync(bed.stateFile, trusting(...bed.trusted(), wide));
      }),
    );
    expectOneEach(told);
    expect(atItsTurn).toEqual([row.code, row.code]);
    expect(told.report.results.map(({ code }) => code)).toEqual(["trust-wider-than-planned", row.code]);
  });

  const ends = [
    { by: "the caller", deadlineMs: 120_000, code: "cancelled" },
    { by: "the deadline", deadlineMs: 700, code: "timeout" },
  ];
  test.each(ends)("is $code for open folders that $by ends", slow, async ({ by, deadlineMs, code }) => {
    const bed = makeBed({ start: "hang" });
    const [a, b] = [bed.folder("a"), bed.folder("b")];
    const controller = new AbortController();
    const told = await stream(
      bed.request([a, bed.home, b], { jobs: 1, deadlineMs }),
      steps(({ step }) => by === "the caller" && step === "starting" && controller.abort()),
      controller.signal,
    );
    expectOneEach(told);
    expect(resultsIn(told).map((result) => result.code)).toEqual(["home-not-persistable", code, code]);
  });

  test("is cancelled for an aborted launch", async () => {
    const bed = makeBed();
    installCli(bed, "codex", "0.169.0");
    const folder = bed.folder("project", { ".git/HEAD": "" });
    const request = bed.request([folder], { providers: ["codex"] });
    const told = await stream(request, () => {}, AbortSignal.abort());
    expectOneEach(told);
    expect(resultsIn(told)).toMatchObject([{ code: "cancelled" }]);
  });
});

const granting = { ".claude/settings.json": JSON.stringify({ permissions: { allow: ["Bash"] } }) };

describe("the dialogs and keys that the engine reports", () => {
  const rows = [
    { what: "a dialog that is answered", folder: {}, dialogs: ["claude/trust"], keys: 2 },
    {
      what: "a dialog that is not answered",
      folder: granting,
      dialogs: ["claude/granted-permissions"],
      keys: 0,
    },
  ];
  test.each(rows)("are in the result: $what", slow, async ({ folder, dialogs, keys }) => {
    const bed = makeBed({ remountMs: null });
    const { results } = await runPreflight(bed.request([bed.folder("project", folder)]));
    expect(results).toMatchObject([{ dialogs, keys }]);
  });

  const unasked = [
    { what: "nothing was started", named: (bed: Bed) => bed.home, via: "dialog" },
    { what: "it was asked over the control protocol", named: (bed: Bed) => bed.folder("a"), via: "control" },
  ] as const;
  test.each(unasked)("are missing if $what", slow, async ({ named, via }) => {
    const bed = makeBed({ door: "open" });
    const { results } = await runPreflight(bed.request([named(bed)], { via }));
    expect(results[0]).not.toHaveProperty("dialogs");
    expect(results[0]).not.toHaveProperty("keys");
  });
});
