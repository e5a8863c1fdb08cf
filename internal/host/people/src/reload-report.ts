import type { FieldKey } from "@nc/user-wizard";
import type { Failure } from "@gatehouse/cli-kit";

/** The effect of a reload on one user. */
export type Applied = {
  /** One id of the person, as `telegram:7`. */
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

/**
 * The report in the answer of a host; null if it is another document. Root may read it, and the host's account writes it: control
 * characters become `?`.
 */
export const reportIn = (data: unknown): ReloadReport | null => {
  const report: unknown = JSON.parse(JSON.stringify(data ?? null), withoutControls);
  return isReport(report) ? report : null;
};

const withoutControls = (_: string, value: unknown): unknown =>
  typeof value === "string" ? value.replaceAll(/[^\P{Cc}\n]|\p{Cf}/gu, "?") : value;

const isReport = (value: unknown): value is ReloadReport => {
  const { ok, pid, applied, ignored, needsRestart } = (value ?? {}) as Partial<ReloadReport>;
  const lists = [applied, ignored, needsRestart];
  return typeof ok === "boolean" && typeof pid === "number" && lists.every(Array.isArray);
};
