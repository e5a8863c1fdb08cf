import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { accountsOf } from "./accounts-of.ts";
import { explain } from "./explain.ts";

const socketIn = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "ncl-accounts-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "ncl.sock");
};

test("names the account that runs the host, and the one that asks", () =>
  expect(accountsOf(socketIn(), 4711)).toEqual({ host: userInfo().username, own: "uid 4711" }));

test.each([
  { what: "this account's own folder", socket: socketIn },
  { what: "a folder that is not there", socket: () => "/no/such/ncl.sock" },
])("names nobody for $what", ({ socket }) => expect(accountsOf(socket())).toBe(null));

test.each([
  { host: "ada", fix: "run it as ada: sudo -u ada ...; or name a data folder of your own with --data DIR" },
  { host: "root", fix: "run it as root: sudo ...; or name a data folder of your own with --data DIR" },
])("tells another account than $host who runs the host", ({ host, fix }) =>
  expect(explain({ code: "not-allowed" }, "/srv/g/ncl.sock", { host, own: "bo" })).toEqual({
    code: "transport-error",
    message: `The host of /srv/g is run by ${host}, and you are bo.`,
    fix,
  }),
);
