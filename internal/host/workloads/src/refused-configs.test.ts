import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { addRow, at, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import type { Settings } from "@nc/container-config";
import { containerConfigStore } from "@nc/container-config/node";
import { describe, expect, test } from "vitest";
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
  if (row.length > 0)
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
    what: "a provider without a runner",
    settings: { provider: "pi" },
    says: 'There is no runner yet for the provider "pi"',
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

describe("refusedConfigs of sessions and people", () => {
  const unset = (field: string) => `ncl sessions config update se-1 --unset ${field}`;

  test.each([
    {
      what: "an own provider that was removed",
      own: { agent_provider: "own:gone" },
      says: 'This host has no provider "own:gone"',
      fix: unset("provider"),
    },
    {
      what: "a provider without a runner",
      own: { agent_provider: "pi" },
      says: 'no runner yet for the provider "pi"',
      fix: unset("provider"),
    },
    {
      what: "a model with a line break",
      own: { agent_model: "a\nb", agent_model_provider: "claude" },
      says: "model is not a model's name",
      fix: unset("model"),
    },
  ])("names the session with $what, and not its group", async ({ own, says, fix }) => {
    const { db, dataDir } = await stored({});
    await addRow(db, "sessions", { id: "se-1", agent_group_id: "ag-1", messaging_group_id: null, ...own });
    const refused = await refusedConfigs(db, dataDir, {});
    expect(refused).toEqual([{ message: expect.stringContaining(says) as unknown, fix }]);
    expect(refused[0]?.message).toMatch(/^no agent of Ana \(ag-1\) in the session se-1 starts: /);
  });

  test.each([
    {
      what: "that is closed",
      settings: {},
      own: { agent_provider: "own:gone", status: "closed" },
      named: [],
    },
    {
      what: "whose own provider the host has",
      settings: { provider: "pi" },
      own: { agent_provider: "echo" },
      named: ["Ana (ag-1)"],
    },
    {
      what: "that is refused for its group's mount",
      settings: { additional_mounts: [mount("/srv/.pi", "pi")] },
      own: { agent_provider: "echo" },
      named: ["Ana (ag-1)"],
    },
  ])("names no session $what", async ({ settings, own, named }) => {
    const { db, dataDir } = await stored(settings);
    await addRow(db, "sessions", { id: "se-1", agent_group_id: "ag-1", messaging_group_id: null, ...own });
    const refused = await refusedConfigs(db, dataDir, {});
    expect(refused.map(({ message }) => /of (.*) starts/.exec(message)?.[1])).toEqual(named);
  });

  test.each([
    { backend: "pi", named: ["telegram:5"] },
    { backend: "codex", named: [] },
    { backend: "goose", named: [] },
    { backend: null, named: [] },
  ])("names of the people with the agent_backend $backend: $named", async ({ backend, named }) => {
    const { db, dataDir } = await stored({});
    await addRow(db, "users", { id: "telegram:5" });
    await addRow(db, "file_users", {
      user_id: "telegram:5",
      entry: JSON.stringify({ agent_backend: backend }),
    });
    const message = 'no agent of telegram:5 starts: There is no runner yet for the provider "pi"';
    expect(await refusedConfigs(db, dataDir, {})).toEqual(
      named.map((id) => ({
        message: expect.stringContaining(message) as unknown,
        fix: `name another agent_backend for ${id} in users.yaml`,
      })),
    );
  });
});

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
