import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { asAccount, bareEnv, shell } from "@gatehouse/processes/records";
import { agentFiles, fail, ok, oneLine, systemCode } from "@gatehouse/std";
import type { FilesIn } from "../../files-in.ts";
import type { RuntimeError, RuntimeResult } from "../../runtime-result.ts";
import { archiveOf, endName, movesName } from "./archive.ts";

/**
 * The folder of a session in an account's HOME. An id that is not a plain name, as from an import, is hashed.
 */
export const folderBelow = (home: string, sessionId: string): string => {
  const isName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(sessionId);
  const name = isName ? sessionId : createHash("sha256").update(sessionId).digest("hex");
  return `${home.replace(/\/$/, "")}/${agentFiles}/${name}`;
};

/**
 * A shell script that reads an archive from stdin and puts its files into the session's folder. Its argument
 * is the folder below HOME. Each folder of the path must belong to the account and not be a link: another
 * account that may write to HOME could have made it.
 */
const script = `
umask 077
refuse() { printf '%s\\n' "$1" >&2; exit 1; }
at=$HOME
rest=$1/
while [ -n "$rest" ]; do
  at=$at/\${rest%%/*}; rest=\${rest#*/}
  [ -e "$at" ] || [ -L "$at" ] || mkdir "$at" || exit 1
  [ ! -L "$at" ] && [ -d "$at" ] && [ -O "$at" ] || refuse "$at is not a folder of this account"
done
chmod 700 "$at" && cd "$at" || exit 1
rm -rf .new-*
new=.new-$$
mkdir "$new" || exit 1
trap 'rm -rf "$new"' EXIT
tar -xof - -C "$new" && [ -f "$new/${endName}" ] || refuse "the archive is incomplete"
aside() {
  mv "$1" "$1.$$.aside" || exit 1
  printf '%s\\n' "$1 was in the way of the host's file, and was renamed to $1.$$.aside." >&2
}
real() {
  here=.; left=$1/
  while [ -n "$left" ]; do
    here=$here/\${left%%/*}; left=\${left#*/}
    if [ ! -L "$here" ] && [ -d "$here" ]; then continue; fi
    if [ -L "$here" ] || [ -e "$here" ]; then
      if [ "$2" = keep ]; then return 1; fi
      aside "$here"
    fi
    mkdir "$here" || return 1
  done
}
parent() { case $1 in */*) real "\${1%/*}" "$2" ;; esac; }
count=0
while IFS= read -r line; do
  path=\${line#* }
  case $line in
    w*)
      parent "$path" || refuse "$path is not in a folder"
      count=$((count + 1))
      if [ -e "$path" ] || [ -L "$path" ]; then mv "$path" "$new/.old-$count" || exit 1; fi
      mv "$new/$path" "$path" || exit 1 ;;
    d*) real "$path" || refuse "$path is not a folder" ;;
    f*)
      parent "$path" || refuse "$path is not in a folder"
      if [ -L "$path" ]; then rm -f "$path" || exit 1; fi
      if [ -d "$path" ]; then aside "$path"; fi
      mv -f "$new/$path" "$path" || exit 1 ;;
    l*)
      parent "$path" keep || continue
      if [ -e "$path" ] || [ -L "$path" ]; then continue; fi
      mv "$new/$path" "$path" || exit 1 ;;
  esac
done < "$new/${movesName}"
`;

/** Node's error codes for a pipe whose reader has ended. */
const closedPipe: readonly string[] = ["EPIPE", "ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE"];

/** Maximum characters of the shell's stderr in an error. */
const maxStderr = 4_096;

/** Time limit, ms, for files of the maximum size on a slow disk. */
const longestMs = 60_000;

/** Puts files into a session's folder in an account's HOME, by a shell of that account. */
export const placeFilesAs = async (
  account: string,
  files: FilesIn,
  report: (moved: string) => void,
): Promise<RuntimeResult<null>> => {
  const folder = files.folder.slice(files.folder.lastIndexOf(`/${agentFiles}/`) + 1);
  const [program, ...args] = asAccount(account, [shell, "-c", script, "place", folder]);
  const child = spawn(program, args, {
    cwd: "/",
    env: bareEnv,
    stdio: ["pipe", "ignore", "pipe"],
    timeout: longestMs,
  });
  let stderr = "";
  child.stderr
    .setEncoding("utf8")
    .on("data", (text: string) => (stderr = (stderr + text).slice(0, maxStderr)));
  const ended = new Promise<number | null>((resolve) => {
    child.once("error", (error) => {
      stderr = error.message;
      resolve(null);
    });
    child.once("close", (code) => resolve(code));
  });
  const sent = pipeline(Readable.from(archiveOf(files)), child.stdin).then(
    () => null,
    // A shell that refuses closes the pipe, and its stderr has the reason.
    (error: unknown) => systemCode(error),
  );
  const [code, why] = [await ended, await sent];
  if (code === 0 && why === null) {
    for (const line of stderr.split("\n"))
      if (line.includes(" was in the way ")) report(`In the home of ${account}: ${oneLine(line)}`);
    return ok(null);
  }
  const isOfShell = why === null || closedPipe.includes(why);
  return fail(refused(account, isOfShell ? stderr.trim() || "its shell ended" : why));
};

const refused = (account: string, why: string): RuntimeError => ({
  code: "files-refused",
  message: `The files for the agent cannot be written to the home of ${account}: ${why}.`,
  fix: `Check ~${account}/.gatehouse: it must be a folder that belongs to ${account}.`,
});
