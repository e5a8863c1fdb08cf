import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { LaunchArtifact } from "../artifact/launch-artifact.ts";
import { defaultFlags, type LaunchFlags } from "../flags.ts";
import { launchGround, type LaunchGround } from "./launch-ground.fixture.ts";

const fakeClaude = fileURLToPath(
  new URL("../../../../test-fixtures/programs/fake-claude.mjs", import.meta.url),
);
const noMore = { code: "spawn-failed", message: "there is no more memory" };

/** What a launch needs for a Claude Code that does as `scenario` says. */
const withClaude = (ground: LaunchGround, scenario: object = {}) => {
  const bin = ground.at("bin");
  mkdirSync(bin, { recursive: true });
  const claude = join(bin, "claude");
  if (!existsSync(claude)) symlinkSync(fakeClaude, claude);
  writeFileSync(join(bin, "fake-claude.json"), JSON.stringify(scenario));
  const PATH = [dirname(process.execPath), "/usr/bin", "/bin"].join(":");
  return { env: { ...ground.env, PATH, TERM: "xterm-256color" }, cli: { claude } };
};

/** The events of the fake Claude. */
const eventsIn = ({ home }: LaunchGround): readonly string[] => {
  const file = join(home, "fake-claude.log");
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.map((line) => (JSON.parse(line) as { readonly event: string }).event);
};

const fresh = (ground: LaunchGround) => ground.team(ground.member("ana", "fresh"));

const rolledBack = (change: Partial<LaunchFlags>) => ({ ...defaultFlags, ...change });

describe("a flag that is changed alone, in a launch with a Claude Code that asks", { tags: ["slow"] }, () => {
  test.for([
    { preflight: true, trustCode: "trusted", isStarted: true },
    { preflight: false, trustCode: undefined, isStarted: false },
  ])("PREFLIGHT $preflight: whether trust is prepared at all", async (row) => {
    const ground = launchGround();
    const flags = rolledBack({ preflight: row.preflight });
    const end = await ground.run(fresh(ground), { ...withClaude(ground), flags });
    expect(end.ok && end.value.launch.state).toBe("ready");
    expect(end.ok && end.value.members[0]?.trustCode).toBe(row.trustCode);
    expect(eventsIn(ground).includes("start")).toBe(row.isStarted);
  });

  test.for([
    { claudePty: true, trustCode: "trusted", pressesKeys: true, warning: undefined },
    {
      ...{ claudePty: false, trustCode: undefined, pressesKeys: false },
      warning: expect.objectContaining({ code: "trust-left-alone" }) as object,
    },
  ])("CLAUDE_PTY $claudePty: whether Claude Code is asked for trust at all", async (row) => {
    const ground = launchGround();
    const flags = rolledBack({ claudePty: row.claudePty });
    const end = await ground.run(fresh(ground), { ...withClaude(ground), flags });
    // Without trust the launch goes on: the runtime's own gate decides.
    expect(end).toMatchObject({ value: { launch: { state: "ready" } } });
    const [ana] = end.ok ? end.value.members : [];
    expect([ana?.trustCode, ana?.warning]).toEqual([row.trustCode, row.warning]);
    expect(eventsIn(ground).includes("key")).toBe(row.pressesKeys);
    // The control protocol writes trust too.
    expect(eventsIn(ground).includes("start")).toBe(row.pressesKeys);
  });

  test("is told how trust is prepared, in the seed's words, and passes preflight's own events on", async () => {
    const ground = launchGround();
    const events: string[] = [];
    const end = await ground.run(fresh(ground), {
      ...withClaude(ground),
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

  test("keeps in its report why a folder's trust could not be prepared, though its agent is ready", async () => {
    const ground = launchGround();
    const claude = withClaude(ground, { version: "2.1.80" });
    const end = await ground.run(fresh(ground), claude);
    expect(end).toMatchObject({
      value: { launch: { state: "ready" }, members: [{ warning: { code: "cli-too-old" } }] },
    });
    const warnings = end.progress.flatMap((progress) => progress.warnings ?? []);
    expect(warnings).toEqual([expect.stringContaining("2.1.80")]);
  });

  test.for([{ allowUnprotectedClaude: true }, { allowUnprotectedClaude: false }])(
    "ALLOW_UNPROTECTED_CLAUDE $allowUnprotectedClaude: one that cannot be protected is never started",
    async (change) => {
      const ground = launchGround();
      const claude = withClaude(ground, { version: "2.1.80" });
      const end = await ground.run(fresh(ground), { ...claude, flags: rolledBack(change) });
      expect(end).toMatchObject({ value: { members: [{ trustCode: "cli-too-old" }] } });
      expect(eventsIn(ground)).not.toContain("start");
    },
  );

  test.for([{ debug: true }, { debug: false }])(
    "DEBUG $debug: whether the artifact keeps the screen of a preflight that failed",
    async ({ debug }) => {
      const ground = launchGround();
      await ground.run(fresh(ground), {
        ...withClaude(ground, { start: "unknown" }),
        flags: rolledBack({ debug }),
        scripts: { ana: { fails: noMore } },
      });
      const folder = join(ground.dataDir, "launches/artifacts");
      const [name = ""] = readdirSync(folder);
      const artifact = JSON.parse(readFileSync(join(folder, name), "utf8")) as LaunchArtifact;
      const [result] = artifact.flags.workspaceTrustPreflight.strategyResults;
      expect(result).toMatchObject({ status: "unknown-dialog", rawTailIncluded: debug });
      expect(typeof result?.rawTail).toBe(debug ? "string" : "undefined");
      expect(eventsIn(ground)).not.toContain("key");
    },
  );

  test.for([{ fileLock: true }, { fileLock: false }])(
    "FILE_LOCK $fileLock: it is the team's lock; two teams still trust one folder one after the other",
    async (change) => {
      const ground = launchGround();
      const options = { ...withClaude(ground), flags: rolledBack(change) };
      const team = fresh(ground);
      const ends = await Promise.all([
        ground.run(team, options),
        ground.run({ ...team, name: "dock" }, options),
      ]);
      const codes = ends.map((end) => (end.ok ? end.value.members[0]?.trustCode : end.error.code));
      expect(codes.sort()).toEqual(["already-trusted-after-wait", "trusted"]);
      expect(eventsIn(ground).filter((event) => event === "written")).toHaveLength(1);
    },
  );
});
