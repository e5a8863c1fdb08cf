import type { Kysely } from "kysely";
import type { CommandError, ResponseFrame } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";
import type { CentralTables } from "@gatehouse/central-database";
import type { ApprovalChoice } from "@gatehouse/command-context";
import { admitStranger, chosenGroup, refuseChat, refuseStranger, wireChat } from "./admit.ts";
import { commandLine, harmless, parsedArgs, type Pending } from "./approval-row.ts";
import { cardLines } from "./card-lines.ts";
import {
  approve,
  type Choice,
  type Group,
  groupChoices,
  questionChoices,
  rejectWithWords,
  suggestionsOf,
  toolChoices,
} from "./choices.ts";
import { questionOf, questionSummary, readAnswers } from "./questions.ts";
import { boundRequest, toolText } from "./tool-request.ts";
import { allowInput, allowRules } from "./tool-rules.ts";

/** The dependencies of an answer. */
type AnswerDeps = {
  /** When the answer was given, ISO 8601, UTC. */
  readonly at: string;
  /** Makes an id: `wi` gives `wi-<uuid>`. */
  readonly id: (prefix: string) => string;
  /** The chosen group; null for a kind without a choice of a group. */
  readonly group: string | null;
  /** The person's text beside the approval. `takes` and `choiceProblem` have checked it. */
  readonly choice: ApprovalChoice;
  /** Runs the command of an approval. */
  readonly runCommand: (approval: Pending) => Promise<ResponseFrame>;
};

/** One kind of question that waits for a person; `pending_approvals.kind` names its row. */
export type ApprovalKind = {
  /** The reader of the outcome in the session: the agent, by a note, or its runner, which waits for it. */
  readonly tells: "agent" | "runner" | "none";
  /**
   * The question on one line: the command of an agent in full, or a sentence. `group` is the name
   * of the agent group.
   */
  readonly asks: (approval: Pick<Pending, "command" | "shown">, group: string) => string;
  /** The first line of its card. `groups` is its group, or those that the person may choose from. */
  readonly title: (approval: Pick<Pending, "command" | "shown">, groups: readonly Group[]) => string;
  /** The options of its card that do not reject. `isCut`: the card leaves out some of what decides. */
  readonly choices: (
    approval: Pick<Pending, "shown">,
    groups: readonly Group[],
    isCut: boolean,
  ) => readonly Choice[];
  /** The option that rejects, if the agent reads the words of the person. */
  readonly reject?: Choice;
  /** The texts that a person may add to an approval. Anything else is refused. */
  readonly takes?: readonly Exclude<keyof ApprovalChoice, "group">[];
  /** Why this choice is not possible, a sentence; null if it is. A refusal leaves the approval pending. */
  readonly choiceProblem?: (approval: Pending, choice: ApprovalChoice) => string | null;
  /**
   * The group that an answer chooses; `named` is its `--group`. A kind without `choose` refuses `--group`.
   */
  readonly choose?: (
    db: Kysely<CentralTables>,
    named: string | undefined,
  ) => Promise<Result<string, CommandError>>;
  /** Carries out the approval, once, in the transaction of the answer. */
  readonly run: (db: Kysely<CentralTables>, approval: Pending, deps: AnswerDeps) => Promise<ResponseFrame>;
  /**
   * Stores the refusal, in the transaction of the answer. `at` is ISO 8601, UTC; `reason` are the words of the
   * person.
   */
  readonly refuse?: (
    db: Kysely<CentralTables>,
    approval: Pending,
    at: string,
    reason?: string,
  ) => Promise<void>;
};

/** `May telegram:7 write to Ana's group?` */
const senderQuestion = ({ shown }: Pick<Pending, "shown">, group: string): string =>
  `May ${harmless(String(parsedArgs(shown)["user"]))} write to ${harmless(group)}?`;

/** The question about a chat that no group answers in. */
const chatQuestion = "Which group may answer in a chat?";

/** The outcome of an approval whose row was changed after the request. */
const changedRequest = {
  ok: false,
  error: { code: "forbidden", message: "The request is not as it was written. The agent must ask again." },
} as const;

/** Keeps the words of the person who refused, for the agent. */
const keepReason: ApprovalKind["refuse"] = async (db, { approval_id: id }, _at, reason) => {
  await db
    .updateTable("pending_approvals")
    .set({ result: JSON.stringify(reason === undefined ? {} : { reason }) })
    .where("approval_id", "=", id)
    .execute();
};

/** A command of `ncl`, and its card. */
const ofCommand: Pick<ApprovalKind, "asks" | "title" | "choices" | "reject"> = {
  asks: ({ command, shown }) => commandLine(command, parsedArgs(shown)),
  title: (_approval, groups) => `${nameIn(groups)} asks for an approval`,
  choices: () => [approve],
  reject: rejectWithWords,
};

const nameIn = ([group]: readonly Group[]): string => harmless(group?.name ?? "");

/** The kinds of approvals, by `pending_approvals.kind`. To add a kind, add a row. */
const kinds: Readonly<Record<string, ApprovalKind>> = {
  command: {
    ...ofCommand,
    tells: "agent",
    run: (_db, approval, { runCommand }) => runCommand(approval),
  },
  /** A stranger wrote to a group. An approval makes them a member; after a refusal the host does not ask again. */
  sender: {
    tells: "none",
    asks: senderQuestion,
    title: (approval, [group]) => senderQuestion(approval, group?.name ?? ""),
    choices: () => [approve],
    run: admitStranger,
    refuse: refuseStranger,
  },
  /**
   * A message mentions the bot in a chat that no group answers in. An approval wires the chosen group to the
   * chat and makes the sender a member of it. After a refusal the host does not ask about the chat again.
   */
  chat: {
    tells: "none",
    asks: () => chatQuestion,
    title: (_approval, groups) =>
      groups.length === 1 ? `May ${nameIn(groups)} answer in a chat?` : chatQuestion,
    choices: (_approval, groups) => groupChoices(groups),
    choose: chosenGroup,
    run: wireChat,
    refuse: refuseChat,
  },
  /**
   * An agent's CLI wants to use a tool. An approval allows it once, or always in this group: with this input, or
   * what the CLI suggests. The session's host gives the answer to the agent.
   */
  tool: {
    tells: "runner",
    asks: ({ command, shown }) => toolText(command, parsedArgs(shown)),
    title: ({ command }, groups) => `May ${nameIn(groups)} ${harmless(command)}?`,
    choices: (approval, _groups, isCut) => toolChoices(approval, isCut),
    reject: rejectWithWords,
    takes: ["isAlways", "rule"],
    choiceProblem: (approval, { rule, isAlways }) => {
      const { approval_id: id, shown } = approval;
      if ((rule !== undefined || isAlways === true) && cardLines(approval).isCut)
        return `${id} is too long for a card, so it can be allowed only once.`;
      if (rule === undefined) return null;
      if (isAlways === true) return "Say either --always or --rule.";
      const count = suggestionsOf({ shown }).length;
      if (count === 0) return `Its CLI suggests no rule for ${id}: use --always, or leave --rule out.`;
      return rule >= 1 && rule <= count ? null : `${id} has the rules 1 to ${count}: ncl approvals get ${id}`;
    },
    run: async (db, approval, { id: newId, at, choice }) => {
      const { approval_id: id, answered_by: by } = approval;
      const bound = boundRequest(approval);
      if (bound === null) return { id, ...changedRequest };
      const { groupId, tool } = bound;
      const made = { id: newId, at, by: by ?? "host" };
      const rules = choice.rule === undefined ? undefined : suggestionsOf(approval)[choice.rule - 1];
      if (choice.isAlways === true) await allowInput(db, groupId, bound, made);
      if (rules !== undefined) await allowRules(db, groupId, rules, made);
      const isAlways = choice.isAlways === true || rules !== undefined;
      const data = { tool, allowed: isAlways ? "always" : "once", ...(rules === undefined ? {} : { rules }) };
      return { id, ok: true, data };
    },
    refuse: keepReason,
  },
  /**
   * An agent asks a person something: to choose between options, or to approve a plan. It gives no permission, so the
   * policy of the group does not apply, and the sender of the message may answer.
   */
  question: {
    tells: "runner",
    asks: (approval) => harmless(questionSummary(questionOf(approval))),
    title: (approval, groups) =>
      questionOf(approval).type === "plan"
        ? `May ${nameIn(groups)} follow this plan?`
        : `${nameIn(groups)} asks you`,
    choices: questionChoices,
    reject: rejectWithWords,
    takes: ["answer"],
    choiceProblem: (approval, { answer }) => {
      const { approval_id: id } = approval;
      const question = questionOf(approval);
      if (question.type === "plan")
        return answer === undefined ? null : `${id} is a plan: approve it, or reject it with your words.`;
      if (answer === undefined) return `${id} is a question: ncl approvals answer ${id} --text ANSWER`;
      const read = readAnswers(question.questions, answer);
      return read.ok ? null : `${id} is not answered: ${read.error}`;
    },
    run: (_, approval, { choice }) => Promise.resolve(answerQuestion(approval, choice.answer ?? "")),
    refuse: keepReason,
  },
};

const answerQuestion = (approval: Pending, answer: string): ResponseFrame => {
  const { approval_id: id } = approval;
  const question = questionOf(approval);
  if (boundRequest(approval) === null) return { id, ...changedRequest };
  if (question.type === "plan") return { id, ok: true, data: { plan: "approved" } };
  const answers = readAnswers(question.questions, answer);
  return answers.ok ? { id, ok: true, data: { answers: answers.value } } : { id, ...changedRequest };
};

/** A kind of approval that only a newer version of the host can carry out. */
const unknown: ApprovalKind = {
  ...ofCommand,
  tells: "agent",
  run: (_db, { approval_id: id, kind }) =>
    Promise.resolve({
      id,
      ok: false,
      error: {
        code: "handler-error",
        message: `This host cannot carry out an approval of the kind "${kind}".`,
      },
    }),
};

/** The kind of an approval. A kind that this host does not know has a row that fails. */
export const kindOf = (kind: string): ApprovalKind =>
  (Object.hasOwn(kinds, kind) ? kinds[kind] : undefined) ?? unknown;

/** Whether the agent that asked reads the outcome of this kind, as a note. */
export const isOfAgent = (kind: string): boolean => kindOf(kind).tells === "agent";

/** The question of an approval, on one line. */
export const questionText = (approval: Pick<Pending, "kind" | "command" | "shown">, group: string): string =>
  kindOf(approval.kind).asks(approval, group);
