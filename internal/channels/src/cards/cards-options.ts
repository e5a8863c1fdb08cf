import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/control-plane";
import type { ResponseFrame, Signature } from "@nc/cli-scope";
import type { Channel } from "../channel.ts";

export type CardsOptions = {
  readonly db: Kysely<CentralTables>;
  readonly now: () => string;
  /** `mg` gives `mg-<uuid>`. */
  readonly id: (prefix: string) => string;
  readonly channels: readonly Channel[];
  /** All commands of the host: a command says which groups it concerns. */
  readonly commands: () => readonly Signature[];
  /** Answers a frame as that person (`transports.user`): their rights decide. */
  readonly answerUser: (userId: string, frame: unknown) => Promise<ResponseFrame>;
  readonly report: (error: unknown) => void;
  /** Milliseconds between two looks for approvals. */
  readonly lookMs?: number;
};
