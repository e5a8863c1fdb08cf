import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { onTestFinished } from "vitest";

const programs = ["/usr/bin/sudo", "/usr/sbin/useradd", "/usr/sbin/userdel"];

/** Why no runner can be started as another account here; null where it can. */
export const whyNoAccounts: string | null =
  process.platform !== "linux" || process.getuid?.() !== 0
    ? "needs Linux and root: it makes accounts"
    : programs.every((path) => existsSync(path))
      ? null
      : "needs sudo, useradd and userdel in their usual places";

let made = 0;

/** A person's account of the real system, that goes with the test. */
export const makeAccount = (): { readonly name: string; readonly uid: number } => {
  const name = `gs${process.pid}n${(made += 1)}`;
  execFileSync("useradd", ["--create-home", "--shell", "/bin/sh", name], { stdio: "pipe" });
  onTestFinished(() => void execFileSync("userdel", ["--force", "--remove", name], { stdio: "pipe" }));
  return { name, uid: Number(execFileSync("id", ["-u", name], { encoding: "utf8" })) };
};
