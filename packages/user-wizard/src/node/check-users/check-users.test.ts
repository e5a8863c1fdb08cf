// @module-tag rest
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { explain } from "../../user-messages.ts";
import { shellCommand } from "../../user-check.ts";
import { addUser, prepareUser } from "../add-user/add-user.ts";
import { checkUsers } from "./check-users.ts";
import {
  chownTo,
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

describe("checkUsers", () => {
  beforeEach(async ({ skip }) => {
    if (why !== null) skip(why);
    host = makeRealHost(accounts);
    expect(await addUser(thisMachine, host)).toMatchObject({ ok: true });
  });
  afterEach(() => host.remove());

  const own = (path: string) => join(host.folder, "users", path);

  test("finds no problem after addUser, and leaves no files", async () => {
    const before = snapshot(host.folder);
    expect(await failures()).toEqual([]);
    const report = await checkUsers(thisMachine, host.places);
    expect(report).toMatchObject({ value: { interrupted: false, checks: { length: 9 } } });
    expect(snapshot(host.folder)).toEqual(before);
  });

  const broken: readonly { name: string; code: string; spoil: () => void }[] = [
    {
      name: "a missing shared folder",
      code: "path-missing",
      spoil: () => rmSync(own("history"), { recursive: true }),
    },
    {
      name: "a missing directory",
      code: "path-missing",
      spoil: () => rmSync(own("history/7"), { recursive: true }),
    },
    {
      name: "a directory that belongs to the service",
      code: "not-theirs",
      spoil: () => chownTo(own("memory/7"), host.service),
    },
    {
      name: "a directory that others may read",
      code: "open-to-others",
      spoil: () => chmodSync(own("memory/7"), 0o755),
    },
    {
      name: "a missing MEMORY.md",
      code: "path-missing",
      spoil: () => rmSync(own("memory/7/MEMORY.md")),
    },
    {
      name: "a MEMORY.md that belongs to the service",
      code: "not-theirs",
      spoil: () => chownTo(own("memory/7/MEMORY.md"), host.service),
    },
    {
      name: "a closed parent folder",
      code: "closed-directory",
      spoil: () => chmodSync(own("memory"), 0o700),
    },
    {
      name: "a sudo rule with another text",
      code: "sudoers-differs",
      spoil: () => writeFileSync(join(host.folder, "sudoers.d/gatehouse-7"), "#\n"),
    },
    {
      name: "a missing sudo rule",
      code: "path-missing",
      spoil: () => rmSync(join(host.folder, "sudoers.d/gatehouse-7")),
    },
  ];

  const homes: readonly { name: string; code: string; spoil: (home: string) => void; mended?: false }[] = [
    { name: "that is missing", code: "home-missing", spoil: (home) => rmSync(home, { recursive: true }) },
    {
      name: "that is a file",
      code: "not-a-directory",
      spoil: (home) => (rmSync(home, { recursive: true }), writeFileSync(home, "")),
      mended: false,
    },
    { name: "that nobody may enter", code: "home-read-only", spoil: (home) => chmodSync(home, 0) },
    {
      name: "of root",
      code: "home-read-only",
      spoil: (home) => {
        execFileSync("chown", ["0:0", home]);
        chmodSync(home, 0o755);
      },
      mended: false,
    },
    {
      name: "below a closed folder",
      code: "closed-directory",
      spoil: (home) => chmodSync(dirname(home), 0o700),
    },
    {
      name: "with a .gatehouse of root",
      code: "not-theirs",
      spoil: (home) => mkdirSync(join(home, ".gatehouse")),
    },
    {
      name: "with agents of root",
      code: "not-theirs",
      spoil: (home) => {
        mkdirSync(join(home, ".gatehouse/agents"), { recursive: true });
        chownTo(join(home, ".gatehouse"), host.ada);
      },
    },
    {
      name: "whose .gatehouse is a link",
      code: "symlink-refused",
      spoil: (home) => symlinkSync(tmpdir(), join(home, ".gatehouse")),
      mended: false,
    },
  ];
  test.for(homes)(
    "finds a home $name, where no agent can keep its files",
    async (row, { onTestFinished }) => {
      const folder = mkdtempSync(join(tmpdir(), "homes-"));
      chmodSync(folder, 0o711);
      onTestFinished(() => {
        execFileSync("usermod", ["-d", before, host.ada]);
        rmSync(folder, { recursive: true });
      });
      const before = execFileSync("getent", ["passwd", host.ada], { encoding: "utf8" }).split(":")[5]!;
      const home = join(folder, "ada");
      mkdirSync(home, { mode: 0o700 });
      chownTo(home, host.ada);
      execFileSync("usermod", ["-d", home, host.ada]);
      expect(await failures()).toEqual([]);
      row.spoil(home);
      expect(await failures()).toMatchObject([{ check: "home", problem: { code: row.code } }]);
      const prepared = await prepareUser(thisMachine, host);
      expect(prepared.ok ? prepared.value.warnings.map(({ code }) => code) : prepared).toContain(row.code);
      const [{ mend = null } = {}] = await failures();
      if (row.mended === false) return expect(mend).toBeNull();
      execFileSync("sh", ["-c", shellCommand(mend!)]);
      expect(await failures()).toEqual([]);
    },
  );

  test("looks at a home behind a link only for whether it is there", async ({ onTestFinished }) => {
    const folder = mkdtempSync(join(tmpdir(), "homes-"));
    chmodSync(folder, 0o711);
    const before = execFileSync("getent", ["passwd", host.ada], { encoding: "utf8" }).split(":")[5]!;
    onTestFinished(() => {
      execFileSync("usermod", ["-d", before, host.ada]);
      rmSync(folder, { recursive: true });
    });
    mkdirSync(join(folder, "real/ada"), { recursive: true });
    symlinkSync(join(folder, "real"), join(folder, "link"));
    execFileSync("usermod", ["-d", join(folder, "link/ada"), host.ada]);
    expect(await failures()).toEqual([]);
    execFileSync("usermod", ["-d", join(folder, "link/none"), host.ada]);
    expect(await failures()).toMatchObject([{ problem: { code: "home-missing" } }]);
  });

  test.for(broken)("finds $name, and names a command that repairs it", async ({ code, spoil }) => {
    spoil();
    const found = await failures();
    expect(new Set(found.map(({ problem }) => problem?.code))).toEqual(new Set([code]));
    for (const { problem, mend } of found) {
      expect(explain(problem!).length).toBeGreaterThan(10);
      execFileSync("sh", ["-c", shellCommand(mend ?? ["false"])]);
    }
    expect(await failures()).toEqual([]);
  });

  test("finds an account that can become root by its groups, also before it is added", async () => {
    for (const group of ["disk", "sudo", "audio"]) execFileSync("gpasswd", ["-a", host.ada, group]);
    try {
      const groups = [{ group: "disk" }, { group: "sudo" }];
      expect(await failures()).toMatchObject([
        { check: "account", problem: { code: "root-by-groups", account: host.ada, groups }, mend: null },
      ]);
      const prepared = await prepareUser(thisMachine, host);
      const warnings = prepared.ok ? prepared.value.warnings : expect.fail(explain(prepared.error));
      const warned = warnings.find(({ code }) => code === "root-by-groups") ?? expect.fail("no warning");
      expect(explain(warned)).toContain(`gpasswd -d ${host.ada} disk; gpasswd -d ${host.ada} sudo`);
    } finally {
      for (const group of ["disk", "sudo", "audio"]) execFileSync("gpasswd", ["-d", host.ada, group]);
    }
  });

  test("names no command for a link in a directory's place", async () => {
    rmSync(own("history/7"), { recursive: true });
    symlinkSync("/etc", own("history/7"));
    expect(await failures()).toMatchObject([{ problem: { code: "symlink-refused" }, mend: null }]);
  });

  test("finds a missing account, and one that two entries share", async () => {
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
  ])("checks no user if others may write $name", async ({ path, mode }) => {
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

  test("reports an interrupted run", async () => {
    const journal = await thisMachine.journals.open(host.places.usersFile);
    if (journal.ok) await journal.value.close("keep");
    expect(await checkUsers(thisMachine, host.places)).toMatchObject({ value: { interrupted: true } });
  });
});
