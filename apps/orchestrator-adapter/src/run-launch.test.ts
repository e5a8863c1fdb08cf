// @module-tag rest
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { explainCast, parseCast } from "@trust/dialog-engine";
import { codexPack } from "@trust/dialog-engine/packs";
import { makeFixture, settingsFor, type Fixture, type FixtureOptions } from "./adapter.fixture.ts";
import type { AdapterEvent } from "./events.ts";

const slow = { tags: ["slow"] };

/** The arguments that start Codex in the fixture's project, trusted. */
const codexTrusted = ({ project }: Fixture, ...more: string[]): string[] => [
  ...["--provider", "codex", "--cwd", project, "--settings", settingsFor(project), "--json"],
  ...more,
];

const claude = ({ project }: Fixture, ...more: string[]): string[] => [
  ...["--provider", "claude", "--cwd", project, "--settings", "{}", "--json"],
  ...more,
];

const names = (events: readonly AdapterEvent[]): string[] => events.map(({ event }) => event);
const isDrawn = ({ notes }: Fixture): Promise<void> =>
  expect.poll(() => notes().some(({ event }) => event === "drawn")).toBe(true);
const keysIn = ({ notes }: Fixture) => notes().filter(({ event }) => event === "key" || event === "typed");

/** The guard processes of this fixture's adapters. */
const guardsOf = ({ notes }: Fixture): string[] => {
  const agents = notes().map(({ pid }) => String(pid));
  const { stdout } = spawnSync("ps", ["-eo", "args="], { encoding: "utf8" });
  return stdout
    .split("\n")
    .filter((line) => agents.some((pid) => line.includes(`dialog-engine-guard ${pid}:`)));
};

describe("orchestrator-adapter", () => {
  test("starts Codex trusted, reports it ready, and exits with its code", slow, async () => {
    const fixture = makeFixture({ scenario: { exitCode: 5, exitMs: 3_500 } });
    const adapter = fixture.start(codexTrusted(fixture));
    const { code } = await adapter.ended;
    const common = { v: 1, provider: "codex", folder: fixture.project };
    expect(adapter.events()).toEqual([
      { ...common, event: "started" },
      { ...common, event: "ready" },
      { ...common, event: "exited", exitCode: 5 },
    ]);
    expect(code).toBe(5);
    expect(keysIn(fixture)).toEqual([]);
    expect(fixture.running()).toEqual([]);
  });

  test("reports a config.toml in which Codex changed folders although trust was passed", slow, async () => {
    const fixture = makeFixture({ scenario: { exitCode: 0, writesTrust: true }, config: 'model = "o3"\n' });
    const adapter = fixture.start(codexTrusted(fixture));
    expect((await adapter.ended).code).toBe(0);
    expect(names(adapter.events()).slice(-2)).toEqual(["diagnostic", "exited"]);
    expect(adapter.events().at(-2)).toMatchObject({
      code: "codex_config_changed_during_trust_override",
      message: expect.stringContaining(fixture.project) as unknown,
    });
  });

  test("records the start with --record, and names the file", slow, async () => {
    const fixture = makeFixture({ scenario: { exitCode: 0, exitMs: 3_500 } });
    const casts = join(fixture.home, "casts");
    const adapter = fixture.start(codexTrusted(fixture, "--record", casts));
    expect((await adapter.ended).code).toBe(0);
    const { recording = "" } = adapter.events().at(-1)!;
    expect(readdirSync(casts).map((name) => join(casts, name))).toEqual([recording]);
    expect(statSync(recording).mode & 0o777).toBe(0o600);
    const cast = parseCast(readFileSync(recording, "utf8"));
    if (!cast.ok) expect.fail(cast.error.message);
    const seen = explainCast(cast.value, codexPack).map((screen) => screen.seen.type);
    expect(seen.at(-1)).toBe("ready");
    expect(cast.value.events.filter(([, kind]) => kind === "i")).toEqual([]);
  });

  test("continues if the recording cannot be written, and reports it", slow, async () => {
    const fixture = makeFixture({ scenario: { exitCode: 0, exitMs: 3_500 } });
    const adapter = fixture.start(codexTrusted(fixture, "--record", join(fixture.bin, "codex", "casts")));
    expect((await adapter.ended).code).toBe(0);
    expect(adapter.events().at(-2)).toMatchObject({ event: "diagnostic", code: "recording-failed" });
    expect(adapter.events().at(-1)).not.toHaveProperty("recording");
  });

  test("records the question that ended an agent", slow, async () => {
    const fixture = makeFixture();
    const casts = join(fixture.home, "casts");
    const adapter = fixture.start([
      ...["--provider", "codex", "--cwd", fixture.project, "--settings", "{}", "--json", "--record", casts],
    ]);
    expect((await adapter.ended).code).toBe(3);
    const text = readFileSync(adapter.events().at(-1)!.recording ?? "", "utf8");
    expect(text).toMatch(/"m","dialog codex\/trust/);
  });

  test("reports the last screen of an agent that failed", slow, async () => {
    const fixture = makeFixture({ scenario: { lastWords: "error: unexpected argument '--bogus' found" } });
    const adapter = fixture.start(codexTrusted(fixture));
    const { code, stderr } = await adapter.ended;
    expect(code).toBe(2);
    expect(adapter.events().at(-1)).toMatchObject({
      event: "exited",
      exitCode: 2,
      message: "error: unexpected argument '--bogus' found",
    });
    expect(stderr).toContain("codex ended (exit 2): error: unexpected argument '--bogus' found\n");
  });

  test("starts a trusted Claude, and passes none of the settings in its arguments", slow, async () => {
    const fixture = makeFixture({ trusted: ["project"] });
    const settings = settingsFor(fixture.project);
    const adapter = fixture.start([
      ...["--provider", "claude", "--cwd", fixture.project, "--settings", settings, "--json"],
      ...["--", "--model", "opus"],
    ]);
    await adapter.sees("ready");
    adapter.child.kill("SIGTERM");
    expect((await adapter.ended).code).toBe(143);
    expect(names(adapter.events())).toEqual(["started", "ready", "exited"]);
    expect(fixture.notes().find(({ event }) => event === "start")?.args).toEqual(["--model", "opus"]);
    expect(keysIn(fixture)).toEqual([]);
    expect(fixture.running()).toEqual([]);
  });

  test("starts no Claude whose state does not trust the folder", slow, async () => {
    const fixture = makeFixture();
    const adapter = fixture.start(claude(fixture));
    const { code, stderr } = await adapter.ended;
    expect(code).toBe(3);
    expect(adapter.events()).toEqual([
      {
        v: 1,
        event: "workspace_trust_required",
        provider: "claude",
        folder: fixture.project,
        key: fixture.project,
        code: "no-key",
        message: expect.stringContaining(fixture.project) as unknown,
      },
    ]);
    expect(stderr).toContain("Prepare it with workspace-trust.");
    expect(fixture.notes()).toEqual([]);
  });

  test.for<{ what: string; start: string; config?: string }>([
    { what: "asks for trust", start: "ask" },
    { what: "is in a folder that the user marked as untrusted", start: "restricted" },
  ])("ends an agent that $what, and presses no key", slow, async ({ start }) => {
    const fixture = makeFixture({ scenario: { start, child: true } });
    const adapter = fixture.start([
      ...["--provider", "codex", "--cwd", fixture.project, "--settings", "{}", "--json"],
    ]);
    const { code } = await adapter.ended;
    expect(code).toBe(3);
    expect(names(adapter.events())).toEqual(["started", "workspace_trust_required", "exited"]);
    expect(adapter.events()[1]).toMatchObject({ key: fixture.project, code: "trust-dialog" });
    expect(keysIn(fixture)).toEqual([]);
    expect(fixture.running()).toEqual([]);
  });

  test("ends an agent that asks for trust after its prompt", slow, async () => {
    const fixture = makeFixture({ scenario: { start: "ask", composerMs: 6_000 } });
    const adapter = fixture.start(codexTrusted(fixture).with(5, "{}"));
    expect((await adapter.ended).code).toBe(3);
    expect(names(adapter.events())).toEqual(["started", "ready", "workspace_trust_required", "exited"]);
    expect(keysIn(fixture)).toEqual([]);
    expect(fixture.running()).toEqual([]);
  });

  test.for([{ composerMs: 0 }, { composerMs: 6_000 }])(
    "reports a question about trust if the agent ended by itself at it: %o",
    slow,
    async ({ composerMs }) => {
      const fixture = makeFixture({ scenario: { start: "ask", composerMs, dialogExitMs: 20 } });
      const adapter = fixture.start(codexTrusted(fixture).with(5, "{}"));
      const { code } = await adapter.ended;
      expect(names(adapter.events()).slice(-2)).toEqual(["workspace_trust_required", "exited"]);
      expect(adapter.events().at(-1)).toMatchObject({ exitCode: 1 });
      expect(code).toBe(3);
    },
  );

  test.for<{ what: string; scenario: NonNullable<FixtureOptions["scenario"]>; code: string }>([
    { what: "another question", scenario: { start: "update" }, code: "consent-needed" },
    {
      what: "a sign-in, shown just before its end",
      scenario: { start: "sign-in-and-exit" },
      code: "sign-in-needed",
    },
  ])("reports $what, and presses no key", slow, async ({ scenario, code }) => {
    const fixture = makeFixture({ scenario });
    const adapter = fixture.start(codexTrusted(fixture).with(5, "{}"));
    await adapter.sees("diagnostic");
    adapter.child.kill("SIGINT");
    await adapter.ended;
    expect(adapter.events().find(({ event }) => event === "diagnostic")).toMatchObject({ code });
    expect(names(adapter.events())).not.toContain("ready");
    expect(keysIn(fixture)).toEqual([]);
    expect(fixture.running()).toEqual([]);
  });

  test("answers only the program's terminal queries", slow, async () => {
    const fixture = makeFixture({ scenario: { start: "query" } });
    const adapter = fixture.start(codexTrusted(fixture));
    await adapter.sees("ready");
    adapter.child.kill("SIGTERM");
    await adapter.ended;
    expect(keysIn(fixture).map(({ key }) => key)).toEqual(["\x1b[?1;2c"]);
  });

  test.for([
    { signal: "SIGINT", exit: 130 },
    { signal: "SIGTERM", exit: 143 },
    { signal: "SIGHUP", exit: 143 },
  ] as const)("ends the agent and all it started at $signal", slow, async ({ signal, exit }) => {
    const fixture = makeFixture({ scenario: { child: true } });
    const adapter = fixture.start(codexTrusted(fixture));
    await adapter.sees("started");
    await isDrawn(fixture);
    expect(fixture.running()).toHaveLength(2);
    adapter.child.kill(signal);
    expect((await adapter.ended).code).toBe(exit);
    expect(names(adapter.events())).toContain("exited");
    expect(fixture.running()).toEqual([]);
  });

  test.for([
    { what: "10 MB/s", scenario: { floodAgain: "all work and no play\r\n", floodRate: 10_000_000 } },
    { what: "one sequence that scrolls for an hour", scenario: { flood: "\x1b[2147483647S" } },
    { what: "costly sequences", scenario: { floodAgain: "\x1b[40S\x1bc\x1b[4800b" } },
    { what: "terminal queries", scenario: { floodAgain: "\x1b[6n\x1b[c" } },
  ])("ends an agent at SIGTERM that writes $what", slow, async ({ scenario }) => {
    const fixture = makeFixture({ trusted: ["project"], scenario: { start: "flood", ...scenario } });
    const adapter = fixture.start(claude(fixture));
    await expect.poll(() => fixture.notes().some(({ event }) => event === "flood")).toBe(true);
    adapter.child.kill("SIGTERM");
    expect((await adapter.ended).code).toBe(143);
    expect(names(adapter.events())).toEqual(["started", "exited"]);
    expect(fixture.running()).toEqual([]);
  });

  test("ends an agent that ignores signals", slow, async () => {
    const fixture = makeFixture({ scenario: { child: true, stubborn: true } });
    const adapter = fixture.start(codexTrusted(fixture));
    await isDrawn(fixture);
    adapter.child.kill("SIGTERM");
    expect((await adapter.ended).code).toBe(143);
    expect(fixture.running()).toEqual([]);
  });

  test.for([
    { what: "no process", stubborn: false },
    { what: "no process of an agent that ignores the hangup", stubborn: true },
  ])("leaves $what when the adapter is killed", slow, async ({ stubborn }) => {
    const fixture = makeFixture({ scenario: { child: true, stubborn } });
    const adapter = fixture.start(codexTrusted(fixture));
    await isDrawn(fixture);
    expect(fixture.running()).toHaveLength(2);
    expect(guardsOf(fixture)).toHaveLength(1);
    adapter.child.kill("SIGKILL");
    await adapter.ended;
    await expect.poll(() => fixture.running()).toEqual([]);
    await expect.poll(() => guardsOf(fixture)).toEqual([]);
  });

  test("leaves no process of an agent that has ended by itself", slow, async () => {
    const fixture = makeFixture({ scenario: { child: true, exitCode: 0 } });
    expect((await fixture.start(codexTrusted(fixture)).ended).code).toBe(0);
    expect(fixture.notes().some(({ event }) => event === "child")).toBe(true);
    expect(fixture.running()).toEqual([]);
    await expect.poll(() => guardsOf(fixture)).toEqual([]);
  });

  test("escapes control characters and invisible characters", slow, async () => {
    const fixture = makeFixture();
    const args = codexTrusted(fixture, "--", "resume", "a\u202eb\u009bc\u200bd").filter(
      (arg) => arg !== "--json",
    );
    const { stdout } = await fixture.start(["--dry-run", ...args]).ended;
    expect(stdout).toContain('"a\\u202eb\\u009bc\\u200bd"');
  });

  test(
    "starts the command that the dry run prints, and does not change config.toml",
    { tags: ["slow"] },
    async () => {
      const config = 'model = "o3"\n[projects."/srv/x"]\ntrust_level = "untrusted"\n';
      const fixture = makeFixture({
        scenario: { exitCode: 0 },
        config,
        env: {
          ANTHROPIC_API_KEY: "k",
          CLAUDECODE: "1",
          TMUX: "1",
          FOO: "bar",
          CLAUDE_TEAM_CONTROL_URL: "u",
          AGENT_TEAMS_HOOK: "h",
          GATEHOUSE_DATA: "/d",
        },
      });
      const args = codexTrusted(fixture, "--", "-c", 'model="o3"', "resume", "--last");
      const dry = await fixture.start(["--dry-run", ...args]).ended;
      expect(fixture.notes()).toEqual([]);
      await fixture.start(args).ended;
      const started = fixture.notes().find(({ event }) => event === "start");
      expect(JSON.parse(dry.stdout)).toEqual({
        argv: [join(fixture.bin, "codex"), ...(started?.args ?? [])],
        cwd: started?.cwd,
        env: [...(started?.env ?? [])].sort(),
        diagnostics: [],
      });
      expect(started?.args).toEqual([
        "--no-daemon",
        ...["-c", 'model="o3"'],
        // The fake has no package, so its version is unknown.
        ...[
          "-c",
          `projects={"/srv/x"={trust_level="untrusted"},"${fixture.project}"={trust_level="trusted"}}`,
        ],
        ...["resume", "--last"],
      ]);
      expect(started?.env).toEqual(
        expect.arrayContaining([
          ...["ANTHROPIC_API_KEY", "FOO"],
          ...["CLAUDE_TEAM_CONTROL_URL", "AGENT_TEAMS_HOOK"],
        ]),
      );
      expect(started?.env).not.toEqual(expect.arrayContaining(["GATEHOUSE_DATA"]));
      expect(started?.env).not.toEqual(expect.arrayContaining(["CLAUDECODE"]));
      expect(started?.env).not.toEqual(expect.arrayContaining(["TMUX"]));
      expect(readFileSync(join(fixture.home, ".codex", "config.toml"), "utf8")).toBe(config);
    },
  );
});
