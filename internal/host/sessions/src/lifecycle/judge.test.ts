import { describe, expect, test } from "vitest";
import { backoffMs, judge } from "./judge.ts";

const now = "2026-11-20T12:00:00.000Z";
const before = (ms: number): string => new Date(Date.parse(now) - ms).toISOString();
const minute = 60_000;
const claim = (ms: number) => ({ id: "m-1", since: before(ms), incarnation: 1 });
const bash = (timeoutMs: number) => ({ name: "Bash", startedAt: before(timeoutMs), timeoutMs });

type Row = {
  readonly title: string;
  readonly beat: number | null;
  readonly claims?: readonly number[];
  readonly tool?: number;
  readonly age?: number;
  readonly says: string;
};

describe("a running container", () => {
  const rows: readonly Row[] = [
    { title: "a fresh heartbeat and no claims", beat: 5_000, says: "lives" },
    { title: "30 minutes of silence are the limit", beat: 30 * minute, says: "lives" },
    { title: "more than 30 minutes of silence", beat: 30 * minute + 1, says: "silent" },
    { title: "a declared tool widens it", beat: 45 * minute, tool: 60 * minute, says: "lives" },
    { title: "silence beyond the declared tool", beat: 61 * minute, tool: 60 * minute, says: "silent" },
    { title: "a shorter tool narrows nothing", beat: 20 * minute, tool: 1_000, says: "lives" },
    { title: "no heartbeat yet, just started", beat: null, age: 5_000, says: "lives" },
    {
      title: "no heartbeat since its start, half an hour ago",
      beat: null,
      age: 31 * minute,
      says: "silent",
    },
    { title: "an earlier container's heartbeat (F23)", beat: 50 * minute, age: minute, says: "lives" },
    { title: "a young claim", beat: null, claims: [59_000], age: 10 * minute, says: "lives" },
    {
      title: "a claim without life since",
      beat: null,
      claims: [61_000],
      age: 10 * minute,
      says: "claim-without-life",
    },
    { title: "a claim with life since", beat: 1_000, claims: [61_000], says: "lives" },
    {
      title: "a day of waiting for a person, with life",
      beat: 14_000,
      claims: [1440 * minute],
      says: "lives",
    },
    { title: "a heartbeat before the claim", beat: 62_000, claims: [61_000], says: "claim-without-life" },
    { title: "one stuck claim of two", beat: 90_000, claims: [10, 80_000], says: "claim-without-life" },
    {
      title: "a declared tool widens the claim too",
      beat: 90_000,
      claims: [80_000],
      tool: 100_000,
      says: "lives",
    },
    { title: "a claim from before this container", beat: null, claims: [80_000], age: 5_000, says: "lives" },
  ];
  test.each(rows)("$title: $says", ({ beat, claims = [], tool, age = 120 * minute, says }) => {
    const heartbeat = beat === null ? null : before(beat);
    const state = { heartbeat, claims: claims.map(claim), tool: tool === undefined ? null : bash(tool) };
    const verdict = judge(state, { now: Date.parse(now), startedAt: Date.parse(before(age)) });
    expect(verdict.isStuck ? verdict.reason : "lives").toBe(says);
  });
});

test("the wait doubles with each failure, up to five minutes", () => {
  expect([1, 2, 3, 4].map((tries) => backoffMs(10_000, tries))).toEqual([10_000, 20_000, 40_000, 80_000]);
  expect([6, 7, 400].map((tries) => backoffMs(10_000, tries))).toEqual([300_000, 300_000, 300_000]);
});
