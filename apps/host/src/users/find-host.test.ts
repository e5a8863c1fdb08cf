import { spawn, spawnSync } from "node:child_process";
import { linkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { claimDataFolder, hostFilesIn, writePid } from "@gatehouse/data-folder";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { findHost as findHostWith } from "@gatehouse/people";

const ranNothing = async () => ({ exitCode: 127, stdout: "", stderr: "" });
const linux = { platform: "linux", run: ranNothing } as const;
const findHost = (machine: Parameters<typeof findHostWith>[0], data: string) =>
  findHostWith(machine, hostFilesIn(data));
const onLinux = process.platform === "linux";

/** Makes a data folder of which this process is the host. */
const claimed = async (): Promise<string> => {
  const data = temporaryFolder();
  const claim = await claimDataFolder(data);
  if (!claim.ok) return expect.fail(claim.error.code);
  onTestFinished(() => claim.value.release());
  await writePid(join(data, "host.pid"));
  return data;
};

/** Starts a program that is not a host. Returns its pid. */
const otherProgram = (): number => {
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child.pid ?? 0;
};

describe("findHost", () => {
  test("finds the process that holds the lock", async ({ skip }) => {
    if (!onLinux) skip("the locks of a process are listed on Linux only");
    expect(await findHost(linux, await claimed())).toBe(process.pid);
  });

  const noHost: readonly { what: string; make: (data: string) => void }[] = [
    { what: "an empty folder", make: () => {} },
    {
      what: "a pid without a lock",
      make: (data) => writeFileSync(join(data, "host.pid"), `${process.pid}\n`),
    },
    {
      what: "a pid that another program got after a kill -9",
      make: (data) => {
        writeFileSync(join(data, "host.pid"), `${otherProgram()}\n`);
        writeFileSync(join(data, "host.lock"), "pid 4711 since 2026-11-20T08:00:00.000Z\n");
      },
    },
    {
      what: "a pid without a process",
      make: (data) => {
        writeFileSync(join(data, "host.pid"), "4194305\n");
        writeFileSync(join(data, "host.lock"), "");
      },
    },
    ...["1", "0", "-1", "12x", "", "99999999999999"].map((text) => ({
      what: `the pid ${JSON.stringify(text)}`,
      make: (data: string) => {
        writeFileSync(join(data, "host.pid"), text);
        writeFileSync(join(data, "host.lock"), "");
      },
    })),
  ];
  test.for(noHost)("finds no host for $what", async ({ make }) => {
    const data = temporaryFolder();
    make(data);
    expect(await findHost(linux, data)).toBeNull();
  });

  test("finds no host if host.pid names another process than the lock's holder", async () => {
    const data = await claimed();
    writeFileSync(join(data, "host.pid"), `${otherProgram()}\n`);
    expect(await findHost(linux, data)).toBeNull();
  });

  test.for([
    { what: "a symbolic link", link: symlinkSync },
    { what: "a second name", link: linkSync },
  ])("finds no host if host.lock is $what of another host's lock", async ({ link }) => {
    const [other, data] = [await claimed(), temporaryFolder()];
    link(join(other, "host.lock"), join(data, "host.lock"));
    writeFileSync(join(data, "host.pid"), `${process.pid}\n`);
    expect(await findHost(linux, data)).toBeNull();
  });

  const replaced = [
    {
      what: "host.pid was another host's",
      replace: (data: string) => writeFileSync(join(data, "host.pid"), `${process.pid}\n`),
    },
    {
      what: "the lock was another host's",
      replace: (data: string) => {
        rmSync(join(data, "host.lock"));
        writeFileSync(join(data, "host.lock"), "");
        writeFileSync(join(data, "host.pid"), `${process.pid}\n`);
      },
    },
  ];
  test.for(replaced)("finds a host that replaced another during the search: $what", async ({ replace }) => {
    const data = temporaryFolder();
    writeFileSync(join(data, "host.pid"), "4194304\n");
    writeFileSync(join(data, "host.lock"), "");
    const asked: string[] = [];
    const run = async ([, , , pid = ""]: readonly string[]) => {
      asked.push(pid);
      if (asked.length === 1) replace(data);
      return { exitCode: 0, stdout: `p${pid}\n`, stderr: "" };
    };
    expect(await findHost({ platform: "darwin", run }, data)).toBe(process.pid);
    expect(asked).toEqual(["4194304", String(process.pid)]);
  });

  test("finds no host if the host is replaced again at each try", async () => {
    const data = temporaryFolder();
    writeFileSync(join(data, "host.pid"), "1000\n");
    writeFileSync(join(data, "host.lock"), "");
    let looks = 0;
    const run = async () => {
      looks += 1;
      writeFileSync(join(data, "host.pid"), `${1000 + looks}\n`);
      return { exitCode: 0, stdout: `p${999 + looks}\n`, stderr: "" };
    };
    expect(await findHost({ platform: "darwin", run }, data)).toBeNull();
    expect(looks).toBe(5);
  });

  test.for(["host.pid", "host.lock"])("finds no host, without waiting, if %s is a pipe", async (name) => {
    const data = temporaryFolder();
    writeFileSync(join(data, name === "host.pid" ? "host.lock" : "host.pid"), `${process.pid}\n`);
    expect(spawnSync("mkfifo", [join(data, name)]).status).toBe(0);
    expect(await findHost(linux, data)).toBeNull();
  });

  const opened = [
    {
      what: "finds the pid on macOS if lsof lists its open lock file",
      exitCode: 0,
      stdout: `p${process.pid}\nf21\n`,
      found: process.pid,
    },
    { what: "finds no host on macOS if lsof lists nothing", exitCode: 1, stdout: "", found: null },
    {
      what: "finds no host on macOS if lsof lists a pid with the same first digits",
      exitCode: 0,
      stdout: `p${process.pid}1\n`,
      found: null,
    },
  ];
  test.for(opened)("$what", async ({ found, ...ran }) => {
    const data = temporaryFolder();
    writeFileSync(join(data, "host.pid"), `${process.pid}\n`);
    writeFileSync(join(data, "host.lock"), "");
    const asked: (readonly string[])[] = [];
    const run = async (command: readonly string[]) => {
      asked.push(command);
      return { ...ran, stderr: "" };
    };
    expect(await findHost({ platform: "darwin", run }, data)).toBe(found);
    expect(asked).toEqual([["lsof", "-a", "-p", String(process.pid), "-Fp", "--", join(data, "host.lock")]]);
  });
});
