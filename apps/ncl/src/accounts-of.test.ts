import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { accountsOf } from "./accounts-of.ts";
import { explain } from "./transport-messages.ts";

const socketIn = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "ncl-accounts-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "ncl.sock");
};

test("accountsOf names the account of the host, and the caller's", () =>
  expect(accountsOf(socketIn(), 4711)).toEqual({ host: userInfo().username, own: "uid 4711" }));

test.each([
  { what: "this account's own folder", socket: socketIn },
  { what: "a missing folder", socket: () => "/no/such/ncl.sock" },
])("accountsOf returns null for $what", ({ socket }) => expect(accountsOf(socket())).toBe(null));

test.each([
  { host: "ada", fix: "run it as ada: sudo -u ada ...; or name a data folder of your own with --data DIR" },
  { host: "root", fix: "run it as root: sudo ...; or name a data folder of your own with --data DIR" },
])("explain tells another account that $host runs the host", ({ host, fix }) =>
  expect(explain({ code: "not-allowed" }, "/srv/g/ncl.sock", { host, own: "bo" })).toEqual({
    code: "transport-error",
    message: `The host of /srv/g is run by ${host}, and you are bo.`,
    fix,
  }),
);
