import { Buffer } from "node:buffer";
import { Header, Pax } from "tar";

/** An entry of a tar. `size` is in bytes, `mtime` in ms; a folder or link has no bytes. */
export type TarEntry = {
  readonly type: "File" | "Directory" | "SymbolicLink";
  readonly path: string;
  readonly mode: number;
  readonly size?: number;
  readonly mtimeMs?: number;
  readonly linkpath?: string;
};

export const blockBytes = 512;

/** The header of an entry, with another one before it for a long name or one with other letters than ASCII. */
export const headerOf = ({ mtimeMs = 0, ...entry }: TarEntry): Buffer => {
  // A tar has whole seconds. With parts of one, each entry would need a second header.
  const facts = {
    size: 0,
    ...entry,
    uid: 0,
    gid: 0,
    mtime: new Date(Math.max(0, Math.floor(mtimeMs / 1000)) * 1000),
  };
  const header = new Header(facts);
  const block = Buffer.alloc(blockBytes);
  if (!header.encode(block)) return block;
  const { path, linkpath, size } = facts;
  return Buffer.concat([
    new Pax({ path, size, ...(linkpath === undefined ? {} : { linkpath }) }).encode(),
    block,
  ]);
};

/** The zero bytes that fill the last block of an entry. */
export const paddingOf = (size: number): Buffer =>
  Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);

/** The two blocks of zero bytes that end a tar. */
export const endOfTar: Buffer = Buffer.alloc(2 * blockBytes);
