import { describe, expect, expectTypeOf, test } from "vitest";
import type { Consents } from "../consents.ts";
import { decide } from "../drive/decide.ts";
import { driveDialogs } from "../drive/drive-dialogs.ts";
import type { DriveResult } from "../drive/drive-types.ts";
import { emptyMemory } from "../drive/memory.ts";
import { explainCast } from "../recording/explain-cast.ts";
import type { Cast } from "../recording/recording.ts";
import { claudePack } from "../packs/claude.ts";
import { createFakeTui, type FakeScreen } from "../testing/fake-tui.ts";
import { createManualClock } from "../testing/manual-clock.ts";
import { observe, type Observation } from "./observe.ts";
import type { Rule, RulePack } from "./rule.ts";

type Kind = "licence" | "trust";

const licence = {
  type: "select",
  id: "acme/licence",
  kind: "licence",
  title: "Do you agree?",
  want: { agree: ["I agree"] },
  never: ["Quit"],
  memory: "retry",
  seenIn: ["1.4.0"],
  why: "Quit is preselected.",
} as const satisfies Rule<Kind>;
const pack: RulePack<Kind> = {
  provider: "acme",
  deadWindowMs: 100,
  readyStandsMs: 500,
  rules: [licence],
};
const rows = ["Do you agree?", "", "> Quit", "  I agree"];

describe("a pack with the caller's own kinds", () => {
  test("is driven with consents to these kinds, and names a missing consent", async () => {
    const clock = createManualClock();
    const question: FakeScreen = { id: "q", options: ["Quit", "I agree"], draw: () => rows };
    const { terminal } = createFakeTui([question], clock);
    const run = driveDialogs({ terminal, clock, pack, consents: { trust: "yes" }, until: "answered" });
    expectTypeOf(run).resolves.toEqualTypeOf<DriveResult<Kind>>();
    expect(await clock.runUntil(run)).toMatchObject({ code: "consent-needed", consent: "licence", keys: 0 });
  });

  test("is observed, decided on and explained with these kinds", () => {
    const seen = observe(rows, pack);
    expectTypeOf(seen).toEqualTypeOf<Observation<Kind>>();
    const context = { pack, consents: { licence: "agree" }, isFolderSaid: true, now: 1_000 };
    expect(decide(seen, emptyMemory(0), context)).toMatchObject({ type: "press", key: "down" });
    const cast: Cast = {
      header: { version: 2, width: 80, height: 24 },
      events: [[0, "o", rows.join("\r\n")]],
    };
    const [screen] = explainCast(cast, pack, { licence: "agree" });
    expect(screen?.decision).toMatchObject({ type: "press", key: "down" });
  });

  test("has only the kinds that it names", () => {
    const misspelt: RulePack<Kind> = {
      ...pack,
      // @ts-expect-error: "licnce" is no kind of this pack.
      rules: [{ ...licence, kind: "licnce" }],
    };
    // @ts-expect-error: a pack without own kinds has the kinds of our packs.
    const ours: RulePack = { ...pack, rules: [licence] };
    // @ts-expect-error: "licnce" is no kind of this pack.
    const consents: Consents<Kind> = { licnce: "agree" };
    const drive = (): unknown => {
      const clock = createManualClock();
      const { terminal } = createFakeTui([], clock);
      return [
        // @ts-expect-error: "licnce" is no kind of this pack.
        driveDialogs({ terminal, clock, pack, consents: { licnce: "agree" }, until: "ready" }),
        // @ts-expect-error: "licence" is no kind of Claude's pack.
        driveDialogs({ terminal, clock, pack: claudePack, consents: { licence: "agree" }, until: "ready" }),
        // @ts-expect-error: "acept" is no answer to this question.
        driveDialogs({ terminal, clock, pack: claudePack, consents: { trust: "acept" }, until: "ready" }),
        // @ts-expect-error: "licnce" is no kind of this pack.
        explainCast({ header: { version: 2, width: 80, height: 24 }, events: [] }, pack, { licnce: "agree" }),
      ];
    };
    expect([misspelt, ours, consents, drive]).toHaveLength(4);
  });

  test("may also have our kinds, which keep their answers", () => {
    type Both = keyof Consents | "licence";
    expectTypeOf<{ trust: "accept"; licence: "agree" }>().toExtend<Consents<Both>>();
    expectTypeOf<{ trust: "yes" }>().not.toExtend<Consents<Both>>();
  });
});
