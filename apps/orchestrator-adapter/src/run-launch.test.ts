import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { explainCast, parseCast } from "@trust/dialog-engine";
import { codexPack } from "@trust/dialog-engine/packs";
import { makeBed, settingsFor, type Bed, type BedOptions } from "./adapter.fixture.ts";
import type { AdapterEvent } from "./events.ts";

const slow = { tags: ["slow"] };

/** The arguments that start Codex in the bed's project, trusted. */
const codexTrusted = ({ project }: Bed, ...more: string[]): string[] => [
  ...["--provider", "codex", "--cwd", project, "--settings", settingsFor(project), "--json"],
  ...more,
];

const claude = ({ project }: Bed, ...more: string[]): string[] => [
  ...["--provider", "claude", "--cwd", project, "--settings", "{}", "--json"],
  ...more,
];

const names = (events: readonly AdapterEvent[]): string[] => events.map(({ event }) => event);
const isDrawn = ({ notes }: Bed): Promise<void> =>
  expect.poll(() => notes().some(({ event }) => event === "drawn"), { timeout: 20_000 }).toBe(true);
const keysIn = ({ notes }: Bed) => notes().filter(({ event }) => event === "key" || event === "typed");

/** The processes that watch over the adapters of this bed. */
const guardsOf = ({ notes }: Bed): string[] => {
  const agents = notes().map(({ pid }) => String(pid));
  const { stdout } = spawnSync("ps", ["-eo", "args="], { encoding: "utf8" });
  return stdout
    .split("\n")
    .filter((line) => agents.some((pid) => line.includes(`dialog-engine-guard ${pid}:`)));
};

describe("orchestrator-adapter", () => {
  test("starts Codex trusted, reports it ready, and exits as it does", slow, async () => {
    const bed = makeBed({ scenario: { exitCode: 5, exitMs: 3_500 } });
    const adapter = bed.start(codexTrusted(bed));
    const { code } = await adapter.ended;
    const common = { v: 1, provider: "codex", folder: bed.project };
    expect(adapter.events()).toEqual([
      { ...common, event: "started" },
      { ...common, event: "ready" },
      { ...common, event: "exited", exitCode: 5 },
    ]);
    expect(code).toBe(5);
    expect(keysIn(bed)).toEqual([]);
    expect(bed.running()).toEqual([]);
  });

  test("names a config.toml whose folders Codex changed although they were passed", slow, async () => {
    const bed = makeBed({ scenario: { exitCode: 0, writesTrust: true }, config: 'model = "o3"\n' });
    const adapter = bed.start(codexTrusted(bed));
    expect((await adapter.ended).code).toBe(0);
    expect(names(adapter.events()).slice(-2)).toEqual(["diagnostic", "exited"]);
    expect(adapter.events().at(-2)).toMatchObject({
      code: "codex_config_changed_during_trust_override",
      message: expect.stringContaining(bed.project) as unknown,
    });
  });

  test("records the start where --record is given, and names the file", slow, async () => {
    const bed = makeBed({ scenario: { exitCode: 0, exitMs: 3_500 } });
    const casts = join(bed.home, "casts");
    const adapter = bed.start(codexTrusted(bed, "--record", casts));
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

  test("goes on without a recording that cannot be written, and says so", slow, async () => {
    const bed = makeBed({ scenario: { exitCode: 0, exitMs: 3_500 } });
    const adapter = bed.start(codexTrusted(bed, "--record", join(bed.bin, "codex", "casts")));
    expect((await adapter.ended).code).toBe(0);
    expect(adapter.events().at(-2)).toMatchObject({ event: "diagnostic", code: "recording-failed" });
    expect(adapter.events().at(-1)).not.toHaveProperty("recording");
  });

  test("records the question that ended an agent", slow, async () => {
    const bed = makeBed();
    const casts = join(bed.home, "casts");
    const adapter = bed.start([
      ...["--provider", "codex", "--cwd", bed.project, "--settings", "{}", "--json", "--record", casts],
    ]);
    expect((await adapter.ended).code).toBe(3);
    const text = readFileSync(adapter.events().at(-1)!.recording ?? "", "utf8");
    expect(text).toMatch(/"m","dialog codex\/trust/);
  });

  test("keeps the words with which an agent failed", slow, async () => {
    const bed = makeBed({ scenario: { lastWords: "error: unexpected argument '--bogus' found" } });
    const adapter = bed.start(codexTrusted(bed));
    const { code, stderr } = await adapter.ended;
    expect(code).toBe(2);
    expect(adapter.events().at(-1)).toMatchObject({
      event: "exited",
      exitCode: 2,
      message: "error: unexpected argument '--bogus' found",
    });
    expect(stderr).toContain("codex ended (exit 2): error: unexpected argument '--bogus' found\n");
  });

  test("starts a trusted Claude, with nothing of the settings in its arguments", slow, async () => {
    const bed = makeBed({ trusted: ["project"] });
    const settings = settingsFor(bed.project);
    const adapter = bed.start([
      ...["--provider", "claude", "--cwd", bed.project, "--settings", settings, "--json"],
      ...["--", "--model", "opus"],
    ]);
    await adapter.sees("ready");
    adapter.child.kill("SIGTERM");
    expect((await adapter.ended).code).toBe(143);
    expect(names(adapter.events())).toEqual(["started", "ready", "exited"]);
    expect(bed.notes().find(({ event }) => event === "start")?.args).toEqual(["--model", "opus"]);
    expect(keysIn(bed)).toEqual([]);
    expect(bed.running()).toEqual([]);
  });

  test("starts no Claude whose state does not trust the folder", slow, async () => {
    const bed = makeBed();
    const adapter = bed.start(claude(bed));
    const { code, stderr } = await adapter.ended;
    expect(code).toBe(3);
    expect(adapter.events()).toEqual([
      {
        v: 1,
        event: "workspace_trust_required",
        provider: "claude",
        folder: bed.project,
        key: bed.project,
        code: "no-key",
        message: expect.stringContaining(bed.project) as unknown,
      },
    ]);
    expect(stderr).toContain("Prepare it with workspace-trust.");
    expect(bed.notes()).toEqual([]);
  });

  test.for<{ what: string; start: string; config?: string }>([
    { what: "asks for trust", start: "ask" },
    { what: "is called untrusted by its user", start: "restricted" },
  ])("ends an agent that $what, and presses no key", slow, async ({ start }) => {
    const bed = makeBed({ scenario: { start, child: true } });
    const adapter = bed.start([
      ...["--provider", "codex", "--cwd", bed.project, "--settings", "{}", "--json"],
    ]);
    const { code } = await adapter.ended;
    expect(code).toBe(3);
    expect(names(adapter.events())).toEqual(["started", "workspace_trust_required", "exited"]);
    expect(adapter.events()[1]).toMatchObject({ key: bed.project, code: "trust-dialog" });
    expect(keysIn(bed)).toEqual([]);
    expect(bed.running()).toEqual([]);
  });

  test("ends an agent that asks for trust behind its prompt", slow, async () => {
    const bed = makeBed({ scenario: { start: "ask", composerMs: 6_000 } });
    const adapter = bed.start(codexTrusted(bed).with(5, "{}"));
    expect((await adapter.ended).code).toBe(3);
    expect(names(adapter.events())).toEqual(["started", "ready", "workspace_trust_required", "exited"]);
    expect(keysIn(bed)).toEqual([]);
    expect(bed.running()).toEqual([]);
  });

  test.for([{ composerMs: 0 }, { composerMs: 6_000 }])(
    "reports a question about trust at which the agent ended by itself: %o",
    slow,
    async ({ composerMs }) => {
      const bed = makeBed({ scenario: { start: "ask", composerMs, dialogExitMs: 20 } });
      const adapter = bed.start(codexTrusted(bed).with(5, "{}"));
      const { code } = await adapter.ended;
      expect(names(adapter.events()).slice(-2)).toEqual(["workspace_trust_required", "exited"]);
      expect(adapter.events().at(-1)).toMatchObject({ exitCode: 1 });
      expect(code).toBe(3);
    },
  );

  test.for<{ what: string; scenario: NonNullable<BedOptions["scenario"]>; code: string }>([
    { what: "another question", scenario: { start: "update" }, code: "consent-needed" },
    { what: "a sign-in, its last words", scenario: { start: "sign-in-and-exit" }, code: "sign-in-needed" },
  ])("names $what, and presses no key", slow, async ({ scenario, code }) => {
    const bed = makeBed({ scenario });
    const adapter = bed.start(codexTrusted(bed).with(5, "{}"));
    await adapter.sees("diagnostic");
    adapter.child.kill("SIGINT");
    await adapter.ended;
    expect(adapter.events().find(({ event }) => event === "diagnostic")).toMatchObject({ code });
    expect(names(adapter.events())).not.toContain("ready");
    expect(keysIn(bed)).toEqual([]);
    expect(bed.running()).toEqual([]);
  });

  test("answers what the program asks the terminal, and nothing else", slow, async () => {
    const bed = makeBed({ scenario: { start: "query" } });
    const adapter = bed.start(codexTrusted(bed));
    await adapter.sees("ready");
    adapter.child.kill("SIGTERM");
    await adapter.ended;
    expect(keysIn(bed).map(({ key }) => key)).toEqual(["\x1b[?1;2c"]);
  });

  test.for([
    { signal: "SIGINT", exit: 130 },
    { signal: "SIGTERM", exit: 143 },
    { signal: "SIGHUP", exit: 143 },
  ] as const)("ends the agent and all it started at $signal", slow, async ({ signal, exit }) => {
    const bed = makeBed({ scenario: { child: true } });
    const adapter = bed.start(codexTrusted(bed));
    await adapter.sees("started");
    await isDrawn(bed);
    expect(bed.running()).toHaveLength(2);
    adapter.child.kill(signal);
    expect((await adapter.ended).code).toBe(exit);
    expect(names(adapter.events())).toContain("exited");
    expect(bed.running()).toEqual([]);
  });

  test.for([
    { what: "10 MB/s", scenario: { floodAgain: "all work and no play\r\n", floodRate: 10_000_000 } },
    { what: "one sequence that scrolls for an hour", scenario: { flood: "\x1b[2147483647S" } },
    { what: "costly sequences", scenario: { floodAgain: "\x1b[40S\x1bc\x1b[4800b" } },
    { what: "questions", scenario: { floodAgain: "\x1b[6n\x1b[c" } },
  ])("ends an agent at SIGTERM that writes $what", slow, async ({ scenario }) => {
    const bed = makeBed({ trusted: ["project"], scenario: { start: "flood", ...scenario } });
    const adapter = bed.start(claude(bed));
    await expect
      .poll(() => bed.notes().some(({ event }) => event === "flood"), { timeout: 20_000 })
      .toBe(true);
    adapter.child.kill("SIGTERM");
    expect((await adapter.ended).code).toBe(143);
    expect(names(adapter.events())).toEqual(["started", "exited"]);
    expect(bed.running()).toEqual([]);
  });

  test("ends an agent that does not listen", slow, async () => {
    const bed = makeBed({ scenario: { child: true, stubborn: true } });
    const adapter = bed.start(codexTrusted(bed));
    await isDrawn(bed);
    adapter.child.kill("SIGTERM");
    expect((await adapter.ended).code).toBe(143);
    expect(bed.running()).toEqual([]);
  });

  test.for([
    { what: "nothing", stubborn: false },
    { what: "nothing of an agent that takes no notice of a hangup", stubborn: true },
  ])("leaves $what when it is killed itself", slow, async ({ stubborn }) => {
    const bed = makeBed({ scenario: { child: true, stubborn } });
    const adapter = bed.start(codexTrusted(bed));
    await isDrawn(bed);
    expect(bed.running()).toHaveLength(2);
    expect(guardsOf(bed)).toHaveLength(1);
    adapter.child.kill("SIGKILL");
    await adapter.ended;
    await expect.poll(() => bed.running(), { timeout: 10_000 }).toEqual([]);
    await expect.poll(() => guardsOf(bed), { timeout: 10_000 }).toEqual([]);
  });

  test("leaves nothing of an agent that has ended by itself", slow, async () => {
    const bed = makeBed({ scenario: { child: true, exitCode: 0 } });
    expect((await bed.start(codexTrusted(bed)).ended).code).toBe(0);
    expect(bed.notes().some(({ event }) => event === "child")).toBe(true);
    expect(bed.running()).toEqual([]);
    await expect.poll(() => guardsOf(bed)).toEqual([]);
  });

  test("prints nothing that a terminal obeys or nobody sees", slow, async () => {
    const bed = makeBed();
    const args = codexTrusted(bed, "--", "resume", "a\u202eb\u009bc\u200bd").filter(
      (arg) => arg !== "--json",
    );
    const { stdout } = await bed.start(["--dry-run", ...args]).ended;
    expect(stdout).toContain('"a\\u202eb\\u009bc\\u200bd"');
  });

  test("starts what the dry run prints, and writes nothing in config.toml", slow, async () => {
    const config = 'model = "o3"\n[projects."/srv/x"]\ntrust_level = "untrusted"\n';
    const bed = makeBed({
      scenario: { exitCode: 0 },
      config,
      env: {
        ...{ ANTHROPIC_API_KEY: "k", CLAUDECODE: "1", TMUX: "1", FOO: "bar" },
        ...{ CLAUDE_TEAM_CONTROL_URL: "u", AGENT_TEAMS_HOOK: "h", GATEHOUSE_DATA: "/d" },
      },
    });
    const args = codexTrusted(bed, "--", "-c", 'model="o3"', "resume", "--last");
    const dry = await bed.start(["--dry-run", ...args]).ended;
    expect(bed.notes()).toEqual([]);
    await bed.start(args).ended;
    const started = bed.notes().find(({ event }) => event === "start");
    expect(JSON.parse(dry.stdout)).toEqual({
      argv: [join(bed.bin, "codex"), ...(started?.args ?? [])],
      cwd: started?.cwd,
      env: [...(started?.env ?? [])].sort(),
      diagnostics: [],
    });
    expect(started?.args).toEqual([
      "--no-daemon",
      ...["-c", 'model="o3"'],
      // The fake came from no package, so that its version is not known.
      ...["-c", `projects={"/srv/x"={trust_level="untrusted"},"${bed.project}"={trust_level="trusted"}}`],
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
    expect(readFileSync(join(bed.home, ".codex", "config.toml"), "utf8")).toBe(config);
  });
});
