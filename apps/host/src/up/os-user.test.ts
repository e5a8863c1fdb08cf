// @module-tag rest
import { chmodSync, lstatSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { systemCode } from "@gatehouse/std";
import { expect, inject, test, vi } from "vitest";
import { makeAccount, whyNotForReal } from "../users/accounts.fixture.ts";
import { spawnHost } from "./host.fixture.ts";
import { run, runWith } from "./run.fixture.ts";

const slow = { tags: ["slow"] };
const { gatehouse, ncl } = inject("programs");

const groupIn = (dataDir: string): string => readdirSync(join(dataDir, "sessions"))[0] ?? "";

/** The owner of the spool of the session's agent, in the account's own folder. */
const writerIn = (
  dataDir: string,
  { name, uid }: { readonly name: string; readonly uid: number },
): number => {
  const [session = ""] = readdirSync(join(dataDir, "sessions", groupIn(dataDir)));
  return lstatSync(`/home/${name}/.gatehouse/agents/${session}/out/spool-${uid}`).uid;
};

test(
  "a person's session runs as their os_user, and as the new os_user after a reload",
  slow,
  async ({ skip }) => {
    if (whyNotForReal !== null) skip(whyNotForReal);
    const dataDir = temporaryFolder();
    chmodSync(dataDir, 0o711);
    const [ada, bo] = [makeAccount(), makeAccount()];
    const setUser = (account: string): void =>
      writeFileSync(
        join(dataDir, "users.yaml"),
        `users:\n  - { telegram_id: 7, name: Ada, role: admin, os_user: ${account} }\n`,
        { mode: 0o600 },
      );
    setUser(ada.name);
    run(gatehouse, "init", "--name", "Ana", "--folder", "ana", "--owner", "local:ana", "--data", dataDir);
    const host = spawnHost(dataDir);
    await host.ready();
    const asked = (...words: readonly string[]): string => run(ncl, ...words, "--socket", host.socket);
    const chat = (text: string): string =>
      runWith(text, gatehouse, "chat", "--group", "ana", "--as", "telegram:7", "--data", dataDir);
    expect(chat("hello\n")).toBe("hello\n");
    expect(writerIn(dataDir, ada)).toBe(ada.uid);

    // The session keeps the generation of its start, so `config get` lists the changed fields as behind.
    asked("groups", "config", "update", "Ana", "--model", "opus");
    expect(JSON.parse(asked("groups", "config", "get", "Ana", "--json"))).toMatchObject({
      data: { generation: 2, behind: [{ generation: 1, fields: ["model"], needs: "restart" }] },
    });

    setUser(bo.name);
    asked("users", "reload");
    await vi.waitFor(
      () => {
        expect(chat("again\n")).toBe("again\n");
        expect(writerIn(dataDir, bo)).toBe(bo.uid);
      },
      { interval: 100 },
    );
    expect(JSON.parse(asked("groups", "config", "get", "Ana", "--json"))).toMatchObject({
      data: { behind: [] },
    });
    const own = ["chat", "--group", "ana", "--as", "local:ana", "--data", dataDir];
    expect(runWith("mine\n", gatehouse, ...own)).toBe("mine\n");
    expect(readdirSync(join(dataDir, "sessions", groupIn(dataDir)))).toHaveLength(2);
    expect(readableIn(dataDir).toSorted()).toEqual(
      ["gateway.sock", "runners.sock"].map((name) => join(dataDir, name)),
    );
    host.child.kill("SIGTERM");
    await host.ended;
    for (const { uid } of [ada, bo])
      await vi.waitFor(() => expect(processesOf(uid)).toEqual([]), { interval: 100 });
  },
);

/** The files and folders that every account can read, in folders that every account can enter. */
const readableIn = (folder: string): readonly string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const stat = lstatSync(path);
    const isReadable = (stat.mode & 0o004) !== 0;
    const isPassable = stat.isDirectory() && (stat.mode & 0o001) !== 0;
    return [...(isReadable ? [path] : []), ...(isPassable ? readableIn(path) : [])];
  });

/** The command lines of an account's processes. A zombie has none: it has ended, and is not reaped yet. */
const processesOf = (uid: number): readonly string[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => lstatSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === uid)
    .map(commandLineOf)
    .filter((line) => line !== "");

/** The command line of a process; empty if it has ended. */
const commandLineOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes(systemCode(error) ?? "")) return "";
    throw error;
  }
};
