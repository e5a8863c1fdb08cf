import type { Failure } from "@gatehouse/cli-kit";
import {
  shellWord,
  type Environment,
  type Result,
  type WaitingApproval,
  type WaitingApprovals,
} from "@gatehouse/std";

/** Where approvals are looked for. `database` is an address; null for the environment's, else the folder's file. */
export type ApprovalsPlace = {
  readonly dataDir: string;
  readonly env: Environment;
  readonly database?: string | undefined;
};

/** Finds the approvals of a data folder: none where no host has kept any. */
export type ListApprovals = (place: ApprovalsPlace) => Promise<Result<WaitingApprovals, Failure>>;

/** An approval in `ps --waiting --json`, with the commands that answer it. `data` is the folder that was named. */
export const approvalJson = (approval: WaitingApproval, data: string | undefined): object => {
  const { id, kind, group, choices, asks, consequence, since, until, mayAnswer } = approval;
  const [approve, ...others] = approvesOf(approval, data);
  const answers = others.length === 0 ? { approve } : { approveAs: [approve, ...others] };
  return {
    ...{ id, kind, group, choices, asks, consequence, since, until, mayAnswer },
    answer: { ...answers, reject: rejectOf(approval, data) },
  };
};

type Answerable = Pick<WaitingApproval, "id" | "choices">;

/** The commands that approve: one for each group where one has to be named. */
export const approvesOf = ({ id, choices }: Answerable, data: string | undefined): readonly string[] => {
  const flags = choices.length === 0 ? [""] : choices.map((group) => ` --group ${shellWord(group)}`);
  return flags.map((flag) => `ncl approvals approve ${id}${flag}${dataFlag(data)}`);
};

/** The command that rejects. */
export const rejectOf = ({ id }: Answerable, data: string | undefined): string =>
  `ncl approvals reject ${id}${dataFlag(data)}`;

/** What a command needs besides, where the folder was named. */
export const dataFlag = (data: string | undefined): string =>
  data === undefined ? "" : ` --data ${shellWord(data)}`;
