import type { FieldKey } from "@nc/user-wizard";
import type { Failure } from "@gatehouse/cli-kit";

/** What a reload did for one person. */
export type Applied = {
  /** `telegram:N`. */
  readonly user: string;
  readonly name: string;
  readonly change: "added" | "changed" | "removed";
  /** The fields that changed. */
  readonly fields: readonly FieldKey[];
  readonly sessions: "go-on" | "end-after-turn" | "refused";
};

/** Something that stands in the file, or is no longer there, and that the host did not act on. */
export type Ignored = { readonly what: string; readonly why: string };

/** Fields that count only once the host was started again. */
export type NeedsRestart = { readonly user: string; readonly fields: readonly FieldKey[] };

/** How one reload of users.yaml went. */
export type ReloadReport = {
  readonly ok: boolean;
  /** Counts the reloads of one host process, from 1: that of its start. */
  readonly number: number;
  readonly pid: number;
  /** ISO 8601, UTC: when the file began to be read. */
  readonly at: string;
  /** The same moment by the clock that nobody sets: milliseconds since the machine started. */
  readonly sinceBootMs: number;
  readonly usersFile: string;
  /** Why a file that gave nobody to a host that knew nobody was not read. */
  readonly notRead?: "users-file-missing" | "users-file-empty";
  /** People known now. */
  readonly users: number;
  readonly applied: readonly Applied[];
  readonly ignored: readonly Ignored[];
  readonly needsRestart: readonly NeedsRestart[];
  /** Why nothing was applied. */
  readonly error: Failure | null;
};

/** Lines of one kind that a person is shown; the rest is counted. */
const mostLines = 20;

/** A report for people: a line for the whole, then one for each thing. */
export const renderReport = (report: ReloadReport): string => {
  const { ok, users, usersFile, notRead, applied, ignored, needsRestart, error } = report;
  if (!ok)
    return [`${usersFile} was not taken, the ${people(users)} known before stay:`, error?.message ?? ""].join(
      "\n",
    );
  const nothing = applied.length + ignored.length + needsRestart.length === 0;
  return [
    `${usersFile} ${notRead === undefined ? "was read" : notReadWords[notRead]}: ${people(users)}${nothing ? ", nothing changed" : ""}.`,
    ...some(applied.map(appliedLine)),
    ...some(ignored.map(({ what, why }) => `  ignored: ${what}: ${why}`)),
    ...some(needsRestart.map(({ user, fields }) => `  needs a restart: ${user}: ${fields.join(", ")}`)),
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
  lines.length <= mostLines
    ? lines
    : [...lines.slice(0, mostLines), `  ... and ${lines.length - mostLines} more`];
