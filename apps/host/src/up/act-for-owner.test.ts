import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, inject, test } from "vitest";
import { spawnHost } from "./host.fixture.ts";
import { hostsOnServer, temporaryFolder } from "@gatehouse/central-database/testing";
import { ownServer } from "@gatehouse/postgres/testing";

const slow = { tags: ["slow"] };
const isRoot = process.geteuid?.() === 0;
const why = "only root acts for others";
const owner = 4711;

const gatehouse = inject("programs").gatehouse;

const init = (dataDir: string) =>
  spawnSync(
    process.execPath,
    [gatehouse, "init", "--name", "Ana", "--folder", "ana", "--data", dataDir, "--json"],
    { encoding: "utf8" },
  );

const ownedFolder = (): string => {
  const root = temporaryFolder();
  chmodSync(root, 0o755);
  const dataDir = join(root, "data");
  mkdirSync(dataDir, { mode: 0o711 });
  chownSync(dataDir, owner, owner);
  return dataDir;
};

/** Uses a server that accepts any account: the server of the other tests does not know this one. */
const useOpenServer = (): void => {
  if (hostsOnServer) process.env["GATEHOUSE_DATABASE"] = ownServer().url;
};

const ownersIn = (folder: string): readonly string[] => [
  ...new Set(
    [".", ...(readdirSync(folder, { recursive: true }) as string[])].flatMap((name) => {
      const facts = lstatSync(join(folder, name), { throwIfNoEntry: false });
      // A file that the host was writing has its own name by now.
      return facts === undefined ? [] : [`${facts.uid}:${facts.gid}`];
    }),
  ),
];

describe("root, in a data folder of another account", () => {
  test("makes all files for that account", slow, async ({ skip }) => {
    skip(!isRoot, why);
    useOpenServer();
    const dataDir = ownedFolder();
    const made = init(dataDir);
    expect({ status: made.status, stderr: made.stderr }).toEqual({ status: 0, stderr: "" });
    expect(ownersIn(dataDir)).toEqual([`${owner}:${owner}`]);
    expect(readdirSync(dataDir)).toEqual(
      expect.arrayContaining(hostsOnServer ? ["groups"] : ["gatehouse.db", "groups"]),
    );
    const host = spawnHost(dataDir);
    await host.ready();
    expect(readdirSync(dataDir)).toEqual(expect.arrayContaining(["host.lock", "host.pid", "ncl.sock"]));
    expect(ownersIn(dataDir)).toEqual([`${owner}:${owner}`]);
    const status = readFileSync(`/proc/${host.child.pid}/status`, "utf8");
    expect(/^Uid:\s+(.*)$/m.exec(status)?.[1]).toBe([owner, owner, owner, owner].join("\t"));
    host.child.kill("SIGTERM");
    await host.ended;
  });

  test("makes a missing data folder in the account's home for that account", slow, ({ skip }) => {
    skip(!isRoot, why);
    useOpenServer();
    const home = ownedFolder();
    expect(init(join(home, "gatehouse")).status).toBe(0);
    expect(ownersIn(home)).toEqual([`${owner}:${owner}`]);
  });

  test("follows no link of the account to root's files", slow, ({ skip }) => {
    skip(!isRoot, why);
    const [dataDir, roots] = [ownedFolder(), temporaryFolder()];
    writeFileSync(join(roots, "victim"), "of root\n");
    for (const [name, target] of [
      ["groups", roots],
      ["backups", roots],
      ["host.lock", join(roots, "victim")],
    ] as const)
      symlinkSync(target, join(dataDir, name));
    const refused = init(dataDir);
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: "data-folder-unsafe" } });
    expect(readFileSync(join(roots, "victim"), "utf8")).toBe("of root\n");
    spawnSync("rm", [join(dataDir, "host.lock")]);
    expect(init(dataDir).status).toBe(1);
    expect(readdirSync(roots)).toEqual(["victim"]);
  });
});
