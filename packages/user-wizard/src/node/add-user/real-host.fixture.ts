import { execFileSync } from "node:child_process";
import {
  chmodSync,
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
import type { Answers } from "../../user/answers.ts";
import { thisMachine } from "../machine/this-machine.ts";
import type { Places } from "../places.ts";

/** Why this machine cannot be a host with accounts of its own; null if it can. */
export const whyNoRealHost: string | null =
  process.platform !== "linux"
    ? "needs Linux: the accounts are made with useradd"
    : process.getuid?.() !== 0
      ? "needs root: it makes accounts and gives directories away"
      : (["/usr/bin/sudo", "/usr/sbin/visudo", "/usr/sbin/useradd"].find((path) => !existsSync(path)) ??
            "") === ""
        ? null
        : "needs sudo, visudo and useradd in their usual places";

/** Accounts of the real system that nothing else uses. */
export type Accounts = {
  readonly service: string;
  readonly ada: string;
  readonly bob: string;
  /** Has ada's uid under another name. */
  readonly twin: string;
  remove(): void;
};

/** A host's data folder, and the request that adds Ada to it. */
export type RealHost = Omit<Accounts, "remove"> & {
  readonly folder: string;
  readonly places: Places;
  readonly answers: Answers;
  remove(): void;
};

let made = 0;

const run = (program: string, ...args: readonly string[]) => execFileSync(program, args, { stdio: "pipe" });

export const uidOf = (name: string): number => Number(execFileSync("id", ["-u", name], { encoding: "utf8" }));

/** `uid:gid`, as a snapshot has it. */
export const ownerOf = (name: string): string =>
  `${uidOf(name)}:${execFileSync("id", ["-g", name], { encoding: "utf8" }).trim()}`;

export const chownTo = (path: string, name: string): void => {
  run("chown", ownerOf(name), path);
};

export const makeAccounts = (): Accounts => {
  const unique = `${process.pid}x${(made += 1)}`;
  const named = (name: string) => `gw${name}${unique}`;
  const [service, ada, bob, twin] = [named("svc"), named("ada"), named("bob"), named("twin")];
  for (const name of [service, ada, bob]) run("useradd", "--create-home", "--shell", "/bin/sh", name);
  run("useradd", "--no-create-home", "--non-unique", "--uid", String(uidOf(ada)), twin);
  // Lets the host's account start a shell as both. The rule under test goes into the test's own folder.
  const rule = `/etc/sudoers.d/${service}`;
  writeFileSync(rule, `${service} ALL=(${ada},${bob}) NOPASSWD: /bin/sh\n`, { mode: 0o440 });
  const remove = () => {
    rmSync(rule, { force: true });
    run("userdel", "--force", twin);
    for (const name of [ada, bob, service]) run("userdel", "--force", "--remove", name);
  };
  return { service, ada, bob, twin, remove };
};

/** Makes a data folder with this users.yaml, or with none (null). */
export const makeRealHost = (accounts: Accounts, usersText: string | null = "users:\n"): RealHost => {
  const folder = mkdtempSync(join(tmpdir(), "user-wizard-"));
  const own = (path: string, mode: number) => {
    chownTo(path, accounts.service);
    chmodSync(path, mode);
  };
  own(folder, 0o711);
  mkdirSync(join(folder, "sudoers.d"), { mode: 0o755 });
  const usersFile = join(folder, "users.yaml");
  if (usersText !== null) {
    writeFileSync(usersFile, usersText);
    own(usersFile, 0o640);
  }
  const sudoers = { directory: join(folder, "sudoers.d"), commands: ["/usr/bin/claude"] };
  return {
    ...accounts,
    folder,
    places: { usersFile, dataDir: join(folder, "users"), service: accounts.service, sudoers },
    answers: { telegram_id: 7, name: "Ada", os_user: accounts.ada },
    remove: () => {
      rmSync(thisMachine.journals.pathOf(usersFile), { force: true });
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Kind, mode, owner and content of everything below a folder, to compare two states byte by byte. */
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
