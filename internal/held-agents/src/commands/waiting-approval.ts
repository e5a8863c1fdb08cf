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
  const { id, kind, group, asks, consequence, since, until, mayAnswer } = approval;
  return {
    ...{ id, kind, group, asks, consequence, since, until, mayAnswer },
    answer: { approve: answerOf("approve", id, data), reject: answerOf("reject", id, data) },
  };
};

/** The command that answers an approval. */
export const answerOf = (verb: "approve" | "reject", id: string, data: string | undefined): string =>
  `ncl approvals ${verb} ${id}${dataFlag(data)}`;

/** What a command needs besides, where the folder was named. */
export const dataFlag = (data: string | undefined): string =>
  data === undefined ? "" : ` --data ${shellWord(data)}`;
