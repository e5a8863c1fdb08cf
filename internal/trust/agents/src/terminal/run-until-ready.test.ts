// @module-tag rest
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { makeAgentBed, setUp, type AgentBed } from "@gatehouse/test-kit";

const slow = { tags: ["slow"] };
const secret = "sk-ant-api03-0123456789abcdefghijklmnopqrstuvwxyz";
/** The bound of a hang: on a busy machine a start takes many seconds. */
const patient = ["--timeout", "120"];
const asksForKey = { scenario: { apiKey: true }, env: { ANTHROPIC_API_KEY: secret } };

const trustedKeys = ({ stateFile }: AgentBed): string[] =>
  Object.keys((JSON.parse(readFileSync(stateFile, "utf8")) as { projects?: object }).projects ?? {});

const trust = ({ stateFile, project }: AgentBed): void =>
  writeFileSync(
    stateFile,
    JSON.stringify({ ...setUp, projects: { [project]: { hasTrustDialogAccepted: true } } }),
  );

/** The keys pressed on the API key's dialog, which shows these two options. */
const pressedOnKeyDialog = ({ notes }: AgentBed) =>
  notes().filter(
    ({ event, pointed }) => event === "key" && (pointed === "Yes" || pointed === "No (recommended)"),
  );

describe("gatehouse run, unattended", () => {
  test(
    "trusts the folder, starts the agent until it is ready, and ends it with all its processes",
    slow,
    async () => {
      const bed = makeAgentBed({ scenario: { child: true } });
      const { code, stdout, stderr } = await bed.run(["run", bed.project, "--json", ...patient]);
      expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
      expect(JSON.parse(stdout)).toMatchObject({
        ok: true,
        preflight: {
          ok: true,
          results: [{ workspace: bed.project, code: "trusted", trustKey: bed.project }],
        },
        agent: { state: "ready", code: "ready" },
      });
      expect(trustedKeys(bed)).toEqual([bed.project]);
      // On a busy machine the preflight's process starts its child too, before it is ended: both must have
      // ended.
      expect(bed.notes().filter(({ event }) => event === "child")).not.toEqual([]);
      expect(bed.running()).toEqual([]);
    },
  );

  test(
    "starts the agent in the caller's own environment, and without the preflight's protection",
    slow,
    async () => {
      const bed = makeAgentBed({ env: { CLAUDE_CODE_SSE_PORT: "1" } });
      await bed.run(["run", "project", "--json", ...patient]);
      const [protectedStart, start] = bed.notes().filter(({ event }) => event === "start");
      expect(protectedStart?.args).toContain("--bare");
      expect(start).toMatchObject({
        args: [],
        env: expect.arrayContaining(["CLAUDE_CODE_SSE_PORT"]) as unknown,
      });
    },
  );

  test("names a dialog without consent, and presses no key on it", slow, async () => {
    const bed = makeAgentBed(asksForKey);
    const { code, stdout } = await bed.run(["run", bed.project, "--json", ...patient]);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      preflight: { ok: true },
      agent: {
        state: "blocked",
        code: "consent-needed",
        dialog: "claude/api-key",
        screen: expect.stringContaining("Do you want to use this API key?") as unknown,
        fix: expect.stringContaining("--consent api-key=use|refuse") as unknown,
      },
    });
    expect(stdout).not.toContain(secret.slice(-20));
    expect(trustedKeys(bed)).toEqual([bed.project]);
    expect(pressedOnKeyDialog(bed)).toEqual([]);
    expect(bed.running()).toEqual([]);
  });

  test("names the flag for the consent to a person", slow, async () => {
    const bed = makeAgentBed(asksForKey);
    const { code, stdout } = await bed.run(["run", bed.project, ...patient]);
    expect(code).toBe(3);
    expect(stdout).toContain("fix: Pass --consent api-key=use|refuse (one of them), or");
  });

  test.for([
    { answer: "use", option: "Yes" },
    { answer: "refuse", option: "No (recommended)" },
  ])("gives the dialog the caller's answer: $answer", slow, async ({ answer, option }) => {
    const bed = makeAgentBed(asksForKey);
    const { code } = await bed.run([
      "run",
      bed.project,
      "--json",
      "--consent",
      `api-key=${answer}`,
      ...patient,
    ]);
    expect(code).toBe(0);
    expect(pressedOnKeyDialog(bed).findLast(({ key }) => key === "\r")).toMatchObject({ pointed: option });
  });

  test.for([
    { what: "a profile that was never set up", options: { state: null }, exit: 3, code: "sign-in-needed" },
    { what: "no CLI", options: { isInstalled: false }, exit: 1, code: "cli-not-found" },
    { what: "a CLI that ends", options: { scenario: { start: "crash" } }, exit: 1, code: "cli-exited" },
  ])("starts no agent after $what", slow, async ({ options, exit, code }) => {
    const bed = makeAgentBed(options);
    const ended = await bed.run(["run", bed.project, "--json", ...patient]);
    expect(ended.code).toBe(exit);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      ok: false,
      preflight: { results: [{ code, fix: expect.any(String) as unknown }] },
      agent: null,
    });
  });

  test.for([
    {
      what: "ends by itself",
      start: "crash",
      seconds: "120",
      agent: { state: "exited", code: "cli-exited", exitCode: 7 },
      exit: 1,
    },
    {
      what: "shows nothing",
      start: "hang",
      seconds: "2",
      agent: { state: "failed", code: "timeout" },
      exit: 1,
    },
    {
      what: "asks a question without a rule",
      start: "unknown",
      seconds: "120",
      agent: { state: "blocked", code: "unknown-dialog" },
      exit: 3,
    },
  ])("reports an agent that $what", slow, async ({ start, seconds, agent, exit }) => {
    const bed = makeAgentBed({ scenario: { start } });
    trust(bed);
    const ended = await bed.run(["run", bed.project, "--json", "--timeout", seconds]);
    expect(JSON.parse(ended.stdout)).toMatchObject({ preflight: { ok: true }, agent });
    expect(ended.code).toBe(exit);
    expect(bed.notes().filter(({ event }) => event === "key")).toEqual([]);
    expect(bed.running()).toEqual([]);
  });

  test.for([
    { signal: "SIGINT", exit: 130 },
    { signal: "SIGTERM", exit: 143 },
  ] as const)("ends the agent and exits with $exit at $signal", slow, async ({ signal, exit }) => {
    const bed = makeAgentBed({ scenario: { start: "hang" } });
    trust(bed);
    let pid = 0;
    const ended = bed.run(["run", bed.project, "--json", ...patient], (started) => (pid = started));
    await expect.poll(() => bed.notes().length).toBe(1);
    process.kill(pid, signal);
    const { code, stdout } = await ended;
    expect(code).toBe(exit);
    expect(JSON.parse(stdout)).toMatchObject({ agent: { state: "failed", code: "cancelled" } });
    expect(bed.running()).toEqual([]);
  });

  const scrollForEver = "\x1b[2147483647S";

  test("reports an agent that scrolls for an hour as a timeout", slow, async () => {
    const bed = makeAgentBed({ scenario: { start: "flood", flood: scrollForEver } });
    trust(bed);
    const { code, stdout } = await bed.run(["run", bed.project, "--json", "--timeout", "2"]);
    expect(JSON.parse(stdout)).toMatchObject({ agent: { state: "failed", code: "timeout" } });
    expect(code).toBe(1);
    expect(bed.running()).toEqual([]);
  });

  test.for([
    { what: "10 MB/s", scenario: { floodAgain: "all work and no play\r\n", floodRate: 10_000_000 } },
    { what: "one sequence that scrolls for an hour", scenario: { flood: scrollForEver } },
    { what: "costly sequences", scenario: { floodAgain: "\x1b[40S\x1bc\x1b[4800b" } },
  ])("ends at SIGTERM an agent that writes $what", slow, async ({ scenario }) => {
    const bed = makeAgentBed({ scenario: { start: "flood", ...scenario } });
    trust(bed);
    let pid = 0;
    const ended = bed.run(["run", bed.project, "--json", ...patient], (started) => (pid = started));
    await expect.poll(() => bed.notes().some(({ event }) => event === "flood")).toBe(true);
    process.kill(pid, "SIGTERM");
    expect((await ended).code).toBe(143);
    expect(bed.running()).toEqual([]);
  });

  test("prints sentences without --json", slow, async () => {
    const bed = makeAgentBed();
    const { stdout, stderr } = await bed.run(["run", bed.project, ...patient]);
    expect(stdout).toMatch(/^trusted .*project/m);
    expect(stdout).toMatch(/^ready +Claude Code waits for a prompt in /m);
    expect(stderr).toBe("");
  });
});
