import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { ranCli } from "../ran-cli.fixture.ts";
import { folderWithAna } from "../up/echo-group.fixture.ts";
import { spawnHost } from "../up/host.fixture.ts";
import { managerOf } from "./service-manager.ts";

/** A `systemctl` that writes down its arguments, and fails with those of `fails`. */
const fakeSystemctl = (folder: string, fails: string): string => `#!/bin/sh
echo "$*" >> '${folder}/ran'
case "$*" in
  ${fails}) echo "it is refused" >&2; exit 1 ;;
  --version) echo "systemd 252 (252.38)" ;;
  *ActiveState*) printf 'ActiveState=active\\nUnitFileState=enabled\\nMainPID=42\\nStateChangeTimestamp=today\\nNRestarts=3\\n' ;;
esac
`;

type Ran = { readonly code: number; readonly document: Record<string, unknown> };

/** A machine with a service manager of the account, which is not real. */
const machine = ({ fails = "nothing" }: { readonly fails?: string } = {}) => {
  const [folder, dataDir, home] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
  const file = join(home, ".config/systemd/user/gatehouse.service");
  const systemctl = join(folder, "systemctl");
  writeFileSync(systemctl, fakeSystemctl(folder, fails));
  chmodSync(systemctl, 0o755);
  return {
    file,
    dataDir,
    /** The commands that change something, since the last look. */
    changes: (): readonly string[] => {
      const lines = existsSync(join(folder, "ran"))
        ? readFileSync(join(folder, "ran"), "utf8").trim().split("\n")
        : [];
      rmSync(join(folder, "ran"), { force: true });
      return lines.filter((line) => !/--version|show/.test(line));
    },
    /** Runs a verb of `service`, with a PATH that has this `systemctl` alone. */
    service: async (...words: readonly string[]): Promise<Ran> => {
      const env = { PATH: folder };
      const [verb = "", ...args] = words;
      const { code, stdout, stderr } = await ranCli(
        { dataDir, home, env },
        "service",
        verb,
        "--user",
        "--json",
        ...args,
      );
      expect(stderr).toBe("");
      return { code, document: JSON.parse(stdout) as Record<string, unknown> };
    },
    print: (...words: readonly string[]) =>
      ranCli(
        { dataDir, home, cwd: "/work", env: { PATH: folder } },
        "service",
        "install",
        "--user",
        "--print",
        ...words,
      ),
  };
};

const refused = (code: string): unknown => ({
  code: 1,
  document: { ok: false, error: expect.objectContaining({ code }) as unknown },
});

const started = ["--user daemon-reload", "--user enable --now gatehouse.service"];
const ended = ["--user disable --now gatehouse.service", "--user daemon-reload"];

describe("gatehouse service", { tags: ["slow"] }, () => {
  test("installs a unit, says its state, and removes it", async () => {
    const { service, file, changes, dataDir } = machine();
    expect(await service("status")).toMatchObject({ code: 0, document: { isInstalled: false, path: file } });
    expect(await service("install")).toMatchObject({
      code: 0,
      document: { state: "installed", path: file, data: dataDir },
    });
    expect(changes()).toEqual(started);
    const text = readFileSync(file, "utf8");
    expect(await service("install")).toMatchObject({ code: 0, document: { state: "unchanged" } });
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(await service("install", "--", "--end-idle", "5")).toMatchObject({
      code: 0,
      document: { state: "updated" },
    });
    expect(readFileSync(file, "utf8")).toContain(" --end-idle 5\n");
    expect(await service("status")).toMatchObject({
      code: 0,
      document: {
        isInstalled: true,
        file: "ours",
        state: "active",
        isEnabled: true,
        pid: 42,
        since: "today",
        restarts: 3,
      },
    });
    changes();
    expect(await service("remove")).toMatchObject({ code: 0, document: { state: "removed" } });
    expect(changes()).toEqual(ended);
    expect(existsSync(file)).toBe(false);
    expect(await service("remove")).toMatchObject({ code: 0, document: { state: "not-installed" } });
    expect(changes()).toEqual([]);
  });

  test.each([
    {
      what: "was changed",
      code: "service-changed",
      change: (text: string) => text.replace("RestartSec=2s", "RestartSec=9s"),
    },
    { what: "has a line more", code: "service-changed", change: (text: string) => `${text}MemoryMax=1G\n` },
    { what: "is a person's", code: "service-not-ours", change: () => "[Service]\nExecStart=/bin/true\n" },
  ])("keeps a unit that $what", async ({ code, change }) => {
    const { service, file, changes } = machine();
    await service("install");
    const text = change(readFileSync(file, "utf8"));
    writeFileSync(file, text);
    changes();
    for (const verb of ["install", "remove"]) expect(await service(verb)).toEqual(refused(code));
    expect({ text: readFileSync(file, "utf8"), changes: changes() }).toEqual({ text, changes: [] });
  });

  test("keeps a link, with which systemd masks a unit", async () => {
    const { service, file } = machine();
    mkdirSync(dirname(file), { recursive: true });
    symlinkSync("/dev/null", file);
    expect(await service("install")).toEqual(refused("service-not-ours"));
  });

  test.each([
    { what: "systemd does not answer", fails: "*Version", code: "no-service-manager", isWritten: false },
    { what: "the host does not start", fails: "*enable*", code: "service-not-started", isWritten: true },
  ])("fails if $what", async ({ fails, code, isWritten }) => {
    const { service, file } = machine({ fails });
    expect(await service("install")).toEqual(refused(code));
    expect(existsSync(file)).toBe(isWritten);
  });

  test("fails without systemctl, and writes nothing but what --print prints", async () => {
    const [dataDir, home] = [temporaryFolder(), temporaryFolder()];
    const env = { PATH: temporaryFolder() };
    const install = ["service", "install", "--user"];
    expect(await ranCli({ dataDir, home, env }, ...install)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("there is no program systemctl") as unknown,
    });
    expect(await ranCli({ dataDir, home, env }, ...install, "--print")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(` up --data ${dataDir} --watchdog\n`) as unknown,
    });
    expect(existsSync(join(home, ".config"))).toBe(false);
  });

  test.each([
    { words: ["--lissten", "0.0.0.0:1"], says: /unknown option '--lissten'/ },
    { words: ["--listen", "nowhere"], says: /Write an address and a port/ },
    { words: ["--data", "/srv"], says: /unknown option '--data'/ },
    { words: ["--in-place-of"], says: /said once/ },
    { words: ["--log-key-lost"], says: /said once/ },
  ])("refuses $words, which up would not take", async ({ words, says }) => {
    expect(await machine().print("--", ...words)).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(says),
    });
  });

  test("makes paths of flags absolute, and passes on no variable with a password", async () => {
    const { print, dataDir } = machine();
    const { stdout } = await print("--", "--users-file", "u.yaml", "--tls-cert=c.pem", "--listen", "[::]:1");
    expect(stdout).toContain(' --users-file /work/u.yaml --tls-cert=/work/c.pem --listen "[::]:1"\n');
    const env = { HTTPS_PROXY: "http://ana:geheim@proxy:1", NO_PROXY: "localhost", PATH: "/usr/bin:/bin" };
    const printed = await ranCli({ dataDir, env }, "service", "install", "--user", "--print");
    expect(printed.stdout).toContain("Environment=NO_PROXY=localhost\n");
    expect(printed.stdout).not.toContain("geheim");
  });
});

test("a service of launchd is a property list in the folder of its scope", () => {
  const place = { env: { HOME: "/Users/ana" }, uid: 501 };
  const own = managerOf({ ...place, scope: "user" }, "darwin");
  expect(own.path).toBe("/Users/ana/Library/LaunchAgents/gatehouse.plist");
  expect(own.startWith(true)).toEqual([
    ["launchctl", "bootout", "gui/501/gatehouse"],
    ["launchctl", "bootstrap", "gui/501", own.path],
  ]);
  expect(managerOf({ ...place, scope: "system" }, "darwin").path).toBe(
    "/Library/LaunchDaemons/gatehouse.plist",
  );
});

describe("gatehouse service ready", () => {
  test("ends with 0 once the host answers", { tags: ["slow"] }, async () => {
    const dataDir = await folderWithAna();
    const [host, ready] = [spawnHost(dataDir), ranCli({ dataDir }, "service", "ready")];
    expect(await ready).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(host.child.exitCode).toBeNull();
  });

  test("ends with 1 once the host's process is gone", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    const dataDir = temporaryFolder();
    expect(await ranCli({ dataDir, env: { MAINPID: String(pid) } }, "service", "ready")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("ended before it was ready") as unknown,
    });
  });
});
