import type { DiskEntry, FileError, Files, Owner } from "../../ports.ts";
import type { Result } from "@gatehouse/std";

type FakeEntry = { entry: DiskEntry; text: string };

/**
 * A disk in memory, with all that the wizard's port shows of a disk: kinds, owners, modes, and links that are
 * not followed.
 */
export class FakeDisk {
  readonly #entries = new Map<string, FakeEntry>();

  constructor() {
    this.put("/", { kind: "directory", mode: 0o755, uid: 0, gid: 0 });
  }

  put(path: string, entry: DiskEntry, text: string = ""): void {
    this.#entries.set(path, { entry, text });
  }

  at(path: string): FakeEntry | undefined {
    return this.#entries.get(path);
  }

  entries(): readonly (readonly [string, FakeEntry])[] {
    return [...this.#entries];
  }

  drop(path: string): void {
    this.#entries.delete(path);
  }

  /** Moves an entry with everything below it. */
  move(from: string, to: string): void {
    for (const [path, { entry, text }] of [...this.#entries])
      if (path === from || path.startsWith(`${from}/`)) {
        this.drop(path);
        this.put(to + path.slice(from.length), entry, text);
      }
  }

  hasChildren(path: string): boolean {
    return [...this.#entries.keys()].some((other) => other.startsWith(`${path}/`));
  }

  /** The system's error for a change in the directory of this path; null if the change is allowed. */
  obstacle(path: string): string | null {
    const parents = directoriesAbove(path).map((above) => this.at(above)?.entry.kind);
    if (parents.includes("link")) return "ELOOP";
    if (parents.includes(undefined)) return "ENOENT";
    return parents.every((kind) => kind === "directory") ? null : "ENOTDIR";
  }

  /** True if an account may enter all directories above, and write in the last one. */
  mayWrite(path: string, { uid, gid }: Owner): boolean {
    const above = directoriesAbove(path).map((directory) => this.at(directory)!.entry);
    const bits = (entry: DiskEntry) =>
      uid === 0 ? 7 : (entry.mode >> (entry.uid === uid ? 6 : entry.gid === gid ? 3 : 0)) & 7;
    return above.every((entry) => (bits(entry) & 1) !== 0) && (bits(above.at(-1)!) & 2) !== 0;
  }

  snapshot(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.#entries]
        .sort()
        .map(([path, { entry, text }]) => [
          path,
          `${entry.kind} ${entry.mode.toString(8)} ${entry.uid}:${entry.gid} ${text}`,
        ]),
    );
  }
}

const directoriesAbove = (path: string): readonly string[] => {
  const names = path.split("/").slice(1, -1);
  return ["/", ...names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`)];
};

const fine: Result<void, FileError> = { ok: true, value: undefined };

/** The files port on such a disk. */
export const fakeFiles = (disk: FakeDisk): Files => {
  const failed = (errno: string, call: string, path: string): Result<never, FileError> => ({
    ok: false,
    error: { code: "file-error", errno, call, path },
  });
  return {
    look: async (path) => ({ ok: true, value: disk.at(path)?.entry ?? null }),
    read: async (path) => {
      const there = disk.at(path);
      if (there === undefined) return failed("ENOENT", "read", path);
      if (there.entry.kind === "link") return failed("ELOOP", "read", path);
      return there.entry.kind === "file" ? { ok: true, value: { ...there } } : failed("EISDIR", "read", path);
    },
    create: async (path, text, as) => {
      const obstacle = disk.obstacle(path);
      if (obstacle !== null) return failed(obstacle, "create", path);
      if (disk.at(path) !== undefined) return failed("EEXIST", "create", path);
      disk.put(path, { kind: "file", mode: as.mode, uid: as.uid, gid: as.gid }, text);
      return fine;
    },
    rename: async (from, to) => {
      const moved = disk.at(from);
      const obstacle = moved === undefined ? "ENOENT" : (disk.obstacle(from) ?? disk.obstacle(to));
      if (moved === undefined || obstacle !== null) return failed(obstacle ?? "ENOENT", "rename", to);
      disk.move(from, to);
      return fine;
    },
    remove: async (path) => {
      const obstacle = disk.obstacle(path) ?? (disk.at(path) === undefined ? "ENOENT" : null);
      if (obstacle !== null) return failed(obstacle, "remove", path);
      if (disk.hasChildren(path)) return failed("ENOTEMPTY", "remove", path);
      disk.drop(path);
      return fine;
    },
    give: async (path, from, to) => {
      const there = disk.at(path);
      const obstacle = disk.obstacle(path) ?? (there === undefined ? "ENOENT" : null);
      if (there === undefined || obstacle !== null) return failed(obstacle ?? "ENOENT", "give", path);
      if (there.entry.kind !== "directory") return failed("ENOTDIR", "give", path);
      if (there.entry.uid !== from.uid && there.entry.uid !== to.uid) return failed("EPERM", "give", path);
      disk.put(path, { ...there.entry, uid: to.uid, gid: to.gid });
      return fine;
    },
  };
};
