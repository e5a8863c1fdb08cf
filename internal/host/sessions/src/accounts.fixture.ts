import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { onTestFinished } from "vitest";

const programs = ["/usr/bin/sudo", "/usr/sbin/useradd", "/usr/sbin/userdel"];

/** Why this machine cannot start a runner as another account; null if it can. */
export const whyNoAccounts: string | null =
  process.platform !== "linux" || process.getuid?.() !== 0
    ? "needs Linux and root: it makes accounts"
    : programs.every((path) => existsSync(path))
      ? null
      : "needs sudo, useradd and userdel in their usual places";

let made = 0;

/** Makes a real account of the system, which is removed after the test. */
export const makeAccount = (): { readonly name: string; readonly uid: number } => {
  const name = `gs${process.pid}n${(made += 1)}`;
  execFileSync("useradd", ["--create-home", "--shell", "/bin/sh", name], { stdio: "pipe" });
  onTestFinished(() => void execFileSync("userdel", ["--force", "--remove", name], { stdio: "pipe" }));
  return { name, uid: Number(execFileSync("id", ["-u", name], { encoding: "utf8" })) };
};
