import { cpSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { expect, test } from "vitest";
import { hostNameOf } from "./host-name.ts";

const prefixOf = (dataDir: string): string => hostNameOf(dataDir).prefix;

test("a data folder keeps its prefix, and each of its hosts has a name of its own", () => {
  const folder = join(temporaryFolder(), "one");
  cpSync(temporaryFolder(), folder, { recursive: true });
  const first = hostNameOf(folder);
  const next = hostNameOf(folder);
  expect([next.prefix, next.name.startsWith(next.prefix)]).toEqual([first.prefix, true]);
  expect(next.name).not.toBe(first.name);
  expect(statSync(join(folder, "folder-id")).mode & 0o777).toBe(0o600);
});

test("a folder that comes to the same path, as on another machine with this hostname, has another prefix", () => {
  const place = temporaryFolder();
  const folder = join(place, "data");
  cpSync(temporaryFolder(), folder, { recursive: true });
  const first = prefixOf(folder);
  renameSync(folder, join(place, "moved"));
  cpSync(temporaryFolder(), folder, { recursive: true });
  expect(prefixOf(folder)).not.toBe(first);
  expect(prefixOf(join(place, "moved"))).toBe(first);
});

test("a copy of a data folder has a prefix of its own from its first start on", () => {
  const [folder, copy] = [temporaryFolder(), join(temporaryFolder(), "copy")];
  const first = prefixOf(folder);
  cpSync(folder, copy, { recursive: true, preserveTimestamps: true });
  const ofCopy = prefixOf(copy);
  expect(ofCopy).not.toBe(first);
  expect([prefixOf(folder), prefixOf(copy)]).toEqual([first, ofCopy]);
});

test("a torn file of the id is made anew", () => {
  const folder = temporaryFolder();
  prefixOf(folder);
  writeFileSync(join(folder, "folder-id"), readFileSync(join(folder, "folder-id"), "utf8").slice(0, 20));
  expect(prefixOf(folder)).toBe(prefixOf(folder));
});
