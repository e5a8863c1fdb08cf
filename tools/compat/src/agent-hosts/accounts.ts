import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";

const programs = ["/usr/bin/sudo", "/usr/sbin/useradd", "/usr/sbin/userdel"];

/** Why this machine cannot start an agent as another account; null if it can. */
export const whyNoAccounts = (): string | null =>
  process.platform !== "linux" || process.getuid?.() !== 0
    ? "It needs Linux and root: it makes accounts."
    : programs.every((path) => existsSync(path))
      ? null
      : "It needs sudo, useradd and userdel in their usual places.";

/** An account of the system, with a home of its own. */
export type Account = { readonly name: string; readonly uid: number; readonly remove: () => void };

let made = 0;

/** Makes an account. `remove` deletes it with its home, also while processes of it run. */
export const makeAccount = (): Account => {
  const name = `gc${process.pid}n${(made += 1)}`;
  execFileSync("useradd", ["--create-home", "--shell", "/bin/sh", name], { stdio: "pipe" });
  return {
    name,
    uid: Number(execFileSync("id", ["-u", name], { encoding: "utf8" })),
    remove: () => void execFileSync("userdel", ["--force", "--remove", name], { stdio: "pipe" }),
  };
};
