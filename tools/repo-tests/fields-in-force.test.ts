import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

/** The exports of packages that do not import each other. */
type Config = {
  readonly runnableProviders: Readonly<Record<string, unknown>>;
  readonly appliedBy: Readonly<Record<string, { readonly by: string; readonly needs?: string }>>;
};
type Init = { readonly runnableProviders: readonly { readonly name: string }[] };
type Floors = { readonly floors: Readonly<Record<string, string>>; readonly tried: readonly string[] };
type Trials = { readonly trials: Readonly<Record<string, unknown>> };
type Runner = { readonly providerNames: readonly string[] };
type Runtimes = { readonly runtimes: Readonly<Record<string, (options: object) => Runtime>> };
type Runtime = { readonly name: string; readonly cannot: Readonly<Record<string, string>> };
type Abilities = { readonly abilities: readonly string[] };

const load = async <Module>(path: string): Promise<Module> => (await import(join(root, path))) as Module;

const config = await load<Config>("packages/container-config/src/index.ts");

test("the tables of fields in force and of `init` name exactly the providers that the runner has", async () => {
  const { providerNames } = await load<Runner>("apps/agent-runner/src/providers/index.ts");
  const { runnableProviders } = await load<Init>("internal/host/first-run/src/init-answers.ts");
  expect(Object.keys(config.runnableProviders)).toEqual(providerNames);
  expect(runnableProviders.map(({ name }) => name)).toEqual(providerNames);
});

test("the floors of the CLIs are those of the runner", async () => {
  const { floors } = await load<Floors>("internal/host/agent-clis/src/floors.ts");
  const { floor } = await load<{ readonly floor: string }>("apps/agent-runner/src/claude/run-turn.ts");
  expect(floors["claude"]).toBe(floor);
  expect(Object.keys(floors).filter((name) => config.runnableProviders[name] === undefined)).toEqual([]);
});

test("doctor tries the CLIs that the runner has a trial of", async () => {
  const { tried } = await load<Floors>("internal/host/agent-clis/src/floors.ts");
  const { trials } = await load<Trials>("apps/agent-runner/src/trial/run-trial.ts");
  expect(tried).toEqual(Object.keys(trials));
});

test("the table of fields in force names only abilities of runtimes", async () => {
  const { abilities } = await load<Abilities>("packages/container-runtime/src/index.ts");
  const needs = Object.values(config.appliedBy).flatMap(({ by, needs }) => (by === "runtime" ? [needs] : []));
  expect(needs.filter((need) => need === undefined || !abilities.includes(need))).toEqual([]);
});

test("each runtime has the name of its row, and a sentence for each missing ability", async () => {
  const { abilities } = await load<Abilities>("packages/container-runtime/src/index.ts");
  const { runtimes } = await load<Runtimes>("packages/container-runtime/src/node/index.ts");
  expect(Object.keys(runtimes)).toEqual(["process"]);
  for (const [name, make] of Object.entries(runtimes)) {
    const runtime = make({ folder: "/nowhere", install: "test", report: () => undefined });
    expect(runtime.name).toBe(name);
    for (const [ability, reason] of Object.entries(runtime.cannot)) {
      expect(abilities).toContain(ability);
      expect(reason).toMatch(/^[A-Z].*\.$/);
    }
  }
});
