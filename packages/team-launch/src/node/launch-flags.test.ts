import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { LaunchArtifact } from "../artifact/launch-artifact.ts";
import { defaultFlags, type LaunchFlags } from "../flags.ts";
import { launchFixture, type LaunchFixture } from "./launch.fixture.ts";

const fakeClaude = fileURLToPath(
  new URL("../../../../test-fixtures/programs/fake-claude.mjs", import.meta.url),
);
const noMore = { code: "spawn-failed", message: "there is no more memory" };

/** The options of a launch with a fake Claude Code that behaves as `scenario` says. */
const withClaude = (fixture: LaunchFixture, scenario: object = {}) => {
  const bin = fixture.at("bin");
  mkdirSync(bin, { recursive: true });
  const claude = join(bin, "claude");
  if (!existsSync(claude)) symlinkSync(fakeClaude, claude);
  writeFileSync(join(bin, "fake-claude.json"), JSON.stringify(scenario));
  const PATH = [dirname(process.execPath), "/usr/bin", "/bin"].join(":");
  return { env: { ...fixture.env, PATH, TERM: "xterm-256color" }, cli: { claude } };
};

/** The events of the fake Claude. */
const eventsIn = ({ home }: LaunchFixture): readonly string[] => {
  const file = join(home, "fake-claude.log");
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.map((line) => (JSON.parse(line) as { readonly event: string }).event);
};

const fresh = (fixture: LaunchFixture) => fixture.team(fixture.member("ana", "fresh"));

const rolledBack = (change: Partial<LaunchFlags>) => ({ ...defaultFlags, ...change });

describe("a launch with one changed flag and a Claude Code that asks", { tags: ["slow"] }, () => {
  test.for([
    { preflight: true, trustCode: "trusted", isStarted: true },
    { preflight: false, trustCode: undefined, isStarted: false },
  ])("prepares trust only with PREFLIGHT: $preflight", async (row) => {
    const fixture = launchFixture();
    const flags = rolledBack({ preflight: row.preflight });
    const end = await fixture.run(fresh(fixture), { ...withClaude(fixture), flags });
    expect(end.ok && end.value.launch.state).toBe("ready");
    expect(end.ok && end.value.members[0]?.trustCode).toBe(row.trustCode);
    expect(eventsIn(fixture).includes("start")).toBe(row.isStarted);
  });

  test.for([
    { claudePty: true, trustCode: "trusted", pressesKeys: true, warning: undefined },
    {
      claudePty: false,
      trustCode: undefined,
      pressesKeys: false,
      warning: expect.objectContaining({ code: "trust-left-alone" }) as object,
    },
  ])("asks Claude Code for trust only with CLAUDE_PTY: $claudePty", async (row) => {
    const fixture = launchFixture();
    const flags = rolledBack({ claudePty: row.claudePty });
    const end = await fixture.run(fresh(fixture), { ...withClaude(fixture), flags });
    // Without trust the launch continues: the runtime's own gate decides.
    expect(end).toMatchObject({ value: { launch: { state: "ready" } } });
    const [ana] = end.ok ? end.value.members : [];
    expect([ana?.trustCode, ana?.warning]).toEqual([row.trustCode, row.warning]);
    expect(eventsIn(fixture).includes("key")).toBe(row.pressesKeys);
    // The control protocol writes trust too.
    expect(eventsIn(fixture).includes("start")).toBe(row.pressesKeys);
  });

  test("reports the preparation of trust in the seed's words, and passes on preflight's events", async () => {
    const fixture = launchFixture();
    const events: string[] = [];
    const end = await fixture.run(fresh(fixture), {
      ...withClaude(fixture),
      onPreflight: ({ type }) => void events.push(type),
    });
    const messages = end.progress.map(({ message }) => message);
    expect(messages.slice(0, 3)).toEqual([
      "Preparing workspace trust",
      "Accepted Claude workspace trust",
      "Workspace trust prepared",
    ]);
    expect(new Set(events)).toEqual(new Set(["step", "result"]));
  });

  test("keeps the reason why a folder's trust could not be prepared in its report, although the agent is ready", async () => {
    const fixture = launchFixture();
    const claude = withClaude(fixture, { version: "2.1.80" });
    const end = await fixture.run(fresh(fixture), claude);
    expect(end).toMatchObject({
      value: { launch: { state: "ready" }, members: [{ warning: { code: "cli-too-old" } }] },
    });
    const warnings = end.progress.flatMap((progress) => progress.warnings ?? []);
    expect(warnings).toEqual([expect.stringContaining("2.1.80")]);
  });

  test.for([{ allowUnprotectedClaude: true }, { allowUnprotectedClaude: false }])(
    "never starts a Claude Code that cannot be protected, with ALLOW_UNPROTECTED_CLAUDE $allowUnprotectedClaude",
    async (change) => {
      const fixture = launchFixture();
      const claude = withClaude(fixture, { version: "2.1.80" });
      const end = await fixture.run(fresh(fixture), { ...claude, flags: rolledBack(change) });
      expect(end).toMatchObject({ value: { members: [{ trustCode: "cli-too-old" }] } });
      expect(eventsIn(fixture)).not.toContain("start");
    },
  );

  test.for([{ debug: true }, { debug: false }])(
    "keeps the screen of a failed preflight in the artifact only with DEBUG: $debug",
    async ({ debug }) => {
      const fixture = launchFixture();
      await fixture.run(fresh(fixture), {
        ...withClaude(fixture, { start: "unknown" }),
        flags: rolledBack({ debug }),
        scripts: { ana: { fails: noMore } },
      });
      const folder = join(fixture.dataDir, "launches/artifacts");
      const [name = ""] = readdirSync(folder);
      const artifact = JSON.parse(readFileSync(join(folder, name), "utf8")) as LaunchArtifact;
      const [result] = artifact.flags.workspaceTrustPreflight.strategyResults;
      expect(result).toMatchObject({ status: "unknown-dialog", rawTailIncluded: debug });
      expect(typeof result?.rawTail).toBe(debug ? "string" : "undefined");
      expect(eventsIn(fixture)).not.toContain("key");
    },
  );

  test.for([{ fileLock: true }, { fileLock: false }])(
    "trusts one folder of two teams one after the other, since FILE_LOCK is only the team's lock: $fileLock",
    async (change) => {
      const fixture = launchFixture();
      const options = { ...withClaude(fixture), flags: rolledBack(change) };
      const team = fresh(fixture);
      const ends = await Promise.all([
        fixture.run(team, options),
        fixture.run({ ...team, name: "dock" }, options),
      ]);
      const codes = ends.map((end) => (end.ok ? end.value.members[0]?.trustCode : end.error.code));
      expect(codes.sort()).toEqual(["already-trusted-after-wait", "trusted"]);
      expect(eventsIn(fixture).filter((event) => event === "written")).toHaveLength(1);
    },
  );
});
