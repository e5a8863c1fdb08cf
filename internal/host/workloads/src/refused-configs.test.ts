import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { addRow, at, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import type { Settings } from "@nc/container-config";
import { containerConfigStore } from "@nc/container-config/node";
import { expect, test } from "vitest";
import { refusedConfigs } from "./refused-configs.ts";

/** The group ag-1, named Ana, whose row has settings that this build would not take. */
const stored = async (settings: Readonly<Partial<Record<keyof Settings, unknown>>>) => {
  const dataDir = temporaryFolder();
  const { db } = await openedCentral(dataDir);
  await addRow(db, "agent_groups", { id: "ag-1", name: "Ana" });
  await containerConfigStore(db, { now: () => at }).create("ag-1");
  const row = Object.entries(settings).map(([name, value]) => [
    name,
    typeof value === "object" ? JSON.stringify(value) : value,
  ]);
  await db
    .updateTable("container_configs")
    .set(Object.fromEntries(row) as object)
    .execute();
  return { db, dataDir };
};

const mount = (hostPath: string, name: string) => ({
  hostPath,
  containerPath: `/workspace/extra/${name}`,
  readonly: true,
});
const remove = (name: string) => `ncl groups config remove-mount ag-1 --container /workspace/extra/${name}`;

test.each([
  {
    what: "a folder with a sign-in",
    settings: { additional_mounts: [mount("/srv/ana/.local/share", "share")] },
    says: "/srv/ana/.local/share leads through .local",
    fix: remove("share"),
  },
  {
    what: "two such folders",
    settings: { additional_mounts: [mount("/srv/.pi", "pi"), mount("/srv/.kimi-code", "kimi")] },
    says: "/srv/.kimi-code leads through .kimi-code",
    fix: `${remove("pi")}; ${remove("kimi")}`,
  },
  {
    what: "a folder of the system",
    settings: { additional_mounts: [mount("/etc/gemini-cli", "gemini")] },
    says: "/etc/gemini-cli holds /etc or is in it",
    fix: remove("gemini"),
  },
  {
    what: "a package with an option in its name",
    settings: { packages_apt: ["--force"] },
    says: "packages_apt.0",
    fix: "ncl groups config rollback ag-1 --to N (ncl groups config history ag-1 lists them)",
  },
  {
    what: "a model with a line break",
    settings: { model: "a\nb" },
    says: "model is not a model's name",
    fix: "ncl groups config update ag-1 --unset model",
  },
  {
    what: "a provider that is gone",
    settings: { provider: "gone" },
    says: "provider is not one of",
    fix: "ncl groups config update ag-1 --unset provider",
  },
  {
    what: "an own provider that was removed",
    settings: { provider: "own:gone" },
    says: 'This host has no provider "own:gone"',
    fix: "ncl groups config update ag-1 --unset provider",
  },
  {
    what: "a list that is torn",
    settings: { skills: "{" },
    says: "skills is no JSON",
    fix: "ncl groups config rollback ag-1 --to N (ncl groups config history ag-1 lists them)",
  },
])(
  "refusedConfigs names the group, the reason and the command for $what",
  async ({ settings, says, fix }) => {
    const { db, dataDir } = await stored(settings);
    const message = expect.stringContaining(says) as unknown;
    const refused = await refusedConfigs(db, dataDir, {});
    expect(refused).toEqual([{ message, fix }]);
    expect(refused[0]?.message).toMatch(/^no agent of Ana \(ag-1\) starts: /);
  },
);

test("refusedConfigs is empty for mounts that the first start with a list allows", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "notes"));
  const { db, dataDir } = await stored({ additional_mounts: [mount(join(folder, "notes"), "notes")] });
  expect(await refusedConfigs(db, dataDir, {})).toEqual([]);
});

test("refusedConfigs does not look at mounts where the place has none", async () => {
  const { db, dataDir } = await stored({ additional_mounts: [mount("/srv/.pi", "pi")] });
  expect(await refusedConfigs(db, dataDir, { mounts: "Not in a Pod." })).toEqual([]);
});
