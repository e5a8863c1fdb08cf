import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

/** The exports of packages that do not import each other. */
type Facts = { readonly runnableProviders: Readonly<Record<string, { readonly vendor: string | null }>> };
type Cases = { readonly providerCases: Readonly<Record<string, unknown>> };

const sortedNames = (table: object): readonly string[] => Object.keys(table).toSorted();

const load = async <Module>(path: string): Promise<Module> => (await import(join(root, path))) as Module;

const { runnableProviders } = await load<Facts>("internal/foundation/provider-facts/src/agents.ts");

test("every provider that asks a model has the cases of providers, and echo asks none", async () => {
  const { providerCases } = await load<Cases>("tools/compat/src/agents/provider-cases.ts");
  const asking = Object.entries(runnableProviders).filter(([, { vendor }]) => vendor !== null);
  expect(sortedNames(providerCases)).toEqual(sortedNames(Object.fromEntries(asking)));
  expect(runnableProviders["echo"]).toMatchObject({ vendor: null, applies: [] });
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
  // The paragraph before names Claude Code.
  const others = sortedNames(runnableProviders).filter((name) => !["claude", "echo"].includes(name));
  expect(shown.toSorted()).toEqual(others);
});
