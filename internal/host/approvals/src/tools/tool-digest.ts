import { digestOf } from "../digest.ts";

/** Everything that the approval of a tool is bound to. */
type BoundTool = {
  readonly tool: string;
  readonly messageId: string;
  readonly occurrence: number;
  readonly hash: string;
  readonly groupId: string;
  readonly sessionId: string;
  readonly expiresAt: string;
  /** The column `shown`: the input, and what a person may choose. */
  readonly shown: string;
};

export const toolDigest = (
  { tool, messageId, occurrence, hash, groupId, sessionId, expiresAt, shown }: BoundTool,
  consequence: string | null,
): string =>
  digestOf({
    canonical: JSON.stringify([tool, messageId, occurrence, hash, shown]),
    consequence,
    actor: { groupId, sessionId },
    scope: "group",
    expiresAt,
  });
