import { createHash } from "node:crypto";
import type { AgentActor, Scope } from "@nc/cli-scope";

/** All that an approval is bound to. */
export type Bound = {
  /** Command and arguments as one text. */
  readonly canonical: string;
  /** What a person was shown that it would do, as JSON; null where the arguments tell all. */
  readonly consequence: string | null;
  readonly actor: Pick<AgentActor, "groupId" | "sessionId">;
  readonly scope: Scope;
  readonly expiresAt: string;
};

/** sha256, hex: an approval whose row, actor or scope is not what it was when it was asked for has another one. */
export const digestOf = ({ canonical, consequence, actor, scope, expiresAt }: Bound): string => {
  const bound = [canonical, actor.groupId, actor.sessionId, scope, expiresAt];
  return createHash("sha256")
    .update(JSON.stringify(consequence === null ? bound : [...bound, consequence]))
    .digest("hex");
};
