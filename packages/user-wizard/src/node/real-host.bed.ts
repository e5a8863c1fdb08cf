import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Answers } from "../answers.ts";
import type { Places } from "./gather-facts.ts";

/** Why this machine cannot be used as a host with accounts of its own; null where it can. */
export const whyNoRealHost: string | null =
  process.platform !== "linux"
    ? "needs Linux: the accounts are made with useradd"
    : process.getuid?.() !== 0
      ? "needs root: it makes accounts and gives directories away"
      : (["/usr/bin/sudo", "/usr/sbin/visudo", "/usr/sbin/useradd"].find((path) => !existsSync(path)) ??
            "") === ""
        ? null
        : "needs sudo, visudo and useradd in their usual places";

/** A host's data folder and accounts of the real system, which nothing else uses; all of it is removed by `remove`. */
export type RealHost = {
  readonly folder: string;
  readonly places: Places;
  readonly service: string;
  readonly ada: string;
  readonly bob: string;
  /** The uid is ada's, the name is not. */
  readonly twin: string;
  readonly answers: Answers;
  remove(): void;
};

let made = 0;

const sh = (program: string, ...args: readonly string[]) => execFileSync(program, args, { stdio: "pipe" });

export const uidOf = (name: string): number => Number(execFileSync("id", ["-u", name], { encoding: "utf8" }));

export const makeRealHost = (usersText: string | null = "users:\n"): RealHost => {
  made += 1;
  const unique = `${process.pid}x${made}`;
  const [service, ada, bob, twin] = ["svc", "ada", "bob", "twin"].map((name) => `gw${name}${unique}`) as [
    string,
    string,
    string,
    string,
  ];
  for (const name of [service, ada, bob]) sh("useradd", "--create-home", "--shell", "/bin/sh", name);
  sh("useradd", "--no-create-home", "--non-unique", "--uid", String(uidOf(ada)), twin);
  const folder = mkdtempSync(join(tmpdir(), "user-wizard-"));
  const owner = uidOf(service);
  const own = (path: string, mode: number) => {
    chownSync(path, owner, owner);
    chmodSync(path, mode);
  };
  own(folder, 0o711);
  mkdirSync(join(folder, "sudoers.d"), { mode: 0o755 });
  const usersFile = join(folder, "users.yaml");
  if (usersText !== null) {
    writeFileSync(usersFile, usersText);
    own(usersFile, 0o640);
  }
  return {
    folder,
    places: { usersFile, dataDir: join(folder, "users"), service },
    service,
    ada,
    bob,
    twin,
    answers: { telegram_id: 7, name: "Ada", os_user: ada },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
      for (const name of [twin, bob, ada, service])
        execFileSync("userdel", [name === twin ? "--force" : "--remove", name], { stdio: "ignore" });
    },
  };
};

/** Everything below a folder: kind, mode, owner and content, so that two states can be compared to the byte. */
export const snapshot = (folder: string): Readonly<Record<string, string>> => {
  const entries: Record<string, string> = {};
  const visit = (path: string, name: string) => {
    const stats = lstatSync(path);
    const kind = stats.isDirectory() ? "directory" : stats.isSymbolicLink() ? "link" : "file";
    const content = stats.isFile() ? readFileSync(path, "latin1") : "";
    entries[name] = `${kind} ${(stats.mode & 0o7777).toString(8)} ${stats.uid}:${stats.gid} ${content}`;
    if (stats.isDirectory())
      for (const child of readdirSync(path)) visit(join(path, child), `${name}/${child}`);
  };
  visit(folder, ".");
  return entries;
};
