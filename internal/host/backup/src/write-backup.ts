import { Buffer } from "node:buffer";
import { createHash, randomUUID } from "node:crypto";
import { lstatSync } from "node:fs";
import { link, lstat, open, readdir, realpath, rename, rm, type FileHandle } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import { centralFile, copyCentral, explainOpen } from "@gatehouse/central-database";
import type { Failure } from "@gatehouse/cli-kit";
import { withOwnersRights } from "@gatehouse/data-folder";
import { readKeptFile } from "@gatehouse/fs-kit";
import { attempt } from "@gatehouse/sqlite";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import type { Encrypter } from "age-encryption";
import type { BackupError } from "./backup-error.ts";
import { explainBackup } from "./backup-messages.ts";
import { encryptingSink, type ByteSink } from "./encryption.ts";
import { newSeal } from "./end-block.ts";
import {
  aboutName,
  dataPrefix,
  formatNumber,
  lineOf,
  manifestName,
  type About,
  type BackupEntry,
  type ManifestLine,
  type NotInIt,
} from "./manifest.ts";
import { oneChunk, walkFolder } from "./read-folder.ts";
import { endOfTar, headerOf, paddingOf, type TarEntry } from "./tar-writer.ts";
import { belongingOf, logHead } from "./what-belongs.ts";

export type BackupOptions = {
  readonly dataDir: string;
  /** The path of the new file. */
  readonly file: string;
  /** The version of this program. */
  readonly version: string;
  /** Where the host has its database. One on PostgreSQL is not in the backup. */
  readonly database: About["database"];
  /** Encrypts the backup; null leaves it readable. */
  readonly encrypter: Encrypter | null;
  /** Takes keys, secrets and tokens too. Only an encrypted backup may have them. */
  readonly withSecrets: boolean;
  /** The path of GATEHOUSE_KEY_FILE; in the data folder it is a secret. */
  readonly keyFile: string | null;
  readonly signal: AbortSignal;
  /** Called now and then with the bytes so far. */
  readonly progress?: (bytes: number) => void;
};

/** A backup that was made. */
export type Backup = {
  readonly about: About;
  readonly files: number;
  readonly folders: number;
  readonly links: number;
  /** Size of the file, bytes. */
  readonly bytes: number;
  /** Entries that could not be read, or not as a whole. */
  readonly notInIt: readonly NotInIt[];
  /** The paths of secrets that were left out. */
  readonly secretsLeftOut: readonly string[];
};

/**
 * Writes a backup of a data folder to a new file (0600), also while a host runs there. It is under its name once it is
 * whole and on the disk; a failure or a kill leaves no file of that name. Root reads the folders of people.
 */
export const writeBackup = async (options: BackupOptions): Promise<Result<Backup, Failure>> => {
  const { file, signal } = options;
  if (options.withSecrets && options.encrypter === null)
    throw new TypeError("Secrets need an encrypted backup.");
  const place = await placeFailure(file, options.dataDir);
  if (place !== null) return fail(place);
  const unfinished = `${file}.${randomUUID()}.unfinished`;
  const copy = `${unfinished}.db`;
  try {
    const made = await attempt(() => write(options, { unfinished, copy }));
    if (signal.aborted) return failed({ code: "cancelled", file });
    if (!made.ok) return failed({ code: "backup-unwritable", file, detail: made.error });
    if (!made.value.ok) return made.value;
    const named = await attempt(() => giveName(unfinished, file));
    if (!named.ok) return failed({ code: "backup-unwritable", file, detail: named.error });
    return named.value ? made.value : failed({ code: "file-exists", file });
  } finally {
    for (const path of [unfinished, copy]) await rm(path, { force: true });
  }
};

/** Why a backup of a data folder cannot be written to a file. */
export const placeFailure = async (file: string, dataDir: string): Promise<Failure | null> => {
  const place = await attempt(() => placeProblem(file, dataDir));
  if (!place.ok) return explainBackup({ code: "backup-unwritable", file, detail: place.error });
  return place.value === null ? null : explainBackup({ code: place.value, file });
};

/** Why a backup cannot have this name. Throws system errors. */
const placeProblem = async (
  file: string,
  dataDir: string,
): Promise<"file-exists" | "file-in-data-folder" | null> => {
  const folder = await realpath(dirname(file));
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) return "file-exists";
  // Later backups would take the file, so that each is larger than the one before.
  const path = relative(await realpath(dataDir), join(folder, basename(file)));
  return path.startsWith("..") || isAbsolute(path) || path.startsWith("backups/")
    ? null
    : "file-in-data-folder";
};

const failed = (error: BackupError): Result<never, Failure> => fail(explainBackup(error));

/** Gives a whole file its name. False if something has the name already. */
const giveName = async (unfinished: string, file: string): Promise<boolean> => {
  try {
    // Unlike `rename`, `link` never replaces a file.
    await link(unfinished, file);
  } catch (error) {
    const code = systemCode(error);
    if (code === "EEXIST") return false;
    // Some file systems have no links (FAT, some network folders).
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP" && code !== "ENOSYS") throw error;
    await rename(unfinished, file);
  }
  try {
    await syncFolder(dirname(file));
  } catch (error) {
    // The caller says that nothing is left.
    await rm(file, { force: true });
    throw error;
  }
  return true;
};

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

type Places = { readonly unfinished: string; readonly copy: string };

const write = async (
  options: BackupOptions,
  { unfinished, copy }: Places,
): Promise<Result<Backup, Failure>> => {
  const { dataDir, version, database, encrypter } = options;
  const createdAt = new Date().toISOString();
  await removeAbandoned(options.file);
  const handle = await open(unfinished, "wx", 0o600);
  try {
    // The umask may have narrowed the mode.
    await handle.chmod(0o600);
    const end = await readKeptFile(join(dataDir, logHead));
    const copied = database === "sqlite" ? await copyOf(options, copy) : ok(null);
    if (!copied.ok) return copied;
    const about: About = {
      format: formatNumber,
      version,
      createdAt,
      from: `${hostname()}:${dataDir}`,
      database,
      schema: copied.value,
      hasSecrets: options.withSecrets,
    };
    const counted = countingSink(fileSink(handle), options.progress);
    const out = encrypter === null ? counted : gatheringSink(await encryptingSink(encrypter, counted));
    const tar = tarTo(out, createdAt);
    await tar.text(aboutName, `${JSON.stringify(about)}\n`);
    if (copied.value !== null) await tar.file("gatehouse.db", copy);
    if (end.ok && end.value !== null) {
      const bytes = Buffer.from(end.value);
      const { mtimeMs } = await lstat(join(dataDir, logHead));
      await tar.add({
        type: "file",
        path: logHead,
        mode: 0o600,
        mtimeMs,
        size: bytes.length,
        chunks: oneChunk(bytes),
      });
    }
    const secretsLeftOut = await addFolder(options, tar);
    const { counts, notInIt } = await tar.end();
    return ok({ about, ...counts, bytes: counted.bytes(), notInIt, secretsLeftOut });
  } finally {
    await handle.close();
  }
};

/** A backup that was killed leaves its files beside `FILE`. One that is older than this is removed, ms. */
const abandonedAfterMs = 24 * 3_600_000;

const removeAbandoned = async (file: string): Promise<void> => {
  const folder = dirname(file);
  const names = (await readdir(folder)).filter(
    (name) => name.startsWith(`${basename(file)}.`) && /\.unfinished(\.db)?$/.test(name),
  );
  for (const name of names) {
    const path = join(folder, name);
    const found = await attempt(() => lstat(path));
    if (found.ok && Date.now() - found.value.mtimeMs > abandonedAfterMs) await rm(path, { force: true });
  }
};

/** Copies the database. Returns the name of its schema. */
const copyOf = async (
  { dataDir, file }: Pick<BackupOptions, "dataDir" | "file">,
  copy: string,
): Promise<Result<string, Failure>> => {
  const copied = await copyCentral(dataDir, copy, (work) => withOwnersRights(dataDir, work));
  // The copy is beside the backup, and nothing is written to the data folder.
  const detail = !copied.ok && "detail" in copied.error ? copied.error.detail : "";
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT):/.test(detail))
    return failed({ code: "backup-unwritable", file, detail });
  if (!copied.ok) return fail(explainOpen(copied.error));
  return copied.value === null ? fail(noDatabase(dataDir)) : ok(copied.value.schema);
};

const noDatabase = (dataDir: string): Failure => ({
  code: "no-database",
  message: `There is no database ${centralFile(dataDir)}.`,
  fix: "name the data folder of a host with --data; if its database is on PostgreSQL, set GATEHOUSE_DATABASE or --database",
});

const addFolder = async (
  { dataDir, withSecrets, keyFile, signal }: BackupOptions,
  tar: TarTo,
): Promise<readonly string[]> => {
  const secretsLeftOut: string[] = [];
  const key = keyFile === null ? null : relative(dataDir, keyFile);
  await walkFolder({
    root: dataDir,
    isWanted: (path) => {
      // The caller asks the signal for the reason.
      if (signal.aborted) throw Object.assign(new Error("ECANCELED: stopped"), { code: "ECANCELED" });
      const belonging = belongingOf(path, key);
      if (belonging === "secret" && !withSecrets) secretsLeftOut.push(path);
      return belonging === "kept" || (belonging === "secret" && withSecrets);
    },
    visit: tar.add,
  });
  return secretsLeftOut;
};

const fileSink = (handle: FileHandle): ByteSink => ({
  // Unlike `write`, it goes on after a part of the bytes.
  write: (bytes) => handle.writeFile(bytes),
  end: () => handle.sync(),
});

/** How many bytes are written at once. */
const writeBytes = 2 ** 19;

/** Gathers small pieces, and counts the bytes. */
const countingSink = (
  sink: ByteSink,
  progress: (bytes: number) => void = () => undefined,
): ByteSink & { readonly bytes: () => number } => {
  let total = 0;
  const gathered = gatheringSink({
    ...sink,
    write: async (bytes) => {
      await sink.write(bytes);
      total += bytes.byteLength;
      progress(total);
    },
  });
  return { ...gathered, bytes: () => total };
};

const gatheringSink = (sink: ByteSink): ByteSink => {
  let pieces: Uint8Array[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    const all = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    [pieces, size] = [[], 0];
    if (all !== undefined && all.byteLength > 0) await sink.write(all);
  };
  return {
    write: async (bytes) => {
      pieces.push(bytes);
      size += bytes.byteLength;
      if (size >= writeBytes) await flush();
    },
    end: async () => {
      await flush();
      await sink.end();
    },
  };
};

type TarTo = {
  readonly text: (name: string, text: string) => Promise<void>;
  /** Adds a file of ours as a file of the data folder (0600). */
  readonly file: (name: string, path: string) => Promise<void>;
  readonly add: (entry: BackupEntry | NotInIt) => Promise<void>;
  /** Writes the manifest and the end. */
  readonly end: () => Promise<{ readonly counts: Counts; readonly notInIt: readonly NotInIt[] }>;
};

type Counts = Pick<Backup, "files" | "folders" | "links">;

const tarTo = (sink: ByteSink, createdAt: string): TarTo => {
  const seal = newSeal();
  const lines: ManifestLine[] = [];
  const put = async (bytes: Uint8Array): Promise<void> => {
    seal.add(bytes);
    await sink.write(bytes);
  };
  const putFile = async (
    entry: TarEntry & { readonly size: number },
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<string> => {
    await put(headerOf(entry));
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      await put(chunk);
    }
    if (bytes !== entry.size) throw new TypeError(`${entry.path} has ${bytes} bytes, not ${entry.size}`);
    await put(paddingOf(bytes));
    return hash.digest("hex");
  };
  const text = async (path: string, content: string): Promise<void> => {
    const bytes = Buffer.from(content);
    const mtimeMs = Date.parse(createdAt);
    await putFile({ type: "File", path, mode: 0o600, size: bytes.byteLength, mtimeMs }, [bytes]);
  };
  const add = async (entry: BackupEntry | NotInIt): Promise<void> => {
    const { path } = entry;
    const name = `${dataPrefix}${path}`;
    switch (entry.type) {
      case "folder": {
        const { mode, mtimeMs } = entry;
        await put(headerOf({ type: "Directory", path: `${name}/`, mode, mtimeMs }));
        return void lines.push({ type: "folder", path, mode });
      }
      case "link":
        await put(headerOf({ type: "SymbolicLink", path: name, mode: 0o777, linkpath: entry.to }));
        return void lines.push({ type: "link", path, to: entry.to });
      case "file": {
        const { mode, mtimeMs, size } = entry;
        const sha256 = await putFile({ type: "File", path: name, mode, size, mtimeMs }, entry.chunks);
        return void lines.push({ type: "file", path, mode, size, sha256 });
      }
      case "not-in-it":
        return void lines.push(entry);
    }
  };
  return {
    text,
    add,
    file: async (path, from) => {
      const handle = await open(from, "r");
      try {
        const { size, mtimeMs } = await handle.stat();
        const chunks = handle.createReadStream({ autoClose: false, highWaterMark: writeBytes });
        await add({ type: "file", path, mode: 0o600, mtimeMs, size, chunks });
      } finally {
        await handle.close();
      }
    },
    end: async () => {
      await text(manifestName, lines.map((line) => `${lineOf(line)}\n`).join(""));
      await put(endOfTar);
      await sink.write(seal.endBlock());
      await sink.end();
      const count = (type: ManifestLine["type"]): number => lines.filter((line) => line.type === type).length;
      return {
        counts: { files: count("file"), folders: count("folder"), links: count("link") },
        notInIt: lines.filter((line) => line.type === "not-in-it"),
      };
    },
  };
};
