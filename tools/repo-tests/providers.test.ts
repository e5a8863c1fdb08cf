import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

/** The exports of packages that do not import each other. */
type Host = { readonly runnableProviders: Readonly<Record<string, { readonly vendor: string | null }>> };
type Floors = { readonly floors: Readonly<Record<string, string>>; readonly tried: readonly string[] };
type Trials = { readonly trials: Readonly<Record<string, unknown>> };
type Cases = { readonly providerCases: Readonly<Record<string, unknown>> };
type Runner = { readonly providerNames: readonly string[] };

const sortedNames = (table: object): readonly string[] => Object.keys(table).toSorted();

const load = async <Module>(path: string): Promise<Module> => (await import(join(root, path))) as Module;

const { runnableProviders } = await load<Host>("internal/host/agent-clis/src/runnable-providers.ts");

test("the host's table of providers names exactly the providers that the runner has", async () => {
  const { providerNames } = await load<Runner>("apps/agent-runner/src/providers/index.ts");
  expect(sortedNames(runnableProviders)).toEqual(providerNames.toSorted());
});

test("every provider that asks a model has the cases of providers, and echo asks none", async () => {
  const { providerCases } = await load<Cases>("tools/compat/src/agents/provider-cases.ts");
  const asking = Object.entries(runnableProviders).filter(([, { vendor }]) => vendor !== null);
  expect(sortedNames(providerCases)).toEqual(sortedNames(Object.fromEntries(asking)));
  expect(runnableProviders["echo"]).toMatchObject({ vendor: null, applies: [] });
});

test("the floors of the CLIs are those of the runner", async () => {
  const { floors } = await load<Floors>("internal/host/agent-clis/src/floors.ts");
  const { floor } = await load<{ readonly floor: string }>("apps/agent-runner/src/claude/run-turn.ts");
  expect(floors["claude"]).toBe(floor);
  expect(Object.keys(floors).filter((name) => runnableProviders[name] === undefined)).toEqual([]);
});

test("doctor tries the CLIs that the runner has a trial of", async () => {
  const { tried } = await load<Floors>("internal/host/agent-clis/src/floors.ts");
  const { trials } = await load<Trials>("apps/agent-runner/src/trial/run-trial.ts");
  expect(tried.toSorted()).toEqual(sortedNames(trials));
});

const page = (path: string): string => readFileSync(join(root, path), "utf8");

test("the page of agents has a row for each provider, and counts them", () => {
  const [table = ""] = page("docs/host/agents.md")
    .split("\n\n")
    .filter((part) => part.startsWith("| provider "));
  const rows = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  expect(rows.toSorted()).toEqual(sortedNames(runnableProviders));
  const words = ["Six", "Seven", "Eight", "Nine", "Ten"];
  expect(page("docs/host/agents.md")).toContain(`${words[rows.length - 6]} providers can answer:`);
});

test("the README names each provider that the demo shows", () => {
  const [, names = ""] = /(`--provider [^.]*) show these/.exec(page("README.md")) ?? [];
  const shown = [...names.matchAll(/`(?:--provider )?(\w+)`/g)].map(([, name]) => name);
  // The paragraph before names Claude Code, and the demo leaves Codex out.
  const others = sortedNames(runnableProviders).filter((name) => !["claude", "codex", "echo"].includes(name));
  expect(shown.toSorted()).toEqual(others);
});
