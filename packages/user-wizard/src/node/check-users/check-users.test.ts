import { execFileSync } from "node:child_process";
import { chmodSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { explain } from "../../explain.ts";
import { shellCommand } from "../../user-check.ts";
import { addUser } from "../add-user/add-user.ts";
import { journalPath } from "../apply/open-run.ts";
import { checkUsers } from "./check-users.ts";
import {
  give,
  makeAccounts,
  makeRealHost,
  snapshot,
  whyNoRealHost,
  type Accounts,
  type RealHost,
} from "../add-user/real-host.fixture.ts";
import { thisMachine } from "../machine/this-machine.ts";

const why = whyNoRealHost;
let accounts: Accounts;
let host: RealHost;

beforeAll(() => {
  if (why === null) accounts = makeAccounts();
});
afterAll(() => {
  if (why === null) accounts.remove();
});

const failures = async () => {
  const report = await checkUsers(thisMachine, host.places);
  if (!report.ok) throw new Error(explain(report.error));
  return report.value.checks.filter(({ problem }) => problem !== null);
};

describe("every user is looked at again", () => {
  beforeEach(async ({ skip }) => {
    if (why !== null) skip(why);
    host = makeRealHost(accounts);
    expect(await addUser(thisMachine, host)).toMatchObject({ ok: true });
  });
  afterEach(() => host.remove());

  const own = (path: string) => join(host.folder, "users", path);

  test("all is well behind addUser, and nothing stays of the looking", async () => {
    const before = snapshot(host.folder);
    expect(await failures()).toEqual([]);
    const report = await checkUsers(thisMachine, host.places);
    expect(report).toMatchObject({ value: { interrupted: false, checks: { length: 8 } } });
    expect(snapshot(host.folder)).toEqual(before);
  });

  const broken: readonly { name: string; code: string; spoil: () => void }[] = [
    {
      name: "a shared folder that is gone, with what was in it",
      code: "path-missing",
      spoil: () => rmSync(own("history"), { recursive: true }),
    },
    {
      name: "a directory that is gone",
      code: "path-missing",
      spoil: () => rmSync(own("history/7"), { recursive: true }),
    },
    {
      name: "a directory of the service's",
      code: "not-theirs",
      spoil: () => give(own("memory/7"), host.service),
    },
    {
      name: "a directory that others may read",
      code: "open-to-others",
      spoil: () => chmodSync(own("memory/7"), 0o755),
    },
    {
      name: "a MEMORY.md that is gone",
      code: "path-missing",
      spoil: () => rmSync(own("memory/7/MEMORY.md")),
    },
    {
      name: "a MEMORY.md of the service's",
      code: "not-theirs",
      spoil: () => give(own("memory/7/MEMORY.md"), host.service),
    },
    {
      name: "a folder on the way that is closed",
      code: "closed-directory",
      spoil: () => chmodSync(own("memory"), 0o700),
    },
    {
      name: "another sudo rule",
      code: "sudoers-differs",
      spoil: () => writeFileSync(join(host.folder, "sudoers.d/gatehouse-7"), "#\n"),
    },
    {
      name: "a sudo rule that is gone",
      code: "path-missing",
      spoil: () => rmSync(join(host.folder, "sudoers.d/gatehouse-7")),
    },
  ];

  test.for(broken)("$name is found, and the command that is named mends it", async ({ code, spoil }) => {
    spoil();
    const found = await failures();
    expect(new Set(found.map(({ problem }) => problem?.code))).toEqual(new Set([code]));
    for (const { problem, mend } of found) {
      expect(explain(problem!).length).toBeGreaterThan(10);
      execFileSync("sh", ["-c", shellCommand(mend ?? ["false"])]);
    }
    expect(await failures()).toEqual([]);
  });

  test("a link in a directory's place is for a person to look at", async () => {
    rmSync(own("history/7"), { recursive: true });
    symlinkSync("/etc", own("history/7"));
    expect(await failures()).toMatchObject([{ problem: { code: "symlink-refused" }, mend: null }]);
  });

  test("an account that is gone, or shared with another entry", async () => {
    const entry = (id: number, account: string) =>
      `  - telegram_id: ${id}\n    name: X\n    os_user: ${account}\n`;
    writeFileSync(
      host.places.usersFile,
      `users:\n${entry(7, host.ada)}${entry(8, host.twin)}${entry(9, "gone-away")}`,
    );
    const codes = (await failures()).map(({ telegramId, problem }) => [telegramId, problem?.code]);
    expect(codes).toEqual([
      [7, "account-shared"],
      [8, "account-shared"],
      [9, "unknown-account"],
    ]);
  });

  test.for([
    { name: "users.yaml itself", path: "users.yaml", mode: 0o666 },
    { name: "the folder of users.yaml", path: ".", mode: 0o777 },
  ])("$name, where others may write it: nobody in it is looked at", async ({ path, mode }) => {
    const open = join(host.folder, path);
    chmodSync(open, mode);
    const report = await checkUsers(thisMachine, host.places);
    expect(report).toMatchObject({
      ok: false,
      error: { code: "users-file-unsafe", flaws: [{ path: open, why: "writable", mode }] },
    });
    expect(report.ok ? "" : explain(report.error)).toContain(`chmod go-w ${open}\n`);
    execFileSync("chmod", ["go-w", open]);
    expect(await failures()).toEqual([]);
  });

  test("an interrupted run is told", async () => {
    writeFileSync(journalPath(host.places.usersFile), "");
    expect(await checkUsers(thisMachine, host.places)).toMatchObject({ value: { interrupted: true } });
  });
});
