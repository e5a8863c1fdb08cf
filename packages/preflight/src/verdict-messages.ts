import { shellWord } from "@gatehouse/std";
import { consentAnswers } from "@trust/dialog-engine/consents";
import { seconds } from "./diagnostic-messages.ts";
import type { Grant } from "./grants.ts";
import { installCommand, type AgentCli } from "./providers/agent-clis.ts";
import type { EmptyGit, NotPersisted, Verdict } from "./verdict.ts";

export type Explanation = { readonly message: string; readonly fix?: string };

/** Names that a sentence may use beside the facts of the verdict. */
export type Place = {
  readonly workspace: string;
  readonly cli: AgentCli;
  /** The command that starts the CLI by hand, if it is not the CLI's name on PATH. */
  readonly startedAs?: string | undefined;
};

/** The consent to ask a CLI that records every answer. */
export const persistConsent = "persist";

/**
 * Writes all text about results: what happened, to which folder, and what to do. Names fields of the request in
 * `this form`.
 */
export const explain = (verdict: Verdict, place: Place): Explanation => {
  const write = messages[verdict.code] as (verdict: Verdict, names: Names) => Explanation;
  const { workspace, cli, startedAs } = place;
  return write(verdict, { workspace, cli, title: cli.title, file: startedAs ?? cli.file });
};

/** `title` is the CLI's name, `file` the command that starts it. */
type Names = Pick<Place, "workspace" | "cli"> & { readonly title: string; readonly file: string };

/** The verdicts that have this code. */
type VerdictOf<C extends Verdict["code"], V = Verdict> = V extends { readonly code: infer Codes }
  ? C extends Codes
    ? V
    : never
  : never;

/** The text of each code, in the order of `codes`. */
const messages: { readonly [C in Verdict["code"]]: (verdict: VerdictOf<C>, names: Names) => Explanation } = {
  trusted: ({ key }, { title }) => ({ message: `${title} trusts ${key}.` }),
  "already-trusted-after-wait": ({ key }, { title }) => ({
    message: `${title} trusts ${key}: another process confirmed it meanwhile.`,
  }),
  "already-trusted": ({ why }) => ({ message: why }),
  "covered-by-parent": ({ why }) => ({ message: why }),
  "not-asked": ({ why }) => ({ message: why }),
  "not-needed": (_, { title }) => ({ message: `${title} asks for trust in no folder.` }),
  "passed-at-launch": ({ key }, { title }) => ({
    message: `Start ${title} with this launch: it says that ${key} is trusted. Nothing is recorded, so every start needs it.`,
  }),

  "version-not-proven": ({ why }, { workspace, cli, title, file }) => ({
    message: `It is not known whether ${title} asks for trust in ${workspace}: ${why}`,
    fix: `Start "${file}" in ${workspace} and see whether it asks, or use a version that was tried: ${installCommand(cli)}`,
  }),

  "sign-in-needed": (_, { title, file }) => ({
    message: `${title} is not set up for this user: it asks to choose a theme or to sign in.`,
    fix: `Start "${file}" once in a terminal, sign in, and repeat.`,
  }),
  "no-connection": (_, { title, file }) => ({
    message: `${title} is not set up for this user, and cannot reach its service to set itself up.`,
    fix: `Connect this machine (or set HTTPS_PROXY), start "${file}" once in a terminal, sign in, and repeat.`,
  }),
  "unknown-dialog": (_, { title, file, workspace }) => ({
    message: `${title} shows something that no rule knows; no key was pressed on it.`,
    fix: `Start "${file}" in ${workspace} and answer it. With \`recordDir\` the recording shows what was asked.`,
  }),
  "screen-reader-dialog": ({ dialog }, { title, file, workspace }) => ({
    message: `${title} asks in its screen reader mode ("${dialog}"), which is never answered for a person.`,
    fix: `Start "${file}" in ${workspace} and answer it, or switch the screen reader mode off.`,
  }),
  "consent-needed": ({ dialog, consent }, { title, file, workspace }) =>
    consent === persistConsent
      ? {
          message: `${title} cannot be told at launch, only asked, and then it records the answer; nothing was started.`,
          fix: `Pass \`persist\` to have it record that ${workspace} is trusted.`,
        }
      : {
          message: `${title} asks "${dialog}", for which no consent was given; no key was pressed on it.`,
          fix: consentFix(consent, file, workspace),
        },

  "home-not-persistable": ({ key, emptyGit }, { title }) => ({
    message: `${key} is the home folder: ${title} would trust everything in it.${emptyGitText(emptyGit)}`,
    fix:
      emptyGitFix(emptyGit) ??
      "Name a folder below the home folder that is not part of a repository at its top.",
  }),
  "root-refused": ({ key, emptyGit }, { cli }) => ({
    message: `The folder's trust would be ${cli.trust === "at-launch" ? "passed" : "recorded"} for ${key}, and cover everything below it, the home folder too.${emptyGitText(emptyGit)}`,
    fix: emptyGitFix(emptyGit) ?? "Name the project's own folder.",
  }),
  "not-a-folder": ({ detail }, { workspace }) => ({
    message: `${workspace} is no folder that can be read (${detail}).`,
    fix: "Create it first, or correct the path.",
  }),
  "untrusted-by-user": ({ key, file }) => ({
    message: `${file} says that ${key} is not trusted, and that is respected.`,
    fix: `Change it in ${file} if it is no longer meant.`,
  }),
  "grants-refused": ({ grants }, { workspace }) => ({
    message: `${workspace} pre-approves ${grantList(grants)}, which \`refuseGrants\` refuses.`,
    fix: "Review and remove them, or leave `refuseGrants` out.",
  }),
  "key-outside-folder": ({ why, isReplaced, emptyGit }, { workspace }) => ({
    message: `Trust would not be for ${workspace} alone, so nothing was confirmed: ${why}`,
    fix: isReplaced
      ? "See who can write the folders above it, and repeat."
      : (emptyGitFix(emptyGit) ??
        "Look at the .git entries of the folder and above it. Name the repository's own folder if it is meant."),
  }),

  "cli-not-found": ({ looked }, { cli, title }) => ({
    message: `${title} was not found: ${looked}.`,
    fix: `${installCommand(cli)}   (or name it with \`cli.${cli.provider}\`)`,
  }),
  "cli-too-old": ({ version }, { cli, title }) => ({
    message: `${title} ${version} is older than ${cli.oldest?.version}: ${cli.oldest?.why}.`,
    fix: installCommand(cli),
  }),
  "pty-unavailable": ({ detail }) => ({
    message: `No pseudo terminal could be opened: ${detail}`,
    fix: "Install the optional dependency node-pty (@lydell/node-pty), and mount /dev/pts.",
  }),
  timeout: ({ limit, timeoutMs }, { title, file, workspace }) =>
    limit === "batch"
      ? {
          message: `The batch was not done within ${seconds(timeoutMs)}, and this folder was still open.`,
          fix: "Repeat it for the folders that are left, or give the batch more time.",
        }
      : {
          message: `${title} showed neither a known dialog nor its prompt within ${seconds(timeoutMs)} (limit: ${limit}).`,
          fix: `Look at the screen; give it more time with \`timeoutMs\`, or start "${file}" in ${workspace} to see what it waits for.`,
        },
  "lock-timeout": ({ file, holder, waitedMs }) => ({
    message: `Another preflight kept ${file} to itself for ${seconds(waitedMs)}${holder === null ? "" : ` (${holder})`}.`,
    fix: "Wait for it to end, or end it, and repeat. A lock of a process that is gone never blocks.",
  }),
  "trust-not-persisted": ({ reason, file }, { title }) => explainNotPersisted(reason, file, title),
  "trust-wider-than-planned": ({ planned, keys, file }, { cli, title }) => ({
    message: `${title} now trusts ${keys.join(", ")}, which was not named: only ${planned} was to be trusted.`,
    fix: `Take it back: end ${title}, and ${takeBack(cli, keys, file)}.`,
  }),
  "control-unavailable": ({ why }, { cli, title }) => ({
    message: `${title} could not be asked over its control protocol, so nothing was confirmed: ${why}`,
    fix:
      cli.provider === "codex"
        ? "Leave `persist` out: then it is told at launch."
        : "Leave `via` out: then its dialog is answered.",
  }),
  "not-asked-unproven": (verdict, { title, file, workspace }) => ({
    message: `${title} reached its prompt without asking, and ${verdict.file} does not say that ${verdict.key} is trusted.`,
    fix: `Start "${file}" in ${workspace} and see whether it asks.`,
  }),
  "state-unreadable": ({ file, why, variable }, { cli, title }) => ({
    message: `${title}'s state ${variable === undefined ? "" : `${variable}=`}${file} cannot be relied on, so nothing was started: ${why}`,
    fix:
      variable !== undefined
        ? `Set ${variable} to an absolute path.`
        : `Repair or restore ${file}${cli.trust === "recorded" ? `; ${title} keeps backups beside it` : ""}.`,
  }),
  "cli-exited": ({ exitCode, signal }, { title, file, workspace }) => ({
    message: `${title} ended by itself (${signal ? `signal ${signal}` : `exit ${exitCode}`}) before trust was recorded.`,
    fix: `Look at the screen, or start "${file}" in ${workspace} to see why.`,
  }),
  cancelled: () => ({ message: "Cancelled before trust was recorded." }),
};

const consentFix = (kind: string | undefined, file: string, workspace: string): string => {
  const byHand = `"${file}" in ${workspace} and answer it.`;
  const answers = Object.entries(consentAnswers).find(([name]) => name === kind)?.[1];
  if (answers === undefined) return `Start ${byHand}`;
  return `Pass \`consents\` ${kind}=${answers.join("|")} (one of them), or start ${byHand}`;
};

/**
 * How to remove trust from each CLI's state: Claude Code 2.1.328, Gemini 0.61.0, Qwen 0.24.4, Copilot 1.0.102, Kimi
 * 2.1.0, pi 1.5.2.
 */
const takeBack = ({ provider }: AgentCli, keys: readonly string[], file: string): string => {
  const named = keys.map((key) => JSON.stringify(key)).join(", ");
  if (provider === "claude")
    return `in ${file} remove "hasTrustDialogAccepted" from ${named} under "projects"`;
  if (provider === "kimi") return `remove the files in ${file} whose "root" is ${named}`;
  return `in ${file} remove what trusts ${named}`;
};

/** Explains why an answer is not in the CLI's state. */
const explainNotPersisted = (reason: NotPersisted, file: string, title: string): Explanation => {
  switch (reason.type) {
    case "not-written":
      return {
        message: `Trust was confirmed, but ${title} never wrote it to ${file}.`,
        fix: `See that ${file} and its folder can be written and that the disk has room, and repeat.`,
      };
    case "lost":
      return {
        message: `Trust was on disk in ${file} and another process's write took it away, ${reason.times} times.`,
        fix: `End other ${title} sessions that write ${file}, and repeat.`,
      };
    case "state-not-writable":
      return {
        message: `${title} could not record anything in ${file} (${reason.detail}), so nothing was started.`,
        fix: `Make ${file} and its folder writable for this user, and repeat.`,
      };
    case "not-passable":
      return {
        message: `${title} cannot be told about this folder at launch (${reason.detail}).`,
        fix: "Rename the folder, so that its path is short, printable text.",
      };
    case "not-repeatable":
      return {
        message: `${title} would no longer see what ${file} says of other folders, which is too much to be repeated at launch (${reason.detail}).`,
        fix: `Remove the entries that are no longer used from ${file}, or update ${title} to 0.72.0 or newer, named with \`cli.codex\`.`,
      };
    case "ledger-not-writable":
      return {
        message: `The consent ledger could not be written (${reason.detail}), so nothing was confirmed.`,
        fix: "Make the data folder this user's own and writable only for this user, or name another with `dataDir`, and repeat.",
      };
    case "lock-unsafe":
      return {
        message: `Other preflights could not be kept from ${file} (${reason.detail}), so nothing was confirmed.`,
        fix: "Repair that, and repeat.",
      };
    case "temp-not-writable":
      return {
        message: `The temporary folder could not be written (${reason.detail}), so nothing was started.`,
        fix: "Make room in it, or set TMPDIR to another, and repeat.",
      };
  }
};

/** Formats grants: `2 permissions (Bash, Read), 1 hook (PreToolUse)`. */
export const grantList = (grants: readonly Grant[]): string =>
  [...new Set(grants.map(({ kind }) => kind))]
    .map((kind) => {
      const names = grants.filter((grant) => grant.kind === kind).map(({ name }) => name);
      const shown = names.length > 5 ? [...names.slice(0, 5), "..."] : names;
      return `${names.length} ${kind}${names.length === 1 ? "" : "s"} (${shown.join(", ")})`;
    })
    .join(", ");

const emptyGitText = (empty: EmptyGit | undefined): string =>
  empty === undefined ? "" : ` ${empty.place} is empty and no git repository, but it is taken for one.`;

/** Codex leaves an empty `.git` behind at times, and shows one while a command of its sandbox runs (0.171.0). */
const emptyGitFix = (empty: EmptyGit | undefined): string | null =>
  empty === undefined
    ? null
    : `Remove it: ${empty.kind === "folder" ? "rmdir" : "rm"} ${shellWord(empty.place)}. If it comes back while Codex works there, wait for Codex, and repeat.`;
