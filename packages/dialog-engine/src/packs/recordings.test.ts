import { describe, expect, test } from "vitest";
import type { Consents } from "../consents.ts";
import { driveDialogs } from "../drive/drive-dialogs.ts";
import type { DriveResult } from "../drive/drive-types.ts";
import { explainCast } from "../recording/explain-cast.ts";
import { fixturesOf, recordingsOf, startedIn } from "../node/recordings.fixture.ts";
import type { Cast } from "../recording/recording.ts";
import { createManualClock } from "../testing/manual-clock.ts";
import { replayCast } from "../testing/replay-terminal.ts";
import { claudePack } from "./claude.ts";
import { codexPack } from "./codex.ts";
import { copilotPack } from "./copilot.ts";
import { geminiPack } from "./gemini.ts";
import { kimiPack } from "./kimi.ts";
import { piPack } from "./pi.ts";
import { qwenPack } from "./qwen.ts";
import type { RulePack } from "../rules/rule.ts";

const packs: readonly RulePack[] = [
  claudePack,
  codexPack,
  copilotPack,
  geminiPack,
  kimiPack,
  qwenPack,
  piPack,
];

describe.each(packs)("recordings of $provider", (pack) => {
  const rows = fixturesOf(pack.provider);

  test("have a row in the index each, and each row has a recording", () => {
    const files = recordingsOf(pack.provider).map(({ file }) => file);
    expect(rows.map(({ file }) => file).sort()).toEqual(files.sort());
  });

  test.each(rows)("$file replays to its ending, key for key", async (row) => {
    const cast = recordingsOf(pack.provider).find(({ file }) => file === row.file)?.cast;
    if (!cast) throw new Error(`${row.file} is not there`);
    expect(await replayOf(cast, pack, row.consents)).toEqual({ ended: row.ended, differences: [] });
  });

  test("show no dialog after a ready screen that was unchanged for readyStandsMs", () => {
    const waits = recordingsOf(pack.provider).flatMap(({ cast }) => {
      const told = explainCast(cast, pack);
      return told.flatMap(({ seen, at }, index) => {
        const next = told[index + 1];
        return seen.type === "ready" && next?.seen.type === "select" ? [next.at - at] : [];
      });
    });
    expect(Math.max(0, ...waits)).toBeLessThan(pack.readyStandsMs);
  });
});

test("exactly the rules that trust a folder have commits", () => {
  const selects = packs.flatMap(({ rules }) => rules.filter((rule) => rule.type === "select"));
  const trusting = selects.filter(({ kind }) => kind === "trust" || kind === "granted-permissions");
  const committing = selects.filter(({ commits }) => commits === true);
  expect(committing.map(({ id }) => id)).toEqual(trusting.map(({ id }) => id));
});

/**
 * Runs the engine on a recording with the limits (ms) of that recording. Returns the outcome, and the keys that
 * differ.
 */
const replayOf = async (
  cast: Cast,
  pack: RulePack,
  consents: Consents,
): Promise<{ readonly ended: string; readonly differences: readonly string[] }> => {
  const clock = createManualClock();
  const replay = replayCast(cast, clock);
  const limits = { phaseMs: 15_000, totalMs: 30_000 };
  const folder = startedIn(pack.provider);
  const run = driveDialogs({
    terminal: replay.terminal,
    clock,
    pack,
    consents,
    folder,
    limits,
    until: "ready",
  });
  return { ended: endingOf(await clock.runUntil(run)), differences: replay.differences() };
};

const endingOf = (result: DriveResult): string => {
  if (result.outcome === "blocked") return `${result.code} ${result.dialog}`;
  return result.outcome === "exited" ? `exited ${result.exitCode}` : result.outcome;
};
