import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { ResponseFrame, Signature } from "@nc/cli-scope";
import type { Channel } from "../channel.ts";

export type CardsOptions = {
  readonly db: Kysely<CentralTables>;
  readonly now: () => string;
  /** `mg` gives `mg-<uuid>`. */
  readonly id: (prefix: string) => string;
  readonly channels: readonly Channel[];
  /** All commands of the host; they say which groups an approval concerns. */
  readonly commands: () => readonly Signature[];
  /** Answers a frame with that person's rights (`transports.user`). */
  readonly answerUser: (userId: string, frame: unknown) => Promise<ResponseFrame>;
  readonly report: (error: unknown) => void;
  /** Called after a note to a session was stored. */
  readonly noted?: () => void;
  /** Interval of the checks for approvals that no `nudge` told of, ms. */
  readonly pollMs?: number;
};

/** Reports the error of one card or one person, so that it ends only itself. It is tried again. */
export const notDone =
  ({ report }: Pick<CardsOptions, "report">) =>
  (error: unknown): false => {
    report(error);
    return false;
  };
