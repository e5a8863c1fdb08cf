import { basename, dirname } from "node:path";
import { shellWord } from "@gatehouse/std";
import type { TransportError } from "@nc/cli-scope/node";

/** A failure for the person: code, message and fix. */
export type Failure = { readonly code: string; readonly message: string; readonly fix: string };

/** The names of the account that owns the host's folder, and of the account that runs ncl. */
export type Accounts = { readonly host: string; readonly own: string };

/** Explains why a host did not answer. Each of these errors has the code `transport-error`. */
export const explain = (error: TransportError, path: string, accounts: Accounts | null = null): Failure => {
  const failure = (message: string, fix: string): Failure => ({ code: "transport-error", message, fix });
  switch (error.code) {
    case "no-host":
      return failure(`No host answers on ${path}.`, startOf(path));
    case "not-allowed":
      return accounts === null
        ? failure(
            `The socket ${path} belongs to another account.`,
            "Run ncl as the account of the host, which alone may use the socket.",
          )
        : failure(
            `The host of ${dirname(path)} is run by ${accounts.host}, and you are ${accounts.own}.`,
            `run it as ${accounts.host}: ${accounts.host === "root" ? "sudo" : `sudo -u ${shellWord(accounts.host)}`} ...; or name a data folder of your own with --data DIR`,
          );
    case "path-too-long":
      return failure(
        `The socket's path ${path} has ${error.bytes} bytes; the system takes at most 107.`,
        "Name a shorter path with --socket, for example through a symbolic link to the data folder.",
      );
    case "busy":
      return failure(`The host on ${path} is too busy to accept a connection.`, "Try again in a moment.");
    case "timeout":
      return failure(
        `The host on ${path} did not answer within ${error.seconds} s.${error.isSent ? " The command was sent, and may still run." : ""}`,
        "Give the host more time with --timeout SECONDS; if it hangs, end it and start it again.",
      );
    case "closed":
      return failure(
        `The host on ${path} ended the connection without an answer; the command may have run.`,
        "Check the host's output, and that the host still runs.",
      );
    case "not-an-answer":
      return failure(
        `The program that listens on ${path} is not a Gatehouse host.`,
        "Name the host's socket with --socket.",
      );
    case "unreachable":
      return failure(
        `The socket ${path} cannot be reached (${error.detail}).`,
        "Name the host's socket with --socket, or its data folder with --data.",
      );
  }
};

/** Returns the fix for a missing host. A host's socket is always ncl.sock in its data folder. */
const startOf = (path: string): string =>
  basename(path) === "ncl.sock"
    ? `Start one: gatehouse up --data ${dirname(path)} (another folder: --data DIR or GATEHOUSE_DATA)`
    : `Name the host's socket (ncl.sock in its data folder), or the data folder with --data DIR; gatehouse up --data DIR starts a host there.`;
