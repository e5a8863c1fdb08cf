import { execFileSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * One entry of a crafted tree. `path` is relative to the tree. In texts and targets, `{}` is replaced by the
 * tree's own path.
 */
export type Entry = { readonly path: string } & (
  | { readonly kind: "folder" }
  | { readonly kind: "pipe" }
  | { readonly kind: "link"; readonly target: string }
  /** `pad`: number of line breaks after the text. `byte`: a byte at its end that is not UTF-8. */
  | { readonly kind: "file"; readonly text: string; readonly pad: number; readonly byte: boolean }
);

/** A crafted folder with its surroundings. `named` is the folder that preflight is asked about. */
export type Tree = { readonly named: string; readonly entries: readonly Entry[] };

const textOf = ({ text, pad, byte }: Extract<Entry, { kind: "file" }>, root: string): Buffer =>
  Buffer.concat([
    Buffer.from(text.replaceAll("{}", root)),
    Buffer.from(byte ? [0xff] : []),
    Buffer.alloc(pad, "\n"),
  ]);

const isInTheWay = (error: unknown): boolean =>
  ["EEXIST", "ENOTDIR", "ENOENT", "ELOOP", "EISDIR"].includes((error as NodeJS.ErrnoException).code ?? "");

/**
 * One pipe for all trees of a place, with further names by links: one program per pipe would take longer than
 * everything else.
 */
const pipeBeside = (root: string): string => {
  const pipe = join(dirname(root), "a-pipe");
  if (!existsSync(pipe)) execFileSync("mkfifo", [pipe]);
  return pipe;
};

const makeEntry = (root: string, entry: Entry): void => {
  const path = join(root, entry.path);
  mkdirSync(dirname(path), { recursive: true });
  if (entry.kind === "folder") mkdirSync(path, { recursive: true });
  else if (entry.kind === "link") symlinkSync(entry.target.replaceAll("{}", root), path);
  else if (entry.kind === "pipe") linkSync(pipeBeside(root), path);
  else writeFileSync(path, textOf(entry, root), { flag: "wx" });
};

/**
 * Creates a tree on the disk, and returns the named folder. Of two entries in one place, the first is kept.
 */
export const makeTree = (root: string, { named, entries }: Tree): string => {
  mkdirSync(join(root, named), { recursive: true });
  for (const entry of entries)
    try {
      makeEntry(root, entry);
    } catch (error) {
      if (!isInTheWay(error)) throw error;
    }
  return join(root, named);
};
