import { describe, expect, test } from "vitest";
import { recogniseFailure, type FailureEvidence, type TrustFailure } from "./recognise-failure.ts";
import { trustTexts } from "./trust-texts.ts";

const sentence = (member: string, workspace: string): string =>
  `Teammate "${member}" cannot start in headless process runtime because workspace trust is not accepted for "${workspace}".`;
const advice = "Open that workspace once interactively and accept trust, then launch the team again.";

type Row = FailureEvidence & { readonly what: string; readonly is: Partial<TrustFailure> };

const rows: readonly Row[] = [
  {
    what: "the seed's #100: a teammate, its workspace, the advice",
    text: `${sentence("alice-reviewer", "[path]")}\n${advice}`,
    is: { recognisedBy: "text", provider: "claude", workspace: "[path]", members: ["alice-reviewer"] },
  },
  {
    what: "the seed's #104: several teammates in a bootstrap's failure",
    text: `Deterministic bootstrap for "shop" failed because teammate startup failed. bo: ${sentence("bo", "/w/a b")} ${advice}; cy: ${sentence("cy", "/w/c")} ${advice}`,
    is: { workspace: "/w/a b", members: ["bo", "cy"] },
  },
  {
    what: "#104 with only the sentence",
    text: "teammate startup failed: workspace trust is not accepted",
    is: { provider: "claude", workspace: null, members: [] },
  },
  {
    what: "#100 in a Windows folder with dots and quotes",
    text: sentence("Ga", String.raw`C:\Users\v\One "Drive"\Safar 0.1`),
    is: { workspace: String.raw`C:\Users\v\One "Drive"\Safar 0.1`, members: ["Ga"] },
  },
  {
    what: "#100, wrapped by a terminal",
    text: sentence("bo", "/w").replaceAll(" ", "\n"),
    is: { workspace: "/w", members: ["bo"] },
  },
  { what: "the advice alone", text: `...\n${advice}`, is: { workspace: null } },
  {
    what: "the code in a log",
    text: "failed with workspace_trust_required (exit 3)",
    is: { provider: null, workspace: null },
  },
  {
    what: "Claude Code's remote control",
    text: "Error: Workspace not trusted. Please run `claude` in /home/ada/my project first to review and accept the workspace trust dialog.",
    is: { provider: "claude", workspace: "/home/ada/my project" },
  },
  {
    what: "an event of orchestrator-adapter",
    events: [
      { v: 1, event: "started", provider: "codex", folder: "/w" },
      {
        v: 1,
        event: "workspace_trust_required",
        provider: "codex",
        folder: "/w",
        key: "/w",
        code: "no-key",
        message: "Codex does not trust /w.",
      },
      { v: 1, event: "exited", provider: "codex", folder: "/w", exitCode: 3 },
    ],
    is: { recognisedBy: "event", provider: "codex", workspace: "/w", error: "Codex does not trust /w." },
  },
  {
    what: "an event of the seed's contract",
    events: [
      {
        code: "workspace_trust_required",
        provider: "claude",
        workspace: "/path",
        message: "workspace trust is not accepted",
      },
    ],
    is: {
      recognisedBy: "event",
      provider: "claude",
      workspace: "/path",
      error: "workspace trust is not accepted",
    },
  },
  {
    what: "an event before a text",
    events: [{ event: "workspace_trust_required", provider: "gemini", folder: "/e" }],
    text: sentence("bo", "/t"),
    is: { recognisedBy: "event", provider: "gemini", workspace: "/e", error: "workspace_trust_required" },
  },
  {
    what: "the newest of several events",
    events: [
      { event: "workspace_trust_required", folder: "/old" },
      { event: "workspace_trust_required", folder: "/new", provider: "aider" },
    ],
    is: { workspace: "/new", provider: null },
  },
];

describe("recogniseFailure", () => {
  test.each(rows)("recognises $what", ({ is, ...evidence }) =>
    expect(recogniseFailure(evidence)).toMatchObject({
      code: "workspace_trust_required",
      title: "Workspace trust required",
      ...is,
    }),
  );

  test.each(rows.filter(({ text, events }) => text !== undefined && events === undefined))(
    "returns the exact text of $what",
    ({ text }) => expect(recogniseFailure({ text: text! })?.error).toBe(text),
  );

  test.each(trustTexts)("is tested with a text for each row of its table: $name", ({ pattern }) =>
    expect(rows.some(({ text }) => text !== undefined && text.search(pattern) >= 0)).toBe(true),
  );

  test("names the provider and the folder in its fix", () => {
    const fixOf = (event: object) =>
      recogniseFailure({ events: [{ code: "workspace_trust_required", ...event }] })?.fix;
    expect(fixOf({ provider: "codex", folder: "/w" })).toMatch(/^Trust \/w: .* start Codex there once/);
    expect(fixOf({})).toMatch(/^Trust its folder: .* Then launch the team again\.$/);
  });
});

describe("recogniseFailure for other evidence", () => {
  test.each<FailureEvidence & { what: string }>([
    { what: "no evidence" },
    { what: "another failure", text: "Error: model gpt-9 not found" },
    { what: "hooks that were skipped", text: "Skipping SessionStart hooks - workspace trust not accepted" },
    {
      what: "permissions that were ignored",
      text: "Ignoring 20 permissions.allow entries from .claude/settings.json: this workspace has not been trusted.",
    },
    { what: "a failed sign-in", text: "Please run /login · API Error: 401" },
    {
      what: "the question about trust itself",
      text: "Quick safety check: Is this a project you created or one you trust?",
    },
    { what: "trust that was accepted", text: "workspace trust is now accepted" },
    { what: "a longer code", text: "not_workspace_trust_required_here" },
    { what: "other events", events: [{ event: "ready" }, { event: "exited", exitCode: 1 }] },
    { what: "values that are not events", events: [null, "workspace_trust_required", 5, []] },
  ])("returns null for $what", (evidence) => expect(recogniseFailure(evidence)).toBeNull());
});
