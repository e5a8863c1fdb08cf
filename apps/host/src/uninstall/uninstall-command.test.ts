import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import process from "node:process";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { sudoersOf } from "@gatehouse/people";
import { acquireFileLock } from "@gatehouse/fs-kit";
import { runToEnd } from "@gatehouse/npm-fetch";
import { describe, expect, onTestFinished, test } from "vitest";
import { shellWord } from "@gatehouse/std";
import { ranCli } from "../ran-cli.fixture.ts";
import { marked } from "../service/service-file.ts";
import { systemdUnit } from "../service/systemd-unit.ts";
import { uninstallCommand, type UninstallFlags } from "./uninstall-command.ts";

/** Files of a host, and those of people, which stay. */
const hosts = [
  "secrets.json",
  "secrets.json.before",
  "host.log",
  "host.log.1",
  "wire-tls.pem",
  "runtime.json.5c.new",
];
const hostsFolders = ["sessions/ag-1/se-1/home", "cli/bin", "processes", "acts"];
const peoples = [
  "groups/ana/work.txt",
  "users/memory/7/notes.md",
  "users.yaml",
  "skills/mine/SKILL.md",
  "notes.txt",
];
const copies = ["backups/gatehouse-v9-20261120T080000Z.db", "backups/mine.tar"];

type Machine = Parameters<typeof uninstallCommand>[2] & object;

const service = { scope: "system", account: "root", flags: [], environment: {}, runtime: "auto" } as const;

/** A machine with a host's data folder, an account of a person, sudo rules, a unit and an engine. None of it is real. */
const machine = async () => {
  const place = temporaryFolder();
  // A unit has such a path in quotation marks.
  const [dataDir, home] = [join(place, "da ta$1"), join(place, "home")];
  const { db, close } = await openedCentral(dataDir);
  await addRow(db, "agent_groups");
  await addRow(db, "messaging_groups");
  await addRow(db, "sessions", { id: "se-1" });
  await addRow(db, "users", { id: "telegram:1" });
  await addRow(db, "file_users", { entry: JSON.stringify({ os_user: "ada" }) });
  await close();
  const write = (path: string, text = "12345"): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  for (const path of [...hosts, ...peoples, ...copies]) write(join(dataDir, path));
  const setting = { every: "1d", keep: 1, to: "/mnt/backups", setAt: 0 };
  const schedule = { ...setting, withSecrets: false, recipients: [], passphraseFile: null };
  write(join(dataDir, "backup-schedule.json"), JSON.stringify(schedule));
  for (const path of hostsFolders) mkdirSync(join(dataDir, path), { recursive: true });
  const [adas, sudoersFolder, unitFolder] = [
    join(place, "ada"),
    join(place, "sudoers.d"),
    join(place, "units"),
  ];
  for (const path of ["se-1/home/file", "se-of-another-host/file"])
    write(join(adas, ".gatehouse/agents", path));
  const { host } = await sudoersOf(dataDir);
  const [rule, others] = [`gatehouse-${host}-7`, "gatehouse-0123456789ab-7"];
  for (const name of [rule, others]) write(join(sudoersFolder, name));
  const unit = (dir: string): string =>
    systemdUnit({ ...service, dataDir: dir, words: ["/usr/bin/node", "gatehouse.js"] }, null);
  const units = {
    "gatehouse.service": marked(unit(dataDir), "unit"),
    "gatehouse-2.service": marked(unit(`${dataDir}2`), "unit"),
    "gatehouse-changed.service": `${marked(unit(dataDir), "unit")}Nice=5\n`,
    "gatehouse-own.service": unit(dataDir),
  };
  for (const [name, text] of Object.entries(units)) write(join(unitFolder, name), text);
  const ran: string[] = [];
  const places: Machine = {
    sudoersFolder,
    unitFolder,
    machine: {
      journals: { pathOf: () => join(place, "journals/1.journal"), open: () => expect.fail("not opened") },
      run: async (command) => {
        const [program = "", ...words] = command;
        ran.push(program === "sudo" ? words.slice(0, 5).join(" ") : command.join(" "));
        if (program !== "sudo") return { exitCode: 0, stdout: "", stderr: "" };
        const [shell = "", ...args] = words.slice(5);
        const { exitCode, ...out } = await runToEnd(shell, args, { env: { ...process.env, HOME: adas } });
        return { ...out, exitCode: exitCode ?? 1 };
      },
    },
  };
  const uninstall = async (flags: UninstallFlags, more: Partial<Machine> = {}) => {
    let [stdout, stderr] = ["", ""];
    const io = {
      env: { HOME: home },
      cwd: "/",
      stdout: { write: (text: string) => (stdout += text) },
      stderr: { write: (text: string) => (stderr += text) },
      signal: new AbortController().signal,
    };
    const code = await uninstallCommand({ data: dataDir, ...flags }, io, { ...places, ...more });
    return { code, stdout, stderr };
  };
  return { dataDir, adas, sudoersFolder, unitFolder, uninstall, ran, rule, others };
};

/** An engine that has these containers and images. Returns its socket, and the removals so far. */
const fakeEngine = async (containers: readonly object[], images: readonly object[]) => {
  const socketPath = join(temporaryFolder(), "engine.sock");
  const removals: string[] = [];
  const version = { Version: "9.9", Components: [{ Name: "Podman Engine" }] };
  const answers: Readonly<Record<string, unknown>> = { version, containers, images };
  const server = createServer(({ method, url = "" }, answer) => {
    const [, , asked = ""] = /^\/(v[\d.]+)\/(\w+)/.exec(url) ?? [];
    if (method === "DELETE") removals.push(url.replace(/^\/v[\d.]+/, ""));
    // In use by a container of another host.
    if (method === "DELETE" && url.endsWith("sha256:c")) answer.statusCode = 409;
    answer.end(JSON.stringify(answers[asked] ?? {}));
  });
  await once(server.listen(socketPath), "listening");
  onTestFinished(() => void server.close());
  return { socketPath, removals };
};

/** All files below a folder. */
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    // Reading a database may remove its empty log.
    .filter((entry) => !entry.isDirectory() && !/\.db-(wal|shm)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();

describe("gatehouse uninstall", () => {
  test("lists what a host has left and what stays, and changes nothing", async () => {
    const { dataDir, sudoersFolder, unitFolder, uninstall, rule } = await machine();
    const before = filesIn(join(dataDir, ".."));
    const { code, stdout } = await uninstall({ list: true });
    expect(code).toBe(0);
    const [removed = "", kept = ""] = stdout.split("PEOPLE'S OR IN USE, STAYS");
    for (const at of [...hosts, ...hostsFolders.map((path) => path.split("/")[0]), copies[0], "gatehouse.db"])
      expect(removed).toContain(`${dataDir}/${at}`);
    for (const at of [
      `${sudoersFolder}/${rule}`,
      `${unitFolder}/gatehouse.service`,
      "~ada/.gatehouse/agents",
    ])
      expect(removed).toContain(at);
    expect(kept).toMatch(/groups: the work of groups/);
    expect(kept).toContain("notes.txt: no host made it");
    expect(kept).toContain("gatehouse-own.service: a person wrote this unit");
    expect(kept).toContain("gatehouse-changed.service: a person changed this unit");
    expect(filesIn(join(dataDir, ".."))).toEqual(before);
  });

  test("lists the database and the files that SQLite makes beside it as one thing, and removes them all", async () => {
    const { dataDir, uninstall } = await machine();
    const beside = ["-wal", "-shm"].map((suffix) => join(dataDir, `gatehouse.db${suffix}`));
    for (let times = 0; times < 2; times += 1) {
      const { remove } = JSON.parse((await uninstall({ list: true, json: true })).stdout) as {
        remove: readonly { at: string; bytes: number }[];
      };
      expect(remove.filter(({ at }) => at.includes("gatehouse.db"))).toMatchObject([
        { at: join(dataDir, "gatehouse.db") },
      ]);
    }
    // Those of a reader that was killed.
    for (const path of beside) if (!existsSync(path)) writeFileSync(path, "");
    expect(await uninstall({ yes: true })).toMatchObject({ code: 0 });
    expect(readdirSync(dataDir).filter((name) => name.startsWith("gatehouse.db"))).toEqual([]);
  });

  test.for(["-wal", "-shm", "-journal"])("removes a lone gatehouse.db%s", async (suffix) => {
    const { dataDir, uninstall } = await machine();
    for (const name of readdirSync(dataDir).filter((each) => each.startsWith("gatehouse.db")))
      rmSync(join(dataDir, name));
    writeFileSync(join(dataDir, `gatehouse.db${suffix}`), "left");
    expect(await uninstall({ yes: true })).toMatchObject({ code: 0 });
    expect(readdirSync(dataDir).filter((name) => name.startsWith("gatehouse.db"))).toEqual([]);
  });

  test("removes all but what is people's and other hosts', and nothing is left for a second time", async () => {
    const { dataDir, adas, sudoersFolder, unitFolder, ran, uninstall, ...names } = await machine();
    const done = await uninstall({ yes: true, json: true });
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(filesIn(dataDir)).toEqual([...peoples, "backups/mine.tar"].toSorted());
    expect(filesIn(adas)).toEqual([".gatehouse/agents/se-of-another-host/file"]);
    expect(readdirSync(sudoersFolder)).toEqual([names.others]);
    expect(readdirSync(unitFolder).toSorted()).toEqual(
      ["2", "changed", "own"].map((name) => `gatehouse-${name}.service`),
    );
    expect(ran).toEqual([
      "systemctl disable --now gatehouse.service",
      "systemctl daemon-reload",
      "-n -H -u ada --",
      "-n -H -u ada --",
    ]);
    const { kept } = JSON.parse(done.stdout) as { kept: readonly { at: string; bytes: number }[] };
    expect(kept).toContainEqual({ kind: "outside", at: "/mnt/backups", bytes: null, stays: "your backups" });
    expect(kept).toContainEqual({
      kind: "data",
      at: join(dataDir, "notes.txt"),
      bytes: 5,
      stays: "no host made it",
    });
    expect(JSON.parse((await uninstall({ yes: true, json: true })).stdout)).toMatchObject({ removed: [] });
  });

  test("goes on after a removal that was stopped at any kind", async () => {
    const { dataDir, uninstall, sudoersFolder, ran } = await machine();
    const stopping: Partial<Machine> = {
      machine: {
        journals: { pathOf: () => "/proc/nowhere/1", open: () => expect.fail("not opened") },
        run: async ([program]) =>
          program === "sudo"
            ? { exitCode: 1, stdout: "", stderr: "no" }
            : { exitCode: 0, stdout: "", stderr: "" },
      },
    };
    const stopped = await uninstall({ yes: true }, stopping);
    expect(stopped).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("~ada/.gatehouse/agents was not removed") as unknown,
    });
    expect(stopped.stderr).toContain("fix: mend it, and run it again");
    expect(readdirSync(sudoersFolder)).toHaveLength(2);
    expect(existsSync(join(dataDir, "gatehouse.db"))).toBe(true);
    expect(await uninstall({ yes: true })).toMatchObject({ code: 0 });
    expect(ran).toContain("-n -H -u ada --");
    expect(filesIn(dataDir)).toEqual([...peoples, "backups/mine.tar"].toSorted());
  });

  test("refuses while a host holds the data folder, and removes nothing", async () => {
    const { dataDir, uninstall } = await machine();
    const lock = await acquireFileLock({ path: join(dataDir, "host.lock"), timeoutMs: 0 });
    if (!lock.ok) expect.fail(lock.error.code);
    onTestFinished(lock.value.release);
    const before = filesIn(dataDir);
    const { code, stderr } = await uninstall({ yes: true });
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`gatehouse down --data ${shellWord(dataDir)}`) as unknown,
    });
    expect(filesIn(dataDir)).toEqual(before);
  });

  test.for([
    { what: "a container is left", containers: [{ Id: "4f", State: "exited", Labels: {} }], code: 1 },
    { what: "no container is left", containers: [], code: 0 },
  ])("with an engine where $what", async ({ containers, code }) => {
    const { dataDir, uninstall } = await machine();
    const image = (Id: string, RepoTags: readonly string[]) => ({
      Id,
      RepoTags,
      Labels: {},
      Created: 1,
      Size: 9,
    });
    const images = [
      image("sha256:a", ["gatehouse-agent:latest"]),
      image("sha256:b", ["mine:latest"]),
      image("sha256:c", []),
    ];
    const { socketPath, removals } = await fakeEngine(containers, images);
    const runtime = { name: "podman", version: "9.9", socketPath, ociRuntime: null };
    writeFileSync(join(dataDir, "runtime.json"), JSON.stringify(runtime));
    const done = await uninstall({ yes: true });
    expect(done.code).toBe(code);
    if (code === 0) expect(done.stdout).toMatch(/STAYS\n[^]*podman c: a container or another image uses it/);
    if (code === 1) expect(done.stderr).toContain("podman 4f. Nothing was removed.");
    expect(removals).toEqual(code === 1 ? [] : ["/images/sha256:a", "/images/sha256:c"]);
  });

  test.for([[[]], [["--list", "--yes"]]])("with the flags %j is a usage error", async ([flags]) => {
    const dataDir = temporaryFolder();
    expect(await ranCli({ dataDir }, "uninstall", ...(flags ?? []))).toMatchObject({ code: 2 });
  });
});

test("each file of data-folder.md is either removed or named as people's", async () => {
  const page = readFileSync(new URL("../../../../docs/host/data-folder.md", import.meta.url), "utf8");
  const [, table = ""] = /\n\| in the data folder[^\n]*\n\| -[^\n]*\n([^]*?)\n\n/.exec(page) ?? [];
  const names = table
    .split("\n")
    .flatMap((row) =>
      [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name.split("/")[0] ?? ""),
    );
  expect(names.length).toBeGreaterThan(30);
  const { dataDir, uninstall } = await machine();
  for (const name of names) if (!existsSync(join(dataDir, name))) writeFileSync(join(dataDir, name), "");
  const { kept } = JSON.parse((await uninstall({ list: true, json: true })).stdout) as {
    kept: readonly { at: string; stays: string }[];
  };
  const unknown = kept.filter(({ stays }) => stays === "no host made it").map(({ at }) => at);
  expect(unknown.toSorted()).toEqual([join(dataDir, "backups/mine.tar"), join(dataDir, "notes.txt")]);
});
