import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { tempFolder } from "@gatehouse/socket-server/testing";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { tryAgent } from "./run-acp-trial.ts";
import type { TrialLine } from "./trial-report.ts";

const fixture = join(import.meta.dirname, "../../../../test-fixtures/programs/acp-with-model.mjs");

type Tried = {
  /** What the agent does otherwise, as the fixture names it. */
  readonly does?: string;
  readonly command?: readonly [string, ...string[]];
  readonly signal?: AbortSignal;
  readonly onLine?: (line: TrialLine) => void;
};

/** Tries the fixture, with a folder for temporary files that must be empty afterwards. */
const trial = async ({
  does = "",
  command = [process.execPath, fixture],
  signal = new AbortController().signal,
  onLine = () => {},
}: Tried) => {
  const temporary = join(tempFolder(), "tmp");
  mkdirSync(temporary);
  vi.stubEnv("TMPDIR", temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  const lines: TrialLine[] = [];
  const env = { ANTHROPIC_BASE_URL: "{url}", ACP_WITH: does };
  const end = await tryAgent(
    { command, named: ["agent", "acp"], env, api: "anthropic", path: process.env["PATH"] ?? "" },
    {
      runner: [process.execPath, inject("programs")["agent-runner"]],
      signal,
      onLine: (line) => (lines.push(line), onLine(line)),
    },
  );
  expect(readdirSync(temporary)).toEqual([]);
  return {
    end,
    lines,
    seen: Object.fromEntries(lines.map(({ step, outcome, saw }) => [step, `${outcome}: ${saw}`])),
  };
};

type Row = {
  readonly does: string;
  readonly step: string;
  readonly says: RegExp;
  /** Fields of the row that the trial proposes; null if it proposes none. */
  readonly row: object | null;
};

const tells = async ({ does, step, says, row }: Row): Promise<void> => {
  const { seen, end } = await trial({ does });
  expect(seen[step]).toMatch(says);
  if (row === null) expect(end.row).toBeNull();
  else expect(end.row).toMatchObject(row);
};

describe("a trial of an agent", { tags: ["slow"] }, () => {
  test("says of each step what the agent does, and proposes its row", async () => {
    const { seen, end } = await trial({});
    expect(seen).toEqual({
      start: "yes: with-model 1.0 speaks version 1 of the protocol",
      "sign-in": 'yes: it opened a session without a sign-in (it offers none; its mode is "default")',
      prompt: "yes: it answered, with 1 request to /v1/messages",
      "tool asked": "yes: it asks before a command, with the choices allow_once, reject_once",
      "input shown": "yes: the question has the whole input",
      allow: "yes: the allowed command ran, and the model read its result",
      reject: "yes: the command did not run, and the model read so in the same turn",
      cancel: expect.stringMatching(/^yes: the turn ended \(cancelled\) after .* s, and its command ended$/),
      "kill and load":
        "yes: after a kill in a turn, session/load takes the conversation up (nothing is replayed)",
      "second prompt": expect.stringMatching(/first one: end_turn; the second one: end_turn/),
      MCP: "no: it does not start an MCP server that is a program",
      "error 402": expect.stringMatching(/^yes: the prompt failed with the vendor's words: -32603 /),
      end: expect.stringMatching(/^yes: it ended .* after its input; no program was left$/),
    });
    expect(end).toEqual({
      lacks: [],
      row: {
        v: 1,
        name: "agent",
        agent: "with-model 1.0",
        api: "anthropic",
        paths: ["/v1/messages"],
        command: ["agent", "acp"],
        env: { ANTHROPIC_BASE_URL: "{url}", ACP_WITH: "" },
        mode: null,
        inputIn: "request",
        denialEnds: false,
        takesServers: false,
        errorPrefix: null,
      },
    });
  });

  test.for([
    {
      does: "key",
      step: "sign-in",
      says: /^no: the session failed with -32000: "Authentication required" \(it offers key-login: Log in with a key\)$/,
      row: null,
    },
    {
      does: "null",
      step: "start",
      says: /^no: the start failed with -32603: "The agent answered initialize with no protocolVersion, which/,
      row: null,
    },
    {
      does: "crash",
      step: "prompt",
      says: /^no: it did not ask the stand-in: the prompt ended the program: .* exited \(3\)/,
      row: null,
    },
  ])("tells of an agent that $does: $step", tells);

  // Each of these takes more than 5 s.
  test.for([
    {
      does: "auto",
      step: "tool asked",
      says: /^yes: it asks in the mode "default", which the row sets; in its mode "auto" it ran the command unasked$/,
      row: { mode: "default" },
    },
    {
      does: "ends",
      step: "reject",
      says: /^yes: .*the turn ended \(end_turn\) before/,
      row: { denialEnds: true },
    },
    { does: "cut", step: "input shown", says: /^no: neither the question nor/, row: null },
    { does: "forgets", step: "kill and load", says: /^no: it can load no session/, row: {} },
    { does: "quiet", step: "error 402", says: /^no: the turn ended \(end_turn\) without a text/, row: {} },
    {
      does: "stays",
      step: "end",
      says: /^no: it did not end within 8 s .*of its programs ran on, and were killed$/,
      row: {},
    },
    {
      does: "mute",
      step: "prompt",
      says: /^no: it did not ask the stand-in: the prompt had no end within 20 s$/,
      row: null,
    },
  ])("tells of an agent that $does: $step", { tags: ["soak"] }, tells);

  test("says of steps after a failed start that they were not seen", async () => {
    const { lines, end } = await trial({ command: ["/no/such/program"] });
    expect(lines[0]).toMatchObject({ step: "start", outcome: "no", saw: expect.stringContaining("ENOENT") });
    expect(new Set(lines.slice(1).map(({ outcome }) => outcome))).toEqual(new Set(["not-seen"]));
    expect(end).toMatchObject({ row: null });
  });

  test("ends by its signal while an agent does not introduce itself", async () => {
    const up = join(tempFolder(), "up");
    const cut = new AbortController();
    const tried = trial({
      command: ["/bin/sh", "-c", 'echo >"$0"; exec sleep 600', up],
      signal: cut.signal,
    });
    await vi.waitUntil(() => existsSync(up), { timeout: 10_000 });
    cut.abort();
    expect((await tried).seen).toEqual({
      start: expect.stringMatching(/^no: the start ended the program: .*SIGKILL/),
    });
  });

  test("ends by its signal in the middle of a step, with its agent and its folder", async () => {
    const cut = new AbortController();
    const { lines } = await trial({
      does: "mute",
      signal: cut.signal,
      onLine: ({ step }) => void (step === "sign-in" && setImmediate(() => cut.abort())),
    });
    expect(lines.map(({ step }) => step)).toEqual(["start", "sign-in", "prompt"]);
  });
});
