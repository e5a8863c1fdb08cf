import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { olderThanSources, withCommit } from "./build-state.ts";

const byHash = `import { readFileSync } from "node:fs";
export const sourcesHash = () => readFileSync(new URL("../../sources", import.meta.url), "utf8");`;

const write = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

/** A checkout whose programs were built from the sources `old`. The shell needs quotes for its name. */
const checkout = (setUp: string | null = byHash) => {
  const root = join(realpathSync(mkdtempSync(join(tmpdir(), "build-state-"))), "it's");
  onTestFinished(() => rmSync(dirname(root), { recursive: true, force: true }));
  const [index, file] = [join(root, ".git/index"), join(root, "dist/build.json")];
  write(join(root, "sources"), "old");
  write(index, "index");
  utimesSync(index, 1, 1);
  if (setUp !== null) write(join(root, "tools/scripts/setup.mjs"), setUp);
  const seen = { index: "5 1000", isOlder: false };
  write(file, JSON.stringify({ commit: "3f2a91c04d12", sources: "old", index: ".git/index", seen }));
  const place = { folder: pathToFileURL(`${root}/dist/`), root: pathToFileURL(`${root}/`) };
  return {
    root,
    place,
    change: (sources: string) => write(join(root, "sources"), sources),
    pull: () => utimesSync(index, 2, 2),
    build: (text: string) => write(file, text),
    written: () => readFileSync(file, "utf8"),
    isOlder: async (compares = false) => (await olderThanSources("0.0.0", compares, place)) !== null,
  };
};

describe("olderThanSources", () => {
  test("names the checkout and the command that builds there", async () => {
    const { root, place, change, pull } = checkout();
    change("new");
    pull();
    expect(await olderThanSources("0.0.0+3f2a91c04d12", false, place)).toBe(
      `This program (0.0.0+3f2a91c04d12) is older than its sources. To build it anew: cd '${root.replace("'", "'\\''")}/' && npm start`,
    );
  });

  test.for([
    { what: "a pull that changed sources", sources: "new", isPulled: true, isOlder: true },
    { what: "a pull that changed only documents", sources: "old", isPulled: true, isOlder: false },
    { what: "no pull", sources: "old", isPulled: false, isOlder: false },
    { what: "a change that Git has not seen", sources: "new", isPulled: false, isOlder: false },
    { what: "the same, if compared", sources: "new", isPulled: false, compares: true, isOlder: true },
    { what: "no change, if compared", sources: "old", isPulled: false, compares: true, isOlder: false },
  ])("after $what is $isOlder", async ({ sources, isPulled, compares = false, isOlder }) => {
    const at = checkout();
    at.change(sources);
    if (isPulled) at.pull();
    expect(await at.isOlder(compares)).toBe(isOlder);
    // The outcome is kept, so that the next command reads no sources.
    rmSync(join(at.root, "sources"));
    expect(await at.isOlder()).toBe(isOlder);
  });

  test("follows the sources back to those of the build", async () => {
    const at = checkout();
    at.change("new");
    expect(await at.isOlder(true)).toBe(true);
    at.change("old");
    expect(await at.isOlder(true)).toBe(false);
  });

  test.for([
    { what: "gives no hash", setUp: "export const root = 1;" },
    { what: "misses a file of the sources", setUp: byHash.replace("../../sources", "../../none") },
  ])("takes a set-up that $what for a newer one", async ({ setUp }) => {
    const at = checkout(setUp);
    expect(await at.isOlder()).toBe(false);
    at.pull();
    expect(await at.isOlder()).toBe(true);
  });

  test("says nothing about a program that npm installed", async () => {
    const at = checkout(null);
    at.pull();
    expect(await at.isOlder(true)).toBe(false);
  });

  test.for(["", "not json", "null"])("says nothing about a build without a state: %j", async (text) => {
    const at = checkout();
    at.build(text);
    at.pull();
    expect(await at.isOlder(true)).toBe(false);
    expect(at.written()).toBe(text);
  });

  test("compares only on demand where there is no Git", async () => {
    const at = checkout();
    at.build(at.written().replace('".git/index"', "null").replace('"5 1000"', "null"));
    at.change("new");
    expect([await at.isOlder(), await at.isOlder(true), await at.isOlder()]).toEqual([false, true, true]);
  });
});

describe("withCommit", () => {
  test.for([
    { commit: '"3f2a91c04d12"', version: "1.2.3+3f2a91c04d12" },
    { commit: '"3f2a91c04d12.changed"', version: "1.2.3+3f2a91c04d12.changed" },
    { commit: "null", version: "1.2.3" },
  ])("is $version for the commit $commit", ({ commit, version }) => {
    const at = checkout();
    at.build(at.written().replace('"3f2a91c04d12"', commit));
    expect(withCommit("1.2.3", at.place.folder)).toBe(version);
  });

  test("is the version alone for a program that runs from its sources", () =>
    expect(withCommit("1.2.3")).toBe("1.2.3"));
});
