import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { printedBy, ranCli } from "../ran-cli.fixture.ts";
import { chatWithAna, endHost, folderWithAna, logOfHost } from "../up/echo-group.fixture.ts";
import { spawnHost } from "../up/host.fixture.ts";
import { run } from "../up/run.fixture.ts";

const { gatehouse } = inject("programs");

/** The JSON document of a command. */
const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

describe("gatehouse backup", () => {
  test.for([
    { what: "secrets without a recipient", args: ["--with-secrets"], says: "no key is named" },
    { what: "a recipient that is none", args: ["--recipient", "age1x"], says: "no recipient of age" },
    {
      what: "a recipient and a passphrase",
      args: ["--recipient", "age1x", "--passphrase-file", "/dev/null"],
      says: "not both",
    },
  ])("refuses $what as a usage error", async ({ args, says }) => {
    const dataDir = temporaryFolder();
    const file = join(temporaryFolder(), "backup");
    const { code, stdout } = await ranCli({ dataDir }, "backup", file, "--json", ...args);
    expect(code).toBe(2);
    expect(json(stdout)).toMatchObject({
      error: { code: "usage", message: expect.stringContaining(says) as unknown },
    });
    expect(existsSync(file)).toBe(false);
  });

  test("refuses a data folder that does not exist, and makes none", async () => {
    const dataDir = join(temporaryFolder(), "none");
    const { code, stderr } = await ranCli({ dataDir }, "backup", join(temporaryFolder(), "backup"));
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no data folder") as unknown,
    });
    expect(existsSync(dataDir)).toBe(false);
  });

  test.for([
    { what: "no span", args: ["--every", "1y", "--to", "."], code: 2, says: '"1y" is no span of time.' },
    { what: "no folder", args: ["--every", "1d"], code: 2, says: "No folder is named" },
    {
      what: "a folder that is not there",
      args: ["--every", "1d", "--to", "/no/where"],
      code: 1,
      says: "There is no folder /no/where.",
    },
    { what: "the data folder", args: ["--every", "1d", "--to", "."], code: 1, says: "is in the data folder" },
    {
      what: "secrets for nobody",
      args: ["--every", "1d", "--to", ".", "--with-secrets"],
      code: 2,
      says: "no key is named",
    },
    { what: "a schedule and a file", args: ["file", "--every", "1d"], code: 2, says: "not both" },
    { what: "a folder without a schedule", args: ["--to", "."], code: 2, says: "go with --every" },
    { what: "nothing", args: [], code: 2, says: "missing required argument 'file'" },
  ])("with $what is refused", async ({ args, code, says }) => {
    const dataDir = temporaryFolder();
    const ran = await ranCli({ dataDir, cwd: dataDir }, "backup", ...args);
    expect({ ...ran, files: readdirSync(dataDir) }).toMatchObject({
      code,
      stderr: expect.stringContaining(says) as unknown,
      files: [],
    });
  });

  test("--every sets a schedule, shows it and ends it", async () => {
    const [dataDir, to] = [temporaryFolder(), temporaryFolder()];
    expect(await printedBy(dataDir, "backup", "--every")).toContain("No schedule is set");
    const set = await printedBy(dataDir, "backup", "--every", "12h", "--keep", "3", "--to", to);
    expect(set).toContain(`Set: a backup each 12h to ${to}, of which 3 stay.`);
    const shown = await printedBy(dataDir, "backup", "--every");
    expect(shown).toContain(`each 12h to ${to}, of which 3 stay; none is there yet; the next at 20`);
    expect(await printedBy(dataDir, "backup", "--every", "off")).toContain("No more backups");
    expect(json(await printedBy(dataDir, "backup", "--every", "--json"))).toMatchObject({ schedule: null });
  });

  test("ends with 130 at Ctrl-C, and leaves nothing", async () => {
    const file = join(temporaryFolder(), "backup");
    const signal = AbortSignal.abort();
    expect(await ranCli({ dataDir: temporaryFolder(), signal }, "backup", file)).toMatchObject({ code: 130 });
    expect(readdirSync(join(file, ".."))).toEqual([]);
  });
});

test(
  "a host is backed up while it runs, its folder is removed, and the restored one goes on with its history",
  { tags: ["slow"] },
  async () => {
    const dataDir = await folderWithAna();
    const place = temporaryFolder();
    writeFileSync(join(dataDir, "messengers.json"), '{"v":1,"secrets":[]}', { mode: 0o600 });
    const host = spawnHost(dataDir);
    await host.ready();
    expect((await chatWithAna(dataDir, "before the backup"))[0]).toBe("before the backup\n");
    const file = join(place, "backup.tar");
    expect(await printedBy(dataDir, "backup", file)).toMatch(
      /^Backed up .* files, .*\nThe database is in it as of .*\nLeft out: log\.key, messengers\.json; --with-secrets takes/,
    );
    const identity = await generateIdentity();
    const [key, secret] = [join(place, "key"), join(place, "backup.age")];
    writeFileSync(key, `# public key\n${identity}\n`);
    const to = ["--with-secrets", "--recipient", await identityToRecipient(identity)];
    expect(json(await printedBy(dataDir, "backup", "--json", ...to, secret))).toMatchObject({
      ok: true,
      hasSecrets: true,
      isEncrypted: true,
      notInIt: [],
    });
    await endHost(host);
    renameSync(dataDir, `${dataDir}.gone`);
    onTestFinished(() => rmSync(`${dataDir}.gone`, { recursive: true, force: true }));
    expect(await ranCli({ dataDir }, "backup", "verify", secret)).toMatchObject({ code: 1, stdout: "" });
    expect(await printedBy(dataDir, "backup", "verify", secret, "--identity", key)).toContain("is whole");
    expect(await printedBy(dataDir, "restore", secret, "--identity", key)).toContain("--in-place-of");
    expect(existsSync(join(dataDir, "messengers.json"))).toBe(true);
    const refused = await ranCli({ dataDir }, "up", "--runtime", "process");
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("say first which") as unknown,
    });
    const again = spawnHost(dataDir, ["--in-place-of"]);
    await again.ready();
    const history = await printedBy(dataDir, "history", "--group", "ana");
    expect(history).toContain("before the backup");
    expect((await chatWithAna(dataDir, "after the restore"))[0]).toBe("after the restore\n");
    await endHost(again);
    // Said once, it is known.
    const third = spawnHost(dataDir);
    await third.ready();
    const decisions = run(inject("programs").ncl, "decisions", "list", "--data", dataDir);
    expect(decisions).toContain("restore");
    // With secrets the restored host has the key of the log, and goes on with it.
    expect(run(inject("programs").ncl, "decisions", "verify", "--data", dataDir)).toContain("pruned");
    await endHost(third);
    const bare = `${dataDir}.bare`;
    onTestFinished(() => rmSync(bare, { recursive: true, force: true }));
    await printedBy(bare, "restore", file);
    const fourth = spawnHost(bare, ["--in-place-of"]);
    await fourth.ready();
    expect(run(inject("programs").ncl, "decisions", "list", "--data", bare)).toContain("seal the log anew");
    run(inject("programs").ncl, "decisions", "verify", "--data", bare);
    await endHost(fourth);
  },
);

test(
  "a host makes the backup of its schedule, and status and doctor name it",
  { tags: ["slow"] },
  async () => {
    const [dataDir, to] = [await folderWithAna(), temporaryFolder()];
    await printedBy(dataDir, "backup", "--every", "1d", "--to", to);
    const host = spawnHost(dataDir);
    await host.ready();
    await vi.waitFor(() => expect(logOfHost(dataDir)).toContain('"backup-made"'));
    const [name = ""] = readdirSync(to);
    expect(name).toMatch(/^gatehouse-\d{8}T\d{6}Z\.tar$/);
    expect(await printedBy(dataDir, "status")).toMatch(
      new RegExp(`^backup +each 1d to ${to}, of which 14 stay; the last is ${to}/${name}; the next at `, "m"),
    );
    const { stdout } = await ranCli({ dataDir }, "doctor");
    expect(stdout).toMatch(/^ok +backup +each 1d/m);
    await endHost(host);
  },
);

test(
  "a restored host tells its session of an approval that expired meanwhile",
  { tags: ["slow"] },
  async () => {
    const [dataDir, place] = [await folderWithAna(), temporaryFolder()];
    const before = await openedCentral(dataDir);
    await addRow(before.db, "messaging_groups");
    const [group] = await before.db.selectFrom("agent_groups").select("id").execute();
    await addRow(before.db, "sessions", { id: "se-1", agent_group_id: group?.id ?? "" });
    const approval = {
      session_id: "se-1",
      agent_group_id: group?.id ?? "",
      expires_at: "2026-01-01T00:00:00.000Z",
    };
    await addRow(before.db, "pending_approvals", approval);
    await before.close();
    const [file, restored] = [join(place, "backup.tar"), join(place, "restored")];
    run(gatehouse, "backup", file, "--data", dataDir);
    run(gatehouse, "restore", file, "--data", restored, "--in-place-of");
    const host = spawnHost(restored);
    await host.ready();
    await endHost(host);
    const after = await openedCentral(restored);
    expect(await after.db.selectFrom("pending_approvals").select("status").execute()).toEqual([
      { status: "expired" },
    ]);
    const notes = await after.db.selectFrom("session_messages_in").selectAll().execute();
    expect(JSON.stringify(notes)).toContain("No person answered your request");
    await after.close();
  },
);

/** A data folder that takes a while to back up. */
const largeFolder = async (): Promise<string> => {
  const dataDir = await folderWithAna();
  for (let count = 0; count < 40; count += 1)
    writeFileSync(join(dataDir, "groups/ana", `large-${count}`), Buffer.alloc(2 ** 21, `${count}`));
  return dataDir;
};

test(
  "200 kills of backup and restore: never a half one that verifies, and never a half folder",
  { tags: ["soak"] },
  async () => {
    const dataDir = await largeFolder();
    const whole = join(temporaryFolder(), "whole.tar");
    run(gatehouse, "backup", whole, "--data", dataDir);
    const place = temporaryFolder();
    const seen = { whole: 0, none: 0 };
    for (let turn = 0; turn < 200; turn += 1) {
      const isBackup = turn % 2 === 0;
      const target = join(place, `${turn}`);
      const words = isBackup ? ["backup", target, "--data", dataDir] : ["restore", whole, "--data", target];
      const child = spawn(process.execPath, [gatehouse, ...words], { stdio: "ignore" });
      const ended = new Promise((resolve) => child.once("exit", resolve));
      await pause(Math.random() * 1500);
      child.kill("SIGKILL");
      await ended;
      const isThere = existsSync(target);
      seen[isThere ? "whole" : "none"] += 1;
      if (isThere && isBackup) run(gatehouse, "backup", "verify", target);
      if (isThere && !isBackup)
        expect(readdirSync(join(target, "groups/ana"))).toEqual(readdirSync(join(dataDir, "groups/ana")));
      rmSync(place, { recursive: true, force: true });
      mkdirSync(place);
    }
    console.log(
      `Of 200 kills, ${seen.whole} came after the end, and ${seen.none} left nothing of that name.`,
    );
    expect(seen.none).toBeGreaterThan(20);
  },
);

test(
  "what may not be read is named as a warning, and the exit code is 0",
  { tags: ["slow"] },
  async ({ skip }) => {
    skip(process.geteuid?.() === 0, "root reads everything");
    const dataDir = await folderWithAna();
    mkdirSync(join(dataDir, "users/memory/7"), { recursive: true });
    chmodSync(join(dataDir, "users/memory/7"), 0);
    const file = join(temporaryFolder(), "backup.tar");
    const { code, stderr } = await ranCli({ dataDir }, "backup", file);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "warning: not in it: users/memory/7 (this account may not read it)\n",
    });
    chmodSync(join(dataDir, "users/memory/7"), 0o700);
    expect(readFileSync(file).length).toBeGreaterThan(0);
  },
);
