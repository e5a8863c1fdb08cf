// @module-tag rest
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import { parsePasswdLine } from "../../account/account.ts";
import { describeMachine } from "./describe-machine.fixture.ts";
import { makeAccounts, whyNoRealHost, type Accounts } from "../add-user/real-host.fixture.ts";
import { thisMachine } from "./this-machine.ts";

let accounts: Accounts | undefined;
beforeAll(() => {
  if (whyNoRealHost === null) accounts = makeAccounts();
});
afterAll(() => accounts?.remove());

const accountNamed = (name: string) =>
  parsePasswdLine(execFileSync("getent", ["passwd", name], { encoding: "utf8" }).trim())!;

const why = whyNoRealHost;
if (why === null)
  describeMachine("this one", () => {
    const folder = mkdtempSync(join(tmpdir(), "machine-"));
    chmodSync(folder, 0o711);
    return {
      machine: thisMachine,
      folder,
      service: accountNamed(accounts!.service),
      person: accountNamed(accounts!.ada),
      link: (path, to) => symlinkSync(to, path),
      remove: () => rmSync(folder, { recursive: true }),
    };
  });
else test("the machine port: this one", ({ skip }) => skip(why));
