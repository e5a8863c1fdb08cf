// @module-tag rest
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { userOf } from "./account.ts";
import { allow, makeAccounts, whyNoAccounts } from "./accounts.fixture.ts";
import { type Installation, exitOf, isAlive, makeInstallation, valueOf } from "./process-runtime.fixture.ts";

const slow = { tags: ["slow"] };

/** A program that prints its uid, environment and arguments, starts another one, and ignores SIGTERM. */
const source = `
  const { spawn } = require("node:child_process");
  process.on("SIGTERM", () => {});
  const other = spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"]);
  console.log(JSON.stringify({ uid: process.getuid(), env: process.env, argv: process.argv, other: other.pid }));
  setInterval(() => {}, 1000);
`;

type Said = {
  readonly uid: number;
  readonly env: Record<string, string>;
  readonly argv: readonly string[];
  readonly other: number;
};

const makeOpenInstallation = (): Installation => {
  const it = makeInstallation();
  for (const folder of [it.folder, it.session]) chmodSync(folder, 0o755);
  return it;
};

const said = async ({ logFile }: Installation): Promise<Said> => {
  await expect.poll(() => readFileSync(logFile, "utf8")).toContain("\n");
  return JSON.parse(readFileSync(logFile, "utf8")) as Said;
};

const env = { TOKEN: "s3cret\n'$(id)'", PATH: "/usr/bin:/bin" };

/** The arguments of all processes of a group, which every account of the machine can read. */
const argumentsIn = (group: number): string =>
  execFileSync("ps", ["-ww", "-eo", "pgid=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => Number.parseInt(line, 10) === group)
    .join("\n");

describe("processRuntime, with another account,", () => {
  test(
    "runs as that account, with the given environment and no secret in an argument",
    slow,
    async ({ skip }) => {
      if (whyNoAccounts !== null) skip(whyNoAccounts);
      const { ada } = makeAccounts();
      const it = makeOpenInstallation();
      const container = valueOf(await it.host().spawn(it.node(source, { account: ada, env })));
      const { uid, env: got, other } = await said(it);
      expect(uid).toBe(statSync(`/home/${ada}`).uid);
      const ofSudo = { HOME: `/home/${ada}`, USER: ada, LOGNAME: ada, SHELL: "/bin/sh" };
      expect(got).toEqual({ ...env, ...ofSudo, GATEHOUSE_CONTAINER: container.reference });
      expect(argumentsIn(container.pid ?? 0)).toMatch(/sudo[^]*setInterval/);
      expect(argumentsIn(container.pid ?? 0)).not.toContain("s3cret");
      const exit = await container.kill(100);
      expect(exit).toMatchObject({ code: null, signal: "SIGKILL" });
      expect([isAlive(other), readdirSync(it.records)]).toEqual([false, []]);
    },
  );

  test("lets another host adopt a container and end its group", slow, async ({ skip }) => {
    if (whyNoAccounts !== null) skip(whyNoAccounts);
    const { ada } = makeAccounts();
    const it = makeOpenInstallation();
    const started = valueOf(
      await it.host().spawn(it.node(source, { account: ada, env: { HOME: it.session } })),
    );
    const { other, env: got } = await said(it);
    expect(got["HOME"]).toBe(it.session);
    const [adopted] = valueOf(await it.host().running());
    const exits = Promise.all([exitOf(started), adopted?.kill(100)]);
    expect(await exits).toMatchObject([{ signal: "SIGKILL" }, { signal: null }]);
    expect([isAlive(other), readdirSync(it.records)]).toEqual([false, []]);
  });

  test("refuses an account that sudo does not allow, and starts no process", slow, async ({ skip }) => {
    if (whyNoAccounts !== null) skip(whyNoAccounts);
    const it = makeOpenInstallation();
    const refused = await it.host().spawn(it.node(source, { account: "nobody-has-this-name" }));
    expect(refused).toMatchObject({
      ok: false,
      error: {
        code: "runtime-unavailable",
        message: expect.stringMatching(/^Nothing can be started as nobody-has-this-name: sudo: /),
        fix: expect.stringContaining("ALL=(nobody-has-this-name) NOPASSWD: /bin/sh"),
      },
    });
    expect(readdirSync(it.folder)).toEqual(["session"]);
  });

  test(
    "needs only a sudo rule for the shell, without SETENV, if the host is not root",
    slow,
    async ({ skip }) => {
      if (whyNoAccounts !== null) skip(whyNoAccounts);
      const { service, ada } = makeAccounts();
      allow(service, ada, "/bin/sh");
      const it = makeOpenInstallation();
      const { uid, gid } = statSync(`/home/${service}`);
      mkdirSync(it.records);
      for (const folder of [it.folder, it.session, it.records]) chownSync(folder, uid, gid);
      const job = {
        records: it.records,
        count: 1,
        dies: "obeys",
        spec: it.node(source, { account: ada, env }),
      };
      const args = ["-u", service, "--", process.execPath, inject("programs")["container-host"]];
      const host = spawn("runuser", [...args, JSON.stringify(job)], { cwd: "/" });
      onTestFinished(() => void host.kill("SIGKILL"));
      const lines = createInterface({ input: host.stdout })[Symbol.asyncIterator]();
      const pid = Number((await lines.next()).value);
      const { uid: ran, other } = await said(it);
      expect([ran, isAlive(pid), isAlive(other)]).toEqual([statSync(`/home/${ada}`).uid, true, true]);
      host.stdin.write("100\n");
      expect(JSON.parse((await lines.next()).value as string)).toMatchObject({ signal: "SIGKILL" });
      expect([isAlive(pid), isAlive(other), readdirSync(it.records)]).toEqual([false, false, []]);
      expect(statSync(join(it.folder, "log")).uid).toBe(uid);
    },
  );
});

describe("userOf", () => {
  const nobody = { uid: 65_534 };

  test.for([
    { host: "root", uid: 0, user: { ok: true, value: nobody } },
    { host: "the account itself", uid: nobody.uid, user: { ok: true, value: nobody } },
    {
      host: "another account",
      uid: 1_234,
      user: { ok: false, error: { code: "unsupported", fix: "Run the host as root." } },
    },
  ])("gives the numbers of an account only to a host that may change to it: $host", async ({ uid, user }) => {
    const geteuid = vi.spyOn(process, "geteuid").mockReturnValue(uid);
    onTestFinished(() => geteuid.mockRestore());
    expect(await userOf("nobody")).toMatchObject(user);
  });
});
