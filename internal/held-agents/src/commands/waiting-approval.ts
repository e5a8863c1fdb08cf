import type { Failure } from "@gatehouse/cli-kit";
import { shellWord, visible, type Environment, type Result } from "@gatehouse/std";
import { ago } from "../ago.ts";
import { renderTable } from "./render-table.ts";

/** An approval that waits for a person, as the program's database has it. */
export type WaitingApproval = {
  readonly id: string;
  readonly kind: string;
  /** The name of the agent group that it is about; null where the answer chooses one. */
  readonly group: string | null;
  readonly asks: string;
  readonly consequence: readonly string[];
  /** ISO 8601. */
  readonly since: string;
  readonly until: string;
  /** User ids, besides the operator. */
  readonly mayAnswer: readonly string[];
};

/** Where approvals are looked for. `database` is an address; null for the environment's, else the folder's file. */
export type ApprovalsPlace = {
  readonly dataDir: string;
  readonly env: Environment;
  readonly database?: string | undefined;
};

/** Finds the approvals of a data folder: none where no host has kept any. */
export type ListApprovals = (place: ApprovalsPlace) => Promise<Result<readonly WaitingApproval[], Failure>>;

/** An approval in `ps --waiting --json`, with the commands that answer it. `data` is the folder that was named. */
export const approvalJson = (approval: WaitingApproval, data: string | undefined): object => {
  const { id, kind, group, asks, consequence, since, until, mayAnswer } = approval;
  return {
    ...{ id, kind, group, asks, consequence, since, until, mayAnswer },
    answer: { approve: answerOf("approve", id, data), reject: answerOf("reject", id, data) },
  };
};

const answerOf = (verb: "approve" | "reject", id: string, data: string | undefined): string =>
  `ncl approvals ${verb} ${id}${data === undefined ? "" : ` --data ${shellWord(data)}`}`;

/** A row per approval, and below it what it would do, who may answer, and how. Nothing in it obeys a terminal. */
export const renderApprovals = (
  approvals: readonly WaitingApproval[],
  now: number,
  data: string | undefined,
): string =>
  renderTable(
    ["APPROVAL", "GROUP", "SINCE", "ASKS"],
    approvals.map((approval) => {
      const { id, group, since, asks, consequence, mayAnswer } = approval;
      const people = ["the operator", ...mayAnswer].join(", ");
      return {
        cells: [id, group ?? "-", ago(now - Date.parse(since)), asks],
        below: [
          ...consequence,
          `may answer: ${people}`,
          `${answerOf("approve", id, data)}   (or reject)`,
        ].map(visible),
      };
    }),
  );
