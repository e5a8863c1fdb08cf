// @module-tag rest
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Answers } from "../../user/answers.ts";
import { explain } from "../../user-messages.ts";
import { addUser, prepareUser, type AddRequest } from "./add-user.ts";
import { countedMachine } from "./counted-machine.fixture.ts";
import {
  chownTo,
  makeAccounts,
  makeRealHost,
  ownerOf,
  snapshot,
  uidOf,
  whyNoRealHost,
  type Accounts,
  type RealHost,
} from "./real-host.fixture.ts";
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

const usersText = "users:\n  - telegram_id: 1 # the first\n    name: Bob\n";

type Case = {
  readonly name: string;
  readonly users?: (accounts: Accounts) => string;
  readonly prepare?: (host: RealHost) => void;
  readonly answers?: (accounts: Accounts) => Answers;
  readonly places?: (host: RealHost) => Partial<AddRequest["places"]>;
  readonly codes: readonly string[];
};

const cases: readonly Case[] = [
  {
    name: "an account that does not exist",
    answers: () => ({ os_user: "no-such-account" }),
    codes: ["unknown-account"],
  },
  {
    name: "an account by its uid",
    answers: ({ ada }) => ({ os_user: String(uidOf(ada)) }),
    codes: ["bad-answer"],
  },
  { name: "root", answers: () => ({ os_user: "root" }), codes: ["account-is-root"] },
  {
    name: "the account of the service",
    answers: ({ service }) => ({ os_user: service }),
    codes: ["account-is-service"],
  },
  {
    name: "the account of another entry",
    users: ({ ada }) => `users:\n  - telegram_id: 1\n    name: Bob\n    os_user: ${ada}\n`,
    codes: ["account-taken"],
  },
  {
    name: "the uid of another entry's account, under another name",
    users: ({ twin }) => `users:\n  - telegram_id: 1\n    name: Bob\n    os_user: ${twin}\n`,
    codes: ["account-shared"],
  },
  { name: "a telegram_id that another entry has", answers: () => ({ telegram_id: 1 }), codes: ["conflict"] },
  {
    name: "a Slack user that another entry has",
    users: () => "users:\n  - telegram_id: 1\n    slack: T1:U2\n    name: Bob\n",
    answers: () => ({ slack: "T1:U2" }),
    codes: ["conflict"],
  },
  {
    name: "a Slack user for a known telegram_id",
    answers: () => ({ telegram_id: 1, slack: "T1:U2" }),
    codes: ["conflict"],
  },
  {
    name: "missing required answers",
    answers: () => ({ telegram_id: null as never, name: "" }),
    codes: ["missing-answers", "bad-answer"],
  },
  ...["a\nb", "$(id)", "a; rm -rf /", "`id`", "\u202Eevil", "x".repeat(101)].map((name) => ({
    name: `the name ${JSON.stringify(name).slice(0, 20)}`,
    answers: () => ({ name }),
    codes: ["bad-answer"],
  })),
  ...["-rf", "a b", "../etc", "$(id)", "a:b", "123"].map((os_user) => ({
    name: `the account name ${os_user}`,
    answers: () => ({ os_user }),
    codes: ["bad-answer"],
  })),
  { name: "a file that is not YAML", users: () => "users:\n  - a: [\n", codes: ["users-file-invalid"] },
  {
    name: "a file with an unknown key",
    users: () => "users:\n  - telegram_id: 1\n    nam: Bob\n",
    codes: ["users-file-invalid"],
  },
  {
    name: "a file with an anchor",
    users: () => "users: &u\n  - telegram_id: 1\n    name: Bob\n",
    codes: ["users-file-invalid"],
  },
  {
    name: "a file that is a link",
    prepare: ({ places: { usersFile } }) => {
      renameSync(usersFile, `${usersFile}.real`);
      symlinkSync(`${usersFile}.real`, usersFile);
    },
    codes: ["symlink-refused"],
  },
  {
    name: "a file that others may write",
    prepare: ({ places: { usersFile } }) => chmodSync(usersFile, 0o666),
    codes: ["users-file-unsafe"],
  },
  {
    name: "a file that belongs to another account",
    prepare: ({ places: { usersFile }, bob }) => chownTo(usersFile, bob),
    codes: ["users-file-unsafe"],
  },
  {
    name: "a file in a folder that others may write",
    prepare: ({ folder }) => chmodSync(folder, 0o777),
    codes: ["users-file-unsafe"],
  },
  {
    name: "a missing file in a folder that others may write",
    prepare: ({ folder }) => chmodSync(folder, 0o731),
    places: ({ folder }) => ({ usersFile: join(folder, "people.yaml") }),
    codes: ["users-file-unsafe"],
  },
  {
    name: "a data folder that is a link",
    prepare: ({ folder }) => {
      mkdirSync(join(folder, "real"));
      symlinkSync(join(folder, "real"), join(folder, "users"));
    },
    codes: ["symlink-refused"],
  },
  {
    name: "a link on the way to the data folder",
    prepare: ({ folder }) => {
      mkdirSync(join(folder, "real"));
      symlinkSync(join(folder, "real"), join(folder, "link"));
    },
    places: ({ folder }) => ({ dataDir: join(folder, "link/users") }),
    codes: ["symlink-refused"],
  },
  {
    name: "a link on the way to users.yaml",
    prepare: ({ folder }) => symlinkSync(folder, join(folder, "link")),
    places: ({ folder }) => ({ usersFile: join(folder, "link/users.yaml") }),
    codes: ["symlink-refused"],
  },
  {
    name: "a memory folder that is a link",
    prepare: ({ folder }) => {
      mkdirSync(join(folder, "users"));
      symlinkSync("/etc", join(folder, "users/memory"));
    },
    codes: ["symlink-refused"],
  },
  {
    name: "a user's folder that is a link",
    prepare: ({ folder }) => {
      mkdirSync(join(folder, "users/memory"), { recursive: true });
      symlinkSync("/etc", join(folder, "users/memory/7"));
    },
    codes: ["symlink-refused"],
  },
  {
    name: "a user's folder that belongs to the service",
    prepare: ({ folder, service }) => {
      mkdirSync(join(folder, "users/memory/7"), { recursive: true });
      chownTo(join(folder, "users/memory/7"), service);
    },
    codes: ["not-theirs"],
  },
  {
    name: "a data folder that is closed to the account",
    prepare: ({ folder }) => chmodSync(folder, 0o700),
    codes: ["closed-directory"],
  },
  {
    name: "a service account that does not exist",
    places: () => ({ service: "no-such-service" }),
    codes: ["unknown-service"],
  },
  {
    name: "an account as which the service may start nothing, without a rule to write",
    answers: ({ twin }) => ({ os_user: twin }),
    places: () => ({ sudoers: undefined as never }),
    codes: ["sudo-rule-needed"],
  },
  {
    name: "a sudoers file with another rule",
    prepare: ({ folder }) => writeFileSync(join(folder, "sudoers.d/gatehouse-7"), "# by hand\n"),
    codes: ["sudoers-differs"],
  },
  ...[".new", ".bak.new"].map((end) => ({
    name: `an existing users.yaml${end}`,
    prepare: ({ places: { usersFile } }: RealHost) => writeFileSync(`${usersFile}${end}`, "a draft"),
    codes: ["in-the-way"],
  })),
  {
    name: "a MEMORY.md that is a directory",
    prepare: ({ folder, ada, service }) => {
      mkdirSync(join(folder, "users/memory/7/MEMORY.md"), { recursive: true });
      for (const path of ["users", "users/memory"]) chownTo(join(folder, path), service);
      chownTo(join(folder, "users/memory/7"), ada);
    },
    codes: ["in-the-way"],
  },
  {
    name: "a MEMORY.md that the account may not write",
    prepare: ({ folder, ada, service }) => {
      mkdirSync(join(folder, "users/memory/7"), { recursive: true });
      for (const path of ["users", "users/memory"]) chownTo(join(folder, path), service);
      writeFileSync(join(folder, "users/memory/7/MEMORY.md"), "root's");
      chownTo(join(folder, "users/memory/7"), ada);
    },
    codes: ["not-theirs"],
  },
  {
    name: "a MEMORY.md.example that is a pipe",
    prepare: ({ folder }) => {
      mkdirSync(join(folder, "users"));
      execFileSync("mkfifo", [join(folder, "users/MEMORY.md.example")]);
    },
    codes: ["file-error"],
  },
  {
    name: "a MEMORY.md.example of 20 MiB",
    prepare: ({ folder }) => {
      mkdirSync(join(folder, "users"));
      writeFileSync(join(folder, "users/MEMORY.md.example"), "");
      truncateSync(join(folder, "users/MEMORY.md.example"), 20 * 1024 ** 2);
    },
    codes: ["file-error"],
  },
  {
    name: "a command that is not a path",
    places: ({ folder }) => ({ sudoers: { directory: join(folder, "sudoers.d"), commands: ["ALL"] } }),
    codes: ["sudoers-command-refused"],
  },
];

describe("addUser, before it writes anything", () => {
  test.for(cases)("refuses $name", async (row, { skip }) => {
    if (why !== null) skip(why);
    const made = makeRealHost(accounts, row.users?.(accounts) ?? usersText);
    row.prepare?.(made);
    const before = snapshot(made.folder);
    const calls: string[] = [];
    const machine = countedMachine(thisMachine, (call) => calls.push(call));
    const places = { ...made.places, ...row.places?.(made) };
    const added = await addUser(machine, {
      places,
      answers: { ...made.answers, ...row.answers?.(accounts) },
    });
    const after = snapshot(made.folder);
    made.remove();
    if (added.ok) throw new Error("it was not refused");
    const { error } = added;
    expect(error.code === "refused" ? error.refusals.map(({ code }) => code) : [error.code]).toEqual(
      row.codes,
    );
    expect(explain(error).length).toBeGreaterThan(20);
    expect(calls.filter((call) => call !== "open journal")).toEqual([]);
    expect(after).toEqual(before);
  });

  test("refuses to run without root", async ({ skip }) => {
    if (why !== null) skip(why);
    const made = makeRealHost(accounts);
    const before = snapshot(made.folder);
    expect(await addUser({ ...thisMachine, uid: 1000 }, made)).toEqual({
      ok: false,
      error: { code: "root-needed", uid: 1000 },
    });
    expect(snapshot(made.folder)).toEqual(before);
    made.remove();
  });
});

describe("addUser", () => {
  beforeEach(({ skip }) => {
    if (why !== null) skip(why);
    host = makeRealHost(accounts, usersText);
  });
  afterEach(() => host.remove());

  const inFolder = (path: string) => join(host.folder, path);

  test("creates the user's directories, a seeded MEMORY.md, a sudo rule, and the last entry of users.yaml", async () => {
    const before = snapshot(host.folder);
    expect(await addUser(thisMachine, host)).toMatchObject({
      ok: true,
      value: { status: "added", recovered: null },
    });
    const [service, ada] = [ownerOf(host.service), ownerOf(host.ada)];
    const example = readFileSync(new URL("../../../MEMORY.md.example", import.meta.url), "utf8");
    const entry = `  - telegram_id: 7\n    name: Ada\n    role: user\n    os_user: ${host.ada}\n`;
    expect(snapshot(host.folder)).toEqual({
      ...before,
      "./sudoers.d/gatehouse-7": `file 440 0:0 # The agent of telegram_id 7 in users.yaml\n${host.service} ALL=(${host.ada}) NOPASSWD: /usr/bin/claude\n`,
      "./users": `directory 711 ${service} `,
      "./users/memory": `directory 711 ${service} `,
      "./users/memory/7": `directory 700 ${ada} `,
      "./users/memory/7/MEMORY.md": `file 600 ${ada} ${example}`,
      "./users/history": `directory 711 ${service} `,
      "./users/history/7": `directory 700 ${ada} `,
      "./users.yaml": `file 640 ${service} ${usersText}${entry}`,
      "./users.yaml.bak": `file 600 ${service} ${usersText}`,
    });
  });

  test("fails if the service account cannot start a program as the user, although root could", async () => {
    const before = snapshot(host.folder);
    const rule = `/etc/sudoers.d/${host.service}`;
    const text = readFileSync(rule);
    rmSync(rule);
    const refused = await addUser(thisMachine, host);
    writeFileSync(rule, text, { mode: 0o440 });
    expect(refused).toMatchObject({
      ok: false,
      error: { code: "step-failed", cause: { code: "not-usable", account: host.ada }, undone: { left: [] } },
    });
    expect(snapshot(host.folder)).toEqual(before);
  });

  test("changes nothing for the same answers, and names the conflicting fields for other answers", async () => {
    await addUser(thisMachine, host);
    const before = snapshot(host.folder);
    expect(await addUser(thisMachine, host)).toMatchObject({ ok: true, value: { status: "nothing-to-do" } });
    const other = await addUser(thisMachine, { ...host, answers: { ...host.answers, model: "opus" } });
    expect(other).toEqual({
      ok: false,
      error: {
        code: "refused",
        refusals: [
          {
            code: "conflict",
            id: 7,
            person: "telegram_id 7",
            fields: [{ field: "model", there: "not set", asked: "opus" }],
          },
        ],
      },
    });
    expect(snapshot(host.folder)).toEqual(before);
  });

  test("shows the whole plan to the review, and changes nothing if the review declines", async () => {
    const before = snapshot(host.folder);
    let shown = "";
    const review = async ({ plan }: { readonly plan: { readonly diff: string } }) => {
      shown = plan.diff;
      return false;
    };
    expect(await addUser(thisMachine, { ...host, review })).toMatchObject({ value: { status: "declined" } });
    expect(shown).toContain("+  - telegram_id: 7\n+    name: Ada\n");
    expect(shown).toContain(`gives ${inFolder("users/memory/7")} to ${host.ada}`);
    expect(snapshot(host.folder)).toEqual(before);
  });

  test("creates a missing users.yaml", async () => {
    const bare = makeRealHost(accounts, null);
    expect(await addUser(thisMachine, bare)).toMatchObject({ ok: true });
    expect(snapshot(bare.folder)["./users.yaml"]).toMatch(/^file 600 .*\nusers:|^file 600 \d+:\d+ users:/);
    bare.remove();
  });

  test("copies the data folder's own MEMORY.md.example, and never overwrites a MEMORY.md", async () => {
    mkdirSync(inFolder("users/memory/7"), { recursive: true });
    writeFileSync(inFolder("users/MEMORY.md.example"), "# ours\n");
    for (const path of ["users", "users/memory"]) chownTo(inFolder(path), host.service);
    chownTo(inFolder("users/memory/7"), host.ada);
    writeFileSync(inFolder("users/memory/7/MEMORY.md"), "kept");
    chownTo(inFolder("users/memory/7/MEMORY.md"), host.ada);
    expect(await addUser(thisMachine, host)).toMatchObject({ ok: true });
    expect(readFileSync(inFolder("users/memory/7/MEMORY.md"), "utf8")).toBe("kept");
    const second = { ...host, answers: { telegram_id: 8, name: "Bo", os_user: host.bob } };
    expect(await addUser(thisMachine, second)).toMatchObject({ ok: true });
    expect(readFileSync(inFolder("users/memory/8/MEMORY.md"), "utf8")).toBe("# ours\n");
  });

  test("creates the missing parts of an entry that was written by hand", async () => {
    const byHand = `${usersText}  - telegram_id: 7\n    name: Ada\n    os_user: ${host.ada}\n`;
    writeFileSync(host.places.usersFile, byHand);
    expect(await addUser(thisMachine, host)).toMatchObject({ ok: true, value: { status: "added" } });
    expect(readFileSync(host.places.usersFile, "utf8")).toBe(byHand);
    expect(existsSync(inFolder("users/history/7"))).toBe(true);
  });
});

describe("addUser, while it carries out its steps", () => {
  beforeEach(({ skip }) => {
    if (why !== null) skip(why);
    host = makeRealHost(accounts, usersText);
  });
  afterEach(() => host.remove());

  const failing = [
    { name: "sudo refuses", program: "sudo", cause: "not-usable" },
    { name: "visudo refuses", program: "visudo", cause: "sudoers-invalid" },
    { name: "the service may not make directories", program: "mkdir", cause: "command-failed" },
  ] as const;

  test.for(failing)("undoes all steps if $name", async ({ program, cause }) => {
    const before = snapshot(host.folder);
    const run: typeof thisMachine.run = async (command, options) =>
      command[0] === program
        ? { exitCode: 1, stdout: "", stderr: "refused" }
        : thisMachine.run(command, options);
    const added = await addUser({ ...thisMachine, run }, host);
    expect(added).toMatchObject({
      ok: false,
      error: { code: "step-failed", cause: { code: cause }, undone: { outcome: "undone", left: [] } },
    });
    expect(snapshot(host.folder)).toEqual(before);
  });

  test("keeps a users.yaml that another program changed meanwhile", async () => {
    const theirs = `${usersText}# by hand\n`;
    const run: typeof thisMachine.run = async (command, options) => {
      if (command[0] === "sudo") writeFileSync(host.places.usersFile, theirs);
      return thisMachine.run(command, options);
    };
    const before = snapshot(host.folder);
    const added = await addUser({ ...thisMachine, run }, host);
    expect(added).toMatchObject({ error: { code: "step-failed", cause: { code: "users-file-changed" } } });
    const kept = before["./users.yaml"]!.replace(usersText, theirs);
    expect(snapshot(host.folder)).toEqual({ ...before, "./users.yaml": kept });
  });

  test("answers busy to a second run", async () => {
    const held = await thisMachine.journals.open(host.places.usersFile);
    expect(await addUser(thisMachine, host)).toMatchObject({ ok: false, error: { code: "busy" } });
    if (held.ok) await held.value.close("remove");
  });
});

describe("addUser, if the disk changes between its plan and its first step", () => {
  beforeEach(({ skip }) => {
    if (why !== null) skip(why);
    host = makeRealHost(accounts, usersText);
  });
  afterEach(() => host.remove());

  const inFolder = (path: string) => join(host.folder, path);

  test("keeps the same changes if another run or a person made them", async () => {
    mkdirSync(inFolder("users/memory/7"), { recursive: true });
    for (const path of ["users", "users/memory"]) chownTo(inFolder(path), host.service);
    writeFileSync(inFolder("users/memory/7/MEMORY.md"), "kept");
    for (const path of ["users/memory/7", "users/memory/7/MEMORY.md"]) chownTo(inFolder(path), host.ada);
    let after = {};
    const review = async () => {
      expect(await addUser(thisMachine, host)).toMatchObject({ ok: true, value: { status: "added" } });
      after = snapshot(host.folder);
      return true;
    };
    const added = await addUser(thisMachine, { ...host, review });
    expect(added).toMatchObject({ ok: false, error: { code: "changed-meanwhile" } });
    expect(snapshot(host.folder)).toEqual(after);
  });

  test.for(["users.yaml", "users.yaml.new", "users", "users/history/7", "sudoers.d/gatehouse-7"])(
    "starts no step if %s appeared or changed",
    async (path) => {
      let after = {};
      const review = async () => {
        mkdirSync(dirname(inFolder(path)), { recursive: true });
        if (path.includes(".")) writeFileSync(inFolder(path), usersText + usersText.replace("1", "2"));
        else mkdirSync(inFolder(path));
        after = snapshot(host.folder);
        return true;
      };
      const calls: string[] = [];
      const machine = countedMachine(thisMachine, (call) => calls.push(call));
      const added = await addUser(machine, { ...host, review });
      expect(added).toMatchObject({ ok: false, error: { code: "changed-meanwhile" } });
      expect(snapshot(host.folder)).toEqual(after);
      expect(calls).toEqual(["open journal", "close"]);
    },
  );
});

test("addUser names a directory that the account cannot reach, and the closed one above it", async ({
  skip,
}) => {
  if (why !== null) skip(why);
  const made = makeRealHost(accounts);
  const run: typeof thisMachine.run = async (command, options) => {
    if (command[0] === "sudo") chmodSync(join(made.folder, "users"), 0o700);
    return thisMachine.run(command, options);
  };
  const added = await addUser({ ...thisMachine, run }, made);
  const closed = join(made.folder, "users");
  made.remove();
  expect(added).toMatchObject({ error: { cause: { code: "not-usable", action: "write", closed } } });
  expect(added.ok ? "" : explain(added.error)).toContain(`chmod o+x ${closed}`);
});

test("prepareUser plans without root, and writes nothing", async ({ skip }) => {
  if (why !== null) skip(why);
  const made = makeRealHost(accounts);
  const before = snapshot(made.folder);
  const prepared = await prepareUser({ ...thisMachine, uid: 1000 }, made);
  expect(prepared).toMatchObject({
    ok: true,
    value: { warnings: [{ code: "no-admin" }, { code: "never-signed-in" }] },
  });
  expect(snapshot(made.folder)).toEqual(before);
  made.remove();
});
