import type { Actor, Authorization, ScopeReach } from "./actor.ts";
import type { CanonicalArgs } from "../args/canonical-args.ts";
import type { Signature } from "../commands/command.ts";
import type { Decision } from "./decision.ts";

/**
 * Everything that a decision may depend on. `authorization` is null for a caller that is not an agent, and
 * for an agent whose session is gone.
 */
export type Facts = {
  readonly actor: Actor;
  readonly command: Signature;
  readonly args: CanonicalArgs;
  readonly authorization: Authorization | null;
  /** The reach of the caller's scope; null for a caller that is not an agent. */
  readonly reach: ScopeReach | null;
};

type Deny = Extract<Decision, { effect: "deny" }>;

/** One row of the table. The first row that matches decides. */
export type Rule = {
  /** Appears in the decision log and in the output of `can`. */
  readonly id: string;
  readonly effect: Decision["effect"];
  /** The error code of a `deny`; `forbidden` by default. */
  readonly code?: Deny["code"];
  readonly when: (facts: Facts) => boolean;
  /** The sentence for the caller: the decision, and the fix. */
  readonly reason: (facts: Facts) => string;
  /** The purpose of the row, for readers of the table. */
  readonly why: string;
};

const isAgent = ({ actor }: Facts): boolean => actor.type === "agent";
const isOwnGroupOnly = ({ reach }: Facts): boolean => reach === "group" || reach === "nothing";
const isGlobal = ({ reach }: Facts): boolean => reach === "everything";

const locks = (command: Signature, lock: "group" | "wiring"): readonly string[] =>
  command.flags.filter((flag) => flag.lock === lock).map(({ name }) => name);

/** Flags that name an agent group in any command, even one that does not define them. */
const groupNames = ["agent_group_id", "group"];

const namesForeignGroup = ({ actor, command, args }: Facts): boolean =>
  actor.type === "agent" &&
  [...groupNames, ...locks(command, "group")].some(
    (name) => Object.hasOwn(args, name) && args[name] !== actor.groupId,
  );

/**
 * Reduces `cliScope`, `CLI__SCOPE` and `cli-scope` to one form, so that a name that only looks like the flag
 * is refused too.
 */
const bare = (name: string): string => name.replaceAll("_", "").toLowerCase();

const escalatingFlag = ({ command, args }: Facts): string | undefined =>
  Object.keys(args).find((name) => {
    const typed = bare(name);
    return typed === "cliscope" || command.flags.some((flag) => flag.escalates && bare(flag.name) === typed);
  });

/** True if the command is limited to one group: by a locked flag, or by the group column of its rows. */
const isTied = ({ command }: Facts): boolean =>
  command.resource === null ||
  command.rowGroup !== undefined ||
  command.flags.some(({ lock }) => lock !== undefined);

/** The last rule. It also applies to a table that lacks it. */
export const defaultDeny: Rule = {
  id: "default-deny",
  effect: "deny",
  when: () => true,
  reason: ({ command }) => `No rule allows "${command.words}".`,
  why: "Anything without a rule is refused.",
};

/**
 * The access rules, read from the top: the first row that matches decides, and the last row always matches.
 * To add a rule, add a row at its place and its cases in decide.test.ts.
 */
export const rules: readonly Rule[] = [
  {
    id: "host",
    effect: "allow",
    when: ({ actor }) => actor.type === "host",
    reason: () => "The operator may do everything.",
    why: "An account that can open the socket can write the database as well.",
  },
  {
    id: "user-approvals",
    effect: "allow",
    when: ({ actor, command }) => actor.type === "user" && command.resource === "approvals",
    reason: () => "People answer approvals.",
    why: "The command itself checks which approvals this person may answer, because that depends on roles.",
  },
  {
    id: "user-elsewhere",
    effect: "deny",
    code: "permission-denied",
    when: ({ actor }) => actor.type === "user",
    reason: ({ command }) =>
      `"${command.words}" is not for people on a channel: they answer approvals, and the operator does the rest.`,
    why: "A channel identifies its users, but gives them no rights.",
  },
  {
    id: "agent-gone",
    effect: "deny",
    when: (facts) => isAgent(facts) && facts.authorization === null,
    reason: () => "This session or its agent group no longer exists.",
    why: "A container may still run after its group was deleted.",
  },
  {
    id: "scope-disabled",
    effect: "deny",
    when: ({ reach }) => reach === "nothing",
    reason: () => "CLI access is disabled for this agent group.",
    why: "Such an agent is not told that there is a CLI, so help is refused as well.",
  },
  {
    id: "operator-only",
    effect: "deny",
    when: (facts) => isAgent(facts) && facts.command.access === "operator",
    reason: ({ command }) => `"${command.words}" is operator-only: ask the operator to run it.`,
    why: "An approval must not let an agent reach into the host itself, in any scope.",
  },
  {
    id: "asks-for-another",
    effect: "deny",
    when: ({ actor, command, args }) =>
      actor.type === "agent" &&
      (command.words === "can" || !command.flags.some(({ name }) => name === "as_group")) &&
      Object.hasOwn(args, "as_group") &&
      args["as_group"] !== actor.groupId,
    reason: () => "An agent may ask only about itself: leave --as-group out.",
    why: "The answer would reveal which other groups exist and what they may do.",
  },
  {
    id: "global-approval",
    effect: "approve",
    when: (facts) => isGlobal(facts) && facts.command.access === "approval",
    reason: ({ command }) => `"${command.words}" needs a person's approval.`,
    why: "The scope global extends an agent's reach, but does not let it make changes without a person.",
  },
  {
    id: "global-open",
    effect: "allow",
    when: (facts) => isGlobal(facts) && facts.command.access === "open",
    reason: () => "This agent group has global CLI access.",
    why: "The owner's own agent looks after all groups.",
  },
  {
    id: "across-groups",
    effect: "deny",
    when: (facts) => isOwnGroupOnly(facts) && facts.command.reach !== "group",
    reason: ({ command }) =>
      `CLI access is scoped to this agent group, and "${command.words}" works across groups.`,
    why: "A command must declare that it is within reach of a group, so no new command is by accident.",
  },
  {
    id: "not-tied-to-a-group",
    effect: "deny",
    when: (facts) => isOwnGroupOnly(facts) && !isTied(facts),
    reason: ({ command }) =>
      `"${command.words}" is not available in group scope: nothing ties it to one group.`,
    why: "If the author of a resource forgot the rows' group, the command would show the rows of all groups.",
  },
  {
    id: "escalation",
    effect: "deny",
    when: (facts) => isOwnGroupOnly(facts) && escalatingFlag(facts) !== undefined,
    reason: (facts) => `An agent of scope "group" cannot change ${escalatingFlag(facts)}: the operator does.`,
    why: "A person who approves many cards a day must not be the only barrier between an agent and all groups.",
  },
  {
    id: "foreign-group",
    effect: "deny",
    when: (facts) => isOwnGroupOnly(facts) && namesForeignGroup(facts),
    reason: () => "CLI access is scoped to this agent group: leave the group's id out, it is filled in.",
    why: "An agent that names another group gets an error: acting on its own group would surprise it.",
  },
  {
    id: "no-wiring",
    effect: "deny",
    when: (facts) =>
      isOwnGroupOnly(facts) &&
      locks(facts.command, "wiring").length > 0 &&
      facts.authorization?.wiringId === null,
    reason: ({ command }) =>
      `"${command.words}" is about the wiring of the present conversation, and this session has none.`,
    why: "There is no own wiring to fill in, and a wiring that the agent names may be another group's.",
  },
  {
    id: "group-approval",
    effect: "approve",
    when: (facts) => isOwnGroupOnly(facts) && facts.command.access === "approval",
    reason: ({ command }) => `"${command.words}" needs a person's approval.`,
    why: "A text that an agent reads may tell the agent to change itself.",
  },
  {
    id: "group-open",
    effect: "allow",
    when: (facts) => isOwnGroupOnly(facts) && facts.command.access === "open",
    reason: () => "An agent may do this within its own group.",
    why: "Its context reaches no further than the group.",
  },
  defaultDeny,
];
