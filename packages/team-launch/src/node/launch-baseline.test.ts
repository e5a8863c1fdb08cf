import { readFileSync } from "node:fs";
import type { Provider } from "@trust/preflight";
import { describe, expect, test } from "vitest";
import { defaultFlags, type LaunchFlags } from "../flags.ts";
import type { AgentStart, ProviderQuestion } from "../lifecycle/launch-ports.ts";
import type { LaunchProgress } from "../stages/launch-facts.ts";
import { launchFixture, type LaunchFixture } from "./launch.fixture.ts";

/** Recorded arguments, questions and progress of a launch that prepares no trust. Paths begin with `<root>`. */
type Baseline = {
  readonly name: string;
  readonly providers: readonly Provider[];
  readonly questions: readonly ProviderQuestion[];
  readonly starts: readonly AgentStart[];
  readonly progress: readonly LaunchProgress[];
};
const recorded = readFileSync(
  new URL("../../../../test-fixtures/team-launch/launch-baseline.json", import.meta.url),
  "utf8",
);
const baselines = JSON.parse(recorded) as readonly Baseline[];

const allOff: LaunchFlags = {
  preflight: false,
  codexSettings: false,
  claudePty: false,
  allowUnprotectedClaude: false,
  retry: false,
  fileLock: false,
  debug: false,
};

const withoutRoot = <T>(found: T, { home }: LaunchFixture): T =>
  JSON.parse(JSON.stringify(found).replaceAll(home.slice(0, -"/home".length), "<root>")) as T;

/** Launches a lead and a member in two folders; the member names its model. */
const launchOf = async ([lead, other = lead]: readonly Provider[], flags: LaunchFlags) => {
  const fixture = launchFixture();
  const questions: ProviderQuestion[] = [];
  const runtime = {
    defaultModel: async (question: ProviderQuestion) => (questions.push(question), "big"),
    checkProvider: async (question: ProviderQuestion) => (questions.push(question), null),
  };
  const team = fixture.team(
    fixture.member("ana", "trusted", { provider: lead! }),
    fixture.member("bo", "repo", { provider: other!, model: "small", prompt: "Read the API first." }),
  );
  const { progress, ...end } = await fixture.run(team, { flags, runtime });
  expect(end).toMatchObject({ value: { launch: { state: "ready" } } });
  const starts = [...fixture.started].sort((one, two) => one.member.name.localeCompare(two.member.name));
  return withoutRoot({ questions, starts, progress }, fixture);
};

describe("a launch with all seven flags off", () => {
  test.for(baselines)(
    "starts, asks and reports exactly the recorded data, byte for byte: $name",
    async ({ providers, questions, starts, progress }) =>
      expect(JSON.stringify(await launchOf(providers, allOff))).toBe(
        JSON.stringify({ questions, starts, progress }),
      ),
  );

  test("never names trust in its progress", () =>
    expect(baselines.flatMap(({ progress }) => progress.map(({ message }) => message)).join()).not.toMatch(
      /trust/i,
    ));

  test.for(baselines)(
    "differs only in Codex's settings from a launch with the defaults: $name",
    async (baseline) => {
      const { starts, progress } = await launchOf(baseline.providers, defaultFlags);
      const carriers = starts.filter(({ settings }) => settings !== null).map(({ member }) => member.name);
      const codex = starts
        .filter(({ member }) => member.provider === "codex")
        .map(({ member }) => member.name);
      expect(carriers).toEqual(codex);
      expect(starts.map((start) => ({ ...start, settings: null }))).toEqual(baseline.starts);
      expect(progress.map(({ state }) => state)).toEqual(baseline.progress.map(({ state }) => state));
    },
  );
});
