import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { homesOfAccounts } from "./find-mount.ts";

const passwd = [
  "root:x:0:0:root:/root:/bin/bash",
  "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin",
  "ada:x:1000:1000:Ada,,,:/home/ada:/bin/bash",
  "mia:x:1001:1001::/srv/people/mia:/bin/sh",
  "odd:x:1002:1002::/:/bin/sh",
  "homeless:x:1003:1003:::",
  "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
  "+nis",
  "",
].join("\n");

test("homesOfAccounts returns the homes of root and of people, not of services", async () => {
  const folder = mkdtempSync(join(tmpdir(), "passwd-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "passwd"), passwd);
  expect(await homesOfAccounts(join(folder, "passwd"))).toEqual(["/root", "/home/ada", "/srv/people/mia"]);
  expect(await homesOfAccounts(join(folder, "none"))).toEqual([]);
});

test("homesOfAccounts finds homes of this machine", async ({ skip }) => {
  const homes = await homesOfAccounts();
  skip(homes.length === 0, "this system has no /etc/passwd");
  expect(homes.length).toBeGreaterThan(0);
});
