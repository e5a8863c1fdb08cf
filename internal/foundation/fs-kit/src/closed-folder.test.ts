import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { closedFolder } from "./closed-folder.ts";

const makeRoot = (): string => {
  const root = mkdtempSync(join(tmpdir(), "closed-folder-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
};

type Row = {
  readonly what: string;
  /** Makes what is at the path; by default nothing. */
  readonly make?: (path: string) => void;
  readonly found: unknown;
};

const refused = (detail: string, fix: RegExp) => ({
  code: "data-folder-unusable",
  message: expect.stringContaining(`cannot be used (${detail})`) as unknown,
  fix: expect.stringMatching(fix) as unknown,
});

test.for<Row>([
  { what: "a folder", make: (path) => mkdirSync(path), found: null },
  { what: "nothing", found: "missing" },
  { what: "a link to nothing", make: (path) => symlinkSync("nothing", path), found: "missing" },
  { what: "a file", make: (path) => writeFileSync(path, ""), found: refused("ENOTDIR", /^a file .*--data$/) },
  {
    what: "a link to itself",
    make: (path) => symlinkSync(path, path),
    found: refused("ELOOP", /^a file or a link .*--data$/),
  },
])("closedFolder tells $what", ({ make, found }) => {
  const path = join(makeRoot(), "data");
  make?.(path);
  expect(closedFolder(path, "missing")).toEqual(found);
});

test.runIf(process.geteuid?.() === 0).for([
  { what: "the folder", inside: "." },
  { what: "a folder above it", inside: "data" },
])("closedFolder tells that another account may not enter $what (not root: skipped)", ({ inside }) => {
  const root = makeRoot();
  const path = join(root, inside);
  mkdirSync(path, { recursive: true });
  chmodSync(root, 0o700);
  process.seteuid?.(4711);
  try {
    expect(closedFolder(path, "missing")).toEqual(refused("EACCES", /^run this as the account of its host/));
  } finally {
    process.seteuid?.(0);
  }
});
