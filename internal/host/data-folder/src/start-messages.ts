import { describeUnsafe, explainUnusable, type UnsafePlace } from "@gatehouse/fs-kit";
import type { Failure } from "@gatehouse/cli-kit";
import { maxSocketPathBytes, type SocketPathError } from "@gatehouse/socket-server";
import type { PostgresTrouble } from "@gatehouse/postgres";
import { explainOpen, type CentralPlace } from "@gatehouse/central-database";
import type { DataFolderError } from "./claim-data-folder.ts";

/** The errors of a host's start, except those of its database. */
export type StartError = DataFolderError | SocketPathError;

type UnsafeFolderFailure = {
  readonly code: "data-folder-unsafe";
  readonly message: string;
  readonly fix: string;
};

/** Explains the refusal of a data folder in which another account can replace files. */
export const explainUnsafeFolder = (dataDir: string, place: UnsafePlace): UnsafeFolderFailure => {
  const { what, mend } = describeUnsafe(place);
  const message = `The data folder ${dataDir} was not changed: ${what}.`;
  return { code: "data-folder-unsafe", message, fix: `${mend}; or name another folder with --data` };
};

/** Explains an error of the host's files or database that `attempt` caught. `detail` is for example `POSTGRES_AWAY: ...`. */
export const explainTrouble = ({ dataDir, database }: CentralPlace, detail: string): Failure => {
  const why = /^POSTGRES_[A-Z_]+/.exec(detail)?.[0] as PostgresTrouble["code"] | undefined;
  return database !== null && why !== undefined
    ? explainOpen({ code: "database-unavailable", database: database.shown, detail, why })
    : explainStart({ code: "data-folder-unusable", dataDir, detail });
};

/** Explains an error of a host's start, with the fix. */
export const explainStart = (error: StartError): Failure => {
  const { code } = error;
  switch (code) {
    case "host-running":
      return {
        code,
        message: `A host already runs in ${error.dataDir}${error.holder === null ? "" : ` (${error.holder})`}.`,
        fix: "stop it first: gatehouse down. Or name another data folder with --data",
      };
    case "data-folder-unsafe":
      return explainUnsafeFolder(error.dataDir, error.place);
    case "data-folder-unusable":
      return explainUnusable(error.dataDir, error.detail);
    case "socket-path-too-long":
      return {
        code,
        message: `The socket's path ${error.path} has ${error.bytes} bytes; the system takes at most ${maxSocketPathBytes}.`,
        fix: "name a data folder with a shorter path with --data, for example a symbolic link to this one",
      };
    case "socket-in-use":
      return {
        code,
        message: `A program answers on the socket ${error.path} already.`,
        fix: "end that program, or name another data folder with --data",
      };
    case "not-a-socket":
      return {
        code,
        message: `${error.path} exists already and is not a socket.`,
        fix: "move it away, or name another data folder with --data",
      };
    case "socket-unavailable":
      return {
        code,
        message: `The socket ${error.path} cannot be created (${error.detail}).`,
        fix: "make its folder writable for this account, or name another folder with --data",
      };
  }
};
