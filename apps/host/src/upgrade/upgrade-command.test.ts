import { basename } from "node:path";
import { centralFile, openCentral } from "@gatehouse/central-database";
import {
  addRow,
  at,
  later,
  openedCentral,
  present,
  temporaryFolder,
  withOneMore,
} from "@gatehouse/central-database/testing";
import type { Io } from "@gatehouse/cli-kit";
import { containerConfigStore } from "@nc/container-config/node";
import { expect, test } from "vitest";
import { upgradeCommand, type UpgradeFlags } from "./upgrade-command.ts";

/** Runs `gatehouse upgrade` in this process. */
const upgrade = async (flags: UpgradeFlags) => {
  let [stdout, stderr] = ["", ""];
  const io = {
    cwd: "/",
    env: {},
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    signal: new AbortController().signal,
  } as unknown as Io;
  const code = await upgradeCommand(flags, io);
  return { code, stdout, stderr };
};

/** A data folder whose database a later program has migrated. */
const migratedFolder = async (): Promise<string> => {
  const data = temporaryFolder();
  await (await openedCentral(data)).close();
  const opened = await openCentral(data, () => at, withOneMore);
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  await opened.value.close();
  return data;
};

test("--undo says what would be lost and changes nothing; --yes goes back, once", async () => {
  const data = await migratedFolder();
  const said = await upgrade({ data, undo: true });
  expect(said).toMatchObject({ code: 0, stderr: "" });
  expect(said.stdout).toContain(`schema ${present}, in place of schema ${later}`);
  expect(said.stdout).toContain("one_more: 100 rows now, 0 then");
  expect(said.stdout).toContain(`gatehouse upgrade --undo --yes --data ${data}`);
  expect(await upgrade({ data, check: true })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("schema version") as unknown,
  });
  const done = await upgrade({ data, undo: true, yes: true, json: true });
  expect(JSON.parse(done.stdout)).toMatchObject({
    ok: true,
    data,
    isDone: true,
    version: present,
    present: later,
  });
  const { kept } = JSON.parse(done.stdout) as { readonly kept: string };
  expect(basename(kept)).toMatch(`gatehouse-v${later}-`);
  expect(await upgrade({ data, check: true })).toMatchObject({
    code: 0,
    stdout: "The database has the schema of this program: an upgrade changes nothing in it.\n",
  });
  const again = await upgrade({ data, undo: true, yes: true });
  expect(again).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("no copy of an older schema") as unknown,
  });
});

test("--check names the groups that would start no agent, and the command that mends each", async () => {
  const data = temporaryFolder();
  const { db, close } = await openedCentral(data);
  await addRow(db, "agent_groups", { id: "ag-1", name: "Ana" });
  await containerConfigStore(db, { now: () => at }).create("ag-1");
  const mount = { hostPath: "/srv/.pi", containerPath: "/workspace/extra/pi" };
  await db
    .updateTable("container_configs")
    .set({ additional_mounts: JSON.stringify([mount]) })
    .execute();
  await close();
  const { code, stdout } = await upgrade({ data, check: true });
  expect(code).toBe(0);
  expect(stdout).toContain(
    "After the upgrade no agent of Ana (ag-1) starts: /srv/.pi leads through .pi: keys are no part of a container. Fix: ncl groups config remove-mount ag-1 --container /workspace/extra/pi\n",
  );
});

test.for([
  { what: "neither", flags: {}, says: "needs --check or --undo" },
  { what: "both", flags: { check: true, undo: true }, says: "--check and --undo do not go together" },
])("needs one of --check and --undo, not $what", async ({ flags, says }) => {
  const refused = await upgrade({ ...flags, data: temporaryFolder() });
  expect(refused).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining(says) as unknown,
  });
});

test.for(["check", "undo"] as const)("--%s names the database that is not there", async (flag) => {
  const data = temporaryFolder();
  const refused = await upgrade({ [flag]: true, data });
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(centralFile(data)) as unknown });
});
