import { consentAnswers } from "@trust/dialog-engine/consents";
import { installCommand, type AgentCli } from "../providers/agent-clis.ts";
import type { Grant } from "../grants/grant.ts";
import type { NotPersisted, Verdict } from "../verdict.ts";

export type Explanation = { readonly message: string; readonly fix?: string };

/** What a sentence may name beside the verdict's own facts. */
export type Place = {
  readonly workspace: string;
  readonly cli: AgentCli;
  /** How the CLI is started by hand, where it is not by its name on PATH. */
  readonly startedAs?: string | undefined;
};

/** All prose about results: what happened, to what, and what to do. */
export const explain = (verdict: Verdict, { workspace, cli, startedAs }: Place): Explanation => {
  const { title } = cli;
  const file = startedAs ?? cli.file;
  switch (verdict.code) {
    case "trusted":
      return { message: `${title} trusts ${verdict.key}.` };
    case "already-trusted-after-wait":
      return { message: `${title} trusts ${verdict.key}: somebody else confirmed it meanwhile.` };
    case "already-trusted":
    case "covered-by-parent":
    case "not-asked":
      return { message: verdict.why };
    case "not-needed":
      return { message: `${title} asks for trust in no folder.` };
    case "passed-at-launch":
      return {
        message: `${title} is told at launch that ${verdict.key} is trusted, and nothing is recorded.`,
      };
    case "untrusted-by-user":
      return {
        message: `${verdict.file} says that ${verdict.key} is not trusted, and that is respected.`,
        fix: `Change it in ${verdict.file} if it is no longer meant.`,
      };
    case "sign-in-needed":
      return {
        message: `${title} is not set up for this user: it asks to choose a theme or to sign in.`,
        fix: `Start "${file}" once in a terminal, sign in, and repeat.`,
      };
    case "no-connection":
      return {
        message: `${title} is not set up for this user, and cannot reach its service to set itself up.`,
        fix: `Connect this machine (or set HTTPS_PROXY), start "${file}" once in a terminal, sign in, and repeat.`,
      };
    case "unknown-dialog":
      return {
        message: `${title} shows something that no rule knows; no key was pressed on it.`,
        fix: `Start "${file}" in ${workspace} and answer it. With --record DIR the recording shows what was asked.`,
      };
    case "screen-reader-dialog":
      return {
        message: `${title} asks in its screen reader mode ("${verdict.dialog}"), which is never answered for a person.`,
        fix: `Start "${file}" in ${workspace} and answer it, or switch the screen reader mode off.`,
      };
    case "consent-needed":
      if (verdict.consent === persistConsent)
        return {
          message: `${title} cannot be told at launch, only asked, and then it records the answer; nothing was started.`,
          fix: `Pass --persist to have it record that ${workspace} is trusted.`,
        };
      return {
        message: `${title} asks "${verdict.dialog}", for which no consent was given; no key was pressed on it.`,
        fix: consentFix(verdict.consent, `start "${file}" in ${workspace} and answer it`),
      };
    case "home-not-persistable":
      return {
        message: `${verdict.key} is the home folder: ${title} would trust everything in it.`,
        fix: "Name a folder below the home folder that is not part of a repository at its top.",
      };
    case "root-refused":
      return {
        message: `The folder's trust would be ${cli.trust === "at-launch" ? "passed" : "recorded"} for ${verdict.key}, and cover everything below it, the home folder too.`,
        fix: "Name the project's own folder.",
      };
    case "key-outside-folder":
      return {
        message: `Trust would not be for ${workspace} alone, so nothing was confirmed: ${verdict.why}`,
        fix: verdict.isReplaced
          ? "See who can write the folders above it, and repeat."
          : "Look at the .git entries of the folder and above it. Name the repository's own folder if it is meant.",
      };
    case "not-a-folder":
      return {
        message: `${workspace} is no folder that can be read (${verdict.detail}).`,
        fix: "Create it first, or correct the path.",
      };
    case "grants-refused":
      return {
        message: `${workspace} pre-approves ${grantList(verdict.grants)}, which --refuse-grants refuses.`,
        fix: "Review and remove them, or leave --refuse-grants out.",
      };
    case "cli-not-found":
      return {
        message: `${title} was not found: ${verdict.looked}.`,
        fix: `${installCommand(cli)}   (or name it with ${cliFlag(cli)})`,
      };
    case "cli-too-old":
      return {
        message: `${title} ${verdict.version} is older than ${cli.oldest?.version}: ${cli.oldest?.why}.`,
        fix: installCommand(cli),
      };
    case "pty-unavailable":
      return {
        message: `No pseudo terminal could be opened: ${verdict.detail}`,
        fix: "Run `workspace-trust doctor`: it says what is missing.",
      };
    case "timeout":
      return {
        message: `${title} showed neither a known dialog nor its prompt within ${seconds(verdict.timeoutMs)} (limit: ${verdict.limit}).`,
        fix: `Look at the screen; give it more time with --timeout, or start "${file}" in ${workspace} to see what it waits for.`,
      };
    case "lock-timeout":
      return {
        message: `Another preflight kept ${verdict.file} to itself for ${seconds(verdict.waitedMs)}${verdict.holder === null ? "" : ` (${verdict.holder})`}.`,
        fix: "Wait for it to end, or end it, and repeat. A lock of a process that is gone never blocks.",
      };
    case "trust-not-persisted":
      return notPersisted(verdict.reason, verdict.file, title);
    case "trust-wider-than-planned":
      return {
        message: `${title} now trusts ${verdict.keys.join(", ")}, which nobody named: only ${verdict.planned} was to be trusted.`,
        fix: `Take it back: end ${title}, and ${takeBack(cli, verdict.keys, verdict.file)}.`,
      };
    case "not-asked-unproven":
      return {
        message: `${title} reached its prompt without asking, and ${verdict.file} does not say that ${verdict.key} is trusted.`,
        fix: `Start "${file}" in ${workspace} and see whether it asks. Look at its version: \`workspace-trust doctor\` says the proven range.`,
      };
    case "state-unreadable":
      return {
        message: `${title}'s state ${verdict.file} cannot be relied on, so nothing was started: ${verdict.why}`,
        fix:
          cli.trust === "recorded"
            ? `Repair or restore ${verdict.file}; ${title} keeps backups beside it.`
            : `Repair or restore ${verdict.file}.`,
      };
    case "cli-exited":
      return {
        message: `${title} ended by itself (${verdict.signal ? `signal ${verdict.signal}` : `exit ${verdict.exitCode}`}) before trust was recorded.`,
        fix: `Look at the screen, or start "${file}" in ${workspace} to see why.`,
      };
    case "cancelled":
      return { message: "Cancelled before trust was recorded." };
  }
};

/** Why a key is not the folder's own. `doubt` is a sentence. */
export const whyOutside = (key: string | null, doubt: string): string =>
  key === null
    ? doubt
    : `it would be recorded for ${key}, and nothing shows that this is the folder's own repository. ${doubt}`;
/** Where each CLI keeps what it trusts: Claude Code 2.1.328, Gemini 0.61.0, Qwen 0.24.4, Copilot 1.0.102, Kimi 2.1.0. */
const takeBack = ({ provider }: AgentCli, keys: readonly string[], file: string): string => {
  const named = keys.map((key) => JSON.stringify(key)).join(", ");
  if (provider === "claude")
    return `in ${file} remove "hasTrustDialogAccepted" from ${named} under "projects"`;
  if (provider === "kimi") return `remove the files in ${file} whose "root" is ${named}`;
  return `in ${file} remove what trusts ${named}`;
};

/** What a provider needs that can only be asked: that something may be recorded at all. */
export const persistConsent = "persist";

const shortFlags: readonly string[] = ["claude", "codex", "gemini"];

const cliFlag = ({ provider }: AgentCli): string =>
  shortFlags.includes(provider) ? `--${provider} PATH` : `--cli ${provider}=PATH`;

const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 100) / 10} s`;

const consentFix = (kind: string | undefined, byHand: string): string => {
  const answers = Object.entries(consentAnswers).find(([name]) => name === kind)?.[1];
  return answers === undefined
    ? `${byHand[0]?.toUpperCase()}${byHand.slice(1)}.`
    : `Pass --consent ${kind}=${answers.join("|")} (one of them), or ${byHand}.`;
};

/** `2 permissions (Bash, Read), 1 hook (PreToolUse)`. */
export const grantList = (grants: readonly Grant[]): string =>
  [...new Set(grants.map(({ kind }) => kind))]
    .map((kind) => {
      const names = grants.filter((grant) => grant.kind === kind).map(({ name }) => name);
      const shown = names.length > 5 ? [...names.slice(0, 5), "..."] : names;
      return `${names.length} ${kind}${names.length === 1 ? "" : "s"} (${shown.join(", ")})`;
    })
    .join(", ");

const notPersisted = (reason: NotPersisted, file: string, title: string): Explanation => {
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
        fix: `Remove the entries that are no longer used from ${file}, or update ${title} to 0.72.0 or newer, named with --codex PATH.`,
      };
    case "ledger-not-writable":
      return {
        message: `The consent ledger could not be written (${reason.detail}), so nothing was confirmed.`,
        fix: "Make the data folder this user's own and writable for nobody else, or name another with --data DIR, and repeat.",
      };
    case "lock-unsafe":
      return {
        message: `Other preflights could not be kept from ${file} (${reason.detail}), so nothing was confirmed.`,
        fix: "Mend that, and repeat.",
      };
    case "temp-not-writable":
      return {
        message: `The temporary folder could not be written (${reason.detail}), so nothing was started.`,
        fix: "Make room in it, or set TMPDIR to another, and repeat.",
      };
  }
};
