import { mkdirSync, readdirSync, realpathSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { centralCommandHost } from "@gatehouse/dispatch";
import { dispatch } from "@nc/cli-scope";
import { expect, test } from "vitest";
import { ranCli } from "./ran-cli.fixture.ts";

/** What `ncl decisions list` has of these commands, the oldest first. */
const decisionsOf = async (dataDir: string): Promise<readonly object[]> => {
  const central = await openedCentral(dataDir);
  const bugs: unknown[] = [];
  const host = centralCommandHost(central, { dataDir, report: (error) => void bugs.push(error) });
  const frame = { id: "1", command: "decisions-list", args: { actor: userInfo().username } };
  const answer = await dispatch(frame, { type: "host" }, host);
  await host.flush();
  await host.intents.close();
  expect(bugs).toEqual([]);
  return answer.ok ? (answer.data as object[]).toReversed() : expect.fail(answer.error.message);
};

test("decisions list has the mounts and prices that gatehouse changed without a host, each once", async () => {
  const root = realpathSync(temporaryFolder());
  const dataDir = join(root, "data");
  const work = join(root, "work");
  for (const path of [dataDir, work]) mkdirSync(path);
  const prices = "--input 1 --output 2 --cache-read 0.1 --cache-write 0 --currency USD".split(" ");
  for (const [code, ...argv] of [
    [0, "mounts", "allow", work, "--rw"],
    [0, "mounts", "deny", work],
    [0, "prices", "set", "opus", ...prices],
    [0, "prices", "remove", "opus"],
    [0, "prices", "remove", "opus"],
    [1, "mounts", "allow", join(root, "none")],
    [0, "mounts", "list"],
  ] as const)
    expect([argv, (await ranCli({ dataDir, home: root, cwd: root }, ...argv)).code]).toEqual([argv, code]);
  const act = { actor: "host", account: userInfo().username, effect: "allow", rule_id: "host" };
  const expected = [
    { ...act, command: "mounts allow", args: { path: work, access: "write" } },
    { ...act, command: "mounts deny", args: { path: work } },
    {
      ...act,
      command: "prices set",
      args: expect.objectContaining({ model: "opus", input: "1" }) as unknown,
    },
    { ...act, command: "prices remove", args: { model: "opus" } },
  ];
  expect(await decisionsOf(dataDir)).toMatchObject(expected);
  expect(readdirSync(join(dataDir, "acts"))).toEqual([]);
  expect(await decisionsOf(dataDir)).toMatchObject(expected);
});
