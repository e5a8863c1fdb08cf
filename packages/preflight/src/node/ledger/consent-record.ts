import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import type { Code, ConsentRecord, Grant, Provider, Via } from "../../index.ts";
import { systemCode } from "@gatehouse/std";

/** A folder whose key and grants are known. */
export type ConsentedFolder = {
  readonly workspace: string;
  readonly provider: Provider;
  readonly trustKey: string;
  readonly grants: readonly Grant[];
};

/** The line that must be on disk before anything uses the folder's trust. */
export const consentAsked = (
  { workspace, provider, trustKey, grants }: ConsentedFolder,
  cliVersion: string | null,
  via: Via,
): ConsentRecord => ({
  v: 1,
  id: randomUUID(),
  event: "asked",
  at: new Date().toISOString(),
  who: currentUser(),
  provider,
  cliVersion,
  folder: workspace,
  key: trustKey,
  grants,
  via,
});

/** The line with the outcome. */
export const consentEnded = (
  asked: ConsentRecord,
  code: Code,
  unplanned: readonly string[] = [],
): ConsentRecord => ({
  ...asked,
  event: "ended",
  at: new Date().toISOString(),
  code,
  ...(unplanned.length === 0 ? {} : { unplanned }),
});

/** A container may run under a uid without a name. */
const currentUser = (): ConsentRecord["who"] => {
  try {
    const { username: name, uid } = userInfo();
    return { name, uid };
  } catch (error) {
    systemCode(error);
    const uid = process.getuid?.() ?? -1;
    return { name: String(uid), uid };
  }
};
