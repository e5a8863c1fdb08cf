import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

/** Exports of packages that do not know each other. */
type Config = {
  readonly providersWithRunner: readonly string[];
  readonly appliedBy: Readonly<Record<string, { readonly by: string; readonly names?: readonly string[] }>>;
};
type Runner = { readonly providerNames: readonly string[] };
type Runtimes = { readonly processRuntime: (options: object) => { readonly name: string } };

const load = async <Module>(path: string): Promise<Module> => (await import(join(root, path))) as Module;

const config = await load<Config>("packages/container-config/src/index.ts");

test("the table of fields in force names exactly the providers that the runner has", async () => {
  const { providerNames } = await load<Runner>("apps/agent-runner/src/providers/index.ts");
  expect(config.providersWithRunner).toEqual(providerNames);
});

test("the table of fields in force names the runtimes that there are, and no others", async () => {
  const { processRuntime } = await load<Runtimes>("packages/container-runtime/src/node/index.ts");
  const named = Object.values(config.appliedBy).filter(({ by }) => by === "runtime");
  const runtime = processRuntime({ folder: "/nowhere", install: "test", report: () => undefined });
  expect([...new Set(named.flatMap(({ names = [] }) => names))]).toEqual([runtime.name]);
});
