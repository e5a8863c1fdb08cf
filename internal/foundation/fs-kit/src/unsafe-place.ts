/**
 * Facts from `lstat` or `fstat`: owners, type and rights as in st_mode, and the number of names (hard links).
 */
export type EntryFacts = {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly nlink: number;
};

/** The problem of a file or folder that another account could replace, or has replaced. */
export type UnsafePlace =
  | { readonly code: "link" | "not-a-file" | "not-a-folder" | "more-names"; readonly path: string }
  | {
      readonly code: "foreign-owner";
      readonly path: string;
      readonly uid: number;
      /** The expected owner. */
      readonly owner: number;
    }
  /** Its group or everyone may write to it. `mode` has its nine permission bits and the sticky bit. */
  | { readonly code: "writable-by-others"; readonly path: string; readonly mode: number };

const typeBits = 0o170000;
const types = { folder: 0o040000, file: 0o100000, link: 0o120000 } as const;
const sticky = 0o1000;
const byOthers = 0o022;
const byGroup = 0o020;

const is = ({ mode }: EntryFacts, type: keyof typeof types): boolean => (mode & typeBits) === types[type];

export const isLink = (facts: EntryFacts): boolean => is(facts, "link");
export const isFolder = (facts: EntryFacts): boolean => is(facts, "folder");

/** The problem of a file that is not this account's own, or has a second name. Null for a safe or removed file. */
export const fileProblem = (path: string, facts: EntryFacts, owner: number): UnsafePlace | null => {
  if (isLink(facts)) return { code: "link", path };
  if (!is(facts, "file")) return { code: "not-a-file", path };
  if (facts.uid !== owner) return { code: "foreign-owner", path, uid: facts.uid, owner };
  return facts.nlink > 1 ? { code: "more-names", path } : null;
};

/** The problem of a folder that is not this account's own, or in which other accounts could make or rename entries. */
export const folderProblem = (path: string, facts: EntryFacts, owner: number): UnsafePlace | null => {
  if (!isFolder(facts)) return { code: "not-a-folder", path };
  if (facts.uid !== owner) return { code: "foreign-owner", path, uid: facts.uid, owner };
  return facts.mode & byOthers ? writable(path, facts) : null;
};

/**
 * The account's private group has the same number and no other member (Debian, Fedora: their umask of 002
 * makes homes that this group may write). Images that run under any uid give the rights to root's group
 * (OpenShift).
 */
const isOwnGroup = (gid: number, owner: number): boolean => owner !== 0 && (gid === owner || gid === 0);

/**
 * The problem of a folder whose entries an account other than root and this one could replace. This is the rule of
 * StrictModes in sshd(8), with two exceptions. A sticky folder is accepted, because only the owner of an entry or of the
 * folder may rename the entry. A folder that only the account's own group may write to is accepted too.
 */
export const parentProblem = (path: string, facts: EntryFacts, owner: number): UnsafePlace | null => {
  if (facts.uid !== 0 && facts.uid !== owner) return { code: "foreign-owner", path, uid: facts.uid, owner };
  const others = isOwnGroup(facts.gid, owner) ? byOthers & ~byGroup : byOthers;
  return facts.mode & others && !(facts.mode & sticky) ? writable(path, facts) : null;
};

const writable = (path: string, { mode }: EntryFacts): UnsafePlace => ({
  code: "writable-by-others",
  path,
  mode: mode & 0o1777,
});

/** The problem of a place and its fix, as two clauses. */
export const describeUnsafe = (place: UnsafePlace): { readonly what: string; readonly mend: string } => {
  const { path } = place;
  switch (place.code) {
    case "link":
      return { what: `${path} is a symbolic link, and links are not followed here`, mend: `remove ${path}` };
    case "not-a-file":
      return { what: `${path} is not a regular file`, mend: `move ${path} away` };
    case "not-a-folder":
      return { what: `${path} is not a folder`, mend: `move ${path} away` };
    case "more-names":
      return {
        what: `${path} has a second name (a hard link), so it may be another program's file`,
        mend: `remove ${path}`,
      };
    case "foreign-owner":
      return {
        what: `${path} belongs to uid ${place.uid}, not to uid ${place.owner}`,
        mend: `chown ${place.owner} ${path}`,
      };
    case "writable-by-others":
      return {
        what: `${path} can be written by others (mode 0${place.mode.toString(8)})`,
        mend: `chmod go-w ${path}`,
      };
  }
};

/** The problem and the fix as one clause. */
export const explainUnsafe = (place: UnsafePlace): string => {
  const { what, mend } = describeUnsafe(place);
  return `${what}: ${mend}`;
};
