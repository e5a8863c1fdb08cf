import { describe, expect, test } from "vitest";
import { awakeClock, judge } from "./judge.ts";

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
  /** For how long the host has run without a break. */
  readonly awake?: number;
  readonly says: string;
};

describe("a running container", () => {
  const rows: readonly Row[] = [
    { title: "with a fresh heartbeat and no claims", beat: 5_000, says: "lives" },
    { title: "after exactly 30 minutes of silence", beat: 30 * minute, says: "lives" },
    { title: "after more than 30 minutes of silence", beat: 30 * minute + 1, says: "silent" },
    { title: "silent for less than its declared tool", beat: 45 * minute, tool: 60 * minute, says: "lives" },
    {
      title: "silent for longer than its declared tool",
      beat: 61 * minute,
      tool: 60 * minute,
      says: "silent",
    },
    {
      title: "silent for longer than a tool of less than 30 minutes",
      beat: 20 * minute,
      tool: 1_000,
      says: "lives",
    },
    { title: "without a heartbeat, just started", beat: null, age: 5_000, says: "lives" },
    {
      title: "without a heartbeat since its start, 31 minutes ago",
      beat: null,
      age: 31 * minute,
      says: "silent",
    },
    {
      title: "just started, with the heartbeat of an earlier container",
      beat: 50 * minute,
      age: minute,
      says: "lives",
    },
    {
      title: "with a claim of 59 seconds and no heartbeat",
      beat: null,
      claims: [59_000],
      age: 10 * minute,
      says: "lives",
    },
    {
      title: "without a heartbeat since a claim of 61 seconds",
      beat: null,
      claims: [61_000],
      age: 10 * minute,
      says: "claim-without-life",
    },
    { title: "with a heartbeat since a claim of 61 seconds", beat: 1_000, claims: [61_000], says: "lives" },
    {
      title: "with a heartbeat, waiting for a person for a day",
      beat: 14_000,
      claims: [1440 * minute],
      says: "lives",
    },
    {
      title: "with its last heartbeat before the claim",
      beat: 62_000,
      claims: [61_000],
      says: "claim-without-life",
    },
    { title: "with one stuck claim of two", beat: 90_000, claims: [10, 80_000], says: "claim-without-life" },
    {
      title: "with a claim shorter than its declared tool",
      beat: 90_000,
      claims: [80_000],
      tool: 100_000,
      says: "lives",
    },
    {
      title: "just started, with a claim of an earlier container",
      beat: null,
      claims: [80_000],
      age: 5_000,
      says: "lives",
    },
    {
      title: "with a claim from before the host was stopped, whose heartbeats are not read yet",
      beat: 110_000,
      claims: [109_000],
      awake: 100,
      says: "lives",
    },
    {
      title: "without a heartbeat for 61 seconds after the host was stopped",
      beat: 200_000,
      claims: [199_000],
      awake: 61_000,
      says: "claim-without-life",
    },
    {
      title: "with a heartbeat since the host was stopped",
      beat: 1_000,
      claims: [199_000],
      awake: 61_000,
      says: "lives",
    },
    { title: "silent while the machine was suspended", beat: 120 * minute, awake: 100, says: "lives" },
  ];
  test.each(rows)("a container $title: $says", (row) => {
    const { beat, claims = [], tool, age = 120 * minute, awake = 120 * minute, says } = row;
    const heartbeat = beat === null ? null : before(beat);
    const state = { heartbeat, claims: claims.map(claim), tool: tool === undefined ? null : bash(tool) };
    const verdict = judge(state, {
      now: Date.parse(now),
      startedAt: Date.parse(before(age)),
      awakeSince: Date.parse(before(awake)),
    });
    expect(verdict.isStuck ? verdict.reason : "lives").toBe(says);
  });
});

test("a host is awake since its last break of more than ten seconds, also after its clock was set back", () => {
  let at = 1_000;
  const awakeSince = awakeClock(() => at);
  const afterStep = (ms: number): number => {
    at += ms;
    return awakeSince();
  };
  expect([1_000, 10_000, -3_600_000, 9_000].map(afterStep)).toEqual([1_000, 1_000, 1_000, 1_000]);
  const resumed = afterStep(110_000);
  expect(resumed).toBe(at);
  expect(afterStep(5_000)).toBe(resumed);
});
