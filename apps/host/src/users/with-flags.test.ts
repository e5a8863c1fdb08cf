// @module-tag rest
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exchange } from "@nc/cli-scope/node";
import { withOwnersRights, messengerBots } from "@gatehouse/data-folder";
import { describe, expect, test, type TestContext } from "vitest";
import { spawnHost } from "../up/host.fixture.ts";
import {
  leaveJournal,
  makeAccount,
  makeDataFolder,
  rulesOf,
  treeOf,
  whyNotForReal,
} from "./accounts.fixture.ts";
import { runPiped } from "./terminal.fixture.ts";
import { usersYaml } from "@gatehouse/people/testing";

const slow = { tags: ["slow"] };

const prepared = ({ skip }: Pick<TestContext, "skip">) => {
  if (whyNotForReal !== null) skip(whyNotForReal);
  const service = makeAccount();
  const person = makeAccount();
  const data = makeDataFolder(service);
  const add = (...args: readonly string[]) => runPiped(["users", "add", "--data", data, ...args]);
  return { person, service, data, add };
};

describe("gatehouse users add, only with flags", () => {
  const unstartable = [
    {
      what: "whose home is missing",
      spoil: (home: string) => rmSync(home, { recursive: true }),
      code: "home-missing",
    },
    {
      what: "who may not enter its home",
      spoil: (home: string) => chmodSync(home, 0),
      code: "home-read-only",
    },
    {
      what: "with a ~/.gatehouse of root",
      spoil: (home: string) => mkdirSync(join(home, ".gatehouse")),
      code: "not-theirs",
    },
    {
      what: "on a host whose agents are sandboxes",
      spoil: () => {},
      code: "accounts-need-root",
      runtime: "sandbox",
    },
  ];
  test.for(unstartable)(
    "refuses an account $what before anything is written, and the doctor finds it later",
    slow,
    async ({ spoil, code: wanted, runtime = "process" }, context) => {
      const { person, data, add } = prepared(context);
      const args = ["--telegram-id", "5", "--name", "Ana", "--os-user", person.name];
      const doctor = async () => {
        const { code, stdout } = await runPiped(["users", "doctor", "--data", data, "--json"]);
        return { code, text: stdout };
      };
      writeFileSync(join(data, "runtime.json"), JSON.stringify({ name: runtime }));
      spoil(`/home/${person.name}`);
      const before = treeOf(dirname(data));
      for (const how of ["--yes", "--dry-run"]) {
        const { code, stdout } = await add(...args, how, "--json");
        expect({ code, error: JSON.parse(stdout) as unknown }).toMatchObject({
          code: 1,
          error: {
            ok: false,
            error: { code: wanted, message: expect.stringMatching(/^Nobody was added: /) },
          },
        });
      }
      expect(treeOf(dirname(data))).toEqual(before);
      rmSync(join(data, "runtime.json"));
      expect((await add(...args, "--yes")).stderr).toBe("");
      writeFileSync(join(data, "runtime.json"), JSON.stringify({ name: runtime }));
      const found = await doctor();
      expect(found.code).toBe(1);
      expect(found.text).toContain(`"code":"${wanted}"`);
      // Neither matters to a host whose agents are Pods.
      const kubernetes = { namespace: "agents", image: "agents:1" };
      writeFileSync(join(data, "runtime.json"), JSON.stringify({ name: "kubernetes", kubernetes }));
      expect((await doctor()).text).not.toContain(wanted);
    },
  );

  const refusals = [
    { what: "an id that is not a number", args: ["--telegram-id", "x"], code: "bad-answer", exit: 2 },
    { what: "root", args: ["--os-user", "root"], code: "account-is-root", exit: 1 },
  ];
  test.for(refusals)(
    "refuses $what with exit $exit, and changes nothing",
    slow,
    async ({ args, code: wanted, exit }, context) => {
      const { person, data, add } = prepared(context);
      writeFileSync(join(data, "users.yaml"), usersYaml({ telegram_id: 9, name: "Zoe" }));
      const before = treeOf(dirname(data));
      const given = { "--telegram-id": "5", "--name": "Ana", "--os-user": person.name };
      const all = Object.entries({ ...given, [args[0]!]: args[1]! }).flat();
      const { code, stdout } = await add(...all, "--yes", "--json");
      expect({ code, error: JSON.parse(stdout) as unknown }).toMatchObject({
        code: exit,
        error: { ok: false, error: { code: wanted } },
      });
      expect(treeOf(dirname(data))).toEqual(before);
    },
  );

  test("refuses a broken users.yaml, and changes nothing", slow, async (context) => {
    const { person, data, add } = prepared(context);
    writeFileSync(join(data, "users.yaml"), "users:\n  - telegram_id: 5\n    nmae: x\n");
    const before = treeOf(dirname(data));
    const answers = ["--telegram-id", "5", "--name", "Ana", "--os-user", person.name];
    const { code, stdout } = await add(...answers, "--yes", "--json");
    expect({ code, said: JSON.parse(stdout) as unknown }).toMatchObject({
      code: 1,
      said: { error: { code: "users-file-invalid" } },
    });
    expect(treeOf(dirname(data))).toEqual(before);
  });

  test(
    "shows a plan and a diff, and adds; the same answers again change nothing, other answers conflict",
    slow,
    async (context) => {
      const { person, data, add } = prepared(context);
      const answers = ["--telegram-id", "5", "--name", "Ana", "--os-user", person.name];
      const before = treeOf(dirname(data));
      const shown = await add(...answers, "--dry-run");
      expect(shown).toMatchObject({ code: 0, stderr: "" });
      for (const part of ["+  - telegram_id: 5", "makes ", "undone: ", "Nothing was changed."])
        expect(shown.stdout).toContain(part);
      expect(treeOf(dirname(data))).toEqual(before);

      const added = await add(...answers, "--yes", "--json", "--service-label", "com.example.host");
      expect(added).toMatchObject({ code: 0, stderr: "" });
      expect(JSON.parse(added.stdout)).toMatchObject({
        ok: true,
        status: "added",
        user: { telegram_id: 5, os_user: person.name },
        recovered: null,
        reload: { state: "no-host", command: ["systemctl", "restart", "com.example.host"] },
      });
      const done = treeOf(dirname(data));
      expect(await add(...answers, "--yes")).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("exists already: nothing was done") as unknown,
      });
      expect(await add(...answers, "--role", "admin", "--yes")).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("role: user (asked for: admin)") as unknown,
      });
      expect(treeOf(dirname(data))).toEqual(done);
    },
  );

  test("reloads the running host, and fails if that host reads another file", slow, async (context) => {
    const { person, data, add } = prepared(context);
    const host = spawnHost(data);
    await host.ready();
    const answers = ["--telegram-id", "5", "--name", "Ana", "--os-user", person.name, "--yes", "--json"];
    const told = await add(...answers, "--reload", "yes");
    expect(JSON.parse(told.stdout)).toMatchObject({
      ok: true,
      status: "added",
      reload: {
        state: "reloaded",
        pid: host.child.pid,
        report: { users: 1, applied: [{ user: "telegram:5" }] },
      },
    });
    const elsewhere = await add(
      ...answers,
      "--reload",
      "yes",
      "--users-file",
      join(dirname(data), "mine.yaml"),
    );
    expect(elsewhere.code).toBe(1);
    expect(JSON.parse(elsewhere.stdout)).toMatchObject({ ok: false, error: { code: "other-users-file" } });
  });

  test("first undoes an interrupted run, and reports it", slow, async (context) => {
    const { person, service, data, add } = prepared(context);
    const half = join(data, "users");
    mkdirSync(half);
    const maker = { uid: service.uid, gid: service.gid };
    const steps = [{ kind: "make-directory", path: half, mode: 0o711, maker }];
    const records = [
      { record: "plan", steps, before: null, removes: null },
      { record: "begin", step: 0 },
    ];
    const journal = await leaveJournal(join(data, "users.yaml"), records);
    const doctor = await runPiped(["users", "doctor", "--data", data]);
    expect(doctor).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("users add or users remove again") as unknown,
    });
    const added = await add("--telegram-id", "5", "--name", "Ana", "--os-user", person.name, "--yes");
    expect(added).toMatchObject({ code: 0, stderr: "" });
    expect(added.stdout).toContain("An earlier run had been interrupted. It was undone first.");
    expect(existsSync(journal)).toBe(false);
  });

  test("asks for root before any other check", slow, async (context) => {
    if (whyNotForReal !== null) context.skip(whyNotForReal);
    const other = ["-n", "-u", "#65534", "test", "-r", import.meta.filename];
    if (spawnSync("sudo", other).status !== 0) context.skip("no other account may read this checkout");
    const { code, stderr } = await runPiped(
      [
        "users",
        "add",
        "--data",
        "/nonexistent",
        "--telegram-id",
        "5",
        "--name",
        "Ana",
        "--os-user",
        "ana",
        "--yes",
      ],
      {},
      65534,
    );
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("run it with sudo") as unknown,
    });
  });
});

describe("the sudo rule of a person", () => {
  test("is written by users add, checked by doctor, and removed with the person", slow, async (context) => {
    const { person, service, data, add } = prepared(context);
    const run = (...args: readonly string[]) => runPiped(["users", ...args, "--data", data]);
    await add("--telegram-id", "5", "--name", "Ana", "--os-user", person.name, "--yes");
    const [rule = "", ...others] = rulesOf(data);
    expect(others).toEqual([]);
    const text = readFileSync(rule, "utf8");
    expect(text).toContain(`${service.name} ALL=(${person.name}) NOPASSWD: /bin/sh\n`);
    // The service's account can now start a program as the person.
    const asPerson = ["-n", "-u", service.name, "sudo", "-n", "-u", person.name, "/bin/sh", "-c", "id -un"];
    expect(spawnSync("sudo", asPerson, { encoding: "utf8" }).stdout).toBe(`${person.name}\n`);
    for (const spoil of [() => rmSync(rule), () => writeFileSync(rule, "# mine\n")]) {
      spoil();
      const failed = await run("doctor");
      expect(failed).toMatchObject({ code: 1 });
      expect(failed.stdout).toContain(`telegram:5 Ana: sudoers: ${rule}`);
      const [, mend = ""] = /mend: sudo (.*)/.exec(failed.stdout) ?? [];
      expect(spawnSync("sh", ["-c", mend]).status).toBe(0);
      expect(readFileSync(rule, "utf8")).toBe(text);
      expect(await run("doctor")).toMatchObject({ code: 0 });
    }
    expect(await run("remove", "Ana", "--yes")).toMatchObject({ code: 0 });
    expect(rulesOf(data)).toEqual([]);
  });
});

describe("gatehouse users add, for the first message", () => {
  const answersOf = (person: { readonly name: string }) =>
    ["--telegram-id", "5", "--name", "Ana", "--os-user", person.name, "--yes"] as const;

  test("prints the command that adds the person to a group", slow, async (context) => {
    const { person, data, add } = prepared(context);
    const { stdout } = await add(...answersOf(person));
    expect(stdout).toContain("Ana is a member of no group, so no agent answers them yet.");
    expect(stdout).toContain(`  ncl members add --user telegram:5 --group GROUP --data ${data}`);
    // An admin may write to every group.
    const admin = ["--telegram-id", "6", "--name", "Bo", "--role", "admin"];
    const other = makeAccount();
    expect((await add(...admin, "--os-user", other.name, "--yes")).stdout).not.toContain("of no group");
  });

  test(
    "adds the person to the group of --group at the running host, or prints the command",
    slow,
    async (context) => {
      const { person, data, add } = prepared(context);
      const without = await add(...answersOf(person), "--group", "home");
      expect(without.code).toBe(1);
      expect(without.stderr).toContain("Added Ana (telegram:5). telegram:5 is not a member of home");
      expect(without.stderr).toContain(`ncl members add --user telegram:5 --group home --data ${data}`);
      const host = spawnHost(data);
      await host.ready();
      const request = { id: "1", command: "groups-create", args: { name: "Home", folder: "home" } };
      const made = await exchange({ path: host.socket, request, seconds: 30 });
      expect(made).toMatchObject({ ok: true, value: { ok: true } });
      const bot = { type: "telegram", bot: "", username: "gate_bot", token: "42:secret" };
      await withOwnersRights(data, () => messengerBots.set(data, bot));
      const joined = await add(...answersOf(person), "--reload", "yes", "--group", "home");
      expect(joined).toMatchObject({ code: 0, stderr: "" });
      expect(joined.stdout).toMatch(/Ana opens this link .*\n {2}https:\/\/t\.me\/gate_bot\?start=[\w-]+\n$/);
      expect(joined.stdout).not.toContain("secret");
      expect(joined.stdout).toContain("Ana is a member of home.");
      expect(joined.stdout).toContain(`gatehouse chat --as telegram:5 --group home --data ${data}`);
      await withOwnersRights(data, () =>
        messengerBots.set(data, { ...bot, bot: "lab", username: "lab_bot", token: "43:secret" }),
      );
      const again = await add(...answersOf(person));
      expect(again.stdout).not.toContain("of no group");
      expect(again.stdout).toMatch(
        /Ana opens one of these links for each bot .*\n {2}Home, by @gate_bot: .*gate_bot\?.*\n {2}Home, by @lab_bot: .*lab_bot\?.*\n$/,
      );
    },
  );
});

describe("gatehouse users doctor", () => {
  test(
    "passes after an add, and names each failure with the command that fixes it",
    slow,
    async (context) => {
      const { person, data, add } = prepared(context);
      await add("--telegram-id", "5", "--name", "Ana", "--os-user", person.name, "--yes");
      const doctor = (...args: readonly string[]) => runPiped(["users", "doctor", "--data", data, ...args]);
      expect(await doctor()).toMatchObject({ code: 0, stdout: "ok     telegram:5 Ana\n", stderr: "" });
      const memory = join(data, "users/memory/5");
      spawnSync("chown", ["0", memory]);
      const failed = await doctor();
      expect(failed.code).toBe(1);
      const mend = `chown -R -h ${person.uid}:${person.gid} ${memory}`;
      expect(failed.stdout).toContain(`mend: sudo ${mend}`);
      const { checks } = JSON.parse((await doctor("--json")).stdout) as {
        checks: { ok: boolean; mend?: string }[];
      };
      expect(checks.filter(({ ok }) => !ok)).toMatchObject([{ check: "directory", mend }]);
      const [program = "", ...args] = mend.split(" ");
      spawnSync(program, args);
      expect(await doctor()).toMatchObject({ code: 0 });
    },
  );

  test(
    "refuses a users.yaml that others may write, also with --users-file, and prints the fix",
    slow,
    async (context) => {
      const { data } = prepared(context);
      for (const file of [join(data, "users.yaml"), join(dirname(data), "people.yaml")]) {
        writeFileSync(file, usersYaml({ telegram_id: 9, name: "Zoe", role: "admin" }));
        chmodSync(file, 0o666);
        const doctor = (...args: readonly string[]) =>
          runPiped(["users", "doctor", "--data", data, "--users-file", file, ...args]);
        const failed = await doctor();
        expect(failed).toMatchObject({ code: 1, stdout: "" });
        expect(failed.stderr).toContain(`${file}: writable by others (mode 0666): chmod go-w ${file}`);
        expect(JSON.parse((await doctor("--json")).stdout)).toMatchObject({
          ok: false,
          error: {
            code: "users-file-unsafe",
            message: expect.stringContaining(`chmod go-w ${file}`) as unknown,
          },
        });
        spawnSync("chmod", ["go-w", file]);
        expect((await doctor()).stdout).toContain("Zoe");
      }
    },
  );

  test("needs --data under sudo, and reports an empty users.yaml", slow, async (context) => {
    const { data } = prepared(context);
    expect(await runPiped(["users", "doctor"], { SUDO_USER: "operator" })).toMatchObject({ code: 2 });
    expect(await runPiped(["users", "doctor", "--data", data])).toMatchObject({
      code: 0,
      stdout: "users.yaml names no one.\n",
    });
  });
});
