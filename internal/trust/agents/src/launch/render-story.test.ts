import { plainPaint } from "@gatehouse/cli-kit";
import type { JournalEntry, LaunchState } from "@trust/team-launch";
import { describe, expect, test } from "vitest";
import { renderStory, type Story } from "./render-story.ts";

type WithoutTime<E> = E extends unknown ? Omit<E, "at"> : never;
type JournalFact = WithoutTime<JournalEntry>;

const began = Date.parse("2026-11-22T10:00:00.000Z");
const at = (ms: number): string => new Date(began + ms).toISOString();

/** A journal with this many ms between two entries. */
const journal = (facts: readonly JournalFact[], everyMs = 10): readonly JournalEntry[] =>
  facts.map((fact, index) => ({ ...fact, at: at(index * everyMs) }) as JournalEntry);

const run = (members: number, attempt = 1): JournalFact => ({
  type: "run",
  run: {
    id: "one",
    team: "shop",
    mode: "create",
    attempt,
    members: Array.from({ length: members }, (_, index) => ({
      name: `m${index}`,
      provider: "claude" as const,
      folder: "/a",
    })),
  },
});

const rendered = (entries: readonly JournalEntry[], more: Partial<Story> = {}): readonly string[] => {
  const state: LaunchState = "ready";
  const summary = { id: "one", team: "shop", state, at: at(0), members: 1 };
  const text = renderStory({ summary, entries, agents: [], artifact: null, ...more }, plainPaint);
  return text.split("\n").slice(0, -1);
};

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `m${index}`);
const spawning = (member: string): JournalFact => ({ type: "spawning", member });
const ready = (member: string): JournalFact => ({ type: "member", member, state: "ready" });
const waits = (member: string, code: string): JournalFact => ({
  type: "member",
  member,
  state: "waiting",
  code,
});
const fails = (member: string, message: string): JournalFact => ({
  type: "not-spawned",
  member,
  code: "spawn-failed",
  message,
});

describe("renderStory", () => {
  test("prints each action for one agent with its time", () =>
    expect(
      rendered(journal([run(1), { type: "storing-team" }, spawning("ana"), ready("ana")], 1_000), {
        agents: [{ member: "ana", state: "ready", since: at(3_000) }],
        artifact: "/data/one.json",
      }),
    ).toEqual([
      "ready shop  one  2026-11-22T10:00:00.000Z",
      "   0.00 s  launch of a new team, 1 agents",
      "   1.00 s  stores the team",
      "   2.00 s  starts ana",
      "   3.00 s  ana is ready",
      "now: ana is ready since 2026-11-22T10:00:03.000Z",
      "artifact: /data/one.json",
    ]));

  test("prints one line for the same action of many members, and names the ones that need a person", () => {
    const members = names(20);
    const lines = rendered(
      journal([
        ...[run(20), ...members.map(spawning), ...members.slice(3).map(ready)],
        ...["m0", "m1"].map((member) => waits(member, "unknown-dialog")),
        ...["m2"].map((member) => fails(member, "no memory")),
      ]),
      { agents: members.map((member, index) => ({ member, state: "ready", since: at(index) })) },
    );
    expect(lines.slice(2)).toEqual([
      "   0.01 s  starts m0, m1, m2 and 17 more  until 0.20 s",
      "   0.21 s  m3, m4, m5 and 14 more are ready  until 0.37 s",
      "   0.38 s  m0 and m1 are waiting: unknown-dialog  until 0.39 s",
      "   0.40 s  m2 was not started: spawn-failed: no memory",
      "now: m0, m1, m2 and 17 more are ready since 2026-11-22T10:00:00.000Z, the last since 2026-11-22T10:00:00.019Z",
    ]);
  });

  test("prints the heading of a trust failure, with the provider's own words", () => {
    const error = {
      code: "workspace_trust_required",
      title: "Workspace trust required",
      message: "not trusted",
    };
    const lines = rendered(
      journal([
        run(1),
        { type: "not-spawned", member: "ana", ...error },
        { type: "ended", state: "blocked", error },
      ]),
    );
    expect(lines[2]).toContain(
      "ana was not started: workspace_trust_required: Workspace trust required: not trusted",
    );
    expect(lines[3]).toContain(
      "ends as blocked: workspace_trust_required: Workspace trust required: not trusted",
    );
  });

  test("fits a screen with 500 members that all act differently", () => {
    const members = names(500);
    const worktree = (member: string) => ({
      path: `/w/${member}`,
      source: "/w",
      branch: member,
      isNewBranch: true,
    });
    const states = ["starting", "ready", "waiting", "working", "ended", "lost"] as const;
    const snapshot = { launch: "zero", team: "shop", state: "ready" as const, members: [] };
    const lines = rendered(
      journal([
        run(500),
        ...members.map((member): JournalFact => ({ type: "warning", code: "a-code", message: member })),
        ...members.map((member): JournalFact => ({
          type: "making-worktree",
          member,
          worktree: worktree(member),
        })),
        { type: "clearing", snapshot },
        { type: "storing-team" },
        ...members.map(spawning),
        ...states.flatMap((state) =>
          members.map((member): JournalFact => ({ type: "member", member, state, code: `of-${member}` })),
        ),
        ...states.flatMap((state) =>
          members.map((member): JournalFact => ({ type: "member", member, state })),
        ),
        ...members.map((member) => fails(member, `no memory for ${member}`)),
        { type: "undone" },
        { type: "ended", state: "ended" },
      ]),
      {
        agents: members.map((member, index) => ({
          member,
          state: states[index % 6] ?? "ready",
          since: at(index),
        })),
        artifact: "/data/one.json",
      },
    );
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(lines.join("\n")).toMatch(/makes 500 worktrees: m0, m1, m2 and 497 more/);
    expect(lines.join("\n")).toMatch(/499 other warnings: --json has them all/);
    expect(lines.join("\n")).toMatch(/other failures and questions, of m\d+, [^]*--json has them all/);
  });

  test("escapes control characters", () =>
    expect(rendered(journal([run(1), spawning("\x1b[2J")])).join("")).not.toContain("\x1b"));
});
