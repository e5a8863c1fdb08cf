import { describe, expect, test } from "vitest";
import { impliedConsents } from "../consents.ts";
import { claudePack } from "../packs/claude.ts";
import { texts } from "../rules/screens.fixture.ts";
import { createFakeTui, type FakeScreen } from "../testing/fake-tui.ts";
import { createManualClock } from "../testing/manual-clock.ts";
import { driveDialogs } from "./drive-dialogs.ts";
import type { DriveEvent, DriveOptions, DriveResult } from "./drive-types.ts";

const rule = "─".repeat(60);
const options = ["No, exit", "Yes, I trust this folder"];
const blank = (id: string, afterMs: number, show: string): FakeScreen => ({
  id,
  options: [],
  draw: () => [],
  then: { afterMs, show },
});
const waiting: FakeScreen = { ...blank("waiting", 9_000, "trust"), draw: () => ["Connecting ..."] };
const trust = (show: string): FakeScreen => ({
  id: "trust",
  options,
  draw: (pointed) => [
    ...[rule, ...texts.trust()],
    ...options.map((label, at) => ` ${at === pointed ? "❯" : " "} ${label}`),
    " Enter to confirm · Esc to cancel",
  ],
  confirm: () => ({ show }),
});
const composer: FakeScreen = {
  id: "composer",
  options: [],
  draw: () => [rule, "❯ ", rule, "  ? for shortcuts"],
};
/** Seen in 2.1.328 with a key and without a network: plain, in a trusted folder, with --bare. */
const plain = [
  blank("first", 5_300, "trust"),
  trust("second"),
  blank("second", 13_000, "composer"),
  composer,
];
const trusted = [blank("first", 17_000, "composer"), composer];
const bare = [blank("first", 18_600, "trust"), trust("composer"), composer];

const run = async (
  screens: readonly FakeScreen[],
  rest: Partial<DriveOptions> = {},
): Promise<{ readonly result: DriveResult; readonly events: readonly DriveEvent[] }> => {
  const clock = createManualClock();
  const events: DriveEvent[] = [];
  const driven = driveDialogs({
    terminal: createFakeTui(screens, clock).terminal,
    clock,
    pack: claudePack,
    consents: impliedConsents,
    folder: { path: "/w/proj" },
    until: "ready",
    onEvent: (event) => events.push(event),
    ...rest,
  });
  return { result: await clock.runUntil(driven), events };
};

describe("a Claude Code that waits for the network with a blank screen", () => {
  test.each([
    { how: "plain", screens: plain },
    { how: "in a trusted folder", screens: trusted },
    { how: "with --bare", screens: bare },
  ])("is ready within the default limits, $how", async ({ screens }) => {
    expect((await run(screens)).result).toMatchObject({ outcome: "ready" });
  });

  test("is reported each time it has been blank for 3 s", async () => {
    const { events } = await run(plain);
    const told = events.filter(({ type }) => type === "blank" || type === "dialog");
    expect(told.map(({ type }) => type)).toEqual(["blank", "dialog", "blank"]);
    expect(told[0]?.at).toBe(3_000);
  });

  test.each<{ what: string; screens: readonly FakeScreen[]; rest?: Partial<DriveOptions>; atMs: number }>([
    { what: "if the screen shows text without a dialog", screens: [waiting, trust("composer")], atMs: 8_000 },
    {
      what: "if the screen stays blank for longer than the pack's blankMs",
      screens: [blank("first", 60_000, "trust"), trust("composer")],
      atMs: 33_000,
    },
    {
      what: "if the caller's limits allow no blank time",
      screens: trusted,
      rest: { limits: { phaseMs: 9_000 } },
      atMs: 9_000,
    },
    {
      what: "if the pack allows no blank time",
      screens: trusted,
      rest: { pack: { ...claudePack, blankMs: 0 } },
      atMs: 8_000,
    },
  ])("ends as a timeout $what", async ({ screens, rest = {}, atMs }) => {
    const { result } = await run(screens, rest);
    expect(result).toMatchObject({ outcome: "timeout", limit: "phase" });
    expect(Math.abs(result.durationMs - atMs)).toBeLessThan(10);
  });

  test("is ready if the caller's limits allow enough blank time", async () => {
    const limits = { phaseMs: 300, totalMs: 600, blankMs: 18_000 };
    expect(
      (await run(trusted, { limits: { ...limits, totalMs: 2_000, phaseMs: 2_000 } })).result,
    ).toMatchObject({
      outcome: "ready",
    });
    expect((await run(trusted, { limits })).result).toMatchObject({ outcome: "timeout" });
  });
});
