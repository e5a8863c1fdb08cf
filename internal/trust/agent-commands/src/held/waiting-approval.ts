import type { Failure } from "@gatehouse/cli-kit";
import {
  shellWord,
  type Environment,
  type Result,
  type WaitingApproval,
  type WaitingApprovals,
} from "@gatehouse/std";

/**
 * Where approvals are read. `database` is an address; undefined for the address in the environment, else the
 * file in the data folder.
 */
export type ApprovalsPlace = {
  readonly dataDir: string;
  readonly env: Environment;
  readonly database?: string | undefined;
};

/** Finds the approvals of a data folder; an empty list if no host has stored any. */
export type ListApprovals = (place: ApprovalsPlace) => Promise<Result<WaitingApprovals, Failure>>;

/**
 * An approval in `ps --waiting --json`, with the commands that answer it. `data` is the `--data` folder, if
 * given.
 */
export const approvalJson = (approval: WaitingApproval, data: string | undefined): object => {
  const { id, kind, group, choices, asks, consequence, since, until, mayAnswer } = approval;
  const [approve, ...others] = approvesOf(approval, data);
  const one = approval.isAnswered ? { answer: approve } : { approve };
  const answers = others.length === 0 ? one : { approveAs: [approve, ...others] };
  return {
    ...{ id, kind, group, choices, asks, consequence, since, until, mayAnswer },
    answer: { ...answers, reject: rejectOf(approval, data) },
  };
};

type Answerable = Pick<WaitingApproval, "id" | "choices" | "isAnswered">;

/**
 * The commands that approve; one for each group if the approval lets a person choose a group. A question is answered
 * with a text instead.
 */
export const approvesOf = (
  { id, choices, isAnswered }: Answerable,
  data: string | undefined,
): readonly string[] => {
  if (isAnswered) return [`ncl approvals answer ${id} --text ANSWER${dataFlag(data)}`];
  const flags = choices.length === 0 ? [""] : choices.map((group) => ` --group ${shellWord(group)}`);
  return flags.map((flag) => `ncl approvals approve ${id}${flag}${dataFlag(data)}`);
};

/** The command that rejects. */
export const rejectOf = ({ id }: Pick<Answerable, "id">, data: string | undefined): string =>
  `ncl approvals reject ${id}${dataFlag(data)}`;

/** The `--data` flag for a command, if the folder was given. */
export const dataFlag = (data: string | undefined): string =>
  data === undefined ? "" : ` --data ${shellWord(data)}`;
