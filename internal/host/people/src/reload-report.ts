import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { FieldKey } from "@nc/user-wizard";
import type { Failure } from "@gatehouse/cli-kit";
import { replaceFile } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";

/** The effect of a reload on one user. */
export type Applied = {
  /** `telegram:N`. */
  readonly user: string;
  readonly name: string;
  readonly change: "added" | "changed" | "removed";
  /** The fields that changed. */
  readonly fields: readonly FieldKey[];
  readonly sessions: "go-on" | "end-after-turn" | "refused";
};

/** A change in the file that the host did not apply. */
export type Ignored = { readonly what: string; readonly why: string };

/** Fields whose new value applies only after a restart of the host. */
export type NeedsRestart = { readonly user: string; readonly fields: readonly FieldKey[] };

/** The result of one reload of users.yaml. */
export type ReloadReport = {
  readonly ok: boolean;
  /** Counts the reloads of one host process. The one at its start is number 1. */
  readonly number: number;
  readonly pid: number;
  /** When the host began to read the file: ISO 8601, UTC. */
  readonly at: string;
  /** The same moment on the monotonic clock: milliseconds since the machine started. */
  readonly sinceBootMs: number;
  readonly usersFile: string;
  /** Set if the file is missing or empty and the host knew no users: the list is then empty. */
  readonly notRead?: "users-file-missing" | "users-file-empty";
  /** The number of users now known. */
  readonly users: number;
  readonly applied: readonly Applied[];
  readonly ignored: readonly Ignored[];
  readonly needsRestart: readonly NeedsRestart[];
  /** Sentences about applied values that are probably wrong; absent without any. */
  readonly warnings?: readonly string[];
  /** The reason why nothing was applied; null if the reload succeeded. */
  readonly error: Failure | null;
};

/** Maximum lines of one kind to show. The others are only counted. */
const maxLines = 20;

/** Renders a report for people: a summary line, then a line for each item. */
export const renderReport = (report: ReloadReport): string => {
  const { ok, users, usersFile, notRead, applied, ignored, needsRestart, warnings = [], error } = report;
  if (!ok)
    return [
      `${usersFile} was not accepted; the ${people(users)} known before stay:`,
      error?.message ?? "",
    ].join("\n");
  const nothing = applied.length + ignored.length + needsRestart.length === 0;
  return [
    `${usersFile} ${notRead === undefined ? "was read" : notReadWords[notRead]}: ${people(users)}${nothing ? ", nothing changed" : ""}.`,
    ...some(applied.map(appliedLine)),
    ...some(ignored.map(({ what, why }) => `  ignored: ${what}: ${why}`)),
    ...some(needsRestart.map(({ user, fields }) => `  needs a restart: ${user}: ${fields.join(", ")}`)),
    ...some(warnings.map((warning) => `  warning: ${warning}`)),
  ].join("\n");
};

const notReadWords: Readonly<Record<NonNullable<ReloadReport["notRead"]>, string>> = {
  "users-file-missing": "is not there",
  "users-file-empty": "is empty",
};

const people = (count: number): string => (count === 1 ? "1 user" : `${count} users`);

const sessionWords: Readonly<Record<Applied["sessions"], string>> = {
  "go-on": "",
  "end-after-turn": "; sessions end after their turn",
  refused: "; refused from now on",
};

const appliedLine = ({ user, name, change, fields, sessions }: Applied): string => {
  const which = change === "changed" ? ` ${fields.join(", ")}` : "";
  return `  applied: ${change} ${user} (${name})${which}${sessionWords[sessions]}`;
};

const some = (lines: readonly string[]): readonly string[] =>
  lines.length <= maxLines
    ? lines
    : [...lines.slice(0, maxLines), `  ... and ${lines.length - maxLines} more`];

/** Milliseconds since the machine started. The clock is the same in all processes and cannot be set. */
export const sinceBootMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** The file with the result of a host's last reload of users.yaml, for the sender of the signal. */
export const reportFileIn = (dataDir: string): string => join(dataDir, "users-reload.json");

/**
 * Writes the report, readable only by the data folder's owner. A reader sees a whole report, either the new
 * one or the old one.
 */
export const writeReport = (file: string, report: ReloadReport): Promise<void> =>
  replaceFile(file, `${JSON.stringify(report)}\n`);

/** Maximum size, bytes. A report names each changed user once. */
const maxBytes = 16 * 1024 * 1024;

/**
 * Reads the current report; null if there is none. Root may read it, and the host's account writes it. So links are
 * not followed, and control characters become `?`.
 */
export const readReport = async (file: string): Promise<ReloadReport | null> => {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stat = await handle.stat();
    const text = stat.isFile() && stat.size <= maxBytes ? await handle.readFile("utf8") : "null";
    await handle.close();
    const report = JSON.parse(text, withoutControls) as unknown;
    return isReport(report) ? report : null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) systemCode(error);
    return null;
  }
};

const withoutControls = (_: string, value: unknown): unknown =>
  typeof value === "string" ? value.replaceAll(/[^\P{Cc}\n]|\p{Cf}/gu, "?") : value;

const isReport = (value: unknown): value is ReloadReport => {
  const { ok, pid, sinceBootMs, applied, ignored, needsRestart } = (value ?? {}) as Partial<ReloadReport>;
  const numbers = [pid, sinceBootMs].every((number) => typeof number === "number");
  return typeof ok === "boolean" && numbers && [applied, ignored, needsRestart].every(Array.isArray);
};
