import { execFileSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** One entry of a crafted tree; `path` is relative to the tree, and in texts and targets `{}` stands for the tree's own path. */
export type Entry = { readonly path: string } & (
  | { readonly kind: "folder" }
  | { readonly kind: "pipe" }
  | { readonly kind: "link"; readonly target: string }
  /** `pad`: so many line breaks behind the text. `byte`: one that is no UTF-8, at its end. */
  | { readonly kind: "file"; readonly text: string; readonly pad: number; readonly byte: boolean }
);

/** A crafted folder, with what lies around it: `named` is the one that preflight is asked about. */
export type Tree = { readonly named: string; readonly entries: readonly Entry[] };

const textOf = ({ text, pad, byte }: Extract<Entry, { kind: "file" }>, root: string): Buffer =>
  Buffer.concat([
    Buffer.from(text.replaceAll("{}", root)),
    Buffer.from(byte ? [0xff] : []),
    Buffer.alloc(pad, "\n"),
  ]);

const isInTheWay = (error: unknown): boolean =>
  ["EEXIST", "ENOTDIR", "ENOENT", "ELOOP", "EISDIR"].includes((error as NodeJS.ErrnoException).code ?? "");

/** One pipe for all trees of a place, by further names: a program for each would take longer than all else. */
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

/** Makes a tree on the disk, and gives the folder that is named. Of two entries in one place the first stands. */
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
