import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

/** Exports of packages that do not know each other. */
type Config = {
  readonly providersWithRunner: readonly string[];
  readonly appliedBy: Readonly<Record<string, { readonly by: string; readonly needs?: string }>>;
};
type Runner = { readonly providerNames: readonly string[] };
type Runtimes = { readonly runtimes: Readonly<Record<string, (options: object) => Runtime>> };
type Runtime = { readonly name: string; readonly cannot: Readonly<Record<string, string>> };
type Abilities = { readonly abilities: readonly string[] };

const load = async <Module>(path: string): Promise<Module> => (await import(join(root, path))) as Module;

const config = await load<Config>("packages/container-config/src/index.ts");

test("the table of fields in force names exactly the providers that the runner has", async () => {
  const { providerNames } = await load<Runner>("apps/agent-runner/src/providers/index.ts");
  expect(config.providersWithRunner).toEqual(providerNames);
});

test("the table of fields in force asks for nothing but what runtimes say that they cannot do", async () => {
  const { abilities } = await load<Abilities>("packages/container-runtime/src/index.ts");
  const needs = Object.values(config.appliedBy).flatMap(({ by, needs }) => (by === "runtime" ? [needs] : []));
  expect(needs.filter((need) => need === undefined || !abilities.includes(need))).toEqual([]);
});

test("each runtime has its own name, and a sentence for each thing that it cannot do", async () => {
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
