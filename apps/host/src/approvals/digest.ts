import { createHash } from "node:crypto";
import type { AgentActor, Scope } from "@nc/cli-scope";

/** All that an approval is bound to. */
export type Bound = {
  /** Command and arguments as one text. */
  readonly canonical: string;
  readonly actor: Pick<AgentActor, "groupId" | "sessionId">;
  readonly scope: Scope;
  readonly expiresAt: string;
};

/** sha256, hex: an approval whose row, actor or scope is not what it was when it was asked for has another one. */
export const digestOf = ({ canonical, actor, scope, expiresAt }: Bound): string =>
  createHash("sha256")
    .update(JSON.stringify([canonical, actor.groupId, actor.sessionId, scope, expiresAt]))
    .digest("hex");
