import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { onTestFinished } from "vitest";

const programs = ["/usr/bin/sudo", "/usr/sbin/visudo", "/usr/sbin/useradd", "/usr/sbin/runuser"];

/** Why this machine cannot start processes as other accounts; null if it can. */
export const whyNoAccounts: string | null =
  process.platform !== "linux"
    ? "needs Linux: the accounts are made with useradd"
    : process.getuid?.() !== 0
      ? "needs root: it makes accounts"
      : programs.every((path) => existsSync(path))
        ? null
        : "needs sudo, visudo, useradd and runuser in their usual places";

const run = (program: string, ...args: readonly string[]) => execFileSync(program, args, { stdio: "pipe" });

let made = 0;

/** Makes two new accounts of the real system: one of a host, one of a person. */
export const makeAccounts = (): { readonly service: string; readonly ada: string } => {
  const unique = `${process.pid}x${(made += 1)}`;
  const [service, ada] = [`ctsvc${unique}`, `ctada${unique}`];
  for (const name of [service, ada]) {
    run("useradd", "--create-home", "--shell", "/bin/sh", name);
    onTestFinished(() => void run("userdel", "--force", "--remove", name));
  }
  return { service, ada };
};

/** Writes a sudo rule as `gatehouse users add` does: this program, without a password, without SETENV. */
export const allow = (service: string, account: string, program: string): void => {
  const file = `/etc/sudoers.d/${service}`;
  onTestFinished(() => rmSync(file, { force: true }));
  const text = `${service} ALL=(${account}) NOPASSWD: ${program}\n`;
  execFileSync("visudo", ["--check", "--file=-"], { input: text, stdio: "pipe" });
  writeFileSync(file, text, { mode: 0o440 });
};
